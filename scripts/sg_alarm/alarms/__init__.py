"""What CloudWatch alarms do: the state that datapoints give, and whether one change raises an alarm.

Everything here is pure: no I/O, no clock, standard library only. Two uses share it. The audit asks
:func:`would_fire` and :func:`silences`. An emulator reads stored values through :func:`metric_stats` and
:func:`alarm_series` and moves its alarms with :func:`evaluate_state`, composite alarms with ``composite``.
"""

from sg_alarm.alarms.actions import Silence, Silencer, silences
from sg_alarm.alarms.answer import Firing, WouldFire
from sg_alarm.alarms.firing import would_fire
from sg_alarm.alarms.math_syntax import MathError
from sg_alarm.alarms.model import (
    Alarm,
    AlarmMuteRule,
    AlarmState,
    CompositeAlarm,
    Dimension,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    MetricTransformation,
    UndecidableError,
    UnknownSettingError,
)
from sg_alarm.alarms.repair import repair
from sg_alarm.alarms.series import alarm_series, metric_stats
from sg_alarm.alarms.state import evaluate_state, evaluation_range

__all__ = [
    "Alarm",
    "AlarmMuteRule",
    "AlarmState",
    "CompositeAlarm",
    "Dimension",
    "Firing",
    "MathError",
    "Metric",
    "MetricAlarm",
    "MetricDataQuery",
    "MetricStat",
    "MetricTransformation",
    "Silence",
    "Silencer",
    "UndecidableError",
    "UnknownSettingError",
    "WouldFire",
    "alarm_series",
    "evaluate_state",
    "evaluation_range",
    "metric_stats",
    "repair",
    "silences",
    "would_fire",
]
