"""Ids of findings, and the table of controls."""

from dataclasses import replace

import pytest

from deployment_builder import ACCOUNT, OTHER_ACCOUNT, good, with_subscription
from judging import evaluate
from sg_alarm.rule.contract import to_json
from sg_alarm.rule.identity import finding_id
from sg_alarm.rule.messages import say
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.standards import CONTROLS, MAPPINGS, controls_of
from sg_alarm.rule.verdict import Finding, Judgement, Link, Verdict
from sg_alarm.rule.wording import describe

ALARM = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:changes"
FINDING = Finding(Link.ALARM, ALARM, Verdict.FAIL, (say("alarms-unreadable", reason="access denied"),))


def id_of(finding, account=ACCOUNT):
    judgement = Judgement(account, (), "conformity", Verdict.FAIL, (), (finding,))
    (described,) = describe(judgement).findings
    return described.id


def test_an_id_is_the_same_for_ever():
    # Alerts, findings and tickets of users depend on it: it must not change with a version.
    assert finding_id(ACCOUNT, Link.ALARM, ALARM) == "8fb1191bfb39e599ca249896f5ab0f94"
    assert id_of(FINDING) == "8fb1191bfb39e599ca249896f5ab0f94"


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": (say("no-alarm", region="eu-west-1", metric="a/b"),)},
        {"verdict": Verdict.PASS},
        {"operations": ("CreateSecurityGroup",)},
        {"regions": ("us-east-1",)},
        {"assumed": True},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_id_does_not_depend_on_wording_or_verdict(changes):
    assert id_of(replace(FINDING, **changes)) == id_of(FINDING)


def test_account_link_and_resource_make_an_id():
    others = [
        id_of(FINDING, OTHER_ACCOUNT),
        id_of(replace(FINDING, link=Link.ACTION)),
        id_of(replace(FINDING, resource="another")),
    ]
    assert len({*others, id_of(FINDING)}) == 4


def test_a_finding_keeps_its_id_when_it_is_fixed():
    def ids(deployment):
        findings = to_json([evaluate(deployment, PROFILES["conformity"])], "conformity")["findings"]
        return {one["link"]: one["id"] for one in findings}

    assert ids(with_subscription(confirmed=False)) == ids(good())


# Controls


def test_every_control_names_its_source_and_a_profile():
    for control in CONTROLS:
        assert control.source.startswith("https://"), control
        assert control.profile in PROFILES, control
        assert control.title


def test_every_profile_of_cis_has_its_number():
    numbers = {one.profile: one.id for one in CONTROLS if one.standard.startswith("CIS")}
    titles = {name: profile.title for name, profile in PROFILES.items() if name.startswith("cis-")}
    assert numbers.keys() == titles.keys()
    for name, title in titles.items():
        assert title.endswith(f", {numbers[name]}")


@pytest.mark.parametrize(
    ("profile", "references"),
    [
        (
            "cis-v6.0",
            {
                "CIS AWS Foundations Benchmark v5.0.0/4.10",
                "CIS AWS Foundations Benchmark v6.0.0/5.10",
                "CIS AWS Foundations Benchmark v7.0.0/5.10",
            },
        ),
        (
            "securityhub",
            {"AWS Security Hub/CloudWatch.10", "NIST SP 800-171 r2/3.14.6", "NIST SP 800-171 r2/3.14.7"},
        ),
        ("effective", set()),
    ],
)
def test_a_verdict_answers_the_controls_that_ask_for_the_same(profile, references):
    assert {one.reference for one in controls_of(profile)} == references


def test_conformity_answers_what_its_page_names_and_no_cis():
    references = {one.reference for one in controls_of("conformity")}
    assert {"Trend Micro Conformity/CWL-004", "PCI DSS"} <= references
    assert not any("CloudWatch.10" in one or one.startswith("CIS") for one in references)


def test_what_tools_map_to_the_check_is_claimed_by_no_verdict():
    claimed = {control.id for profile in PROFILES for control in controls_of(profile)}
    for one in MAPPINGS:
        assert one.ids
        assert one.source.startswith("https://")
        assert claimed.isdisjoint(one.ids)
