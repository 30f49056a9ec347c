"""Per-change notification by EventBridge: reported beside the verdict, never in place of the alarm."""

import pytest

from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    TOPIC_ARN,
    at_home,
    policy,
    statement,
    subscription,
    topic,
)
from judging import evaluate
from sg_alarm.rule.model import EventRule
from sg_alarm.rule.operations import ELEVEN, PROFILES
from sg_alarm.rule.verdict import NoteKind, Verdict
from sg_alarm.unknown import Unknown

RULE_ARN = f"arn:aws:events:{HOME}:{ACCOUNT}:rule/EachChange"
PATTERN = {
    "source": ["aws.ec2"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventSource": ["ec2.amazonaws.com"],
        "eventName": list(ELEVEN),
        "errorCode": [{"exists": False}],
    },
}
TELLS = topic(
    kms_key=None,
    policy=policy(
        statement(),
        statement(
            Principal={"Service": "events.amazonaws.com"},
            Condition={"ArnEquals": {"aws:SourceArn": RULE_ARN}},
        ),
    ),
)


def notes(rule, notified=TELLS, **changes):
    at = {"event_rules": (rule,), "topics": (notified,), **changes}
    judgement = evaluate(at_home(**at), PROFILES["conformity"])
    return [note for note in judgement.notes if note.kind is NoteKind.EACH_CHANGE]


def rule(pattern=None, **changes):
    return EventRule(
        RULE_ARN, PATTERN if pattern is None else pattern, **{"targets": (TOPIC_ARN,), **changes}
    )


def test_a_rule_that_notifies_each_change():
    (note,) = notes(rule())
    assert note.resource == RULE_ARN
    assert note.operations == ELEVEN
    assert "each of these changes is also notified by itself" in note.text


def test_a_rule_for_some_operations():
    pattern = {"detail": {"eventName": [{"prefix": "Revoke"}]}}
    (note,) = notes(rule(pattern))
    assert note.operations == ("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")


def test_a_rule_that_names_the_account_and_the_region_of_the_changes():
    (note,) = notes(rule({"account": [ACCOUNT], "region": [HOME], **PATTERN}))
    assert note.operations == ELEVEN


def test_a_rule_with_a_target_by_address_while_topics_could_not_be_read():
    assert notes(rule(targets=("aws_sns_topic.this",)), topics=Unknown("access denied")) == []


@pytest.mark.parametrize(
    "other",
    [
        rule(state="DISABLED"),
        rule(state=Unknown("access denied")),
        rule(targets=()),
        rule({**PATTERN, "region": [ELSEWHERE]}),
        rule(targets=(f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:x",)),
        rule(targets=Unknown("access denied")),
        rule({"source": ["aws.s3"]}),
        rule({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}),
        rule(Unknown("access denied")),
        rule({}),
    ],
)
def test_rules_that_notify_no_topic_of_changes(other):
    assert notes(other) == []


def test_a_rule_whose_message_gets_lost_is_reported_as_such():
    (denied,) = notes(rule(), topic(kms_key=None))
    assert "they reach nobody" in denied.text
    (pending,) = notes(rule(), topic(policy=TELLS.policy, subscriptions=(subscription(confirmed=False),)))
    assert "they reach nobody" in pending.text
    (unread,) = notes(rule(), topic(kms_key=None, policy=Unknown("access denied")))
    assert "cannot tell" in unread.text


def test_it_takes_the_place_of_no_alarm():
    deployment = at_home(event_rules=(rule(),), topics=(TELLS,), alarms=())
    judgement = evaluate(deployment, PROFILES["conformity"])
    assert judgement.verdict is Verdict.FAIL
    assert ELSEWHERE in judgement.regions
