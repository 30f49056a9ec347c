"""What a standard asks for besides an unbroken chain, and when a trail delivered last."""

from __future__ import annotations

import pytest

from deployment_builder import (
    GROUP_ARN,
    HOME,
    TRAIL_ARN,
    good,
    metric_filter,
    trail,
    with_alarm,
    with_filter,
    with_trail,
)
from judging import evaluate
from review_setups import advanced, by_a_composite_alarm, by_metric_math
from sg_alarm.rule.clauses import has_text, selects_reads_and_writes
from sg_alarm.rule.messages import CATALOGUE
from sg_alarm.rule.model import AdvancedEventSelector, Delivery, Deployment, EventSelector, FieldSelector
from sg_alarm.rule.operations import PATTERN_OF_SEVEN, PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.standards import controls_of
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.unknown import Outside, Unknown

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WRITES = with_trail(event_selectors=(EventSelector("WriteOnly"),))
AT_HOME = good(regions=(HOME,), trails=(trail(is_multi_region=False),))


def violated(deployment: Deployment, profile: str) -> list[tuple[str, Link, str]]:
    judgement = evaluate(deployment, PROFILES[profile])
    return [(one.clause, one.link, one.resource) for one in judgement.findings if one.clause]


@pytest.mark.parametrize("profile", ["cis-v1.4", "cis-v4.0", "securityhub"])
@pytest.mark.parametrize(
    ("deployment", "clause"),
    [(WRITES, "read-and-write-events"), (AT_HOME, "multi-region-trail")],
    ids=["write events only", "one region only"],
)
def test_a_trail_that_the_standard_refuses_fails_though_every_change_is_notified(profile, deployment, clause):
    judgement = evaluate(deployment, PROFILES[profile])
    assert judgement.verdict is FAIL
    assert violated(deployment, profile) == [(clause, Link.TRAIL, TRAIL_ARN)]
    assert {one.verdict for one in judgement.operations if one.in_profile} == {PASS}
    (finding,) = (one for one in judgement.findings if one.verdict is FAIL)
    assert finding.evidence.startswith(f"{PROFILES[profile].title} asks for ")
    assert finding.remedy


@pytest.mark.parametrize("deployment", [WRITES, AT_HOME], ids=["write events only", "one region only"])
def test_who_does_not_ask_about_the_trail_passes_it(deployment):
    assert evaluate(deployment, PROFILES["conformity"]).verdict is PASS


def test_cis_asks_for_read_events_since_v1_4():
    assert evaluate(WRITES, PROFILES["cis-v1.3"]).verdict is PASS
    assert evaluate(WRITES, PROFILES["cis-v1.4"]).verdict is FAIL


@pytest.mark.parametrize("deployment", [by_metric_math(), by_a_composite_alarm()], ids=["math", "composite"])
def test_an_alarm_that_the_procedure_does_not_find_fails_by_the_standard_only(deployment):
    assert [clause for clause, *_ in violated(deployment, "cis-v4.0")] == ["alarm-on-the-metric"]
    assert evaluate(deployment, PROFILES["conformity"]).verdict is PASS


def test_one_chain_that_meets_every_clause_is_enough():
    group = f"{GROUP_ARN}-2"
    second = trail(arn=f"{TRAIL_ARN}-2", is_multi_region=False, log_group_arn=f"{group}:*")
    assert evaluate(good(trails=(second, trail())), PROFILES["cis-v4.0"]).verdict is PASS


def test_two_trails_that_meet_one_clause_each_are_not_enough():
    writing = trail(event_selectors=(EventSelector("WriteOnly"),))
    local = trail(arn=f"{TRAIL_ARN}-2", is_multi_region=False)
    assert evaluate(good(trails=(writing, local)), PROFILES["cis-v4.0"]).verdict is FAIL


def test_a_setting_that_is_unknown_leaves_its_clause_open():
    deployment = good(regions=(HOME,), trails=(trail(is_multi_region=Unknown("known after apply")),))
    assert evaluate(deployment, PROFILES["cis-v4.0"]).verdict is UNKNOWN
    assert evaluate(deployment, PROFILES["conformity"]).verdict is PASS


def test_of_a_trail_outside_the_code_nothing_is_asked():
    assert evaluate(good(trails=Outside("not in this code")), PROFILES["cis-v4.0"]).verdict is not FAIL


def test_the_exact_text_is_a_clause_like_any_other():
    assert violated(with_filter(PATTERN_OF_SEVEN), "securityhub")[0][:2] == (
        "exact-pattern",
        Link.METRIC_FILTER,
    )
    six = has_text((PATTERN_OF_SIX,))
    spaced = PATTERN_OF_SIX.replace("{ (", "{(", 1)
    assert [six(metric_filter(one)) for one in (PATTERN_OF_SIX, spaced, "{ (", PATTERN_OF_SEVEN)] == [
        True,
        None,
        False,
        False,
    ]
    assert six(metric_filter(Unknown("not plain"))) is None


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ((), True),
        ((EventSelector(),), True),
        ((EventSelector("WriteOnly"), EventSelector("All")), True),
        ((EventSelector("WriteOnly"), EventSelector("ReadOnly")), False),
        ((EventSelector("All", include_management_events=False),), False),
        ((EventSelector(Unknown("x")),), None),
        ((EventSelector(Unknown("x"), include_management_events=False),), False),
        ((advanced(),), True),
        ((advanced(FieldSelector("readOnly", equals=("false",))),), False),
        ((AdvancedEventSelector((FieldSelector("eventCategory", equals=("Data",)),)),), False),
        ((AdvancedEventSelector(Unknown("x")),), None),
        ((AdvancedEventSelector((FieldSelector(Unknown("x")),)),), None),
        (Unknown("denied"), None),
    ],
)
def test_one_selector_has_to_take_reads_and_writes(selectors, expected):
    assert selects_reads_and_writes(trail(event_selectors=selectors)) is expected


def test_every_clause_has_texts_and_a_source():
    for profile in PROFILES.values():
        assert len({one.id for one in profile.clauses}) == len(profile.clauses)
        for one in profile.clauses:
            assert one.asks, one.id
            assert one.source, one.id
            assert CATALOGUE[f"standard-{one.id}"].link is one.link


def test_a_verdict_claims_no_control_whose_clauses_it_did_not_judge():
    of_conformity = {one.standard for one in controls_of("conformity")}
    assert "CIS AWS Foundations Benchmark" not in of_conformity
    assert "Trend Micro Conformity" in of_conformity
    assert {one.version for one in controls_of("cis-v1.2")} == {"v1.2.0", "v1.3.0"}
    assert {one.version for one in controls_of("cis-v4.0")} == {
        "v1.4.0",
        "v1.5.0",
        "v2.0.0",
        "v3.0.0",
        "v4.0.0",
    }
    assert controls_of("effective") == ()


# The latest delivery

READ_AT = "2026-02-02T12:00:00+00:00"


def delivered(latest: str, read_at: str = READ_AT, **changes) -> Deployment:
    return good(trails=(trail(delivery=Delivery(latest), **changes),), read_at=read_at)


@pytest.mark.parametrize(
    ("latest", "verdict"),
    [
        ("2026-02-02 11:59:00+00:00", PASS),
        ("2026-02-01T12:00:00Z", PASS),
        ("2026-02-01T12:59:59+01:00", FAIL),
        ("2026-01-31T12:00:00Z", FAIL),
        ("2026-02-03T00:00:00Z", PASS),
        ("some time ago", PASS),
        ("2026-01-31T12:00:00", PASS),
    ],
)
def test_a_delivery_older_than_a_day_is_a_fault(latest, verdict):
    assert evaluate(delivered(latest), PROFILES["conformity"]).verdict is verdict


def test_the_fault_names_the_date():
    finding = evaluate(delivered("2026-01-31 14:05:00+00:00"), PROFILES["conformity"]).findings[0]
    assert finding.link is Link.LOG_GROUP
    assert "on 2026-01-31 at 14:05 UTC" in finding.evidence


def test_of_write_events_there_may_have_been_none_for_days():
    deployment = delivered("2026-01-31T12:00:00Z", event_selectors=(EventSelector("WriteOnly"),))
    assert evaluate(deployment, PROFILES["conformity"]).verdict is UNKNOWN


def test_without_the_moment_of_reading_no_delivery_is_old():
    assert evaluate(delivered("2020-01-01T00:00:00Z", read_at=""), PROFILES["conformity"]).verdict is PASS


def test_an_alarm_on_the_metric_is_found_whatever_its_threshold():
    assert violated(with_alarm(threshold=100.0), "cis-v4.0") == []
