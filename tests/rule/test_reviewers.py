"""What each reviewer would say of an account, beside the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    OTHER_ACCOUNT,
    TOPIC_ARN,
    alarm,
    good,
    place,
    replace_text,
    topic,
    trail,
    with_subscription,
)
from review_setups import CIS, SETUPS, Setup
from sg_alarm.rule.audit import judged
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment, Place
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.reviewers import REVIEWERS, predict
from sg_alarm.rule.reviewers.security_hub import status_in
from sg_alarm.rule.verdict import NoteKind, Verdict
from sg_alarm.rule.wording import describe
from sg_alarm.unknown import Outside, Unknown

LETTERS = {Verdict.PASS: "P", Verdict.FAIL: "F", Verdict.UNKNOWN: "?"}


def answers_to(deployment: Deployment):
    return {one.id: answer for one, answer in predict(deployment)}


def test_at_least_forty_set_ups_are_reported_apart_by_name():
    assert len({one.name for one in SETUPS}) == len(SETUPS) >= 40


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_every_reviewer_answers(setup: Setup):
    answers = answers_to(setup.deployment)
    letters = {name: LETTERS[answers[name].verdict] for name in setup.expected}
    assert letters == setup.expected, setup.why
    assert answers["security-hub"].word == setup.hub, setup.why
    assert setup.code in answers["security-hub"].reason
    assert answers["config"].verdict is None
    assert all(answer.reason for answer in answers.values())


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_no_profile_passes_what_the_procedure_of_its_standard_fails(setup: Setup):
    answers = answers_to(setup.deployment)
    for name in (*CIS, "securityhub"):
        said = answers["security-hub" if name == "securityhub" else name]
        if evaluate(setup.deployment, PROFILES[name]).verdict is Verdict.PASS:
            # Several filters together are as good as one; where no trail is based, Security Hub has no data.
            lenient = said.word == "NO_DATA" or "metric filter" in said.reason
            assert said.verdict is Verdict.PASS or lenient, (name, said)


def test_every_reviewer_has_a_name_of_its_own_and_a_source():
    assert len({one.id for one in REVIEWERS}) == len(REVIEWERS)
    assert all(one.source.startswith("https://") and one.title for one in REVIEWERS)


def test_the_truth_comes_first():
    assert REVIEWERS[0].id == "effective"


def test_a_trail_that_lies_outside_the_code_leaves_it_open_what_reviewers_will_see():
    answers = answers_to(good(trails=Outside("the trail is not part of this code")))
    judged = [name for name, answer in answers.items() if answer.verdict is not Verdict.UNKNOWN]
    assert judged == ["effective", "conformity", "config"]


def test_a_setting_that_is_unknown_leaves_the_answer_open():
    answers = answers_to(good(trails=(trail(is_multi_region=Unknown("known after apply")),)))
    assert {answers[name].word for name in ("cis-v4.0", "security-hub")} == {"UNKNOWN"}
    assert answers["prowler"].word == "PASS"


def test_without_a_region_nothing_was_asked():
    answers = answers_to(good(regions=()))
    assert answers["effective"].word == answers["security-hub"].word == "UNKNOWN"


class TestSecurityHub:
    """It answers for each region by itself."""

    def test_passes_in_the_region_of_the_trail_and_has_no_data_in_the_others(self):
        assert status_in(good(), HOME).word == "PASSED"
        elsewhere = status_in(good(), ELSEWHERE)
        assert (elsewhere.word, elsewhere.code) == ("NO_DATA", "CLOUDTRAIL_REGION_INVAILD")
        assert HOME in elsewhere.reason

    def test_writes_no_data_as_a_warning(self):
        assert status_in(good(), ELSEWHERE).of_asff == "WARNING"
        assert status_in(good(), HOME).of_asff == "PASSED"

    def test_fails_where_another_trail_is_based_that_does_not_meet_it(self):
        local = trail(arn=f"arn:aws:cloudtrail:{ELSEWHERE}:1:trail/local", home_region=ELSEWHERE)
        local = replace(local, arn=local.arn.replace(":1:", f":{good().account}:"), is_multi_region=False)
        status = status_in(good(trails=(trail(), local)), ELSEWHERE)
        assert (status.word, status.code) == ("FAILED", "CLOUDTRAIL_MULTI_REGION_NOT_PRESENT")

    def test_only_a_topic_of_another_account_is_a_warning(self):
        """Where subscriptions cannot be read: a function of another account is not a topic."""
        unread = topic(subscriptions=Unknown("denied"))
        function = f"arn:aws:lambda:{HOME}:{OTHER_ACCOUNT}:function:notify"
        for action, word in ((TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT), "WARNING"), (function, "UNKNOWN")):
            both = alarm(alarm_actions=(action, TOPIC_ARN))
            deployment = good(places=(place(alarms=(both,), topics=(unread,)), Place(ACCOUNT, ELSEWHERE)))
            assert status_in(deployment, HOME).word == word

    def test_says_of_the_account_what_it_says_where_it_has_data(self):
        answer = answers_to(with_subscription(confirmed=False))["security-hub"]
        assert answer.word == "FAILED"
        assert answer.reason.startswith(f"in {HOME}: SNS_SUBSCRIPTION_NOT_PRESENT: ")

    def test_its_profile_notes_the_status_of_each_region(self):
        judgement = describe(judged(good(), PROFILES["securityhub"]))
        statuses = [note.text for note in judgement.notes if note.kind is NoteKind.STATUS]
        why = f"the multi-region trail is based in {HOME}, where the control answers"
        assert statuses == [
            f"CloudWatch.10 is PASSED in {HOME}: everything that it looks for is there",
            f"CloudWatch.10 is NO_DATA (CLOUDTRAIL_REGION_INVAILD) in {ELSEWHERE}: {why}",
        ]
        assert judgement.verdict is Verdict.PASS

    def test_of_code_and_by_other_profiles_nothing_is_noted(self):
        code = replace_text(good(), good().account, "${account of live}")
        for deployment, profile in ((code, "securityhub"), (good(), "cis-v4.0")):
            judgement = judged(deployment, PROFILES[profile])
            assert NoteKind.STATUS not in {note.kind for note in judgement.notes}
