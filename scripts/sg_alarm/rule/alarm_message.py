"""The message of an alarm that goes to ALARM: which fields it has, and what is known of their values.

CloudWatch writes the same fields each time, in these letters, and nobody can add one. Source: CloudWatch User
Guide, "Notifying users on alarm changes"; the fields are those of its published examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sg_alarm.alarms import Alarm, AlarmState, CompositeAlarm, MetricAlarm, MetricStat
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.content_filter import MAYBE, Fitting, OneOf
from sg_alarm.rule.model import Place
from sg_alarm.unknown import Unknown

_TIME = Fitting(r"\d{4}-\d\d-\d\dT.*")
_REGION = Fitting(r".*[ (].*")  # its long name, such as "EU (Ireland)", never its code
_TEXT = Unknown("it differs from message to message")
_LIST = Unknown("a list")


def alarm_message(alarm: Alarm, place: Place, arn: str, before: frozenset[AlarmState]) -> Mapping[str, Any]:
    """Return the fields; ``before`` are the states in which the alarm may be until it goes to ALARM."""
    found: dict[str, Any] = {
        "AlarmName": _value(alarm.name),
        "AlarmDescription": MAYBE,  # null without a description
        "AWSAccountId": _value(place.account),
        "AlarmConfigurationUpdatedTimestamp": MAYBE,  # of newer messages
        "NewStateValue": "ALARM",
        "NewStateReason": _TEXT,
        "StateChangeTime": _TIME,
        "Region": _REGION,
        "AlarmArn": _value(arn),
        "OldStateValue": OneOf(frozenset(one.value for one in before - {AlarmState.ALARM})),
        "OKActions": _LIST,
        "AlarmActions": _LIST,
        "InsufficientDataActions": _LIST,
    }
    if isinstance(alarm, CompositeAlarm):
        found |= {"AlarmRule": _value(alarm.alarm_rule), "TriggeringChildren": MAYBE}
    else:
        found["Trigger"] = _trigger(alarm)
    return MappingProxyType(found)


def _trigger(alarm: MetricAlarm) -> Mapping[str, Any]:
    common = {
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": MAYBE,  # of newer messages
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": MAYBE,  # some show it with spaces, as a line of text
        "EvaluateLowSampleCountPercentile": MAYBE,
    }
    stat = alarm.metric_stat
    if stat is None:
        return {**common, "Period": MAYBE, "Metrics": _LIST}
    return {**common, **_of_metric(stat)}


def _of_metric(stat: MetricStat) -> Mapping[str, Any]:
    return {
        "MetricName": _value(stat.metric.name),
        "Namespace": _value(stat.metric.namespace),
        "StatisticType": OneOf(frozenset({"Statistic", "ExtendedStatistic"})),
        "Statistic": MAYBE,
        "ExtendedStatistic": MAYBE,
        "Unit": MAYBE,
        "Dimensions": _LIST,
        "Period": stat.period,
    }


def _value(text: str | Unknown) -> str | Unknown:
    return Unknown("a placeholder") if isinstance(text, str) and is_opaque(text) else text
