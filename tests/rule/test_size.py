"""Large accounts are judged by what concerns them; how long that takes is a benchmark."""

from deployment_builder import large
from judging import evaluate
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Verdict


def test_thirty_regions_a_hundred_filters_two_thousand_alarms():
    judgement = evaluate(large(), PROFILES["effective"])
    assert judgement.verdict is Verdict.FAIL
    assert len(judgement.findings) < 12


def test_alarms_of_other_metrics_are_no_findings():
    judgement = evaluate(large(actions_enabled=False), PROFILES["conformity"])
    assert not [one for one in judgement.findings if "cpu-" in one.resource]
    assert len(judgement.chains) == 1
