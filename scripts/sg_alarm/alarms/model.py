"""Alarms, metrics and metric filters as CloudWatch's API has them: plain, frozen, without behaviour.

Field names are the API's in snake case. A field may hold :class:`~sg_alarm.unknown.Unknown` where its
type says so; ``None`` always means "not set".

Sources: CloudWatch API Reference, PutMetricAlarm, PutCompositeAlarm, PutAlarmMuteRule, MetricDataQuery;
CloudWatch Logs API Reference, MetricTransformation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from sg_alarm.unknown import Unknown

_T = TypeVar("_T")


class UndecidableError(Exception):
    """Raised where the answer is "cannot tell"; the message is the reason."""


class UnknownSettingError(UndecidableError, ValueError):
    """A setting was needed that could not be read; the message names it and says why."""


def known(value: _T | Unknown, field: str) -> _T:
    """Return the value. Raises :class:`UnknownSettingError` where it is ``Unknown``."""
    if isinstance(value, Unknown):
        raise UnknownSettingError(f"{field} is unknown: {value.reason}")
    return value


class AlarmState(str, Enum):
    """The three states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class Dimension:
    """A name and a value; in a metric filter the value is a field selector such as ``$.eventName``."""

    name: str
    value: str | Unknown


@dataclass(frozen=True)
class Metric:
    """What identifies a metric. Two metrics that differ in any dimension are different metrics."""

    namespace: str | Unknown
    name: str | Unknown
    dimensions: tuple[Dimension, ...] | Unknown = ()


@dataclass(frozen=True)
class MetricStat:
    """A metric read through a statistic; ``period`` in seconds, ``unit`` ``None`` for any unit."""

    metric: Metric
    stat: str | Unknown
    period: int | Unknown
    unit: str | Unknown | None = None


@dataclass(frozen=True)
class MetricDataQuery:
    """One entry of an alarm's ``Metrics``: either ``expression`` or ``metric_stat`` is set."""

    id: str
    expression: str | Unknown | None = None
    metric_stat: MetricStat | None = None
    period: int | Unknown | None = None
    return_data: bool | Unknown = True
    account_id: str | Unknown | None = None


@dataclass(frozen=True)
class MetricAlarm:
    """An alarm on one metric (``metric_stat``) or on metric math (``metrics``).

    ``datapoints_to_alarm`` ``None`` means as many as ``evaluation_periods``. ``threshold`` ``None`` with
    ``threshold_metric_id`` set is an anomaly detection alarm. ``evaluation_window`` is ``SlidingWindow`` or
    ``WallClockWindow``. ``state`` is StateValue, ``state_since`` StateUpdatedTimestamp, where it is deployed.
    """

    name: str
    comparison_operator: str | Unknown
    evaluation_periods: int | Unknown
    threshold: float | Unknown | None = None
    threshold_metric_id: str | None = None
    metric_stat: MetricStat | None = None
    metrics: tuple[MetricDataQuery, ...] = ()
    datapoints_to_alarm: int | Unknown | None = None
    treat_missing_data: str | Unknown = "missing"
    evaluate_low_sample_count_percentile: str | Unknown = "evaluate"
    evaluation_window: str | Unknown = "SlidingWindow"
    arn: str | None = None
    actions_enabled: bool | Unknown = True
    alarm_actions: tuple[str | Unknown, ...] | Unknown = ()
    ok_actions: tuple[str | Unknown, ...] | Unknown = ()
    insufficient_data_actions: tuple[str | Unknown, ...] | Unknown = ()
    state: str = ""
    state_since: str = ""

    @property
    def required_datapoints(self) -> int | Unknown:
        """M of an "M out of N" alarm."""
        return self.evaluation_periods if self.datapoints_to_alarm is None else self.datapoints_to_alarm


@dataclass(frozen=True)
class CompositeAlarm:
    """An alarm whose state is a rule over the states of other alarms; the periods are in seconds.

    ``state`` and ``state_since`` are as those of :class:`MetricAlarm`.
    """

    name: str
    alarm_rule: str | Unknown
    arn: str | None = None
    actions_suppressor: str | Unknown | None = None
    actions_suppressor_wait_period: int | Unknown | None = None
    actions_suppressor_extension_period: int | Unknown | None = None
    actions_enabled: bool | Unknown = True
    alarm_actions: tuple[str | Unknown, ...] | Unknown = ()
    ok_actions: tuple[str | Unknown, ...] | Unknown = ()
    insufficient_data_actions: tuple[str | Unknown, ...] | Unknown = ()
    state: str = ""
    state_since: str = ""


Alarm = MetricAlarm | CompositeAlarm


@dataclass(frozen=True)
class AlarmMuteRule:
    """Mutes the actions of the named alarms at scheduled times. ``status``: SCHEDULED, ACTIVE or EXPIRED."""

    name: str
    alarm_names: tuple[str, ...] | Unknown
    status: str | Unknown = "SCHEDULED"
    schedule: str | Unknown | None = None


@dataclass(frozen=True)
class MetricTransformation:
    """The metric that a metric filter publishes.

    ``value`` is a number in text (``"1"``) or a field selector (``"$.size"``). ``default_value`` is published
    in every minute in which the log group received events and none matched; without it such a minute has no
    datapoint. ``emit_system_field_dimensions`` adds ``@aws.account`` and ``@aws.region``.
    """

    namespace: str | Unknown
    name: str | Unknown
    value: str | Unknown = "1"
    default_value: float | Unknown | None = None
    unit: str | Unknown | None = None
    dimensions: tuple[Dimension, ...] | Unknown = ()
    emit_system_field_dimensions: tuple[str, ...] | Unknown = ()
