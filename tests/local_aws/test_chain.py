"""From a change of a security group to the message: every link of the chain, and each way to break it."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from chains import ACCOUNT, ALARM, GROUP, OPS, REGION, TOPIC, Chain
from sg_alarm.local_aws import LocalAws

NOBODY = {"Version": "2012-10-17", "Statement": []}
ADMINISTRATORS = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
NOT_AUTHORIZED_FOR_KEY = (
    f"Failed to execute action {TOPIC}. Received error: "
    '"CloudWatch Alarms does not have authorization to access the SNS topic encryption key."'
)
NOT_AUTHORIZED_FOR_TOPIC = (
    f"Failed to execute action {TOPIC}. Received error: "
    f'"Resource: {ALARM} is not authorized to perform: SNS:Publish on resource: {TOPIC}"'
)
EXECUTED = f"Successfully executed action {TOPIC}"


@pytest.fixture
def chain(aws: LocalAws) -> Chain:
    return Chain(aws).build()


def key_for_cloudwatch(chain: Chain, *actions: str, **condition: Any) -> str:
    """Make a key that CloudWatch may use for these actions."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": list(actions),
        "Resource": "*",
        "Condition": condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ADMINISTRATORS, statement]})
    return str(chain.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"])


def set_topic(chain: Chain, attribute: str, value: str) -> None:
    chain.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName=attribute, AttributeValue=value)


def topic_policy(**statement: Any) -> str:
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, **statement}]})


# --- it fires


def test_a_change_reaches_the_queue_and_the_mailbox(chain: Chain) -> None:
    chain.open()
    (envelope,) = chain.messages()
    assert envelope["Subject"] == 'ALARM: "changes" in EU (Ireland)'
    assert envelope["TopicArn"] == TOPIC
    assert chain.mails() == ['ALARM: "changes" in EU (Ireland)']
    assert chain.history() == [EXECUTED]


def test_the_mail_is_text_for_people(chain: Chain) -> None:
    chain.put_alarm(AlarmDescription="somebody changed a group")
    chain.open()
    text = chain.aws.outbox(OPS)[-1].body
    assert text.startswith(
        'You are receiving this email because your Amazon CloudWatch Alarm "changes" in the EU'
    )
    for line in (
        "- Name:                       changes",
        "- Description:                somebody changed a group",
        "- State Change:               INSUFFICIENT_DATA -> ALARM",
        f"- AWS Account:                {ACCOUNT}",
        (
            "- The alarm is in the ALARM state when the metric is GreaterThanOrEqualToThreshold 1.0 for at "
            "least 1 of the last 1 period(s) of 300 seconds."
        ),
        "- MetricName:                 SecurityGroupEventCount",
        f"- ALARM: [{TOPIC}]",
        "- OK:",
    ):
        assert line in text.splitlines(), line


def test_the_message_is_cloudwatch_s(chain: Chain) -> None:
    chain.put_alarm(AlarmDescription="somebody changed a group", OKActions=[TOPIC])
    chain.open()
    message = json.loads(chain.messages()[0]["Message"])
    times = [message.pop(name) for name in ("AlarmConfigurationUpdatedTimestamp", "StateChangeTime")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", time) for time in times)
    assert re.fullmatch(
        r"Threshold Crossed: 1 out of the last 1 datapoints \[1\.0 \(\d\d/\d\d/\d\d \d\d:\d\d:00\)\] "
        r"was greater than or equal to the threshold \(1\.0\) "
        r"\(minimum 1 datapoint for OK -> ALARM transition\)\.",
        message.pop("NewStateReason"),
    )
    assert message == {
        "AlarmName": "changes",
        "AlarmDescription": "somebody changed a group",
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "ALARM",
        "Region": "EU (Ireland)",
        "AlarmArn": ALARM,
        "OldStateValue": "INSUFFICIENT_DATA",
        "OKActions": [TOPIC],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "SecurityGroupEventCount",
            "Namespace": "CloudTrailMetrics",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [],
            "Period": 300,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def test_an_event_written_into_the_group_by_hand_fires_too(chain: Chain) -> None:
    logs = chain.client("logs")
    logs.create_log_stream(logGroupName=GROUP, logStreamName="drill")
    event = {
        "timestamp": int(chain.aws.now().timestamp() * 1000),
        "message": json.dumps({"eventName": "CreateSecurityGroup"}),
    }
    logs.put_log_events(logGroupName=GROUP, logStreamName="drill", logEvents=[event])
    assert len(chain.messages()) == 1


def test_a_denied_change_fires_as_well(chain: Chain) -> None:
    ec2 = chain.client("ec2")
    with pytest.raises(ec2.exceptions.ClientError):
        ec2.delete_security_group(GroupId="sg-00000000000000000")
    assert len(chain.messages()) == 1


def test_every_multi_region_trail_brings_changes_of_other_regions_home(chain: Chain) -> None:
    chain.open(region="us-east-1")
    assert len(chain.messages()) == 1


def test_another_change_during_the_alarm_sends_nothing_and_one_after_it_does(chain: Chain) -> None:
    chain.open(22)
    chain.open(23)
    assert len(chain.messages()) == 1
    chain.aws.advance(1200)
    assert chain.state() == "OK"
    chain.open(24)
    assert len(chain.messages()) == 1
    assert chain.history("StateUpdate") == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
    ]


def test_the_end_of_the_alarm_is_reported_where_ok_actions_are_set(chain: Chain) -> None:
    chain.put_alarm(OKActions=[TOPIC])
    chain.open()
    chain.aws.advance(1200)
    assert chain.mails() == ['ALARM: "changes" in EU (Ireland)', 'OK: "changes" in EU (Ireland)']


# --- the trail


def test_a_stopped_trail_is_silent(chain: Chain) -> None:
    chain.client("cloudtrail").stop_logging(Name="trail")
    chain.open()
    assert chain.messages() == []
    chain.client("cloudtrail").start_logging(Name="trail")
    chain.open(23)
    assert len(chain.messages()) == 1


def test_a_trail_of_one_region_knows_nothing_of_another(aws: LocalAws) -> None:
    chain = Chain(aws, trail={"IsMultiRegionTrail": False}).build()
    chain.open(region="us-east-1")
    assert chain.messages() == []
    chain.open()
    assert len(chain.messages()) == 1


@pytest.mark.parametrize(
    ("selectors", "fires"),
    [
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, False),
        ({"AdvancedEventSelectors": [("eventCategory", "Equals", "Management")]}, True),
        (
            {
                "AdvancedEventSelectors": [
                    ("eventCategory", "Equals", "Management"),
                    ("readOnly", "Equals", "false"),
                ]
            },
            True,
        ),
        (
            {
                "AdvancedEventSelectors": [
                    ("eventCategory", "Equals", "Management"),
                    ("eventSource", "NotEquals", "ec2.amazonaws.com"),
                ]
            },
            False,
        ),
        ({"AdvancedEventSelectors": [("eventCategory", "Equals", "Data")]}, False),
    ],
)
def test_event_selectors_decide(chain: Chain, selectors: Any, fires: bool) -> None:
    if "AdvancedEventSelectors" in selectors:
        fields = [
            {"Field": field, operator: [value]}
            for field, operator, value in selectors["AdvancedEventSelectors"]
        ]
        selectors = {"AdvancedEventSelectors": [{"FieldSelectors": fields}]}
    chain.client("cloudtrail").put_event_selectors(TrailName="trail", **selectors)
    chain.open()
    assert len(chain.messages()) == fires


def test_a_trail_says_why_it_cannot_deliver(chain: Chain) -> None:
    trail = chain.client("cloudtrail")
    chain.open()
    status = trail.get_trail_status(Name="trail")
    assert "LatestCloudWatchLogsDeliveryError" not in status
    assert status["LatestCloudWatchLogsDeliveryTime"]
    chain.client("logs").delete_log_group(logGroupName=GROUP)
    chain.open(23)
    status = trail.get_trail_status(Name="trail")
    assert status["LatestCloudWatchLogsDeliveryError"] == "The specified log group does not exist."


def test_the_stream_is_named_after_account_and_home_region(chain: Chain) -> None:
    chain.open(region="us-east-1")
    (stream,) = chain.client("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert stream["logStreamName"] == f"{ACCOUNT}_CloudTrail_{REGION}"


# --- the alarm's actions


def test_disabled_actions_are_silent_though_the_state_changes(chain: Chain) -> None:
    chain.client("cloudwatch").disable_alarm_actions(AlarmNames=["changes"])
    chain.open()
    assert (chain.state(), chain.messages(), chain.history()) == ("ALARM", [], [])
    assert chain.history("StateUpdate") == ["Alarm updated from INSUFFICIENT_DATA to ALARM"]


def test_an_alarm_with_ok_actions_only_is_silent(chain: Chain) -> None:
    chain.put_alarm(AlarmActions=[], OKActions=[TOPIC])
    chain.open()
    assert (chain.state(), chain.messages()) == ("ALARM", [])


def test_a_topic_that_is_gone_is_reported_in_the_history(chain: Chain) -> None:
    chain.client("sns").delete_topic(TopicArn=TOPIC)
    chain.open()
    assert chain.history() == [f'Failed to execute action {TOPIC}. Received error: "Topic does not exist"']


def test_actions_are_executed_each_for_itself(chain: Chain) -> None:
    gone, function = TOPIC + "-gone", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    chain.put_alarm(AlarmActions=[gone, f"arn:aws:sns:{REGION}", function, TOPIC])
    chain.open()
    assert len(chain.messages()) == 1
    assert chain.history() == [
        f'Failed to execute action {gone}. Received error: "Topic does not exist"',
        EXECUTED,
    ]


# --- the topic's policy


def test_a_topic_policy_that_names_no_service_is_silent(chain: Chain) -> None:
    set_topic(chain, "Policy", json.dumps(NOBODY))
    chain.open()
    assert (chain.state(), chain.messages()) == ("ALARM", [])
    assert chain.history() == [NOT_AUTHORIZED_FOR_TOPIC]


@pytest.mark.parametrize(
    ("statement", "fires"),
    [
        ({}, True),
        ({"Principal": {"Service": "events.amazonaws.com"}}, False),
        ({"Principal": "*"}, True),
        ({"Action": "SNS:*"}, True),
        ({"Action": "sns:Subscribe"}, False),
        ({"Resource": "*"}, True),
        ({"Resource": TOPIC + "-other"}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, True),
        ({"Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}}}, False),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:cha*"}}}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": ALARM + "-other"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, False),
        ({"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, True),
        ({"Condition": {"Null": {"aws:PrincipalOrgID": "true"}}}, True),
    ],
)
def test_the_topic_policy_decides(chain: Chain, statement: Any, fires: bool) -> None:
    set_topic(chain, "Policy", topic_policy(**statement))
    chain.open()
    assert len(chain.messages()) == fires
    assert chain.history() == [EXECUTED if fires else NOT_AUTHORIZED_FOR_TOPIC]


# --- the topic's key


def test_a_topic_with_the_aws_managed_key_is_silent(aws: LocalAws) -> None:
    chain = Chain(aws, topic={"KmsMasterKeyId": "alias/aws/sns"}).build()
    chain.open()
    assert (chain.state(), chain.messages(), chain.mails()) == ("ALARM", [], [])
    assert chain.history() == [NOT_AUTHORIZED_FOR_KEY]


@pytest.mark.parametrize(
    ("actions", "condition", "fires"),
    [
        (["kms:Decrypt", "kms:GenerateDataKey*"], {}, True),
        (["kms:*"], {"ArnEquals": {"aws:SourceArn": ALARM}}, True),
        (["kms:*"], {"ArnEquals": {"aws:SourceArn": ALARM + "-other"}}, False),
        (["kms:Decrypt"], {}, False),
        (["kms:GenerateDataKey*"], {}, False),
        (["kms:DescribeKey"], {}, False),
    ],
)
def test_the_policy_of_the_topic_s_own_key_decides(
    chain: Chain, actions: list[str], condition: Any, fires: bool
) -> None:
    set_topic(chain, "KmsMasterKeyId", key_for_cloudwatch(chain, *actions, **condition))
    chain.open()
    assert len(chain.messages()) == fires
    assert chain.history() == [EXECUTED if fires else NOT_AUTHORIZED_FOR_KEY]


@pytest.mark.parametrize("named", ["alias/topics", "arn", "alias/none"])
def test_a_key_is_found_by_its_alias_or_arn(chain: Chain, named: str) -> None:
    key = key_for_cloudwatch(chain, "kms:*")
    chain.client("kms").create_alias(AliasName="alias/topics", TargetKeyId=key)
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
    set_topic(chain, "KmsMasterKeyId", arn if named == "arn" else named)
    chain.open()
    assert len(chain.messages()) == (named != "alias/none")


@pytest.mark.parametrize("end", ["disable_key", "schedule_key_deletion"])
def test_a_key_out_of_use_is_silent(chain: Chain, end: str) -> None:
    key = key_for_cloudwatch(chain, "kms:*")
    set_topic(chain, "KmsMasterKeyId", key)
    getattr(chain.client("kms"), end)(KeyId=key)
    chain.open()
    assert chain.history() == [NOT_AUTHORIZED_FOR_KEY]


# --- the subscriptions


def test_a_pending_subscriber_gets_nothing(chain: Chain) -> None:
    chain.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="new@example.com")
    chain.open()
    assert [mail.kind for mail in chain.aws.outbox("new@example.com")] == ["confirmation"]
    assert len(chain.mails()) == 1


# --- all of it is forgotten


def test_reset_forgets_events_metrics_history_and_time(chain: Chain) -> None:
    chain.open()
    chain.aws.advance(3600)
    chain.aws.reset()
    before = time.time()
    assert before <= chain.aws.now().timestamp() <= time.time()
    fresh = Chain(chain.aws).build()
    assert fresh.history("StateUpdate") == []
    assert fresh.messages() == []
    assert fresh.recorded("AuthorizeSecurityGroupIngress") == []
    fresh.open()
    assert len(fresh.messages()) == 1
