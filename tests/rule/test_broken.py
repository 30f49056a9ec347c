"""One link broken at a time, in every way that the model can express: never PASS, and the link is named."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from broken_setups import BROKEN, CONFORMITY, DENIED, FIVE_OF_SIX, MANAGEMENT
from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    GROUP_ARN,
    HOME,
    MANAGEMENT_ACCOUNT,
    TRAIL_ARN,
    alarm,
    at_home,
    good,
    metric_filter,
    place,
    topic,
    trail,
    transformation,
    with_filter,
    with_key,
    with_subscription,
    with_topic,
    with_trail,
)
from judging import evaluate
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    FieldSelector,
    Key,
    MetricFilter,
    Place,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.rule.operations import SIX
from sg_alarm.rule.verdict import LINKS, Link, Verdict

FAIL, UNKNOWN = Verdict.FAIL, Verdict.UNKNOWN

CASES = [
    pytest.param(link, verdict, deployment, id=f"{link.value}: {name}")
    for link, cases in BROKEN.items()
    for name, verdict, deployment in cases
]


# What follows from the broken link: an unknown metric leaves the alarm unknown, too.
CONSEQUENCES = {Link.METRIC: (Link.ALARM,), Link.ACTION: (Link.TOPIC,)}


@pytest.mark.parametrize(("link", "verdict", "deployment"), CASES)
def test_one_broken_link(link, verdict, deployment):
    judgement = evaluate(deployment, CONFORMITY)
    assert judgement.verdict is verdict
    broken = [one for one in judgement.findings if one.verdict is not Verdict.PASS]
    assert min(broken, key=lambda one: LINKS.index(one.link)).link is link
    assert {one.link for one in broken} <= {link, *CONSEQUENCES.get(link, ())}
    assert all(one.evidence and one.remedy and one.resource for one in broken)
    assert any(one.verdict is verdict for one in broken)
    shown = [chain.broken.link for chain in judgement.chains if chain.broken]
    assert link in shown


def test_each_link_is_broken_in_several_ways():
    assert set(BROKEN) == set(Link)
    assert len(CASES) >= 100
    assert len({case.id for case in CASES}) == len(CASES)


PARTS = {
    Trail: lambda **changes: with_trail(**changes),
    MetricFilter: lambda **changes: with_filter(**changes),
    Topic: lambda **changes: with_topic(**changes),
    Key: lambda **changes: with_key(**changes),
    Subscription: lambda **changes: with_subscription(**changes),
    Place: lambda **changes: at_home(**changes),
}
MAY_BE_UNKNOWN = [
    pytest.param(part, field.name, id=f"{part.__name__}.{field.name}")
    for part in PARTS
    for field in fields(part)
    if "Unknown" in str(field.type)
]
# What changes no verdict: it is settled by something else, or only for information.
HARMLESS = {
    "Trail.home_region",
    "Trail.is_organization",
    "Subscription.protocol",
    "Subscription.endpoint",
    "Subscription.filter_policy_scope",
    "Place.event_rules",
}


@pytest.mark.parametrize(("part", "field"), MAY_BE_UNKNOWN)
def test_what_nobody_could_read_is_not_taken_for_right(part, field):
    judgement = evaluate(PARTS[part](**{field: DENIED}), CONFORMITY)
    harmless = f"{part.__name__}.{field}" in HARMLESS
    assert judgement.verdict is (Verdict.PASS if harmless else UNKNOWN)


def test_a_broken_chain_names_the_operations_that_nobody_is_notified_of():
    judgement = evaluate(with_filter(FIVE_OF_SIX), CONFORMITY)
    (broken,) = [one for one in judgement.findings if one.verdict is FAIL]
    assert broken.operations == ("DeleteSecurityGroup",)
    assert broken.evidence.startswith("DeleteSecurityGroup: ")
    verdicts = {one.name: one.verdict for one in judgement.operations if one.in_profile}
    assert verdicts == {**dict.fromkeys(SIX, Verdict.PASS), "DeleteSecurityGroup": FAIL}


def test_a_broken_chain_names_the_regions_that_nobody_watches():
    judgement = evaluate(with_trail(is_multi_region=False), CONFORMITY)
    (broken,) = [one for one in judgement.findings if one.verdict is FAIL]
    assert broken.regions == (ELSEWHERE,)
    assert broken.evidence.startswith(f"in {ELSEWHERE}: ")
    assert judgement.operations[0].regions == (ELSEWHERE,)


def test_everything_broken_is_reported_at_once():
    deployment = good(
        trails=(trail(is_logging=False),),
        places=(
            place(alarms=(alarm(actions_enabled=False),), topics=(topic(subscriptions=()),)),
            Place(ACCOUNT, ELSEWHERE),
        ),
    )
    judgement = evaluate(deployment, CONFORMITY)
    links = [one.link for one in judgement.findings if one.verdict is FAIL]
    assert links == [Link.TRAIL, Link.ACTION, Link.SUBSCRIPTION]


def test_nothing_at_all():
    judgement = evaluate(good(trails=(), places=(Place(ACCOUNT, HOME),)), CONFORMITY)
    assert judgement.verdict is FAIL
    (only,) = judgement.findings
    assert (only.link, only.resource) == (Link.TRAIL, ACCOUNT)


def test_a_member_that_may_not_look_into_the_management_account_cannot_tell():
    arn = TRAIL_ARN.replace(ACCOUNT, MANAGEMENT_ACCOUNT)
    group = GROUP_ARN.replace(ACCOUNT, MANAGEMENT_ACCOUNT)
    shadow = trail(arn=arn, is_organization=True, log_group_arn=f"{group}:*")
    judgement = evaluate(good(trails=(shadow,)), CONFORMITY)
    assert judgement.verdict is UNKNOWN
    assert any(MANAGEMENT_ACCOUNT in one.evidence for one in judgement.findings if one.verdict is UNKNOWN)


def test_no_region_in_scope_is_no_pass():
    assert evaluate(good(regions=()), CONFORMITY).verdict is UNKNOWN


def test_a_place_that_nobody_looked_into_is_unknown_rather_than_empty():
    judgement = evaluate(good(places=()), CONFORMITY)
    assert judgement.verdict is UNKNOWN


def test_an_alternative_that_nobody_can_read_keeps_a_broken_chain_from_failing():
    second = trail(arn=TRAIL_ARN.replace("main", "second"), log_group_arn=DENIED)
    first = trail(is_logging=False)
    assert evaluate(good(trails=(first,)), CONFORMITY).verdict is FAIL
    assert evaluate(good(trails=(first, second)), CONFORMITY).verdict is UNKNOWN


def test_an_unread_filter_beside_the_good_one_may_feed_the_metric_too():
    beside = metric_filter("{ $.eventName = ConsoleLogin }", "other", transformation=DENIED)
    judgement = evaluate(at_home(metric_filters=(metric_filter(), beside)), CONFORMITY)
    assert judgement.verdict is UNKNOWN
    named = replace(beside, transformation=transformation(name="Logins", default_value=DENIED))
    judgement = evaluate(at_home(metric_filters=(metric_filter(), named)), CONFORMITY)
    assert judgement.verdict is Verdict.PASS


def test_two_narrowed_trails_may_or_may_not_make_one_whole():
    def narrowed(name: str, condition: FieldSelector) -> Trail:
        selector = AdvancedEventSelector((MANAGEMENT, condition))
        return replace(trail(event_selectors=(selector,)), arn=TRAIL_ARN.replace("main", name))

    users = narrowed("users", FieldSelector("userIdentity.arn", starts_with=("arn:aws:iam",)))
    others = narrowed("others", FieldSelector("userIdentity.arn", not_starts_with=("arn:aws:iam",)))
    assert evaluate(good(trails=(users,)), CONFORMITY).verdict is FAIL
    assert evaluate(good(trails=(users, others)), CONFORMITY).verdict is UNKNOWN
