"""Alarms are evaluated: states, reasons, actions and history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chains import OPS, TOPIC
from sg_alarm.local_aws import LocalAws

MINUTE = 60
TWO_VALUES = {"Sum": 1, "SampleCount": 2, "Minimum": 0, "Maximum": 1}


class Alarms:
    """CloudWatch with a topic, and the metric N/M."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws, self.cloudwatch, self.sns = aws, aws.client("cloudwatch"), aws.client("sns")
        self.sns.create_topic(Name="alarms")
        self.sns.subscribe(TopicArn=TOPIC, Protocol="email-json", Endpoint=OPS)
        self.sns.confirm_subscription(TopicArn=TOPIC, Token=aws.outbox(OPS)[-1].token)
        aws.advance(MINUTE - aws.now().timestamp() % MINUTE)

    def put(self, name: str = "alarm", **settings: Any) -> None:
        single = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": MINUTE}
        self.cloudwatch.put_metric_alarm(
            **{
                "AlarmName": name,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "AlarmActions": [TOPIC],
                **({} if "Metrics" in settings else single),
                **settings,
            }
        )

    def put_composite(self, rule: str, **settings: Any) -> None:
        self.cloudwatch.put_composite_alarm(
            **{"AlarmName": "both", "AlarmRule": rule, "AlarmActions": [TOPIC], **settings}
        )

    def publish(self, value: float = 1, **datum: Any) -> None:
        timestamp = self.aws.now()
        self.cloudwatch.put_metric_data(
            Namespace="N", MetricData=[{"MetricName": "M", "Value": value, "Timestamp": timestamp, **datum}]
        )

    def described(self, name: str = "alarm") -> dict[str, Any]:
        found = self.cloudwatch.describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
        return dict(alarm)

    def state(self, name: str = "alarm") -> str:
        return str(self.described(name)["StateValue"])

    def message(self) -> dict[str, Any]:
        """What CloudWatch said last, out of SNS's envelope."""
        envelope = json.loads(self.aws.outbox(OPS)[-1].body)
        return dict(json.loads(envelope["Message"]))

    def subjects(self) -> list[str]:
        mails = [mail for mail in self.aws.outbox(OPS) if mail.kind == "notification"]
        return [mail.subject.removesuffix(" in EU (Ireland)") for mail in mails]

    def history(self, **query: Any) -> list[dict[str, Any]]:
        query = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], **query}
        return list(self.cloudwatch.describe_alarm_history(**query)["AlarmHistoryItems"])


@pytest.fixture
def alarms(aws: LocalAws) -> Alarms:
    return Alarms(aws)


# --- evaluation


def test_a_datapoint_raises_the_alarm_at_once(alarms: Alarms) -> None:
    alarms.put()
    alarms.publish()
    assert (alarms.state(), alarms.subjects()) == ("ALARM", ['ALARM: "alarm"'])


@pytest.mark.parametrize(
    ("treatment", "state"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("notBreaching", "OK"),
        ("breaching", "ALARM"),
        ("ignore", "INSUFFICIENT_DATA"),
    ],
)
def test_missing_data_is_treated_as_configured(alarms: Alarms, treatment: str, state: str) -> None:
    alarms.put(TreatMissingData=treatment)
    alarms.aws.advance(MINUTE)
    assert alarms.state() == state


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("missing", "INSUFFICIENT_DATA"), ("notBreaching", "OK"), ("breaching", "ALARM"), ("ignore", "ALARM")],
)
def test_an_alarm_ends_when_data_does_unless_that_is_bad_or_ignored(
    alarms: Alarms, treatment: str, state: str
) -> None:
    alarms.put(TreatMissingData=treatment)
    alarms.publish()
    alarms.aws.advance(5 * MINUTE)
    assert alarms.state() == state


def test_m_of_n_datapoints_are_needed(alarms: Alarms) -> None:
    alarms.put(EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="notBreaching")
    alarms.publish()
    assert alarms.state() != "ALARM"
    alarms.aws.advance(2 * MINUTE)
    alarms.publish()
    assert alarms.state() == "ALARM"


def test_the_sum_of_a_long_period_counts(alarms: Alarms) -> None:
    alarms.put(Threshold=2, Period=300, TreatMissingData="notBreaching")
    alarms.publish()
    alarms.aws.advance(4 * MINUTE)
    assert alarms.state() == "OK"
    alarms.publish()
    assert alarms.state() == "ALARM"


@pytest.mark.parametrize(
    ("settings", "datum"),
    [
        ({"Unit": "Count"}, {}),
        ({"Dimensions": [{"Name": "Region", "Value": "x"}]}, {}),
        ({}, {"Dimensions": [{"Name": "Region", "Value": "x"}]}),
        ({"Namespace": "other"}, {}),
        ({"Threshold": 2}, {}),
        (
            {"Statistic": "Average"},
            {"StatisticValues": {"Sum": 1, "SampleCount": 2, "Minimum": 0, "Maximum": 1}},
        ),
    ],
)
def test_what_the_alarm_does_not_read_does_not_raise_it(alarms: Alarms, settings: Any, datum: Any) -> None:
    alarms.put(**settings)
    value = {} if "StatisticValues" in datum else {"Value": 1}
    alarms.cloudwatch.put_metric_data(
        Namespace="N", MetricData=[{"MetricName": "M", "Timestamp": alarms.aws.now(), **value, **datum}]
    )
    assert alarms.state() != "ALARM"


def test_dimensions_and_unit_that_agree_do(alarms: Alarms) -> None:
    dimensions = [{"Name": "Region", "Value": "x"}, {"Name": "Account", "Value": "y"}]
    alarms.put(Unit="Count", Dimensions=dimensions)
    alarms.publish(Unit="Count", Dimensions=dimensions[::-1])
    assert alarms.state() == "ALARM"


def test_metric_math_is_evaluated(alarms: Alarms) -> None:
    metric = {"Namespace": "N", "MetricName": "M"}
    alarms.put(
        Threshold=2,
        Metrics=[
            {
                "Id": "m",
                "MetricStat": {"Metric": metric, "Period": MINUTE, "Stat": "Sum"},
                "ReturnData": False,
            },
            {"Id": "e", "Expression": "m * 2", "ReturnData": True},
        ],
    )
    alarms.publish()
    assert (alarms.state(), alarms.subjects()) == ("ALARM", ['ALARM: "alarm"'])
    trigger = alarms.message()["Trigger"]
    assert [query.get("Expression") for query in trigger["Metrics"]] == [None, "m * 2"]


def test_the_reason_is_reported(alarms: Alarms) -> None:
    alarms.put(TreatMissingData="notBreaching")
    alarms.aws.advance(MINUTE)
    assert alarms.described()["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 1 period and "
        "1 missing datapoint was treated as [NonBreaching]."
    )
    moment = alarms.aws.now()
    alarms.publish(3)
    alarm = alarms.described()
    assert alarm["StateReason"] == (
        f"Threshold Crossed: 1 out of the last 1 datapoints [3.0 ({moment:%d/%m/%y %H:%M}:00)] was "
        "greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(alarm["StateReasonData"])
    assert (data["recentDatapoints"], data["threshold"], data["period"]) == ([3.0], 1.0, MINUTE)
    assert moment <= alarm["StateUpdatedTimestamp"] <= alarms.aws.now()


# --- set-alarm-state


def test_setting_a_state_acts_like_any_other_change(alarms: Alarms) -> None:
    alarms.put()
    for _ in range(2):
        alarms.cloudwatch.set_alarm_state(AlarmName="alarm", StateValue="ALARM", StateReason="drill")
    assert alarms.subjects() == ['ALARM: "alarm"']
    assert alarms.message()["NewStateReason"] == "drill"


def test_a_set_state_is_taken_back_by_the_next_evaluation(alarms: Alarms) -> None:
    alarms.put(TreatMissingData="notBreaching")
    alarms.cloudwatch.set_alarm_state(AlarmName="alarm", StateValue="ALARM", StateReason="drill")
    alarms.aws.advance(MINUTE)
    assert alarms.state() == "OK"


def test_the_state_of_no_alarm_cannot_be_set(alarms: Alarms, refused: Any) -> None:
    with refused("ResourceNotFound", ""):
        alarms.cloudwatch.set_alarm_state(AlarmName="gone", StateValue="ALARM", StateReason="drill")


# --- history


def test_the_history_has_configuration_state_and_actions(alarms: Alarms) -> None:
    alarms.put()
    alarms.put(Threshold=0.5)
    alarms.publish()
    alarms.cloudwatch.delete_alarms(AlarmNames=["alarm"])
    items = alarms.history(AlarmName="alarm", ScanBy="TimestampAscending")
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("ConfigurationUpdate", 'Alarm "alarm" created'),
        ("ConfigurationUpdate", 'Alarm "alarm" updated'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Successfully executed action {TOPIC}"),
        ("ConfigurationUpdate", 'Alarm "alarm" deleted'),
    ]
    update, action = (json.loads(item["HistoryData"]) for item in items[2:4])
    assert (update["oldState"]["stateValue"], update["newState"]["stateValue"]) == (
        "INSUFFICIENT_DATA",
        "ALARM",
    )
    assert (action["actionState"], action["notificationResource"]) == ("Succeeded", TOPIC)
    assert json.loads(action["publishedMessage"])["AlarmName"] == "alarm"


def test_the_history_is_asked_by_kind_time_and_page(alarms: Alarms) -> None:
    alarms.put()
    later = alarms.aws.advance(3600)
    alarms.publish()
    kinds = [item["HistoryItemType"] for item in alarms.history()]
    assert kinds == ["Action", "StateUpdate", "ConfigurationUpdate"]
    assert [item["HistoryItemType"] for item in alarms.history(HistoryItemType="Action")] == ["Action"]
    assert len(alarms.history(StartDate=later)) == 2
    assert len(alarms.history(EndDate=later)) == 1
    assert alarms.history(AlarmName="other") == alarms.history(AlarmTypes=["CompositeAlarm"]) == []
    page = alarms.cloudwatch.describe_alarm_history(MaxRecords=2)
    rest = alarms.cloudwatch.describe_alarm_history(MaxRecords=2, NextToken=page["NextToken"])
    assert (len(page["AlarmHistoryItems"]), len(rest["AlarmHistoryItems"])) == (2, 1)


# --- composite alarms


def test_a_composite_alarm_follows_its_children(alarms: Alarms) -> None:
    alarms.put(AlarmActions=[])
    alarms.put_composite('ALARM("alarm")', OKActions=[TOPIC])
    alarms.publish()
    assert (alarms.state("both"), alarms.subjects()) == ("ALARM", ['ALARM: "both"'])
    message = alarms.message()
    assert message["AlarmRule"] == 'ALARM("alarm")'
    (child,) = message["TriggeringChildren"]
    assert (child["Arn"], child["State"]["Value"]) == (alarms.described()["AlarmArn"], "ALARM")
    alarms.aws.advance(5 * MINUTE)
    assert alarms.subjects() == ['ALARM: "both"', 'OK: "both"']


def test_composite_alarms_may_stand_on_each_other(alarms: Alarms) -> None:
    alarms.put_composite("ALARM(middle)", AlarmName="top")
    alarms.put_composite("ALARM(alarm)", AlarmName="middle", AlarmActions=[])
    alarms.put(AlarmActions=[])
    alarms.publish()
    assert alarms.subjects() == ['ALARM: "top"']


def test_a_suppressor_in_alarm_keeps_a_composite_alarm_silent(alarms: Alarms) -> None:
    alarms.put(AlarmActions=[])
    alarms.put("maintenance", MetricName="maintenance", AlarmActions=[], TreatMissingData="ignore")
    alarms.cloudwatch.set_alarm_state(AlarmName="maintenance", StateValue="ALARM", StateReason="window")
    alarms.put_composite(
        "ALARM(alarm)",
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=120,
    )
    alarms.publish()
    assert (alarms.state("both"), alarms.subjects()) == ("ALARM", [])


def test_without_the_suppressor_a_composite_alarm_notifies_after_the_wait_period(alarms: Alarms) -> None:
    alarms.put(AlarmActions=[], TreatMissingData="ignore")
    alarms.put("maintenance", MetricName="maintenance", AlarmActions=[], TreatMissingData="ignore")
    alarms.put_composite(
        "ALARM(alarm)",
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=90,
        ActionsSuppressorExtensionPeriod=120,
    )
    alarms.publish()
    alarms.aws.advance(MINUTE)
    assert alarms.subjects() == []
    alarms.aws.advance(MINUTE)
    assert alarms.subjects() == ['ALARM: "both"']


def test_after_the_suppressor_a_composite_alarm_notifies_when_the_extension_is_over(alarms: Alarms) -> None:
    alarms.put(AlarmActions=[], TreatMissingData="ignore")
    alarms.put("maintenance", MetricName="maintenance", AlarmActions=[], TreatMissingData="ignore")
    alarms.cloudwatch.set_alarm_state(AlarmName="maintenance", StateValue="ALARM", StateReason="window")
    alarms.put_composite(
        "ALARM(alarm)",
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=0,
        ActionsSuppressorExtensionPeriod=120,
    )
    alarms.publish()
    alarms.aws.advance(10 * MINUTE)
    alarms.cloudwatch.set_alarm_state(AlarmName="maintenance", StateValue="OK", StateReason="over")
    alarms.aws.advance(MINUTE)
    assert alarms.subjects() == []
    alarms.aws.advance(2 * MINUTE)
    assert alarms.subjects() == ['ALARM: "both"']
