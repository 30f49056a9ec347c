"""A deployment that notifies of every change of the six operations, and ways to alter one thing in it.

``good()`` is a whole deployment, as an account shows it; ``with_trail(is_logging=False)`` and its like are
the same with one part altered; ``trail()``, ``alarm()`` and the others make the parts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sg_alarm.alarms import Metric, MetricAlarm, MetricStat, MetricTransformation
from sg_alarm.rule.model import (
    Delivery,
    Deployment,
    Key,
    LogGroup,
    MetricFilter,
    Place,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.rule.operations import PATTERN_OF_SIX

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
MANAGEMENT_ACCOUNT = "999988887777"
HOME = "eu-central-1"
ELSEWHERE = "us-east-1"
NAMESPACE, METRIC_NAME = "CloudTrailMetrics", "SecurityGroupEventCount"

TRAIL_ARN = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/main"
GROUP_ARN = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:CloudTrail/main"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/cloudtrail-to-logs"
ALARM_ARN = f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:SecurityGroupConfigChangesAlarm"
TOPIC_ARN = f"arn:aws:sns:{HOME}:{ACCOUNT}:CloudWatchAlarmSNSTopic"
KEY_ARN = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
QUEUE_ARN = f"arn:aws:sqs:{HOME}:{ACCOUNT}:tickets"
SUBSCRIPTION_ARN = f"{TOPIC_ARN}:6a7b8c9d-0000-4000-8000-000000000001"

SOURCE_CONDITION = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnEquals": {"aws:SourceArn": ALARM_ARN},
}


def statement(**changes: Any) -> dict[str, Any]:
    """A statement that lets CloudWatch publish for the alarm; ``None`` takes an element out."""
    found = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC_ARN,
        "Condition": SOURCE_CONDITION,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def policy(*statements: Any) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def key_policy(*further: Any, **changes: Any) -> dict[str, Any]:
    """A key policy that lets CloudWatch use the key."""
    administrator = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    usage = {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*", **changes}
    return policy(administrator, statement(**usage), *further)


def trail(**changes: Any) -> Trail:
    """A multi-region trail with default selectors that delivers to the log group."""
    return replace(
        Trail(
            TRAIL_ARN,
            HOME,
            f"{GROUP_ARN}:*",
            ROLE_ARN,
            delivery=Delivery("2026-01-31T12:00:00Z"),
        ),
        **changes,
    )


def transformation(**changes: Any) -> MetricTransformation:
    """The metric of the filter."""
    return replace(MetricTransformation(NAMESPACE, METRIC_NAME), **changes)


def metric_filter(pattern: Any = PATTERN_OF_SIX, name: str = "SecurityGroupConfigChanges", **changes: Any):
    """The filter of the log group."""
    return replace(MetricFilter(name, GROUP_ARN, pattern, transformation()), **changes)


def metric_stat(**changes: Any) -> MetricStat:
    """The filter's metric as the alarm reads it."""
    return replace(MetricStat(Metric(NAMESPACE, METRIC_NAME), "Sum", 300), **changes)


def alarm(**changes: Any) -> MetricAlarm:
    """The alarm of the standards."""
    return replace(
        MetricAlarm(
            "SecurityGroupConfigChangesAlarm",
            "GreaterThanOrEqualToThreshold",
            1,
            1.0,
            metric_stat=metric_stat(),
            treat_missing_data="notBreaching",
            arn=ALARM_ARN,
            alarm_actions=(TOPIC_ARN,),
        ),
        **changes,
    )


def subscription(**changes: Any) -> Subscription:
    """A confirmed email."""
    return replace(Subscription(SUBSCRIPTION_ARN, "email", "security@example.com", True), **changes)


def topic(**changes: Any) -> Topic:
    """A topic that is encrypted with a key of ours, and lets the alarm publish."""
    return replace(Topic(TOPIC_ARN, policy(statement()), KEY_ARN, (subscription(),)), **changes)


def key(**changes: Any) -> Key:
    """The topic's key."""
    return replace(Key(KEY_ARN, key_policy(), ("alias/security-alarms",)), **changes)


def place(**changes: Any) -> Place:
    """The home region, with everything in it."""
    return replace(
        Place(
            ACCOUNT,
            HOME,
            log_groups=(LogGroup(f"{GROUP_ARN}:*"),),
            metric_filters=(metric_filter(),),
            alarms=(alarm(),),
            topics=(topic(),),
            keys=(key(),),
        ),
        **changes,
    )


def good(**changes: Any) -> Deployment:
    """A deployment in two regions whose chain is whole."""
    return replace(
        Deployment(ACCOUNT, (HOME, ELSEWHERE), (trail(),), (place(), Place(ACCOUNT, ELSEWHERE))), **changes
    )


def at_home(**changes: Any) -> Deployment:
    """The good deployment with changes to its home region."""
    return good(places=(place(**changes), Place(ACCOUNT, ELSEWHERE)))


def with_trail(**changes: Any) -> Deployment:
    """The good deployment with a changed trail."""
    return good(trails=(trail(**changes),))


def with_filter(*patterns: Any, **changes: Any) -> Deployment:
    """The good deployment with filters of these patterns, else with a changed filter."""
    if not patterns:
        return at_home(metric_filters=(metric_filter(**changes),))
    filters = [metric_filter(pattern, f"filter-{n}", **changes) for n, pattern in enumerate(patterns)]
    return at_home(metric_filters=tuple(filters))


def with_transformation(**changes: Any) -> Deployment:
    """The good deployment with a changed metric."""
    return with_filter(transformation=transformation(**changes))


def with_alarm(**changes: Any) -> Deployment:
    """The good deployment with a changed alarm."""
    return at_home(alarms=(alarm(**changes),))


def with_stat(**changes: Any) -> Deployment:
    """The good deployment with an alarm that reads the metric in another way."""
    return with_alarm(metric_stat=metric_stat(**changes))


def with_topic(**changes: Any) -> Deployment:
    """The good deployment with a changed topic."""
    return at_home(topics=(topic(**changes),))


def with_topic_policy(*statements: Any) -> Deployment:
    """The good deployment with a topic policy of these statements."""
    return with_topic(policy=policy(*statements))


def with_key(**changes: Any) -> Deployment:
    """The good deployment with a changed key."""
    return at_home(keys=(key(**changes),))


def with_subscription(**changes: Any) -> Deployment:
    """The good deployment with a changed subscription."""
    return with_topic(subscriptions=(subscription(**changes),))


def with_queue(queue: Any) -> Deployment:
    """The good deployment with a queue as its only subscriber."""
    return with_subscription(protocol="sqs", endpoint=QUEUE_ARN, queue=queue)


def replace_text(value: Any, old: str, new: str) -> Any:
    """Replace a text everywhere in a part of a deployment: to move it to another partition, say."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {replace_text(k, old, new): replace_text(v, old, new) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(replace_text(one, old, new) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        fields = value.__dataclass_fields__
        return replace(value, **{name: replace_text(getattr(value, name), old, new) for name in fields})
    return value


def large(**changes: Any) -> Deployment:
    """An account of 31 regions with 100 metric filters and 2,001 alarms, the one that matters changed."""
    regions = tuple(f"eu-west-{number}" for number in range(1, 31))
    strangers = tuple(
        alarm(name=f"cpu-{number}", arn=None, metric_stat=metric_stat(metric=Metric("AWS/EC2", f"m{number}")))
        for number in range(2000)
    )
    filters = tuple(
        metric_filter(
            f"{{ $.eventName = Call{number} }}",
            f"f{number}",
            transformation=transformation(name=f"f{number}"),
        )
        for number in range(99)
    )
    home = place(alarms=(*strangers, alarm(**changes)), metric_filters=(*filters, metric_filter()))
    return good(regions=(HOME, *regions), places=(home, *(Place(ACCOUNT, region) for region in regions)))
