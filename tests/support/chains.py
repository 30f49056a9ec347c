"""A whole chain on the embedded AWS, trail to queue; each link can be varied."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import PATTERN_OF_ELEVEN

ACCOUNT = "123456789012"
REGION = "eu-west-1"
GROUP = "CloudTrail/logs"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
METRIC = {"metricName": "SecurityGroupEventCount", "metricNamespace": "CloudTrailMetrics", "metricValue": "1"}
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:changes"
OPS = "ops@example.com"


@cache
def _client(aws: LocalAws, service: str, region: str) -> Any:
    return aws.client(service, region)  # making one takes longer than using it


@dataclass
class Chain:
    """Builds the chain when entered; settings go to the API calls that make the links."""

    aws: LocalAws
    trail: dict[str, Any] = field(default_factory=dict)
    pattern: str = PATTERN_OF_ELEVEN
    metric: dict[str, Any] = field(default_factory=dict)
    alarm: dict[str, Any] = field(default_factory=dict)
    topic: dict[str, str] = field(default_factory=dict)

    def build(self) -> Chain:
        """Make every link, the queue confirmed as it is at once on AWS and the email address by its owner."""
        self.client("s3", "us-east-1").create_bucket(Bucket="trail-bucket")
        self.client("logs").create_log_group(logGroupName=GROUP)
        self.client("cloudtrail").create_trail(
            **{
                "Name": "trail",
                "S3BucketName": "trail-bucket",
                "IsMultiRegionTrail": True,
                "CloudWatchLogsLogGroupArn": GROUP_ARN,
                "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/trail",
                **self.trail,
            }
        )
        self.client("cloudtrail").start_logging(Name="trail")
        self.put_filter("changes", self.pattern, **self.metric)
        self.client("sns").create_topic(Name="alarms", Attributes=self.topic)
        self.subscribe()
        self.put_alarm()
        return self

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client."""
        return _client(self.aws, service, region)

    def put_filter(self, name: str, pattern: str, **metric: Any) -> None:
        """Put a metric filter on the trail's group."""
        self.client("logs").put_metric_filter(
            filterName=name,
            filterPattern=pattern,
            logGroupName=GROUP,
            metricTransformations=[{**METRIC, **metric}],
        )

    def put_alarm(self, **settings: Any) -> None:
        """Put the alarm."""
        self.client("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": "changes",
                "Namespace": "CloudTrailMetrics",
                "MetricName": "SecurityGroupEventCount",
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [TOPIC],
                **self.alarm,
                **settings,
            }
        )

    def subscribe(self) -> None:
        """Subscribe a queue that lets the topic in, and an address whose owner confirms."""
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:tickets"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("sqs").create_queue(QueueName="tickets", Attributes={"Policy": policy})
        sns = self.client("sns")
        sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)
        sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint=OPS)
        sns.confirm_subscription(TopicArn=TOPIC, Token=self.aws.outbox(OPS)[-1].token)

    @cached_property
    def group_id(self) -> str:
        """The default security group."""
        return self.group_in(REGION)

    def group_in(self, region: str) -> str:
        """Return the default security group of a region."""
        groups = self.client("ec2", region).describe_security_groups(GroupNames=["default"])
        return str(groups["SecurityGroups"][0]["GroupId"])

    def open(self, port: int = 22, region: str = REGION) -> None:
        """Change a security group."""
        self.client("ec2", region).authorize_security_group_ingress(
            GroupId=self.group_in(region), IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="0.0.0.0/0"
        )

    def messages(self) -> list[dict[str, Any]]:
        """Return what reached the queue since it was last asked, as SNS wrapped it."""
        url = self.client("sqs").get_queue_url(QueueName="tickets")["QueueUrl"]
        got = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            self.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in got]

    def mails(self) -> list[str]:
        """Return the subjects of the notifications that the address got."""
        return [mail.subject for mail in self.aws.outbox(OPS) if mail.kind == "notification"]

    def state(self, name: str = "changes") -> str:
        """Return the state of an alarm."""
        found = self.client("cloudwatch").describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
        return str(alarm["StateValue"])

    def history(self, kind: str = "Action") -> list[str]:
        """Return the summaries of the alarm's history, oldest first."""
        items = self.client("cloudwatch").describe_alarm_history(
            AlarmName="changes",
            HistoryItemType=kind,
            ScanBy="TimestampAscending",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        )["AlarmHistoryItems"]
        return [item["HistorySummary"] for item in items]

    def recorded(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the events in the log group, all or those of one operation."""
        found = self.client("logs").filter_log_events(logGroupName=GROUP)["events"]
        events = [json.loads(event["message"]) for event in found]
        return [event for event in events if name in (None, event["eventName"])]
