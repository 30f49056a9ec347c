"""EventBridge reports each change, whatever state the alarm is in, and says who made it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chains import ACCOUNT, OPS, REGION, TOPIC, Chain
from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import ELEVEN

RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/each-change"
PATTERN = {
    "source": ["aws.ec2"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventSource": ["ec2.amazonaws.com"],
        "eventName": list(ELEVEN),
        "errorCode": [{"exists": False}],
    },
}
PATHS = {
    "operation": "$.detail.eventName",
    "actor": "$.detail.userIdentity.arn",
    "service": "$.detail.userIdentity.invokedBy",
    "group": "$.detail.requestParameters.groupId",
    "created": "$.detail.responseElements.groupId",
    "rule": "$.detail.responseElements.securityGroupRuleSet.items[0].cidrIpv4",
}
TEMPLATE = '"What:  <operation>"\n"Group: <group><created>"\n"Who:   <actor> <service>"'


class Rule:
    """A chain whose topic also gets each change through a rule."""

    def __init__(self, aws: LocalAws) -> None:
        self.chain = Chain(aws, alarm={"AlarmActions": []}).build()
        self.events = self.chain.client("events")
        self.allow()
        self.put()

    def allow(self, **condition: Any) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": TOPIC,
            "Condition": condition or {"ArnEquals": {"aws:SourceArn": RULE}},
        }
        self.set_topic("Policy", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    def set_topic(self, attribute: str, value: str) -> None:
        self.chain.client("sns").set_topic_attributes(
            TopicArn=TOPIC, AttributeName=attribute, AttributeValue=value
        )

    def put(self, pattern: Any = PATTERN, **target: Any) -> None:
        self.events.put_rule(Name="each-change", EventPattern=json.dumps(pattern))
        transformer = {"InputPathsMap": PATHS, "InputTemplate": TEMPLATE}
        target = target or {"InputTransformer": transformer}
        self.events.put_targets(Rule="each-change", Targets=[{"Id": "topic", "Arn": TOPIC, **target}])

    def bodies(self) -> list[str]:
        mails = self.chain.aws.outbox(OPS)
        return [mail.body for mail in mails if mail.kind == "notification"]


@pytest.fixture
def rule(aws: LocalAws) -> Rule:
    return Rule(aws)


def test_every_change_is_reported_with_who_and_what(rule: Rule) -> None:
    rule.chain.open(22)
    rule.chain.open(23)
    text = (
        '"What:  AuthorizeSecurityGroupIngress"\n'
        f'"Group: {rule.chain.group_id}"\n'
        f'"Who:   arn:aws:iam::{ACCOUNT}:root "'
    )
    assert rule.bodies() == [text, text]
    assert rule.chain.mails() == ["AWS Notification Message"] * 2


def test_a_created_group_is_named_from_the_response(rule: Rule) -> None:
    made = rule.chain.client("ec2").create_security_group(GroupName="web", Description="web servers")
    (body,) = rule.bodies()
    assert f'"Group: {made["GroupId"]}"' in body


def test_a_failed_change_is_left_out_by_the_pattern(rule: Rule) -> None:
    ec2 = rule.chain.client("ec2")
    with pytest.raises(ec2.exceptions.ClientError):
        ec2.delete_security_group(GroupId="sg-00000000000000000")
    assert rule.bodies() == []
    rule.put({"source": ["aws.ec2"], "detail": {"errorCode": [{"prefix": "Client."}]}})
    with pytest.raises(ec2.exceptions.ClientError):
        ec2.delete_security_group(GroupId="sg-00000000000000000")
    assert len(rule.bodies()) == 1


def test_reads_do_not_come(rule: Rule) -> None:
    rule.put({"source": ["aws.ec2"]})
    rule.chain.client("ec2").describe_security_groups()
    assert rule.bodies() == []


def test_a_rule_sees_its_own_region_only(rule: Rule) -> None:
    rule.chain.open(region="us-east-1")
    assert rule.bodies() == []


def test_without_a_logging_trail_nothing_comes(rule: Rule) -> None:
    rule.chain.client("cloudtrail").stop_logging(Name="trail")
    rule.chain.open()
    assert rule.bodies() == []


def test_a_disabled_rule_is_silent(rule: Rule) -> None:
    rule.events.disable_rule(Name="each-change")
    rule.chain.open(22)
    assert rule.bodies() == []
    rule.events.enable_rule(Name="each-change")
    rule.chain.open(23)
    assert len(rule.bodies()) == 1


def test_without_a_transformer_the_event_itself_comes(rule: Rule) -> None:
    rule.put(InputPath="$")
    rule.chain.open()
    event = json.loads(rule.bodies()[0])
    assert {name: event[name] for name in ("source", "detail-type", "account", "region")} == {
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT,
        "region": REGION,
    }
    assert event["detail"] == rule.chain.recorded("AuthorizeSecurityGroupIngress")[0]
    assert event["time"] == event["detail"]["eventTime"]


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ({"Input": '"a change"'}, '"a change"'),
        ({"InputPath": "$.detail.eventName"}, '"AuthorizeSecurityGroupIngress"'),
        (
            {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": '{"what": <operation>}'}},
            '{"what": "AuthorizeSecurityGroupIngress"}',
        ),
        (
            {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": '"<operation> from <rule>"'}},
            '"AuthorizeSecurityGroupIngress from 0.0.0.0/0"',
        ),
        (
            {"InputTransformer": {"InputTemplate": '"<aws.events.rule-arn> of <nobody>"'}},
            f'"{RULE} of <nobody>"',
        ),
    ],
)
def test_the_input_is_what_the_target_says(rule: Rule, target: Any, body: str) -> None:
    rule.put(**target)
    rule.chain.open()
    assert rule.bodies() == [body]


@pytest.mark.parametrize(
    ("condition", "notified"),
    [
        ({"ArnEquals": {"aws:SourceArn": RULE}}, True),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"ArnEquals": {"aws:SourceArn": RULE + "-other"}}, False),
        ({"StringEquals": {"AWS:SourceOwner": ACCOUNT}}, False),
    ],
)
def test_the_topic_policy_decides(rule: Rule, condition: Any, notified: bool) -> None:
    rule.allow(**condition)
    rule.chain.open()
    assert len(rule.bodies()) == notified


@pytest.mark.parametrize(("service", "notified"), [("events", True), ("cloudwatch", False)])
def test_the_topic_s_key_decides(rule: Rule, service: str, notified: bool) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    # An administrator is not needed here, and the check that AWS makes for one is left out.
    key = rule.chain.client("kms").create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    rule.set_topic("KmsMasterKeyId", key["KeyMetadata"]["KeyId"])
    rule.chain.open()
    assert len(rule.bodies()) == notified


def test_a_queue_is_a_target_as_well_if_its_policy_lets_the_rule_in(rule: Rule) -> None:
    queue, sqs = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes", rule.chain.client("sqs")
    url = sqs.create_queue(QueueName="changes")["QueueUrl"]
    rule.events.put_targets(Rule="each-change", Targets=[{"Id": "queue", "Arn": queue}])
    rule.chain.open(22)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    rule.chain.open(23)
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["detail"]["requestParameters"]["fromPort"] == 23
    assert len(rule.bodies()) == 2
