"""CloudTrail's event history: the management events of 90 days, and ``LookupEvents``."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.core.exceptions import JsonRESTError

from sg_alarm.local_aws.bridge.clock import CLOCK, epoch
from sg_alarm.local_aws.bridge.identity import user_name
from sg_alarm.local_aws.bridge.patches import PATCHES

Json = dict[str, Any]

CAPACITY = 10_000
"""How many events are kept in each region of an account; the oldest go first."""
KEPT = 90 * 24 * 3600
PAGE = 50


def remember(event: Json) -> None:
    """Add an event to the history of its account and region."""
    # Kept on moto's backend: it goes when moto is reset.
    backend = cloudtrail_backends[event["recipientAccountId"]][event["awsRegion"]]
    if not hasattr(backend, "event_history"):
        backend.event_history = deque(maxlen=CAPACITY)
    backend.event_history.append((CLOCK.time(), event))


def _groups(event: Json) -> list[str]:
    """Return the security groups that an event is about."""
    text = json.dumps([event["requestParameters"], event["responseElements"]], default=str)
    return sorted({part for part in text.split('"') if part.startswith("sg-")})


_ATTRIBUTES: dict[str, Callable[[Json], list[str]]] = {
    "AccessKeyId": lambda event: [event["userIdentity"]["accessKeyId"]],
    "EventId": lambda event: [event["eventID"]],
    "EventName": lambda event: [event["eventName"]],
    "EventSource": lambda event: [event["eventSource"]],
    "ReadOnly": lambda event: [str(event["readOnly"]).lower()],
    "ResourceName": _groups,
    "ResourceType": lambda event: ["AWS::EC2::SecurityGroup"] if _groups(event) else [],
    "Username": lambda event: [user_name(event["userIdentity"])],
}


@PATCHES.adds("moto.cloudtrail.responses:CloudTrailResponse.lookup_events")
def lookup_events(response: Any) -> str:
    """Answer ``LookupEvents``: newest first, by one attribute and a range of time.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    wanted = response._get_param("LookupAttributes") or []
    start, end = response._get_param("StartTime"), response._get_param("EndTime")
    if len(wanted) > 1 or any(each["AttributeKey"] not in _ATTRIBUTES for each in wanted):
        raise JsonRESTError("InvalidLookupAttributesException", "Give one lookup attribute at most.")
    size = int(response._get_param("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise JsonRESTError("InvalidMaxResultsException", f"MaxResults is a number from 1 to {PAGE}.")
    token = response._get_param("NextToken")
    if token is not None and not token.isdecimal():
        raise JsonRESTError("InvalidNextTokenException", "The next token is invalid.")

    oldest = CLOCK.time() - KEPT
    found = [
        (moment, event)
        for moment, event in reversed(getattr(response.cloudtrail_backend, "event_history", ()))
        if max(oldest, _seconds(start, 0)) <= moment <= _seconds(end, float("inf"))
        and all(each["AttributeValue"] in _ATTRIBUTES[each["AttributeKey"]](event) for each in wanted)
    ]
    # The token says how many are left: newer events, this call's too, do not move the pages.
    left = len(found) if token is None else int(token)
    page = found[max(len(found) - left, 0) :][:size]
    answer: Json = {"Events": [_shown(*each) for each in page]}
    if left > size:
        answer["NextToken"] = str(left - size)
    return json.dumps(answer)


def _seconds(moment: Any, default: float) -> float:
    if moment is None:
        return default
    return float(moment) if isinstance(moment, int | float) else epoch(moment)


def _shown(moment: float, event: Json) -> Json:
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": str(event["readOnly"]).lower(),
        "AccessKeyId": event["userIdentity"]["accessKeyId"],
        "EventTime": moment,
        "EventSource": event["eventSource"],
        "Username": user_name(event["userIdentity"]),
        "Resources": [
            {"ResourceType": "AWS::EC2::SecurityGroup", "ResourceName": group} for group in _groups(event)
        ],
        "CloudTrailEvent": json.dumps(event, default=str),
    }
