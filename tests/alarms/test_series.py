"""From published values to the alarm's state, as an emulator does it at every tick."""

import pytest

from sg_alarm.alarms import (
    AlarmState,
    MathError,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    UnknownSettingError,
    alarm_series,
    evaluate_state,
    evaluation_range,
    metric_stats,
)
from sg_alarm.unknown import Unknown

CHANGES, ERRORS = Metric("n", "changes"), Metric("n", "errors")
PUBLISHED = {CHANGES: [[], [0.0, 1.0], [1.0, 1.0]], ERRORS: [[], [], [5.0]]}


def read(_id, stat):
    return PUBLISHED[stat.metric]


def alarm(**settings):
    return MetricAlarm(
        name="sg",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=2.0,
        evaluation_periods=1,
        **settings,
    )


@pytest.mark.parametrize(
    ("stat", "values"),
    [
        ("Sum", (None, 1, 2)),
        ("Average", (None, 0.5, 1)),
        ("Maximum", (None, 1, 1)),
        ("SampleCount", (None, 2, 2)),
        ("p50", (None, 0, 1)),
    ],
)
def test_a_single_metric(stat, values):
    assert alarm_series(alarm(metric_stat=MetricStat(CHANGES, stat, 60)), read).series == values


def test_metric_math():
    on_math = alarm(
        metrics=(
            MetricDataQuery("m1", metric_stat=MetricStat(CHANGES, "Sum", 60), return_data=False),
            MetricDataQuery("m2", metric_stat=MetricStat(ERRORS, "Maximum", 60), return_data=False),
            MetricDataQuery("e1", expression="FILL(m1, 0) + e2", return_data=True),
            MetricDataQuery("e2", expression="FILL(m2, 100)", return_data=False),
        )
    )
    assert list(metric_stats(on_math)) == ["m1", "m2"]
    assert alarm_series(on_math, read).series == (100, 101, 7)


def test_from_values_to_the_state():
    watched = alarm(metric_stat=MetricStat(CHANGES, "Sum", 60))
    assert evaluation_range(watched) == 3
    series = alarm_series(watched, read).series
    assert evaluate_state(watched, series, AlarmState.OK) is AlarmState.ALARM
    assert evaluate_state(watched, series[:2], AlarmState.ALARM) is AlarmState.OK


def test_what_cannot_be_read():
    with pytest.raises(UnknownSettingError, match="stat is unknown: denied"):
        alarm_series(alarm(metric_stat=MetricStat(CHANGES, Unknown("denied"), 60)), read)
    with pytest.raises(MathError, match="exactly one entry"):
        alarm_series(alarm(), read)
