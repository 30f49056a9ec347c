"""However many patterns and alarms there are, a deployment is judged in a bounded number of steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from tests.support.work import calls_of

from sg_alarm.alarms import Metric, MetricAlarm, MetricStat, MetricTransformation
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment, LogGroup, MetricFilter, Place, Trail
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.steps import Deployment as Budget

GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:trail"
ELEMENTS = "||".join(f"$.a[{number}]=*y" for number in range(70))
HARD = f"{{{ELEMENTS}&&$.eventName=*Sec%d*}}"
ALARM = MetricAlarm(
    "alarm",
    "GreaterThanOrEqualToThreshold",
    1,
    1.0,
    metric_stat=MetricStat(Metric("security", "changes"), "Sum", 300),
    alarm_actions=("arn:aws:sns:eu-west-1:111122223333:ops",),
)


def deployment(patterns: list[str], alarms: int) -> Deployment:
    place = Place(
        "111122223333",
        "eu-west-1",
        log_groups=(LogGroup(GROUP),),
        metric_filters=tuple(
            MetricFilter(str(number), GROUP, pattern, MetricTransformation("security", "changes"))
            for number, pattern in enumerate(patterns)
        ),
        alarms=tuple(replace(ALARM, name=str(number)) for number in range(alarms)),
    )
    trail = Trail("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail", "eu-west-1", GROUP, "role")
    return Deployment("111122223333", ("eu-west-1",), (trail,), (place,))


@pytest.mark.parametrize(
    ("patterns", "alarms"),
    [([HARD % number for number in range(12)], 1), (["{ $.eventName = *Sec* }"] * 60, 20)],
    ids=["hard patterns", "many of both"],
)
def test_there_is_an_end_to_it(patterns: list[str], alarms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sg_alarm.steps.Deployment", partial(Budget, left=100_000))
    found = []
    calls_of(
        lambda: found.append(evaluate(deployment(patterns, alarms), find_profile("conformity"))), 12_000_000
    )
    filters = [one for one in found[0].findings if one.link is Link.METRIC_FILTER]
    assert Verdict.UNKNOWN in {one.verdict for one in filters}


def test_a_pattern_is_judged_alike_whatever_was_judged_before() -> None:
    easy = deployment(["{ $.eventName = *SecurityGroup* }"], 1)
    before = evaluate(easy, find_profile("conformity"))
    evaluate(deployment([HARD % number for number in range(1)], 1), find_profile("conformity"))
    assert evaluate(easy, find_profile("conformity")) == before
