"""An alarm notifies only when it changes state: what else raises it, and what hides a change."""

from __future__ import annotations

import pytest

from background_setups import SETUPS, WILDCARD, own
from deployment_builder import good, with_filter
from judging import evaluate
from sg_alarm.rule.operations import PATTERN_OF_ELEVEN, PROFILES
from sg_alarm.rule.verdict import Link, Verdict

CONFORMITY = PROFILES["conformity"]
ALWAYS = "whatever else the log group receives"


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_what_else_the_log_group_receives(setup):
    judgement = evaluate(setup.deployment, CONFORMITY)
    assert judgement.verdict is setup.verdict
    (finding,) = [one for one in judgement.findings if one.link is Link.ALARM]
    assert finding.verdict is setup.verdict or finding.verdict is Verdict.PASS
    assert setup.said in {"", *(message.id for message in finding.messages)}


def alarm_of(deployment):
    (found,) = [one for one in evaluate(deployment, CONFORMITY).findings if one.link is Link.ALARM]
    return found


@pytest.mark.parametrize("deployment", [good(), with_filter(PATTERN_OF_ELEVEN)])
def test_whatever_else_happens_is_said_where_nothing_else_is_counted(deployment):
    assert ALWAYS in alarm_of(deployment).evidence


@pytest.mark.parametrize(
    "deployment",
    [
        own("{ $.eventName = *SecurityGroup* && $.readOnly IS FALSE }"),
        with_filter(PATTERN_OF_ELEVEN, "{ $.eventName = RunInstances }"),
    ],
)
def test_and_not_where_something_else_raises_the_alarm_too(deployment):
    found = alarm_of(deployment)
    assert found.verdict is Verdict.PASS
    assert found.evidence.startswith("one change raises the alarm")
    assert ALWAYS not in found.evidence


def test_the_state_of_a_deployed_alarm_is_evidence():
    found = alarm_of(own(WILDCARD, state="ALARM", state_since="2026-01-30 08:00:00+00:00"))
    assert "it has been in ALARM since 2026-01-30 08:00:00+00:00" in found.evidence
    assert "DescribeSecurityGroups" in found.evidence


def test_the_remedy_for_values_of_other_filters_is_a_setting_that_helps_or_a_metric_of_their_own():
    remedies = {one.name: alarm_of(one.deployment).remedy for one in SETUPS}
    assert remedies["sign-ins with the value 0, averaged"] == "set the statistic to Sum"
    assert remedies["sign-ins with the value -1"] == "let the other filters publish metrics of their own"
