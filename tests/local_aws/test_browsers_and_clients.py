"""Who is answered: programs on this machine with whatever client, and no web page."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from http.client import HTTPConnection
from typing import Any

import pytest

from sg_alarm.local_aws import LocalAws
from sg_alarm.local_aws.outbox import without_proxy

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{service}/aws4_request"


def ask(aws: LocalAws, path: str = "/sg-alarm/outbox", method: str = "GET", **headers: str) -> int:
    """Ask with headers (their ``_`` is a ``-``), and return the status."""
    connection = HTTPConnection(urllib.parse.urlsplit(aws.endpoint).netloc, timeout=600)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def port(aws: LocalAws) -> str:
    return aws.endpoint.rpartition(":")[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "bucket.localhost"])
def test_it_answers_to_its_own_names(aws: LocalAws, host: str) -> None:
    assert ask(aws, Host=f"{host}:{port(aws)}") == 200
    assert ask(aws, Host=host) == 200


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker", ""])
def test_a_name_that_was_turned_to_this_machine_is_refused(aws: LocalAws, host: str) -> None:
    assert ask(aws, Host=f"{host}:{port(aws)}") == 403
    assert ask(aws, "/moto-api/reset", "POST", Host=host) == 403


@pytest.mark.parametrize("origin", ["https://attacker.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_origin_is_refused(aws: LocalAws, origin: str) -> None:
    assert ask(aws, Origin=origin) == 403
    assert ask(aws, "/moto-api/reset", "POST", Origin=origin) == 403
    assert ask(aws, "/", "OPTIONS", Origin=origin, Access_Control_Request_Method="POST") == 403


def test_a_page_of_its_own_is_answered(aws: LocalAws) -> None:
    assert ask(aws, Origin=aws.endpoint) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_embeds_or_opens_is_refused(aws: LocalAws, site: str) -> None:
    for mode in ("no-cors", "navigate"):
        assert ask(aws, "/?Action=ListTopics", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode) == 403
    assert ask(aws, Sec_Fetch_Site="none", Sec_Fetch_Mode="navigate") == 200


def test_the_link_in_a_mail_may_be_opened_wherever_the_mail_is_read(aws: LocalAws) -> None:
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    (mail,) = aws.outbox()
    path = f"/?Action=ConfirmSubscription&TopicArn={topic}&Token={mail.token}"
    assert ask(aws, path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate") == 200
    assert ask(aws, path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403


def test_no_answer_lets_a_page_read_it(aws: LocalAws) -> None:
    request = urllib.request.Request(
        aws.endpoint, b"Action=ListTopics", {"Authorization": SIGNED.format(service="sns")}
    )
    with without_proxy().open(request, timeout=600) as answer:
        headers: Message = answer.headers
    assert not [name for name in headers if name.lower().startswith("access-control-")]


class TestCloudWatchInJson:
    """What boto3 speaks from 2025 on, whichever botocore is beside moto."""

    def call(self, aws: LocalAws, operation: str, **fields: Any) -> Any:
        headers = {
            "Authorization": SIGNED.format(service="monitoring"),
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}",
        }
        request = urllib.request.Request(aws.endpoint, json.dumps(fields).encode(), headers)
        with without_proxy().open(request, timeout=600) as answer:
            return json.loads(answer.read() or "{}")

    def test_alarms_are_put_and_described(self, aws: LocalAws) -> None:
        self.call(
            aws,
            "PutMetricAlarm",
            AlarmName="changes",
            MetricName="changes",
            Namespace="security",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
        (alarm,) = self.call(aws, "DescribeAlarms")["MetricAlarms"]
        assert (alarm["AlarmName"], alarm["Period"]) == ("changes", 300)
        assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"][0]["AlarmName"] == "changes"

    def test_a_composite_alarm(self, aws: LocalAws) -> None:
        self.call(aws, "PutCompositeAlarm", AlarmName="both", AlarmRule="TRUE")
        found = self.call(aws, "DescribeAlarms", AlarmTypes=["CompositeAlarm"])
        assert [one["AlarmName"] for one in found["CompositeAlarms"]] == ["both"]

    def test_a_datapoint_raises_an_alarm(self, aws: LocalAws) -> None:
        self.test_alarms_are_put_and_described(aws)
        self.call(
            aws, "PutMetricData", Namespace="security", MetricData=[{"MetricName": "changes", "Value": 1}]
        )
        assert self.call(aws, "DescribeAlarms")["MetricAlarms"][0]["StateValue"] == "ALARM"

    def test_mute_rules_are_listed_although_the_botocore_here_may_not_know_them(self, aws: LocalAws) -> None:
        assert self.call(aws, "ListAlarmMuteRules") == {"AlarmMuteRuleSummaries": []}

    def test_an_error_has_its_code(self, aws: LocalAws) -> None:
        with pytest.raises(urllib.error.HTTPError) as caught:
            self.call(aws, "SetAlarmState", AlarmName="none", StateValue="OK", StateReason="because")
        assert json.loads(caught.value.read())["__type"].endswith("ResourceNotFound")


def test_a_call_that_is_repeated_gets_the_answer_that_was_lost(aws: LocalAws) -> None:
    """As the Go SDK does behind Terraform: the second alias would exist already."""

    def create_alias(invocation: str, attempt: int) -> int:
        request = urllib.request.Request(
            aws.endpoint,
            json.dumps({"AliasName": "alias/topic", "TargetKeyId": key}).encode(),
            {
                "Authorization": SIGNED.format(service="kms"),
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "TrentService.CreateAlias",
                "amz-sdk-invocation-id": invocation,
                "amz-sdk-request": f"attempt={attempt}; max=25",
            },
        )
        try:
            with without_proxy().open(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    assert create_alias("one", 1) == 200
    assert create_alias("one", 2) == 200
    assert create_alias("another", 1) == 400
    assert create_alias("another", 2) == 400, "a refusal is asked for anew: it may have been throttling"
