"""What CloudWatch does not accept as a metric alarm.

Source: CloudWatch API Reference, PutMetricAlarm.
"""

from __future__ import annotations

from sg_alarm.alarms.model import MetricAlarm, MetricStat
from sg_alarm.alarms.state import BAND_OPERATORS, COMPARISON_OPERATORS, TREATMENTS
from sg_alarm.alarms.statistic import is_statistic
from sg_alarm.unknown import Unknown

DAY = 86_400
WEEK = 7 * DAY
SUB_MINUTE_PERIODS = (10, 20, 30)
WALL_CLOCK_PERIODS = (60, 300, 3_600, DAY, WEEK)


def problem(alarm: MetricAlarm, stats: list[MetricStat]) -> str | None:
    """Return why CloudWatch rejects the alarm, or ``None``; unknown settings are taken to be right."""
    operators = COMPARISON_OPERATORS + BAND_OPERATORS
    for field, value, allowed in (
        ("comparison operator", alarm.comparison_operator, operators),
        ("missing data treatment", alarm.treat_missing_data, TREATMENTS),
    ):
        if not isinstance(value, Unknown) and value not in allowed:
            return f"there is no {field} {value}"
    periods, to_alarm = alarm.evaluation_periods, alarm.datapoints_to_alarm
    if isinstance(periods, int) and periods < 1:
        return "evaluation_periods is less than 1"
    if isinstance(to_alarm, int) and (to_alarm < 1 or (isinstance(periods, int) and to_alarm > periods)):
        return "datapoints_to_alarm is not between 1 and evaluation_periods"
    for stat in stats:
        if not isinstance(stat.stat, Unknown) and not is_statistic(stat.stat):
            return f"there is no statistic {stat.stat}"
        if isinstance(stat.period, int):
            wrong = _period_problem(alarm, stat.period)
            if wrong is not None:
                return wrong
    return None


def _period_problem(alarm: MetricAlarm, period: int) -> str | None:
    if period < 1 or (period not in SUB_MINUTE_PERIODS and period % 60 != 0):
        return f"a period is 10, 20, 30 or a multiple of 60 seconds, not {period}"
    if alarm.evaluation_window == "WallClockWindow" and period not in WALL_CLOCK_PERIODS:
        return f"a wall clock window does not go with a period of {period} seconds"
    most = DAY if period < 3_600 else WEEK
    if isinstance(alarm.evaluation_periods, int) and alarm.evaluation_periods * period > most:
        return f"{alarm.evaluation_periods} periods of {period} seconds are longer than {most} seconds"
    return None
