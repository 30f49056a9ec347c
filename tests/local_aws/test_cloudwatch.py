"""Alarms."""

from __future__ import annotations

from typing import Any

import pytest

from sg_alarm.local_aws import LocalAws

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


@pytest.fixture
def cloudwatch(aws: LocalAws) -> Any:
    return aws.client("cloudwatch")


def put_alarm(cloudwatch: Any, threshold: float = 1, **settings: Any) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="changes",
        Namespace="CloudTrailMetrics",
        MetricName="Changes",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        **settings,
    )


def put_composite(cloudwatch: Any) -> None:
    cloudwatch.put_composite_alarm(
        AlarmName="both",
        AlarmRule='ALARM("changes") AND NOT OK(other)',
        AlarmDescription="changes, and the other",
        AlarmActions=[TOPIC],
        ActionsEnabled=False,
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=120,
        Tags=[{"Key": "team", "Value": "ops"}],
    )


def state(cloudwatch: Any) -> str:
    return str(cloudwatch.describe_alarms(AlarmNames=["changes"])["MetricAlarms"][0]["StateValue"])


def test_a_new_alarm_has_no_data(cloudwatch: Any) -> None:
    put_alarm(cloudwatch)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"


def test_changing_an_alarm_leaves_its_state_alone(cloudwatch: Any) -> None:
    put_alarm(cloudwatch)
    cloudwatch.set_alarm_state(AlarmName="changes", StateValue="ALARM", StateReason="one change")
    put_alarm(cloudwatch, threshold=2)
    assert state(cloudwatch) == "ALARM"
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["StateReason"]) == (2.0, "one change")


@pytest.mark.parametrize("kind", ["AlarmActions", "OKActions", "InsufficientDataActions"])
def test_a_topic_of_another_region_is_no_action(cloudwatch: Any, refused: Any, kind: str) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:alarms"
    with refused("ValidationError", "Invalid region us-east-1 specified. Only eu-west-1 is supported."):
        put_alarm(cloudwatch, **{kind: [topic]})
    with refused("ValidationError", "Invalid region us-east-1 specified. Only eu-west-1 is supported."):
        cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="TRUE", **{kind: [topic]})


def test_a_composite_alarm_is_kept_as_put(cloudwatch: Any) -> None:
    put_composite(cloudwatch)
    (alarm,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    expected = {
        "AlarmName": "both",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:both",
        "AlarmRule": 'ALARM("changes") AND NOT OK(other)',
        "AlarmDescription": "changes, and the other",
        "AlarmActions": [TOPIC],
        "OKActions": [],
        "InsufficientDataActions": [],
        "ActionsEnabled": False,
        "ActionsSuppressor": "maintenance",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
        "StateValue": "INSUFFICIENT_DATA",
    }
    assert {name: alarm.get(name) for name in expected} == expected
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "ops"}]


def test_composite_alarms_are_described_only_when_asked_for(cloudwatch: Any) -> None:
    put_alarm(cloudwatch)
    put_composite(cloudwatch)

    def described(**query: Any) -> tuple[list[str], list[str]]:
        answer = cloudwatch.describe_alarms(**query)
        metric, composite = answer["MetricAlarms"], answer["CompositeAlarms"]
        return [alarm["AlarmName"] for alarm in metric], [alarm["AlarmName"] for alarm in composite]

    assert described() == (["changes"], [])
    assert described(AlarmNames=["both"]) == ([], [])
    assert described(AlarmTypes=["CompositeAlarm"]) == ([], ["both"])
    assert described(AlarmTypes=["CompositeAlarm", "MetricAlarm"]) == (["changes"], ["both"])
    in_state = described(AlarmTypes=["CompositeAlarm", "MetricAlarm"], StateValue="INSUFFICIENT_DATA")
    assert in_state == (["changes"], ["both"])


def test_a_composite_alarm_can_be_deleted(cloudwatch: Any) -> None:
    put_composite(cloudwatch)
    cloudwatch.delete_alarms(AlarmNames=["both"])
    assert cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


def test_there_are_no_mute_rules(aws: LocalAws) -> None:
    assert aws.client("cloudwatch").list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []
