"""From the names of Terraform's AWS provider to those of AWS.

Most follow from each other: ``evaluation_periods`` is EvaluationPeriods. The tables hold the others, and the
nested blocks, whose names are the API's in the singular.

Source: AWS provider documentation, the pages of the resources named here, for names and defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sg_alarm.readers import assembly
from sg_alarm.readers.assembly import NAMES, Resource
from sg_alarm.unknown import Unknown

TYPES: Mapping[str, str] = {
    "aws_chatbot_slack_channel_configuration": assembly.CHATBOTS[0],
    "aws_chatbot_teams_channel_configuration": assembly.CHATBOTS[1],
    "aws_cloudtrail": assembly.TRAIL,
    "aws_cloudwatch_composite_alarm": assembly.COMPOSITE_ALARM,
    "aws_cloudwatch_event_rule": assembly.RULE,
    "aws_cloudwatch_event_target": assembly.TARGET,
    "aws_cloudwatch_log_group": assembly.LOG_GROUP,
    "aws_cloudwatch_log_metric_filter": assembly.METRIC_FILTER,
    "aws_cloudwatch_metric_alarm": assembly.METRIC_ALARM,
    "aws_kms_alias": assembly.ALIAS,
    "aws_kms_external_key": assembly.KEY,
    "aws_kms_key": assembly.KEY,
    "aws_kms_key_policy": assembly.KEY_POLICY,
    "aws_kms_replica_external_key": assembly.KEY,
    "aws_kms_replica_key": assembly.KEY,
    "aws_lambda_function": assembly.FUNCTION,
    "aws_lambda_permission": assembly.PERMISSION,
    "aws_sns_topic": assembly.TOPIC,
    "aws_sns_topic_policy": assembly.TOPIC_POLICY,
    "aws_sns_topic_subscription": assembly.SUBSCRIPTION,
    "aws_sqs_queue": assembly.QUEUE,
    "aws_sqs_queue_policy": assembly.QUEUE_POLICY,
    "awscc_chatbot_microsoft_teams_channel_configuration": assembly.CHATBOTS[1],
    "awscc_chatbot_slack_channel_configuration": assembly.CHATBOTS[0],
}
"""The types of resources that bear on the rule, each with AWS's name of it."""

# By what the names stand in: a type of resources, or a nested block.
_NAMES: Mapping[str, Mapping[str, str]] = {
    assembly.TRAIL: {
        "advanced_event_selector": "AdvancedEventSelectors",
        "cloud_watch_logs_group_arn": "CloudWatchLogsLogGroupArn",
        "enable_logging": "IsLogging",
        "event_selector": "EventSelectors",
    },
    "advanced_event_selector": {"field_selector": "FieldSelectors"},
    assembly.METRIC_FILTER: {
        "metric_transformation": "MetricTransformations",
        "pattern": "FilterPattern",
    },
    "metric_transformation": {"name": "MetricName", "namespace": "MetricNamespace", "value": "MetricValue"},
    assembly.METRIC_ALARM: {
        "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
        "metric_query": "Metrics",
        "ok_actions": "OKActions",
    },
    "metric_query": {"metric": "MetricStat"},
    assembly.COMPOSITE_ALARM: {"ok_actions": "OKActions"},
    assembly.TOPIC_POLICY: {"arn": "TopicArn"},
    assembly.SUBSCRIPTION: {"arn": "SubscriptionArn"},
    assembly.KEY: {"is_enabled": "Enabled"},
    assembly.QUEUE_POLICY: {"queue_url": "Queues"},
}
_BLOCKS = frozenset(
    {
        "advanced_event_selector",
        "event_selector",
        "field_selector",
        "metric",
        "metric_query",
        "metric_transformation",
    }
)


def resource(
    type_: str,
    address: str,
    values: Mapping[str, Any] | Unknown,
    region: str,
    account: str,
    partition: str = "aws",
    existence: Unknown | None = None,
    is_data: bool = False,
) -> Resource:
    """Return a resource of one of the ``TYPES``.

    In ``values`` an attribute that is not set is absent or ``None``, and nested blocks are lists of mappings,
    or one mapping.
    """
    name = TYPES[type_]
    if not isinstance(values, Unknown):
        values = _DEFAULTS.get(name, dict)(_renamed(values, name))
    return Resource(name, address, values, region, account, partition, existence, is_data)


def _renamed(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    others = _NAMES.get(where, {})
    found = {}
    for name, value in values.items():
        if value is None:
            continue
        if name == "name" and NAMES.get(where):
            new = NAMES[where]
        else:
            new = others.get(name) or "".join(map(str.capitalize, name.split("_")))
        found[new] = _blocks(value, name) if name in _BLOCKS else value
    return found


def _blocks(found: Any, name: str) -> Any:
    if isinstance(found, Mapping):
        return _with_default(_renamed(found, name), name)
    return [_blocks(one, name) for one in found] if isinstance(found, list | tuple) else found


def _with_default(block: dict[str, Any], name: str) -> dict[str, Any]:
    # The API's default is true, the provider's is false.
    if name == "metric_query" and block.get("ReturnData") is None:
        block["ReturnData"] = False
    return block


def _metric_alarm(values: dict[str, Any]) -> dict[str, Any]:
    """Put in the threshold 0, which the provider sends unless a band takes its place."""
    if values.get("Threshold") is None and not values.get("ThresholdMetricId"):
        values["Threshold"] = 0
    return values


def _composite_alarm(values: dict[str, Any]) -> dict[str, Any]:
    """Put the settings of the block ``actions_suppressor`` beside the others."""
    suppressor = values.pop("ActionsSuppressor", None)
    block = suppressor[0] if isinstance(suppressor, list | tuple) and suppressor else suppressor
    if isinstance(block, Mapping):
        values["ActionsSuppressor"] = block.get("alarm")
        values["ActionsSuppressorWaitPeriod"] = block.get("wait_period")
        values["ActionsSuppressorExtensionPeriod"] = block.get("extension_period")
    elif isinstance(block, Unknown):
        values["ActionsSuppressor"] = block
    return values


def _rule(values: dict[str, Any]) -> dict[str, Any]:
    """Put the state where the provider's older name of it is used."""
    enabled = values.pop("IsEnabled", None)
    if values.get("State") is None and enabled is not None:
        words = {"true": "ENABLED", "false": "DISABLED"}
        values["State"] = enabled if isinstance(enabled, Unknown) else words.get(str(enabled).lower())
    return values


_DEFAULTS = {
    assembly.COMPOSITE_ALARM: _composite_alarm,
    assembly.METRIC_ALARM: _metric_alarm,
    assembly.RULE: _rule,
}
