"""Whether one change raises an alarm on metric math."""

import pytest

from sg_alarm.alarms import (
    Firing,
    Metric,
    MetricAlarm,
    MetricDataQuery,
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


def alarm(expression, period=300, stat="Sum", metrics=("m1",), **settings):
    stats = [
        MetricDataQuery(name, metric_stat=MetricStat(Metric("n", name), stat, period), return_data=False)
        for name in metrics
    ]
    settings = {
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "threshold": 1.0,
        "evaluation_periods": 1,
        **settings,
    }
    return MetricAlarm(name="sg", metrics=(*stats, MetricDataQuery("e1", expression=expression)), **settings)


def filters(*names, default=None):
    return [MetricTransformation("n", name, default_value=default) for name in names]


@pytest.mark.parametrize(
    ("expected", "expression", "settings", "default"),
    [
        (FIRES, "m1", {}, None),
        (FIRES, "m1 * 10", {"threshold": 10.0}, 0.0),
        (NOT, "m1 / 10", {}, 0.0),
        (FIRES, "FILL(m1, 0)", {}, None),
        (CANNOT_TELL, "FILL(m1, 0)", {"period": 60}, None),  # AWS: the newest minute may always be filled
        (FIRES, "FILL(m1, 0)", {"period": 60, "evaluation_periods": 3, "datapoints_to_alarm": 1}, None),
        (NOT, "FILL(m1, 0)", {"evaluation_periods": 2}, None),
        (ALWAYS, "FILL(m1, 1)", {}, None),
        (ALWAYS, "1 - FILL(m1, 0)", {}, None),
        (FIRES, "IF(m1 > 0, 1, 0)", {}, 0.0),
        (NOT, "IF(m1 > 1, 1, 0)", {}, 0.0),
        (FIRES, "IF(FILL(m1, 0) > 0, 1, 0)", {}, 0.0),
        (ALWAYS, "TIME_SERIES(1)*m1 + FILL(m1, 1)", {}, None),
        (FIRES, "SUM(METRICS())", {}, 0.0),
        (FIRES, "MAX([m1, m1 * 2])", {"threshold": 2.0}, 0.0),
        (ALWAYS, "m1", {"treat_missing_data": "breaching"}, None),
        (CANNOT_TELL, "RATE(m1)", {}, None),
        (CANNOT_TELL, "RATE(FILL(m1, 0))", {}, None),
        (CANNOT_TELL, "FILL(m1, REPEAT)", {}, 0.0),
        (NOT, "FILL(m1, REPEAT)", {"evaluation_periods": 2}, 0.0),
        (CANNOT_TELL, "m1 / SUM(m1)", {}, None),
        (CANNOT_TELL, "IF(HOUR(m1) > 8, m1)", {}, None),
        (CANNOT_TELL, "ANOMALY_DETECTION_BAND(m1)", {}, None),
        (CANNOT_TELL, "SEARCH('m1', 'Sum', 300)", {}, None),
        (CANNOT_TELL, "SELECT SUM(m1) FROM n", {}, None),
        (CANNOT_TELL, "m1 +", {}, None),
        (CANNOT_TELL, Unknown("known after apply"), {}, None),
        (CANNOT_TELL, "m1", {"period": Unknown("known after apply")}, None),
    ],
)
def test_one_metric(expected, expression, settings, default):
    answer = would_fire(alarm(expression, **settings), *filters("m1", default=default))
    assert answer.firing is expected, answer.reason


@pytest.mark.parametrize(
    ("expected", "expression", "default"),
    [
        (FIRES, "m1 + m2", None),
        (FIRES, "SUM([m1, m2])", 0.0),
        (FIRES, "IF(m1 > 0 OR m2 > 0, 1, 0)", 0.0),
        (NOT, "IF(m1 > 0 AND m2 > 0, 1, 0)", 0.0),
        (NOT, "m1 * m2", 0.0),
        (NOT, "AVG([m1, m2])", None),
        (NOT, "m2", None),  # the change publishes m1 only
    ],
)
def test_two_metrics_of_two_filters(expected, expression, default):
    first, second = filters("m1", "m2", default=default)
    answer = would_fire(alarm(expression, metrics=("m1", "m2")), first, [second])
    assert answer.firing is expected, answer.reason


def test_a_metric_from_elsewhere():
    (first,) = filters("m1")
    answer = would_fire(alarm("m1 / m2", metrics=("m1", "m2")), first)
    assert answer.firing is CANNOT_TELL
    assert "the metric m2" in answer.reason


def test_only_the_returned_expression_counts():
    (first,) = filters("m1")
    returned = alarm("m1")
    aside = MetricDataQuery("e0", expression="m1 - 100", return_data=False)
    both = MetricDataQuery("e0", expression="m1 - 100")
    assert would_fire(_with(returned, aside), first).firing is FIRES
    assert would_fire(_with(returned, both), first).firing is CANNOT_TELL


def test_a_metric_of_another_account():
    (first,) = filters("m1")
    plain = alarm("m1")
    foreign = MetricDataQuery(
        "m1", metric_stat=plain.metrics[0].metric_stat, return_data=True, account_id="1"
    )
    single = MetricAlarm(
        name="sg",
        comparison_operator=plain.comparison_operator,
        threshold=1.0,
        evaluation_periods=1,
        metrics=(foreign,),
    )
    assert would_fire(single, first).firing is CANNOT_TELL


def _with(plain, query):
    return MetricAlarm(
        name="sg",
        comparison_operator=plain.comparison_operator,
        threshold=1.0,
        evaluation_periods=1,
        metrics=(*plain.metrics, query),
    )
