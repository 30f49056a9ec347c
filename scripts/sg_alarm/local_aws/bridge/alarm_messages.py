"""What CloudWatch says about a change of state, and its publication.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader

from sg_alarm.local_aws.bridge.alarm_history import note
from sg_alarm.local_aws.bridge.clock import epoch
from sg_alarm.local_aws.bridge.patches import guarded
from sg_alarm.local_aws.bridge.publishing import NotPublishedError, publish

Json = dict[str, Any]

MAX_SUBJECT = 100


def act(backend: Any, alarm: Any, old_state: str, children: list[Json]) -> None:
    """Execute the actions of the alarm's state; the history says of each how that went."""
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[alarm.state_value]
    for action in actions or ():
        _execute(backend, alarm, action, message_of(alarm, old_state, children))


@guarded
def _execute(backend: Any, alarm: Any, action: str, message: str) -> None:
    data: Json = {
        "actionState": "Succeeded",
        "stateUpdateTimestamp": int(epoch(alarm.state_updated_timestamp) * 1000),
        "notificationResource": action,
        "publishedMessage": message,
        "error": None,
    }
    try:
        if action.split(":")[2] != "sns":
            return  # nothing here starts instances or functions
        publish(
            action,
            message,
            f'{alarm.state_value}: "{alarm.name}" in {region_name(alarm.region_name)}'[:MAX_SUBJECT],
            service="cloudwatch",
            source=alarm.alarm_arn,
            context=_context(alarm),
            key_context=_context(alarm),
        )
        note(backend, alarm, "Action", f"Successfully executed action {action}", data)
    except NotPublishedError as error:
        data |= {"actionState": "Failed", "publishedMessage": None, "error": str(error)}
        summary = f'Failed to execute action {action}. Received error: "{error}"'
        note(backend, alarm, "Action", summary, data)


def _context(alarm: Any) -> dict[str, str]:
    account = alarm.alarm_arn.split(":")[4]
    # SourceOwner is what the default policy of a topic asks for.
    return {
        "aws:SourceArn": alarm.alarm_arn,
        "aws:SourceAccount": account,
        "aws:SourceOwner": account,
    }


def message_of(alarm: Any, old_state: str, children: list[Json]) -> str:
    """Return the message, with the fields and in the order in which CloudWatch writes them."""
    message: Json = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.alarm_arn.split(":")[4],
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": timestamp(alarm.state_updated_timestamp),
        "Region": region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    }
    if alarm.rule is None:
        message["Trigger"] = _trigger(alarm)
    else:
        message |= {"AlarmRule": alarm.rule, "TriggeringChildren": children}
    return json.dumps(message)


def _trigger(alarm: Any) -> Json:
    common = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        return {**common, "Metrics": [_query(query) for query in alarm.metric_data_queries]}
    if alarm.extended_statistic:
        statistic = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.extended_statistic}
    else:
        statistic = {"StatisticType": "Statistic", "Statistic": str(alarm.statistic).upper()}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        **statistic,
        "Unit": alarm.unit,
        "Dimensions": _dimensions(alarm.dimensions),
        **common,
    }


def _query(query: Any) -> Json:
    written: Json = {"Id": query.id, "ReturnData": query.return_data is not False}
    if query.label:
        written["Label"] = query.label
    if query.metric_stat:
        metric = query.metric_stat.metric
        written["MetricStat"] = {
            "Metric": {
                "Dimensions": _dimensions(metric.dimensions),
                "MetricName": metric.metric_name,
                "Namespace": metric.namespace,
            },
            "Period": query.metric_stat.period,
            "Stat": query.metric_stat.stat,
        }
    else:
        written["Expression"] = query.expression
    return written


def _dimensions(dimensions: list[Any]) -> list[Json]:
    return [{"value": dimension.value, "name": dimension.name} for dimension in dimensions]


def timestamp(moment: datetime) -> str:
    """Write a time as CloudWatch does: ``2026-01-31T12:00:00.000+0000``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


@lru_cache
def region_name(region: str) -> str:
    """Return a region's long name; CloudWatch still writes "EU" where botocore has "Europe"."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"]).replace("Europe", "EU")
    return region
