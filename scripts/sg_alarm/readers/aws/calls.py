"""Calls to AWS that answer ``Unknown`` where they are denied or fail, and what they need to be allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sg_alarm.aws import DENIED, Aws, failures, reason_of
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
    "ListRules": "events:ListRules",
    "ListTargetsByRule": "events:ListTargetsByRule",
    "TestMetricFilter": "logs:TestMetricFilter",
}
"""API operation to the IAM action that allows it (Service Authorization Reference)."""

_NOT_FOUND = {
    "ResourceNotFoundException",
    "TrailNotFoundException",
    "NotFound",
    "NotFoundException",
    "ResourceNotFound",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
}


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


def ask(aws: Aws, service: str, region: str, call: str, absent: Any = ..., **arguments: Any) -> Any:
    """Make one call; return its answer, ``Unknown`` with the reason where it is denied or fails.

    ``absent`` is returned where AWS says that there is no such thing; without it that is a failure.
    """
    from botocore.exceptions import ClientError

    try:
        answer = getattr(aws.client(service, region), call)(**arguments)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _NOT_FOUND and absent is not ...:
            return absent
        action = _action(call)
        if code in DENIED:
            return Unknown(f"access denied in {region}: allow {action}")
        return Unanswered(f"{action} failed in {region}: {code or error}")
    except failures() as error:
        return Unanswered(f"{_action(call)} failed in {region}: {reason_of(error)}")
    # Every one of these calls answers something. A proxy's page is no answer, and no empty list either.
    if answer.keys() <= {"ResponseMetadata"}:
        return Unanswered(f"{_action(call)} failed in {region}: what answered is not AWS")
    return answer


def _action(call: str) -> str:
    """Return the IAM action of a call that boto3 names in its own way."""
    return ACTIONS["".join(word.capitalize() for word in call.split("_"))]


def ask_all(
    aws: Aws,
    service: str,
    region: str,
    call: str,
    result: str | tuple[str, ...],
    absent: Any = ...,
    keep: Callable[[Mapping[str, Any]], bool] = lambda item: True,
    **arguments: Any,
) -> Any:
    """Make a call for all its pages; return the items under ``result`` that ``keep`` wants, or as ``ask``."""
    names = (result,) if isinstance(result, str) else result
    items: list[Any] = []
    token: dict[str, Any] = {}
    while True:
        answer = ask(aws, service, region, call, absent, **arguments, **token)
        if isinstance(answer, Unknown) or (absent is not ... and answer is absent):
            return answer
        items += [item for name in names for item in answer.get(name, []) if keep(item)]
        # Every one of these calls pages by one token, under one of two names.
        name = next((name for name in ("NextToken", "nextToken") if answer.get(name)), None)
        if name is None:
            return items
        if token == {name: answer[name]}:
            return Unanswered(f"{_action(call)} failed in {region}: the same page comes again and again")
        token = {name: answer[name]}
