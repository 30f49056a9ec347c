"""Calls to AWS that answer ``Unknown`` where they are denied or fail, and what they need to be allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sg_alarm.aws import DENIED, Aws, failures
from sg_alarm.unknown import Unanswered, Unknown

ACTIONS = {
    "DescribeRegions": "ec2:DescribeRegions",
    "DescribeTrails": "cloudtrail:DescribeTrails",
    "GetTrailStatus": "cloudtrail:GetTrailStatus",
    "GetEventSelectors": "cloudtrail:GetEventSelectors",
    "DescribeLogGroups": "logs:DescribeLogGroups",
    "DescribeMetricFilters": "logs:DescribeMetricFilters",
    "DescribeAlarms": "cloudwatch:DescribeAlarms",
    "ListAlarmMuteRules": "cloudwatch:ListAlarmMuteRules",
    "GetAlarmMuteRule": "cloudwatch:GetAlarmMuteRule",
    "GetTopicAttributes": "sns:GetTopicAttributes",
    "ListSubscriptionsByTopic": "sns:ListSubscriptionsByTopic",
    "GetSubscriptionAttributes": "sns:GetSubscriptionAttributes",
    "DescribeKey": "kms:DescribeKey",
    "GetKeyPolicy": "kms:GetKeyPolicy",
    "GetQueueUrl": "sqs:GetQueueUrl",
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "GetPolicy": "lambda:GetPolicy",
    "DescribeDeliveryStream": "firehose:DescribeDeliveryStream",
    "GetEndpointAttributes": "sns:GetEndpointAttributes",
    "CheckIfPhoneNumberIsOptedOut": "sns:CheckIfPhoneNumberIsOptedOut",
    "ListRules": "events:ListRules",
    "ListTargetsByRule": "events:ListTargetsByRule",
    "TestMetricFilter": "logs:TestMetricFilter",
}
"""API operation to the IAM action that allows it (Service Authorization Reference)."""

NO_SUCH_CALL = frozenset({"InvalidAction", "UnknownOperationException"})
"""How a region answers to a call that it does not offer: what the call would list is not there either."""

_NOT_FOUND = frozenset(
    {
        "ResourceNotFoundException",
        "TrailNotFoundException",
        "NotFound",
        "NotFoundException",
        "ResourceNotFound",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)

_NOT_AWS = "what answered is not AWS"
_MAX_PAGES = 10_000


def iam_policy() -> dict[str, Any]:
    """Return the least policy with which an account can be read in full."""
    # GetCallerIdentity needs no permission.
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SgAlarmAudit",
                "Effect": "Allow",
                "Action": sorted(ACTIONS.values()),
                "Resource": "*",
            }
        ],
    }


def ask(
    aws: Aws,
    service: str,
    region: str,
    call: str,
    read: Callable[[Any], Any] = lambda answer: answer,
    absent: Any = ...,
    absent_codes: frozenset[str] = _NOT_FOUND,
    **arguments: Any,
) -> Any:
    """Make one call; return what ``read`` makes of its answer, ``Unknown`` where it is denied or fails.

    ``absent`` is returned where AWS says, by one of ``absent_codes``, that there is no such thing; without it
    that is a failure. What ``read`` cannot read is not an answer of AWS.
    """
    from botocore.exceptions import ClientError

    action = ACTIONS["".join(word.capitalize() for word in call.split("_"))]
    try:
        answer = getattr(aws.client(service, region), call)(**arguments)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in absent_codes and absent is not ...:
            return absent
        if code in DENIED:
            return Unknown(f"access denied in {region}: allow {action}")
        return Unanswered(f"{action} failed in {region}: {code or error}")
    except failures() as error:
        return Unanswered(f"{action} failed in {region}: {error}")
    # Every one of these calls answers something. A proxy's page is no answer, and no empty list either.
    if answer.keys() <= {"ResponseMetadata"}:
        return Unanswered(f"{action} failed in {region}: {_NOT_AWS}")
    try:
        return read(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Unanswered(f"{action} failed in {region}: {_NOT_AWS}")


def ask_all(
    aws: Aws,
    service: str,
    region: str,
    call: str,
    result: str | tuple[str, ...],
    read: Callable[[Any], Any] = lambda item: item,
    absent: Any = ...,
    keep: Callable[[Any], bool] = lambda item: True,
    **arguments: Any,
) -> Any:
    """Make a call for all its pages; return the items under ``result`` that ``keep`` wants, or as ``ask``."""
    names = (result,) if isinstance(result, str) else result
    items: list[Any] = []
    token: dict[str, Any] = {}

    def page(answer: Any) -> dict[str, Any]:
        items.extend(read(item) for name in names for item in answer.get(name) or () if keep(item))
        # Every one of these calls pages by one token, under one of two names.
        return {name: answer[name] for name in ("NextToken", "nextToken") if answer.get(name)}

    for _ in range(_MAX_PAGES):
        following = ask(aws, service, region, call, page, absent, **arguments, **token)
        if isinstance(following, Unknown) or (absent is not ... and following is absent):
            return following
        if not following:
            return items
        if following == token:
            break
        token = following
    action = ACTIONS["".join(word.capitalize() for word in call.split("_"))]
    return Unanswered(f"{action} failed in {region}: its pages do not end")
