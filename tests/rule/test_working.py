"""Deployments that work, each unusual in one way: PASS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployment_builder import (
    ACCOUNT,
    ALARM_ARN,
    ELSEWHERE,
    HOME,
    good,
    place,
    statement,
    topic,
    trail,
    with_filter,
)
from judging import evaluate
from sg_alarm.rule.model import (
    Delivery,
    Place,
)
from sg_alarm.rule.operations import (
    PATTERN_OF_ELEVEN,
    PATTERN_OF_SECURITY_HUB,
    PATTERN_OF_SEVEN,
    PATTERN_OF_SIX,
    PROFILES,
    SIX,
)
from sg_alarm.rule.verdict import Link, NoteKind, Verdict
from sg_alarm.unknown import Outside, Unknown
from working_setups import CODE, CONFORMITY, PASS, WORKING, code, pattern_of


@pytest.mark.parametrize("deployment", [pytest.param(one, id=name) for name, one in WORKING])
def test_working_but_unusual(deployment):
    judgement = evaluate(deployment, CONFORMITY)
    assert [one for one in judgement.findings if one.verdict is not PASS] == []
    assert judgement.verdict is PASS
    assert any(chain.verdict is PASS and chain.operations for chain in judgement.chains)


def test_the_working_ones_are_many_and_different():
    assert len(WORKING) >= 50
    assert len({name for name, _ in WORKING}) == len(WORKING)


def test_the_chain_is_shown_link_by_link():
    (chain,) = evaluate(good(), CONFORMITY).chains
    assert [one.link for one in chain.findings] == list(Link)
    assert (chain.alarm, chain.operations, chain.broken) == (ALARM_ARN, SIX, None)
    assert chain.regions == (HOME, ELSEWHERE)


def test_every_operation_is_answered_and_those_beyond_the_profile_are_named():
    judgement = evaluate(good(), CONFORMITY)
    assert [one.name for one in judgement.operations if one.verdict is PASS] == list(SIX)
    (unwatched,) = [note for note in judgement.notes if note.kind is NoteKind.UNWATCHED]
    assert unwatched.operations[0] == "ModifySecurityGroupRules"
    assert len(unwatched.operations) == 5
    assert evaluate(with_filter(PATTERN_OF_ELEVEN), CONFORMITY).notes == ()


@pytest.mark.parametrize(
    ("profile", "pattern", "verdict"),
    [
        ("conformity", PATTERN_OF_SIX, PASS),
        ("cis-v4.0", PATTERN_OF_SIX, PASS),
        ("cis-v5.0", PATTERN_OF_SIX, Verdict.FAIL),
        ("cis-v5.0", PATTERN_OF_SEVEN, PASS),
        ("effective", PATTERN_OF_SEVEN, Verdict.FAIL),
        ("effective", PATTERN_OF_ELEVEN, PASS),
        ("securityhub", PATTERN_OF_SIX, PASS),
        ("securityhub", PATTERN_OF_SECURITY_HUB, PASS),
        ("securityhub", PATTERN_OF_SIX.replace("{ (", "{(", 1), Verdict.UNKNOWN),
        ("securityhub", PATTERN_OF_SEVEN, Verdict.FAIL),
        ("securityhub", "{ $.eventName = *SecurityGroup* }", Verdict.FAIL),
    ],
)
def test_profiles(profile, pattern, verdict):
    assert evaluate(with_filter(pattern), PROFILES[profile]).verdict is verdict


def test_security_hub_fails_a_better_filter_and_says_so():
    judgement = evaluate(with_filter(PATTERN_OF_ELEVEN), PROFILES["securityhub"])
    (broken,) = [one for one in judgement.findings if one.verdict is Verdict.FAIL]
    assert "exact text" in broken.evidence
    assert PATTERN_OF_SECURITY_HUB in broken.remedy


def test_security_hub_and_every_operation_with_two_filters():
    rest = pattern_of(*[name for name in PROFILES["effective"].operations if name not in SIX])
    deployment = with_filter(PATTERN_OF_SIX, rest)
    for profile in ("securityhub", "effective", "cis-v7.0"):
        assert evaluate(deployment, PROFILES[profile]).verdict is PASS


def test_a_filter_that_matches_together_with_others_names_those_only():
    deployment = next(one for name, one in WORKING if name.startswith("two filters narrowed by who calls"))
    findings = [one for one in evaluate(deployment, CONFORMITY).findings if one.link is Link.METRIC_FILTER]
    names = [one.name for one in deployment.places[0].metric_filters]
    assert findings
    for found in findings:
        (own,) = (name for name in names if found.resource.endswith(name))
        assert {name for name in names if name in found.evidence} == {*names} - {own}


def test_noise_is_information():
    judgement = evaluate(with_filter("{ $.eventName = *SecurityGroup* }"), CONFORMITY)
    (noise,) = [note for note in judgement.notes if note.kind is NoteKind.NOISE]
    assert "DescribeSecurityGroups" in noise.text
    assert not [note for note in evaluate(good(), CONFORMITY).notes if note.kind is NoteKind.NOISE]


def test_code_whose_trail_lives_elsewhere_is_judged_from_the_filter_on():
    judgement = evaluate(CODE, CONFORMITY)
    assert judgement.verdict is PASS
    assumed = {note.resource for note in judgement.notes if note.kind is NoteKind.ASSUMPTION}
    assert assumed == {"${var.log_group_name}", "aws_sns_topic_subscription.this"}
    assert [one.link for one in judgement.findings if one.assumed] == [
        Link.TRAIL,
        Link.LOG_GROUP,
        Link.SUBSCRIPTION,
    ]


def test_code_is_still_judged_from_the_filter_on():
    assert evaluate(code(alarms=()), CONFORMITY).verdict is Verdict.FAIL
    assert evaluate(code(metric_filters=()), CONFORMITY).verdict is Verdict.FAIL
    another = replace(CODE.places[0].topics[0], kms_key="alias/aws/sns")
    assert evaluate(code(topics=(another,)), CONFORMITY).verdict is Verdict.FAIL
    by_number = topic(
        arn="aws_sns_topic.this",
        kms_key=None,
        policy={"Statement": statement(Resource="aws_sns_topic.this")},
        subscriptions=CODE.places[0].topics[0].subscriptions,
    )
    assert evaluate(code(topics=(by_number,)), CONFORMITY).verdict is Verdict.UNKNOWN


def test_a_trail_in_the_code_counts_for_its_group_and_is_not_assumed_away():
    own = trail(
        arn="aws_cloudtrail.this", home_region="${var.region}", log_group_arn="${var.log_group_name}:*"
    )
    taken_as_given = replace(own, delivery=Outside("only an account shows it"))
    assert evaluate(replace(CODE, trails=(taken_as_given,)), CONFORMITY).verdict is PASS
    stopped = replace(taken_as_given, is_logging=False)
    assert evaluate(replace(CODE, trails=(stopped,)), CONFORMITY).verdict is Verdict.FAIL
    elsewhere = replace(stopped, log_group_arn="aws_cloudwatch_log_group.other")
    assert evaluate(replace(CODE, trails=(elsewhere,)), CONFORMITY).verdict is PASS
    perhaps_here = replace(stopped, log_group_arn=Unknown("a variable"))
    assert evaluate(replace(CODE, trails=(perhaps_here,)), CONFORMITY).verdict is Verdict.FAIL


def test_all_trails_outside_the_view():
    outside = good(trails=Outside("trails are not part of this plan"))
    judgement = evaluate(outside, CONFORMITY)
    assert judgement.verdict is PASS
    assert any(note.kind is NoteKind.ASSUMPTION for note in judgement.notes)


def test_what_a_reader_takes_as_given_is_said():
    given = good(
        trails=(trail(is_logging=Outside("a plan"), delivery=Delivery(Outside("a plan"))),),
        places=(place(mute_rules=Outside("not readable here")), Place(ACCOUNT, ELSEWHERE)),
    )
    judgement = evaluate(given, CONFORMITY)
    assert judgement.verdict is PASS
    assert [one.link for one in judgement.findings if one.assumed] == [
        Link.TRAIL,
        Link.LOG_GROUP,
        Link.ACTION,
    ]
