"""What lets SNS through to a queue or a function: policies and keys. And what else the chain rests on."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from sg_alarm.local_aws import LocalAws

REGION, ACCOUNT = "eu-west-1", "123456789012"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:changes"


@pytest.fixture
def topic(aws: LocalAws) -> str:
    return str(aws.client("sns").create_topic(Name="alarms")["TopicArn"])


class TestQueues:
    def queue(self, aws: LocalAws, topic: str, **attributes: str) -> str:
        """Make a subscribed queue that lets the topic in."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        url = aws.client("sqs").create_queue(
            QueueName="changes", Attributes={"Policy": policy, **attributes}
        )["QueueUrl"]
        aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)
        return str(url)

    def received(self, aws: LocalAws, topic: str, url: str) -> int:
        aws.client("sns").publish(TopicArn=topic, Message="a change")
        return len(aws.client("sqs").receive_message(QueueUrl=url).get("Messages", ()))

    def key(self, aws: LocalAws, *actions: str, service: str = "sns.amazonaws.com") -> str:
        """Make a key that lets a service do these things."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": list(actions),
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(aws.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"])

    @pytest.mark.parametrize("attributes", [{}, {"SqsManagedSseEnabled": "true"}])
    def test_one_without_a_key_of_its_own_gets_the_message(
        self, aws: LocalAws, topic: str, attributes: dict[str, str]
    ) -> None:
        assert self.received(aws, topic, self.queue(aws, topic, **attributes)) == 1

    def test_one_with_the_key_that_aws_manages_gets_nothing(self, aws: LocalAws, topic: str) -> None:
        assert self.received(aws, topic, self.queue(aws, topic, KmsMasterKeyId="alias/aws/sqs")) == 0

    def test_one_whose_key_lets_sns_in_gets_the_message(self, aws: LocalAws, topic: str) -> None:
        key = self.key(aws, "kms:Decrypt", "kms:GenerateDataKey*")
        assert self.received(aws, topic, self.queue(aws, topic, KmsMasterKeyId=key)) == 1

    @pytest.mark.parametrize(
        ("actions", "service"),
        [
            (["kms:Decrypt"], "sns.amazonaws.com"),
            (["kms:GenerateDataKey"], "sns.amazonaws.com"),
            (["kms:*"], "events.amazonaws.com"),
        ],
    )
    def test_one_whose_key_does_not_gets_nothing(
        self, aws: LocalAws, topic: str, actions: list[str], service: str
    ) -> None:
        key = self.key(aws, *actions, service=service)
        assert self.received(aws, topic, self.queue(aws, topic, KmsMasterKeyId=key)) == 0

    def test_a_policy_outlives_other_attributes(self, aws: LocalAws, topic: str) -> None:
        url = self.queue(aws, topic)
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})
        assert self.received(aws, topic, url) == 1
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        assert self.received(aws, topic, url) == 0


class TestFunctions:
    def function(self, aws: LocalAws) -> Any:
        role = aws.client("iam").create_role(RoleName="changes", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): ...")
        functions = aws.client("lambda")
        functions.create_function(
            FunctionName="changes",
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
        )
        return functions

    def received(self, aws: LocalAws, topic: str) -> list[str]:
        aws.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
        aws.client("sns").publish(TopicArn=topic, Message="a change")
        return [json.loads(mail.body)["Message"] for mail in aws.outbox(FUNCTION)]

    def allow(self, functions: Any, source: str, principal: str = "sns.amazonaws.com") -> None:
        functions.add_permission(
            FunctionName="changes",
            StatementId="sns",
            Action="lambda:InvokeFunction",
            Principal=principal,
            SourceArn=source,
        )

    def test_one_that_lets_the_topic_in_is_called(self, aws: LocalAws, topic: str) -> None:
        self.allow(self.function(aws), topic)
        assert self.received(aws, topic) == ["a change"]

    def test_one_without_a_permission_is_not(self, aws: LocalAws, topic: str) -> None:
        self.function(aws)
        assert self.received(aws, topic) == []

    @pytest.mark.parametrize(
        ("source", "principal"),
        [(f"arn:aws:sns:{REGION}:{ACCOUNT}:other", "sns.amazonaws.com"), ("", "s3.amazonaws.com")],
    )
    def test_one_that_lets_somebody_else_in_is_not(
        self, aws: LocalAws, topic: str, source: str, principal: str
    ) -> None:
        self.allow(self.function(aws), source or topic, principal)
        assert self.received(aws, topic) == []

    def test_one_that_does_not_exist_is_not(self, aws: LocalAws, topic: str) -> None:
        assert self.received(aws, topic) == []


class TestFilterPolicies:
    @pytest.mark.parametrize(
        "policy", ["5", "[]", '"text"', "{", '{"severity": 5}', '{"severity": [1000000000000]}']
    )
    def test_one_that_is_none_is_an_invalid_parameter(
        self, aws: LocalAws, topic: str, refused: Any, policy: str
    ) -> None:
        sns = aws.client("sns")
        arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
        with refused("InvalidParameter", "FilterPolicy"):
            sns.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy
            )


class TestLogClasses:
    def test_a_group_of_another_class_takes_no_filter(self, aws: LocalAws, refused: Any) -> None:
        logs = aws.client("logs")
        logs.create_log_group(logGroupName="rarely", logGroupClass="INFREQUENT_ACCESS")
        (group,) = logs.describe_log_groups(logGroupNamePrefix="rarely")["logGroups"]
        assert group["logGroupClass"] == "INFREQUENT_ACCESS"
        with refused("InvalidParameterException", "this class"):
            logs.put_metric_filter(
                logGroupName="rarely",
                filterName="changes",
                filterPattern="",
                metricTransformations=[{"metricName": "n", "metricNamespace": "n", "metricValue": "1"}],
            )

    def test_a_group_is_of_the_standard_class_unless_another_is_asked_for(self, aws: LocalAws) -> None:
        logs = aws.client("logs")
        logs.create_log_group(logGroupName="often")
        (group,) = logs.describe_log_groups(logGroupNamePrefix="often")["logGroups"]
        assert group["logGroupClass"] == "STANDARD"


class TestAccountsOfMetrics:
    @pytest.mark.parametrize(
        ("account", "state"), [(ACCOUNT, "ALARM"), ("", "ALARM"), ("999999999999", "OK")]
    )
    def test_an_alarm_reads_the_account_that_it_names(self, aws: LocalAws, account: str, state: str) -> None:
        cloudwatch = aws.client("cloudwatch")
        query: dict[str, Any] = {
            "Id": "m",
            "MetricStat": {
                "Metric": {"Namespace": "security", "MetricName": "changes"},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        cloudwatch.put_metric_alarm(
            AlarmName="changes",
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            Metrics=[{**query, "AccountId": account} if account else query],
        )
        cloudwatch.put_metric_data(Namespace="security", MetricData=[{"MetricName": "changes", "Value": 1}])
        (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
        assert alarm["StateValue"] == state
        assert alarm["Metrics"][0].get("AccountId", "") == account
