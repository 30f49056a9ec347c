"""Who takes the message: each subscriber that is wrong has its counterpart that is right."""

from __future__ import annotations

from collections import Counter

import pytest

from judging import evaluate
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, NoteKind, Verdict
from subscriber_setups import SETUPS, SEVERAL

CONFORMITY = PROFILES["conformity"]


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_who_takes_the_message(setup):
    judgement = evaluate(setup.deployment, CONFORMITY)
    assert judgement.verdict is setup.verdict
    faulty = {one.link for one in judgement.findings if one.verdict is not Verdict.PASS}
    assert faulty <= {Link.SUBSCRIPTION}
    said = {message.id for one in (*judgement.findings, *judgement.notes) for message in one.messages}
    assert setup.said in {"", *said}


def test_there_are_setups_in_both_directions_and_few_that_cannot_be_decided():
    assert len({one.name for one in SETUPS}) >= 130
    verdicts = Counter(one.verdict for one in SETUPS)
    assert min(verdicts[Verdict.PASS], verdicts[Verdict.FAIL]) >= 50


@pytest.mark.parametrize("setup", SEVERAL, ids=lambda one: one.name)
def test_the_faults_of_all_subscribers_are_said(setup):
    judgement = evaluate(setup.deployment, CONFORMITY)
    (finding,) = [one for one in judgement.findings if one.link is Link.SUBSCRIPTION]
    noted = {one.resource for one in judgement.notes if one.kind is NoteKind.SUBSCRIBER}
    (topic,) = setup.deployment.places[0].topics
    assert noted == {one.arn for one in topic.subscriptions} - {finding.resource}
    assert all(one.text for one in judgement.notes)


def test_one_that_serves_leaves_nothing_to_be_said_of_others_that_serve():
    (setup,) = [one for one in SETUPS if one.name == "a queue without a key"]
    judgement = evaluate(setup.deployment, CONFORMITY)
    assert not [one for one in judgement.notes if one.kind is NoteKind.SUBSCRIBER]
