"""A trail that does not record the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sg_alarm.fixes.fix import Broken, Fix, exchanged, last_name, listed
from sg_alarm.fixes.hcl_writer import Block
from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector, Trail
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.selectors import Selected, selected


def fix_trail(broken: Broken) -> Iterator[Fix]:
    """Let it log, in every region, all management events."""
    deployment, finding = broken.deployment, broken.finding
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    trail = next((one for one in trails if one.arn == finding.resource), None)
    if trail is None:
        return
    attributes: dict[str, Any] = {"name": last_name(trail.arn)}
    blocks: tuple[Block, ...] = ()
    repaired = trail
    if trail.is_logging is False:
        repaired = replace(repaired, is_logging=True)
        attributes["enable_logging"] = True
    elsewhere = any(region != trail.home_region for region in finding.regions)
    if trail.is_multi_region is False and (elsewhere or finding.clause == "multi-region-trail"):
        repaired = replace(repaired, is_multi_region=True)
        attributes["is_multi_region_trail"] = True
    answers = {selected(trail.event_selectors, OPERATIONS[name]) for name in finding.operations}
    some_missing = answers & {Selected.SOME, Selected.NONE} or finding.clause == "read-and-write-events"
    if some_missing and isinstance(trail.event_selectors, tuple):
        selector, block = _management_events(trail)
        repaired = replace(repaired, event_selectors=(*trail.event_selectors, selector))
        blocks = (block,)
    yield Fix(
        replace(deployment, trails=exchanged(trails, trail, repaired)),
        (broken.resource("aws_cloudtrail", last_name(trail.arn), attributes, *blocks),),
    )


def _management_events(trail: Trail) -> tuple[EventSelector | AdvancedEventSelector, Block]:
    """Return a selector of all management events, in the kind that the trail has."""
    if any(isinstance(one, AdvancedEventSelector) for one in listed(trail.event_selectors)):
        condition = {"field": "eventCategory", "equals": ["Management"]}
        return (
            AdvancedEventSelector((FieldSelector("eventCategory", equals=("Management",)),)),
            Block(
                "advanced_event_selector",
                (),
                {"name": "Management events"},
                (Block("field_selector", (), condition),),
            ),
        )
    settings = {"read_write_type": "All", "include_management_events": True}
    return EventSelector(), Block("event_selector", (), settings)
