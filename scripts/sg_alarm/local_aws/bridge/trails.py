"""Trails deliver events to their log groups."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.logs.models import logs_backends
from moto.organizations.models import organizations_backends

from sg_alarm.local_aws.bridge.clock import CLOCK
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded

Json = dict[str, Any]


def selecting(event: Json) -> list[Any]:
    """Return the trails that record an event: logging, in charge of its place, and with a selector for it."""
    return [
        trail
        for regions in list(cloudtrail_backends.values())
        for backend in list(regions.values())
        for trail in list(backend.trails.values())
        if trail.status.is_logging and _covers(trail, event) and _selects(trail, event)
    ]


def _covers(trail: Any, event: Json) -> bool:
    """Whether a trail is in charge of the region and the account where a call was made."""
    if not trail.is_multi_region and trail.region_name != event["awsRegion"]:
        return False
    account = event["recipientAccountId"]
    return bool(trail.account_id == account or account in _members(trail))


def _members(trail: Any) -> set[str]:
    if not trail.is_org_trail:
        return set()
    backend = organizations_backends[trail.account_id][trail.partition]
    return {account.id for account in backend.accounts} if backend.org else set()


def _selects(trail: Any, event: Json) -> bool:
    basic, advanced = trail.get_event_selectors()
    return any(_basic(selector, event) for selector in basic) or any(
        all(_field(field, event) for field in selector["FieldSelectors"]) for selector in advanced
    )


def _basic(selector: Json, event: Json) -> bool:
    """Evaluate https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html."""
    wanted = {"ReadOnly": True, "WriteOnly": False}.get(selector.get("ReadWriteType", "All"))
    return (
        bool(selector.get("IncludeManagementEvents", True))
        and event["eventSource"] not in (selector.get("ExcludeManagementEventSources") or ())
        and wanted in (None, event["readOnly"])
    )


_OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "Equals": lambda value, wanted: value in wanted,
    "NotEquals": lambda value, wanted: value not in wanted,
    "StartsWith": lambda value, wanted: value.startswith(tuple(wanted)),
    "NotStartsWith": lambda value, wanted: not value.startswith(tuple(wanted)),
    "EndsWith": lambda value, wanted: value.endswith(tuple(wanted)),
    "NotEndsWith": lambda value, wanted: not value.endswith(tuple(wanted)),
}


def _field(selector: Json, event: Json) -> bool:
    """Evaluate https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html."""
    found: Any = event
    for step in selector["Field"].split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if found is None:
        return False
    value = str(found).lower() if isinstance(found, bool) else str(found)
    return all(
        holds(value, selector[operator]) for operator, holds in _OPERATORS.items() if selector.get(operator)
    )


def deliver(event: Json, trails: Iterable[Any]) -> None:
    """Write an event into the log group of each of the trails."""
    message = json.dumps(event, separators=(",", ":"), ensure_ascii=False, default=str)
    for trail in trails:
        if trail.cw_log_group_arn:
            _write(trail, event["recipientAccountId"], message)


@guarded
def _write(trail: Any, account: str, message: str) -> None:
    # arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*
    _, _, _, region, owner, _, group = trail.cw_log_group_arn.split(":", 6)
    name, logs = group.removesuffix(":*"), logs_backends[owner][region]
    trail.status.delivery_to_logs_error = None
    if name not in logs.groups:
        trail.status.delivery_to_logs_error = "The specified log group does not exist."
        return
    stream = f"{account}_CloudTrail_{trail.region_name}"
    if trail.is_org_trail:
        organization = organizations_backends[trail.account_id][trail.partition].org
        stream = f"{organization.id}_{stream}" if organization else stream
    if stream not in logs.groups[name].streams:
        logs.create_log_stream(name, stream)
    now = CLOCK.time()
    trail.status.delivery_to_logs_time = int(now)
    logs.put_log_events(name, stream, [{"timestamp": int(now * 1000), "message": message}])


@PATCHES.replaces("moto.cloudtrail.models:TrailStatus.description")
def delivery_to_logs_is_reported(original: Any, status: Any) -> Json:
    """Tell in ``GetTrailStatus`` when events were delivered to the log group, and why not.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
    """
    answer: Json = original(status)
    error = getattr(status, "delivery_to_logs_error", None)
    delivered = getattr(status, "delivery_to_logs_time", None)
    if error:
        answer["LatestCloudWatchLogsDeliveryError"] = error
    if delivered:
        answer["LatestCloudWatchLogsDeliveryTime"] = delivered
    return answer
