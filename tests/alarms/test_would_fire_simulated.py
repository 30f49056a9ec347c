"""The answers of would_fire against a minute-by-minute simulation of CloudWatch.

The simulation knows nothing of the analysis: minutes with or without other events, a window that slides by a
minute (or jumps by a period), datapoints that appear at once or a minute late, and evaluate_state.
"""

import itertools
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sg_alarm.alarms import (
    AlarmState,
    Firing,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    MetricTransformation,
    alarm_series,
    evaluate_state,
    evaluation_range,
    metric_stats,
    would_fire,
)

FILTER = MetricTransformation("n", "m")

alarms = st.builds(
    lambda stat, minutes, periods, m, operator, threshold, treatment, window: MetricAlarm(
        name="sg",
        metric_stat=MetricStat(Metric("n", "m"), stat, 60 * minutes),
        comparison_operator=operator,
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=min(m, periods),
        treat_missing_data=treatment,
        evaluation_window=window if minutes == 1 else "SlidingWindow",
    ),
    stat=st.sampled_from(["Sum", "Average", "Minimum", "Maximum", "SampleCount"]),
    minutes=st.sampled_from([1, 2, 3]),
    periods=st.integers(1, 3),
    m=st.integers(1, 3),
    operator=st.sampled_from(
        ["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"],
    ),
    threshold=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    treatment=st.sampled_from(["missing", "notBreaching", "breaching", "ignore"]),
    window=st.sampled_from(["SlidingWindow", "WallClockWindow"]),
)
EXPRESSIONS = [
    "m1 * 2",
    "m1 - 1",
    "FILL(m1, 0)",
    "1 - FILL(m1, 0)",
    "IF(m1 > 0, 1, 0)",
    "FILL(m1, REPEAT)",
    "m1 + MAX(FILL(m1, 0))",
]


def on_math(plain, expression):
    metric = MetricDataQuery("m1", metric_stat=plain.metric_stat, return_data=False)
    return replace(plain, metric_stat=None, metrics=(metric, MetricDataQuery("e1", expression=expression)))


math_alarms = st.builds(on_math, alarms, st.sampled_from(EXPRESSIONS))
all_alarms = st.one_of(alarms, math_alarms)
filters = st.builds(
    lambda value, default: replace(FILTER, value=value, default_value=default),
    value=st.sampled_from(["1", "2", "0"]),
    default=st.sampled_from([None, None, 0.0, 1.0]),
)


def period(alarm):
    """The minutes of a period."""
    (stat,) = metric_stats(alarm).values()
    return stat.period // 60


def span(alarm):
    """The minutes of an evaluation range."""
    return evaluation_range(alarm) * period(alarm)


def states(alarm, transformation, busy, change, delay):
    """Yield (minute at whose end the alarm is evaluated, its state), from a full range on.

    ``busy[minute]`` says whether other events arrive in that minute; ``change`` is the minute of the change,
    ``None`` for none; ``delay`` how many minutes late datapoints are published.
    """
    minutes = period(alarm)
    published = [[transformation.default_value] if other else [] for other in busy]
    if transformation.default_value is None:
        published = [[] for _ in busy]
    if change is not None:
        published[change] = [float(transformation.value)]
    state = AlarmState.INSUFFICIENT_DATA
    for end in range(span(alarm), len(busy) + 1):
        visible = [values if minute < end - delay else [] for minute, values in enumerate(published)]
        range_start = end - span(alarm)
        samples = [
            list(itertools.chain(*visible[start : start + minutes]))
            for start in range(range_start, end, minutes)
        ]
        state = evaluate_state(alarm, alarm_series(alarm, lambda *_: samples).series, state)  # noqa: B023
        yield end, state


def first_alarm(*simulation):
    return next((end for end, state in states(*simulation) if state is AlarmState.ALARM), None)


@settings(max_examples=300, deadline=None)
@given(all_alarms, filters, st.data(), st.sampled_from([0, 1]))
def test_what_fires_fires_in_every_simulation_in_time(alarm, transformation, data, delay):
    answer = would_fire(alarm, transformation)
    assume(answer.firing is Firing.FIRES)
    change = span(alarm) + data.draw(st.integers(0, 2), "minutes before the change")
    length = change + span(alarm) + 3
    busy = data.draw(st.lists(st.booleans(), min_size=length, max_size=length), "minutes with other events")
    fired = first_alarm(alarm, transformation, busy, change, delay)
    assert fired is not None
    assert change < fired
    assert (fired - change) * 60 <= answer.delay_seconds
    assert first_alarm(alarm, transformation, busy, None, delay) is None


@settings(max_examples=300, deadline=None)
@given(all_alarms, filters, st.data())
def test_the_alarm_is_armed_again_in_time(alarm, transformation, data):
    answer = would_fire(alarm, transformation)
    assume(answer.firing is Firing.FIRES and answer.rearm_seconds < float("inf"))
    change = span(alarm)
    length = change + int(answer.rearm_seconds) // 60 + 1
    busy = data.draw(st.lists(st.booleans(), min_size=length, max_size=length), "minutes with other events")
    last = [
        end for end, state in states(alarm, transformation, busy, change, 0) if state is AlarmState.ALARM
    ][-1]
    assert (last - change) * 60 < answer.rearm_seconds
    assert (last + 1 - change) * 60 >= answer.holds_seconds


@settings(max_examples=60, deadline=None)
@given(all_alarms, filters)
def test_what_does_not_fire_fails_in_some_simulation(alarm, transformation):
    answer = would_fire(alarm, transformation)
    assume(answer.firing is Firing.DOES_NOT_FIRE)
    length = 2 * span(alarm) + 1
    patterns = (
        [before] * (span(alarm) + 1) + [after] * (length - span(alarm) - 1)
        for before, after in itertools.product((False, True), repeat=2)
    )
    assert any(
        first_alarm(alarm, transformation, busy, span(alarm), delay) is None
        for busy in patterns
        for delay in (0, 1)
    )


@settings(max_examples=60, deadline=None)
@given(all_alarms, filters)
def test_what_fires_without_a_change_does_so_in_some_simulation(alarm, transformation):
    answer = would_fire(alarm, transformation)
    assume(answer.firing is Firing.FIRES_WITHOUT_CHANGE)
    length = 2 * span(alarm)
    minutes = period(alarm)
    patterns = ([(minute % minutes) < busy for minute in range(length)] for busy in range(minutes + 1))
    assert any(first_alarm(alarm, transformation, list(busy), None, 0) is not None for busy in patterns)


@settings(max_examples=100, deadline=None)
@given(alarms, filters)
def test_plain_alarms_with_known_settings_are_always_decided(alarm, transformation):
    answer = would_fire(alarm, transformation)
    assert answer.firing is not Firing.CANNOT_TELL, answer.reason
