"""Which settings to change so that one change of a security group raises an alarm."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sg_alarm.alarms.answer import Firing
from sg_alarm.alarms.metric_firing import metric_would_fire
from sg_alarm.alarms.model import MetricAlarm, MetricStat, MetricTransformation

_Both = tuple[MetricAlarm, MetricTransformation]


def _of_alarm(**settings: Any) -> Callable[[_Both], _Both]:
    return lambda both: (replace(both[0], **settings), both[1])


def _of_stat(change: Callable[[MetricStat], MetricStat]) -> Callable[[_Both], _Both]:
    def changed(both: _Both) -> _Both:
        stat = both[0].metric_stat
        return both if stat is None else (replace(both[0], metric_stat=change(stat)), both[1])

    return changed


def _of_filter(**settings: Any) -> Callable[[_Both], _Both]:
    return lambda both: (both[0], replace(both[1], **settings))


_CHANGES: Mapping[str, Callable[[_Both], _Both]] = MappingProxyType(
    {
        "set the value of the metric filter to 1": _of_filter(value="1"),
        "remove the dimensions from the metric filter": _of_filter(
            dimensions=(), emit_system_field_dimensions=()
        ),
        "remove the default value from the metric filter": _of_filter(default_value=None),
        "set the period to 300 seconds": _of_stat(lambda stat: replace(stat, period=300)),
        "set the statistic to Sum": _of_stat(lambda stat: replace(stat, stat="Sum")),
        "set the evaluation periods to 1": _of_alarm(evaluation_periods=1),
        "set the threshold to 1": _of_alarm(threshold=1.0),
        "set the datapoints to alarm to 1": _of_alarm(datapoints_to_alarm=1),
        "set the comparison operator to GreaterThanOrEqualToThreshold": _of_alarm(
            comparison_operator="GreaterThanOrEqualToThreshold"
        ),
        "remove the dimensions from the alarm": _of_stat(
            lambda stat: replace(stat, metric=replace(stat.metric, dimensions=()))
        ),
        "remove the unit from the alarm": _of_stat(lambda stat: replace(stat, unit=None)),
        "treat missing data as notBreaching": _of_alarm(treat_missing_data="notBreaching"),
    }
)
"""What may be changed, to what the standards' remediation has; what costs most to change first."""


def repair(
    alarm: MetricAlarm, transformation: MetricTransformation, others: Sequence[MetricTransformation]
) -> tuple[str, ...]:
    """Return the fewest changes after which the alarm is raised by one change, and by a later one again.

    Each is a phrase such as "set the threshold to 1". Nothing where these settings do not help, as with
    metric math.
    """

    def works(names: Sequence[str]) -> bool:
        both = (alarm, transformation)
        for name in names:
            both = _CHANGES[name](both)
        answer = metric_would_fire(*both, others)
        return answer.firing is Firing.FIRES and (answer.rearm_seconds or 0) < math.inf

    chosen = list(_CHANGES)
    if alarm.metric_stat is None or not works(chosen):
        return ()
    for name in _CHANGES:
        fewer = [one for one in chosen if one != name]
        if works(fewer):
            chosen = fewer
    return tuple(chosen)
