"""CloudTrail: which events a trail records."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.organizations.models import organizations_backends

from sg_alarm.local_aws.corrections.table import corrects


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
def custom_selectors_are_reported(original: Any, trail: Any, include_region: bool = False) -> dict[str, Any]:
    """AWS says with HasCustomEventSelectors whether selectors were put.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html

    moto always answers false.
    """
    custom = bool(trail.event_selectors or trail.advanced_event_selectors)
    return {**original(trail, include_region), "HasCustomEventSelectors": custom}


@corrects("moto.cloudtrail.responses:CloudTrailResponse.describe_trails")
def only_the_named_trails_are_described(original: Any, response: Any) -> str:
    """AWS describes the trails in trailNameList: by name those of the region, by ARN shadow trails too.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html

    moto describes every trail, so that Terraform cannot tell two apart.
    """
    answer: str = original(response)
    wanted = response._get_param("trailNameList")
    if not wanted:
        return answer
    trails = [
        trail
        for trail in json.loads(answer)["trailList"]
        if trail["TrailARN"] in wanted or (trail["Name"] in wanted and trail["HomeRegion"] == response.region)
    ]
    return json.dumps({"trailList": trails})


@corrects("moto.cloudtrail.models:CloudTrailBackend.delete_trail")
def trails_are_deleted_by_arn_too(original: Any, backend: Any, name: str) -> None:
    """AWS deletes a trail by name or ARN, and answers TrailNotFoundException if there is none.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html

    moto knows the name only, and does nothing for an ARN, which is what Terraform gives.
    """
    original(backend, backend.get_trail(name).trail_name)


@corrects("moto.cloudtrail.models:CloudTrailBackend.describe_trails")
def members_see_the_trails_of_their_organization(
    original: Any, backend: Any, include_shadow_trails: bool
) -> list[Any]:
    """AWS shows an organization's trail in every member account as a shadow trail.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html

    moto shows trails in their own account only.
    """
    trails = list(original(backend, include_shadow_trails))
    owner = organizations_backends.master_accounts.get(backend.account_id)
    if owner and include_shadow_trails:
        trails += [
            trail
            for region in list(cloudtrail_backends[owner[0]].values())
            for trail in region.trails.values()
            if trail.is_org_trail and (trail.is_multi_region or trail.region_name == backend.region_name)
        ]
    return trails


@corrects("moto.cloudtrail.models:CloudTrailBackend.get_event_selectors")
def selectors_of_shadow_trails_are_returned(
    original: Any, backend: Any, trail_name: str
) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """AWS returns the selectors of a trail named by its ARN, also where it is a shadow trail.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html

    moto knows the trails of the called region only.
    """
    for trail in backend.describe_trails(include_shadow_trails=True):
        if trail.arn == trail_name:
            basic, advanced = trail.get_event_selectors()
            return trail.arn, basic, advanced
    answer: tuple[str, list[dict[str, Any]], list[dict[str, Any]]] = original(backend, trail_name)
    return answer
