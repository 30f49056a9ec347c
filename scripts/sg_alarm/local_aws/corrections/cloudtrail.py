"""CloudTrail: which events a trail records."""

from __future__ import annotations

from typing import Any

from .table import corrects


@corrects("moto.cloudtrail.models:Trail.get_event_selectors")
def management_events_are_selected_by_default(
    original: Any, trail: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """AWS gives a new trail one selector: all management events, no data events.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html

    moto answers no selector.
    """
    basic, advanced = original(trail)
    if not basic and not advanced:
        basic = [
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [],
                "ExcludeManagementEventSources": [],
            }
        ]
    return basic, advanced


@corrects("moto.cloudtrail.models:Trail.put_event_selectors")
def basic_selectors_replace_advanced_ones(
    original: Any,
    trail: Any,
    event_selectors: list[dict[str, Any]] | None,
    advanced_event_selectors: list[dict[str, Any]] | None,
) -> None:
    """AWS keeps one kind of selectors: each put overwrites the other kind.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html

    moto keeps advanced selectors beside basic ones that are put later.
    """
    original(trail, event_selectors, advanced_event_selectors)
    if event_selectors:
        trail.advanced_event_selectors = []


@corrects("moto.cloudtrail.models:Trail.description")
def custom_selectors_are_told(original: Any, trail: Any, include_region: bool = False) -> dict[str, Any]:
    """AWS tells with HasCustomEventSelectors whether selectors were put.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html

    moto always answers false.
    """
    custom = bool(trail.event_selectors or trail.advanced_event_selectors)
    return {**original(trail, include_region), "HasCustomEventSelectors": custom}
