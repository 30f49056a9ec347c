"""Prediction equals truth: what the audit says of a deployment, and what happens when a group is changed.

Every deployment of the family is built on the embedded AWS and audited. Then each of the eleven operations is
called, with all alarms at rest, and what reaches the subscribers is compared: with the audit's verdict, and
with what AWS documents (``notified`` of the family).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from chains import REGION, Chain
from family import FAMILY, Member
from judging import evaluate
from sg_alarm.aws import Aws
from sg_alarm.local_aws import LocalAws
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.operations import ELEVEN, PROFILES
from sg_alarm.rule.verdict import Verdict
from sg_alarm.rule.wording import DescribedJudgement

pytestmark = pytest.mark.slow

RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.1/32"}]}


def changes(ec2: Any, vpc_id: str) -> Iterator[str]:
    """Call each of the operations once, and yield its name: in an order in which each has what it needs."""
    rules = {"IpPermissions": [RULE]}
    made = ec2.create_security_group(GroupName="web", Description="web servers")
    group = {"GroupId": made["GroupId"]}
    yield "CreateSecurityGroup"
    (added,) = ec2.authorize_security_group_ingress(**group, **rules)["SecurityGroupRules"]
    yield "AuthorizeSecurityGroupIngress"
    ec2.update_security_group_rule_descriptions_ingress(**group, **rules)
    yield "UpdateSecurityGroupRuleDescriptionsIngress"
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "192.0.2.1/32"}
    edited = {"SecurityGroupRuleId": added["SecurityGroupRuleId"], "SecurityGroupRule": rule}
    ec2.modify_security_group_rules(**group, SecurityGroupRules=[edited])
    yield "ModifySecurityGroupRules"
    ec2.revoke_security_group_ingress(**group, **rules)
    yield "RevokeSecurityGroupIngress"
    ec2.authorize_security_group_egress(**group, **rules)
    yield "AuthorizeSecurityGroupEgress"
    ec2.update_security_group_rule_descriptions_egress(**group, **rules)
    yield "UpdateSecurityGroupRuleDescriptionsEgress"
    ec2.revoke_security_group_egress(**group, **rules)
    yield "RevokeSecurityGroupEgress"
    ec2.associate_security_group_vpc(**group, VpcId=vpc_id)
    yield "AssociateSecurityGroupVpc"
    ec2.disassociate_security_group_vpc(**group, VpcId=vpc_id)
    yield "DisassociateSecurityGroupVpc"
    ec2.delete_security_group(**group)
    yield "DeleteSecurityGroup"


@dataclass(frozen=True)
class Outcome:
    """What the audit predicted, and for each operation whether somebody was notified."""

    member: Member
    judgement: DescribedJudgement
    notified: Mapping[str, bool]


@pytest.fixture(scope="module")
def auditor(server: LocalAws) -> Iterator[Aws]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        yield Aws(region=REGION)


@pytest.fixture(scope="module", params=FAMILY, ids=lambda member: member.name)
def outcome(request: pytest.FixtureRequest, server: LocalAws, auditor: Aws) -> Outcome:
    """Build, use and audit a deployment, and see what happens."""
    member: Member = request.param
    server.reset()
    chain = Chain(server, **member.chain).build()
    member.alter(chain)
    ec2 = ec2_of(chain, member.user) if member.user else chain.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    # It has been in use for a while: the trail delivers, and the alarm has been raised before.
    old = ec2.create_security_group(GroupName="old", Description="old servers")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=old, IpPermissions=[RULE])
    server.advance(member.rest + 60 - server.now().timestamp() % 60)
    judgement = evaluate(read_account(auditor, Scope((REGION,))), PROFILES["effective"])
    notified: dict[str, bool] = {}
    messages = Messages(chain, member.by_queue)
    messages.new()
    raised = in_alarm(chain, member.home)
    for operation in changes(ec2, vpc_id):
        server.advance(member.rest)
        notified[operation] = bool(alarms_in(messages.new()) - raised)
        raised = in_alarm(chain, member.home)
    return Outcome(member, judgement, notified)


def ec2_of(chain: Chain, user: str) -> Any:
    """Return a client of an IAM user."""
    iam = chain.client("iam")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return boto3.client(
        "ec2",
        region_name=REGION,
        endpoint_url=chain.aws.endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def in_alarm(chain: Chain, region: str) -> set[str]:
    """Return the alarms whose state a change would not change."""
    answer = chain.client("cloudwatch", region).describe_alarms(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"], StateValue="ALARM"
    )
    return {alarm["AlarmName"] for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"])}


class Messages:
    """What subscribers receive: people in their mailboxes, or a queue."""

    def __init__(self, chain: Chain, by_queue: bool) -> None:
        self._chain = chain
        self._by_queue = by_queue
        self._seen = 0

    def new(self) -> list[str]:
        """Return the subjects of the messages since it was last asked."""
        if self._by_queue:
            return [envelope.get("Subject", "") for envelope in self._chain.messages()]
        mails = self._chain.aws.outbox()
        new, self._seen = mails[self._seen :], len(mails)
        return [mail.subject for mail in new if mail.kind == "notification"]


def alarms_in(subjects: list[str]) -> set[str]:
    """Return the alarms of which messages say that they are in ALARM."""
    found = (re.match(r'ALARM: "(.+)" in ', subject) for subject in subjects)
    return {match[1] for match in found if match}


@pytest.mark.parametrize("operation", ELEVEN)
def test_what_the_audit_says_is_what_happens(outcome: Outcome, operation: str) -> None:
    (predicted,) = (one.verdict for one in outcome.judgement.operations if one.name == operation)
    happened = outcome.notified[operation]
    assert happened is (operation in outcome.member.notified), "the embedded AWS differs from AWS"
    if operation in outcome.member.unknown:
        assert predicted is Verdict.UNKNOWN
    else:
        assert predicted is (Verdict.PASS if happened else Verdict.FAIL)


def test_the_audit_says_why_it_cannot_tell(outcome: Outcome) -> None:
    reasons = [one.evidence for one in outcome.judgement.findings if one.verdict is Verdict.UNKNOWN]
    assert any(outcome.member.reason in reason for reason in reasons) is bool(outcome.member.unknown)
