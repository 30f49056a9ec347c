"""Whether one change raises a composite alarm."""

import math
from dataclasses import replace

import pytest

from sg_alarm.alarms import (
    CompositeAlarm,
    Firing,
    Metric,
    MetricAlarm,
    MetricStat,
    MetricTransformation,
    firing,
    would_fire,
)
from sg_alarm.alarms.metric_firing import metric_would_fire
from sg_alarm.unknown import Unknown

FIRES, NOT, ALWAYS, CANNOT_TELL = (
    Firing.FIRES,
    Firing.DOES_NOT_FIRE,
    Firing.FIRES_WITHOUT_CHANGE,
    Firing.CANNOT_TELL,
)
FILTER = MetricTransformation("n", "changes")
ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:sg"


def metric_alarm(name, metric="changes", period=300, threshold=1.0, arn=None, **settings):
    return MetricAlarm(
        name=name,
        arn=arn,
        metric_stat=MetricStat(Metric("n", metric), "Sum", period),
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=threshold,
        evaluation_periods=1,
        **settings,
    )


ALARMS = [
    metric_alarm("sg", arn=ARN),
    metric_alarm("sg long", period=3600),
    metric_alarm("quiet", treat_missing_data="notBreaching"),
    metric_alarm("deaf", threshold=100.0),
    metric_alarm("always", treat_missing_data="breaching"),
    metric_alarm("maintenance", metric="maintenance"),
    CompositeAlarm("inner", 'ALARM("sg")'),
    CompositeAlarm("circle", 'ALARM("circle") OR ALARM("round")'),
    CompositeAlarm("round", 'ALARM("circle") OR ALARM("round")'),
]


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (FIRES, "ALARM(sg)"),
        (FIRES, f"ALARM({ARN})"),
        (FIRES, "ALARM(inner)"),
        (FIRES, "ALARM(sg) OR ALARM(deaf)"),
        (FIRES, "ALARM(sg) OR ALARM(maintenance)"),
        (FIRES, "ALARM(sg) OR ALARM(nobody knows it)"),
        (FIRES, "ALARM(sg) AND ALARM(sg long)"),
        (FIRES, "ALARM(sg) AND NOT OK(sg)"),
        (FIRES, "ALARM(sg) AND (ALARM(maintenance) OR NOT ALARM(maintenance))"),
        (FIRES, "AT_LEAST(2, ALARM, (sg, sg long, deaf))"),
        (NOT, "ALARM(deaf)"),
        (NOT, "ALARM(maintenance)"),
        (NOT, "ALARM(sg) AND FALSE"),
        (NOT, "ALARM(sg) AND OK(sg)"),
        (NOT, "FALSE"),
        (ALWAYS, "TRUE"),
        (ALWAYS, "OK(quiet)"),
        (ALWAYS, "INSUFFICIENT_DATA(sg) OR ALARM(sg)"),
        (ALWAYS, "NOT ALARM(sg)"),
        (CANNOT_TELL, "ALARM(sg) AND NOT ALARM(maintenance)"),
        (CANNOT_TELL, "ALARM(sg) AND ALARM(nobody knows it)"),
        (CANNOT_TELL, "ALARM(nobody knows it)"),
        (CANNOT_TELL, "ALARM(always) AND ALARM(sg)"),
        (CANNOT_TELL, "ALARM(circle)"),
        (CANNOT_TELL, "ALARM(sg"),
        (CANNOT_TELL, Unknown("known after apply")),
        (CANNOT_TELL, " OR ".join(f"ALARM(unknown{number})" for number in range(100))),
    ],
)
def test_answer(expected, rule):
    answer = would_fire(CompositeAlarm("all", rule), FILTER, alarms=ALARMS)
    assert answer.firing is expected, answer.reason
    assert answer.reason.endswith(".")


def test_times_are_those_of_the_alarms_that_are_needed():
    one = would_fire(CompositeAlarm("all", "ALARM(sg)"), FILTER, alarms=ALARMS)
    both = would_fire(CompositeAlarm("all", "ALARM(sg) AND ALARM(sg long)"), FILTER, alarms=ALARMS)
    assert (one.delay_seconds, one.rearm_seconds) == (120, 1_020)
    assert (both.delay_seconds, both.rearm_seconds) == (120, 10_920)


def test_alarms_that_need_not_overlap_cannot_be_decided():
    # 3 of 3 waits for ten minutes; by then the other one may be back.
    slow = MetricAlarm(
        name="slow",
        metric_stat=MetricStat(Metric("n", "changes"), "Sum", 300),
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1.0,
        evaluation_periods=3,
    )
    fast = metric_alarm("fast", period=60)
    answer = would_fire(CompositeAlarm("all", "ALARM(slow) AND ALARM(fast)"), FILTER, alarms=[slow, fast])
    assert answer.firing is CANNOT_TELL


def test_another_alarm_can_hide_a_change():
    answer = would_fire(CompositeAlarm("all", "ALARM(sg) OR ALARM(maintenance)"), FILTER, alarms=ALARMS)
    assert answer.held_by == ("maintenance",)
    assert would_fire(CompositeAlarm("all", "ALARM(sg)"), FILTER, alarms=ALARMS).held_by == ()


def test_an_alarm_that_never_leaves_alarm_keeps_the_composite_alarm_there():
    stuck = metric_alarm("stuck", treat_missing_data="ignore")
    answer = would_fire(CompositeAlarm("all", "ALARM(stuck)"), FILTER, alarms=[stuck])
    assert answer.rearm_seconds == math.inf
    assert answer.holds_seconds == math.inf


def test_alarms_that_many_composite_alarms_name_are_answered_once_each(monkeypatch):
    # Asked for again at every mention, this would be 2 ** 15 questions.
    asked = []

    def counted(alarm, *rest):
        asked.append(alarm.name)
        return metric_would_fire(alarm, *rest)

    monkeypatch.setattr(firing, "metric_would_fire", counted)
    rules = {f"{side}{n}": f"ALARM(a{n + 1}) OR ALARM(b{n + 1})" for n in range(15) for side in "ab"}
    rules |= {"a15": "ALARM(sg)", "b15": "ALARM(sg long)"}
    composites = [CompositeAlarm(name, rule) for name, rule in rules.items()]
    assert would_fire(composites[0], FILTER, alarms=[*composites, *ALARMS]).firing is FIRES
    assert asked == ["sg", "sg long"]


def test_a_composite_alarm_over_one_that_always_holds():
    inner = CompositeAlarm("inner", "NOT ALARM(sg)")
    assert would_fire(CompositeAlarm("all", "ALARM(inner)"), FILTER, alarms=[inner, *ALARMS]).firing is ALWAYS


def test_a_child_that_stays_in_alarm_can_keep_the_composite_there():
    metric = Metric("Trail", "Changes")
    stat = MetricStat(metric, "Sum", 300)
    returning = MetricAlarm(
        "a", "GreaterThanOrEqualToThreshold", 1, 1.0, metric_stat=stat, treat_missing_data="notBreaching"
    )
    staying = replace(returning, name="b", treat_missing_data="ignore")
    answer = would_fire(
        CompositeAlarm("either", "ALARM(a) OR ALARM(b)"),
        MetricTransformation("Trail", "Changes"),
        alarms=[returning, staying],
    )
    assert answer.firing is Firing.FIRES
    assert answer.rearm_seconds == math.inf
