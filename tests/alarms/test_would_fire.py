"""Whether one change raises an alarm, and silence does not: one metric filter, one alarm on its metric."""

import math
from dataclasses import replace

import pytest

from sg_alarm.alarms import (
    AlarmState,
    Dimension,
    Firing,
    Metric,
    MetricAlarm,
    MetricStat,
    MetricTransformation,
    would_fire,
)
from sg_alarm.unknown import Unknown

FIRES, NOT, ALWAYS, CANNOT_TELL = (
    Firing.FIRES,
    Firing.DOES_NOT_FIRE,
    Firing.FIRES_WITHOUT_CHANGE,
    Firing.CANNOT_TELL,
)
AT_LEAST, ABOVE, BELOW = "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"
METRIC = Metric("CloudTrailMetrics", "SecurityGroupEventCount")
FILTER = MetricTransformation("CloudTrailMetrics", "SecurityGroupEventCount")
ZERO = replace(FILTER, default_value=0.0)
UNKNOWN = Unknown("known after apply")


def alarm(stat="Sum", period=300, unit=None, metric=METRIC, **settings):
    settings = {
        "comparison_operator": AT_LEAST,
        "threshold": 1.0,
        "evaluation_periods": 1,
        **settings,
    }
    return MetricAlarm(name="sg", metric_stat=MetricStat(metric, stat, period, unit), **settings)


CASES = [
    # The remediation of the rule itself.
    (FIRES, "sum of 300 s at least 1", alarm(), FILTER),
    (FIRES, "the same with a default value", alarm(), ZERO),
    # Statistic, default value, threshold
    (FIRES, "average without default value", alarm("Average"), FILTER),
    (NOT, "average diluted by the default value", alarm("Average"), ZERO),
    (FIRES, "average of one minute is not diluted", alarm("Average", 60), ZERO),
    (
        FIRES,
        "average above 0 is not diluted to 0",
        alarm("Average", comparison_operator=ABOVE, threshold=0.0),
        ZERO,
    ),
    (FIRES, "maximum with default value", alarm("Maximum"), ZERO),
    (NOT, "minimum falls to the default value", alarm("Minimum"), ZERO),
    (FIRES, "minimum without default value", alarm("Minimum"), FILTER),
    (FIRES, "sample count without default value", alarm("SampleCount"), FILTER),
    (ALWAYS, "sample count counts default values", alarm("SampleCount"), ZERO),
    (FIRES, "percentile of one value", alarm("p90"), FILTER),
    (CANNOT_TELL, "percentile among few values", alarm("p90"), ZERO),
    (FIRES, "p100 is the maximum", alarm("p100"), ZERO),
    (
        NOT,
        "too few values for a percentile",
        alarm("p90", evaluate_low_sample_count_percentile="ignore"),
        FILTER,
    ),
    (
        CANNOT_TELL,
        "perhaps too few values for a percentile",
        alarm("p90", evaluate_low_sample_count_percentile=UNKNOWN),
        FILTER,
    ),
    (
        CANNOT_TELL,
        "values enough for a percentile, if there are default values",
        alarm("p90", period=86_400, evaluate_low_sample_count_percentile="ignore"),
        ZERO,
    ),
    (FIRES, "trimmed mean of one value", alarm("tm90"), FILTER),
    (FIRES, "interquartile mean of one value", alarm("IQM"), FILTER),
    (CANNOT_TELL, "trimmed count of one value", alarm("tc90"), FILTER),
    (FIRES, "trimmed count between fixed bounds", alarm("TC(0:5)"), ZERO),
    (FIRES, "percentile rank", alarm("PR(0:5)", threshold=100.0), FILTER),
    (NOT, "percentile rank diluted", alarm("PR(0:5)", threshold=100.0), ZERO),
    (NOT, "threshold above one", alarm(threshold=2.0), FILTER),
    (NOT, "above 1 is not at least 1", alarm(comparison_operator=ABOVE), FILTER),
    (FIRES, "above 0", alarm(comparison_operator=ABOVE, threshold=0.0), FILTER),
    (NOT, "below 1", alarm(comparison_operator=BELOW), FILTER),
    (ALWAYS, "below 1 with a default value of 0", alarm(comparison_operator=BELOW), ZERO),
    (ALWAYS, "at least 0 with a default value of 0", alarm(threshold=0.0), ZERO),
    (ALWAYS, "a default value that breaches", alarm(), replace(FILTER, default_value=1.0)),
    (NOT, "a metric value of 0 never counts", alarm(), replace(FILTER, value="0")),
    (FIRES, "a greater metric value", alarm(threshold=5.0), replace(FILTER, value="5")),
    (CANNOT_TELL, "a metric value from the event", alarm(), replace(FILTER, value="$.size")),
    (NOT, "a negative value has no percentile", alarm("p90", threshold=-5.0), replace(FILTER, value="-1")),
    # M of N and missing data
    (FIRES, "1 of 5", alarm(evaluation_periods=5, datapoints_to_alarm=1), FILTER),
    (FIRES, "1 of 5 with a default value", alarm(evaluation_periods=5, datapoints_to_alarm=1), ZERO),
    (NOT, "5 of 5 with a default value", alarm(evaluation_periods=5), ZERO),
    (
        NOT,
        "5 of 5, missing is not breaching",
        alarm(evaluation_periods=5, treat_missing_data="notBreaching"),
        FILTER,
    ),
    (NOT, "5 of 5, missing is ignored", alarm(evaluation_periods=5, treat_missing_data="ignore"), FILTER),
    (FIRES, "5 of 5, missing is missing: fires when it is old enough", alarm(evaluation_periods=5), FILTER),
    (FIRES, "2 of 3, missing is missing", alarm(evaluation_periods=3, datapoints_to_alarm=2), FILTER),
    (FIRES, "missing is not breaching", alarm(treat_missing_data="notBreaching"), FILTER),
    (FIRES, "missing is ignored", alarm(treat_missing_data="ignore"), FILTER),
    (ALWAYS, "missing is breaching", alarm(treat_missing_data="breaching"), FILTER),
    (ALWAYS, "missing is breaching, in minutes without events", alarm(treat_missing_data="breaching"), ZERO),
    # Unit and dimensions
    (FIRES, "the same unit", alarm(unit="Count"), replace(FILTER, unit="Count")),
    (FIRES, "unit None is no unit", alarm(unit="None"), FILTER),
    (FIRES, "any unit", alarm(), replace(FILTER, unit="Count")),
    (NOT, "another unit", alarm(unit="Count"), FILTER),
    (
        ALWAYS,
        "another unit, missing is breaching",
        alarm(unit="Count", treat_missing_data="breaching"),
        FILTER,
    ),
    (NOT, "an extra dimension", alarm(metric=replace(METRIC, dimensions=(Dimension("a", "b"),))), FILTER),
    (NOT, "a missing dimension", alarm(), replace(FILTER, dimensions=(Dimension("a", "$.b"),))),
    (
        NOT,
        "a system field dimension",
        alarm(),
        replace(FILTER, emit_system_field_dimensions=("@aws.account",)),
    ),
    (
        CANNOT_TELL,
        "a dimension of some events",
        alarm(metric=replace(METRIC, dimensions=(Dimension("user", "root"),))),
        replace(FILTER, dimensions=(Dimension("user", "$.userIdentity.type"),)),
    ),
    (NOT, "another metric", alarm(metric=Metric("CloudTrailMetrics", "Other")), FILTER),
    (NOT, "another namespace", alarm(metric=Metric("Other", "SecurityGroupEventCount")), FILTER),
    # Period
    (FIRES, "one minute", alarm(period=60), ZERO),
    (FIRES, "one day", alarm(period=86_400), ZERO),
    (FIRES, "one week", alarm(period=604_800), FILTER),
    (CANNOT_TELL, "ten seconds", alarm(period=10), FILTER),
    (NOT, "ten seconds, threshold too high", alarm(period=10, threshold=2.0), FILTER),
    (FIRES, "wall clock window", alarm(evaluation_window="WallClockWindow"), ZERO),
    # What CloudWatch rejects
    (NOT, "a period of 90 seconds", alarm(period=90), FILTER),
    (NOT, "no such statistic", alarm("Total"), FILTER),
    (NOT, "more datapoints than periods", alarm(datapoints_to_alarm=2), FILTER),
    (NOT, "longer than a day", alarm(evaluation_periods=289), FILTER),
    (NOT, "no such operator", alarm(comparison_operator="GreaterThan"), FILTER),
    # Anomaly detection
    (
        CANNOT_TELL,
        "anomaly band",
        alarm(comparison_operator="GreaterThanUpperThreshold", threshold=None, threshold_metric_id="ad1"),
        FILTER,
    ),
    # Unknown values that matter, and that do not
    (CANNOT_TELL, "unknown threshold", alarm(threshold=UNKNOWN), FILTER),
    (NOT, "unknown threshold of another metric", alarm(threshold=UNKNOWN, unit="Count"), FILTER),
    (CANNOT_TELL, "unknown treatment", alarm(treat_missing_data=UNKNOWN), FILTER),
    (NOT, "unknown treatment of too high a threshold", alarm(evaluation_periods=2, threshold=3.0), ZERO),
    (CANNOT_TELL, "unknown period could be ten seconds", alarm(period=UNKNOWN), FILTER),
    (NOT, "unknown period, threshold too high", alarm(period=UNKNOWN, threshold=2.0), FILTER),
    (
        CANNOT_TELL,
        "unknown number of datapoints",
        alarm(evaluation_periods=3, datapoints_to_alarm=UNKNOWN),
        ZERO,
    ),
    (FIRES, "unknown number of 1", alarm(datapoints_to_alarm=UNKNOWN), ZERO),
    (FIRES, "unknown number of periods", alarm(evaluation_periods=UNKNOWN, datapoints_to_alarm=1), ZERO),
    (FIRES, "unknown window", alarm(evaluation_window=UNKNOWN), ZERO),
    (CANNOT_TELL, "unknown metric value", alarm(), replace(FILTER, value=UNKNOWN)),
    (FIRES, "unknown metric value, counted", alarm("SampleCount"), replace(FILTER, value=UNKNOWN)),
    (CANNOT_TELL, "unknown default value", alarm(), replace(FILTER, default_value=UNKNOWN)),
    (CANNOT_TELL, "unknown namespace", alarm(), replace(FILTER, namespace=UNKNOWN)),
    (NOT, "unknown namespace of another metric", alarm(), replace(FILTER, namespace=UNKNOWN, name="Other")),
    (CANNOT_TELL, "unknown dimensions", alarm(), replace(FILTER, dimensions=UNKNOWN)),
    (CANNOT_TELL, "unknown statistic", alarm(UNKNOWN), FILTER),
]


@pytest.mark.parametrize(
    ("expected", "alarm", "transformation"),
    [pytest.param(expected, *rest, id=name) for expected, name, *rest in CASES],
)
def test_answer(expected, alarm, transformation):
    answer = would_fire(alarm, transformation)
    assert answer.firing is expected, answer.reason
    assert answer.reason.endswith(".")
    assert (answer.delay_seconds is None) is (expected is not FIRES)


@pytest.mark.parametrize(
    ("settings", "delay", "rearm"),
    [
        # The minute ends, and its datapoint is published up to a minute later.
        ({"period": 60}, 120, 240),
        ({"period": 300}, 120, 1_020),
        # A wall clock window waits for the end of its period.
        ({"period": 300, "evaluation_window": "WallClockWindow"}, 360, 1_260),
        # 3 of 3 waits until the datapoint is three periods old.
        ({"period": 300, "evaluation_periods": 3}, 720, 1_620),
        # Longer than a day: evaluated once an hour.
        ({"period": 604_800}, 3_720, 1_818_120),
    ],
)
def test_times(settings, delay, rearm):
    answer = would_fire(alarm(**settings), FILTER)
    assert (answer.delay_seconds, answer.rearm_seconds) == (delay, rearm)


def test_an_alarm_that_waits_for_missing_data_says_so():
    assert "3 periods later" in would_fire(alarm(evaluation_periods=3), FILTER).reason
    assert "later" not in would_fire(alarm(), FILTER).reason


def test_ignored_missing_data_never_brings_the_alarm_back():
    answer = would_fire(alarm(treat_missing_data="ignore"), FILTER)
    assert answer.rearm_seconds == math.inf


def test_an_alarm_over_a_day_hides_later_changes():
    answer = would_fire(alarm(period=86_400), FILTER)
    assert answer.rearm_seconds == 72 * 3_600 + 120


def test_the_states_while_nothing_changes():
    ok, insufficient = AlarmState.OK, AlarmState.INSUFFICIENT_DATA
    assert would_fire(alarm(), FILTER).quiet_states == {insufficient}
    assert would_fire(alarm(), ZERO).quiet_states == {ok, insufficient}
    assert would_fire(alarm(treat_missing_data="notBreaching"), FILTER).quiet_states == {ok}


def test_a_second_filter_dilutes_the_same_minute():
    second = replace(FILTER, default_value=0.0)
    assert would_fire(alarm("Average", 60), FILTER).firing is FIRES
    assert would_fire(alarm("Average", 60), FILTER, [second]).firing is NOT
    assert would_fire(alarm("Sum", 60), ZERO, [second]).firing is FIRES


def test_a_second_filter_with_another_unit_leaves_the_alarm_undefined():
    second = replace(FILTER, unit="Count")
    assert would_fire(alarm(), FILTER, [second]).firing is CANNOT_TELL
    assert would_fire(alarm(unit="Count"), second, [FILTER]).firing is FIRES


def test_a_second_filter_on_another_metric_does_not_matter():
    other = replace(ZERO, name="Other", default_value=99.0)
    unreadable = replace(FILTER, namespace=UNKNOWN)
    assert would_fire(alarm(), FILTER, [other, unreadable]).firing is FIRES


def test_an_alarm_on_nothing():
    nothing = replace(alarm(), metric_stat=None)
    assert would_fire(nothing, FILTER).firing is CANNOT_TELL


def test_values_that_add_up_to_no_number_leave_the_answer_open():
    alarm = MetricAlarm(
        "a", "GreaterThanThreshold", 1, 1.0, metric_stat=MetricStat(Metric("n", "m"), "Sum", 300)
    )
    huge = MetricTransformation("n", "m", "1e308", default_value=1e308)
    assert would_fire(alarm, huge).firing is Firing.CANNOT_TELL
