"""Drill and audit never contradict each other: of every deployment of the family."""

from __future__ import annotations

import pytest

from chains import REGION, Chain
from family import FAMILY
from judging import evaluate
from sg_alarm.aws import Aws
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, Verdict

pytestmark = pytest.mark.slow

BEFORE_THE_EVENT = {Link.TRAIL, Link.METRIC_FILTER}
"""What an event that is written by an IAM user's name into the log group does not show."""


@pytest.mark.parametrize("member", FAMILY, ids=lambda member: member.name)
def test_drill_and_audit_agree(server, sg_alarm, monkeypatch, member):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    server.reset()
    chain = Chain(server, **member.chain).build()
    member.alter(chain)
    # The trail has delivered, and the alarm has been raised before.
    chain.client("ec2").create_security_group(GroupName="old", Description="old servers")
    server.advance(member.rest + 60 - server.now().timestamp() % 60)
    judgement = evaluate(read_account(Aws(region=REGION), Scope((REGION,))), PROFILES["effective"])
    done = sg_alarm("drill", "--operations", "all", "--timeout", "1", env=server.environment())
    faulty = {one.link for one in judgement.findings if one.verdict is Verdict.FAIL}
    if judgement.verdict is Verdict.PASS:
        assert done.returncode in (0, 4), done.stdout + done.stderr
    elif faulty - BEFORE_THE_EVENT:
        assert done.returncode in (1, 2), done.stdout + done.stderr
