"""The table of what is assumed, and audits that assume nothing that code could show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployment_builder import good, with_subscription, with_topic
from message_setups import OUTSIDE
from sg_alarm.rule.assumptions import ASSUMED
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.messages import CATALOGUE, REFERENCE_ASSUMED
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Verdict
from working_setups import CODE

CONFORMITY = PROFILES["conformity"]
STRICT = replace(CONFORMITY, strict=True)


@pytest.mark.parametrize(("unknown", "assumed"), ASSUMED.items())
def test_what_is_unknown_where_it_should_be_seen_is_assumed_outside_or_stays_unknown(unknown, assumed):
    assert CATALOGUE[unknown].verdict is Verdict.UNKNOWN
    assert not assumed or CATALOGUE[assumed].assumed
    assert not assumed or CATALOGUE[assumed].link is CATALOGUE[unknown].link


def test_every_assumption_takes_the_place_of_something_unknown():
    own = {"action-region-assumed", "subscription-endpoint-assumed"}  # texts that are compared, and are known
    own |= {*REFERENCE_ASSUMED.values()}  # texts of which a plan shows the references
    own |= {
        "other-regions-assumed",
        "stream-role-assumed",
        "phone-reached-assumed",
        "web-endpoint-assumed",
        "chat-channel-assumed",
    }
    assert {one.id for one in CATALOGUE.values() if one.assumed} == {*filter(None, ASSUMED.values()), *own}


def test_a_strict_audit_takes_nothing_to_be_right_that_lies_outside():
    assert evaluate(CODE, CONFORMITY).verdict is Verdict.PASS
    judged = evaluate(CODE, STRICT)
    assert judged.verdict is Verdict.UNKNOWN
    said = {
        message.id for one in judged.findings if one.verdict is Verdict.UNKNOWN for message in one.evidence
    }
    assert said <= {one for one in ASSUMED.values() if one}


def test_it_asks_code_for_nothing_that_only_an_account_shows():
    assert evaluate(with_subscription(confirmed=OUTSIDE), STRICT).verdict is Verdict.PASS
    assert evaluate(with_topic(policy=OUTSIDE), STRICT).verdict is Verdict.UNKNOWN
    assert evaluate(good(), STRICT).verdict is Verdict.PASS
