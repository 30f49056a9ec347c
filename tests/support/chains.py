"""A whole chain on the embedded AWS, trail to subscribers, made by boto3; each link can be varied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config

from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_ELEVEN, PATTERN_OF_SECURITY_HUB, SIX

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TRAIL = "trail"
BUCKET = "trail-bucket"
GROUP = "CloudTrail/logs"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
NAMESPACE = "CloudTrailMetrics"
METRIC_NAME = "SecurityGroupEventCount"
METRIC = {"metricName": METRIC_NAME, "metricNamespace": NAMESPACE, "metricValue": "1"}
ALARM_NAME = "changes"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{ALARM_NAME}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
OPS = "ops@example.com"
FILTER_NAMES = ("changes", "other-changes")
REMAINING = "{ " + " || ".join(f"($.eventName = {name})" for name in ELEVEN if name not in SIX) + " }"
"""What the six of the standards leave out: on the same metric, but never matching the same event."""


@cache
def client(aws: LocalAws, service: str, region: str) -> Any:
    """Return a boto3 client; making one takes longer than using it."""
    return aws.client(service, region)


def client_of(aws: LocalAws, service: str, region: str, account: str) -> Any:
    """Return a boto3 client of another account. Its role is forgotten when the embedded AWS is reset."""
    role = f"arn:aws:iam::{account}:role/owner"
    found = client(aws, "sts", region).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=aws.endpoint,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


def policy(service: str, action: str | Sequence[str], resource: str, **more: Any) -> str:
    """Return a resource's policy that lets a service of AWS in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass
class Chain:
    """A chain that ``build()`` makes; settings go to the API calls that make the links.

    The trail is of the caller's account; ``account`` has the log group and all that follows from it.
    """

    aws: LocalAws
    region: str = REGION
    account: str = ACCOUNT
    trail: Mapping[str, Any] = field(default_factory=dict)
    patterns: Sequence[str] = (PATTERN_OF_ELEVEN,)
    metric: Mapping[str, Any] = field(default_factory=dict)
    alarm: Mapping[str, Any] = field(default_factory=dict)
    topic: Mapping[str, str] = field(default_factory=dict)
    queue: bool = True
    """Whether a queue is notified besides the address."""

    def build(self) -> Chain:
        """Make every link, the queue confirmed as it is at once on AWS and the email address by its owner."""
        self.put_log_group()
        self.put_trail()
        self.watch()
        return self

    def watch(self) -> None:
        """Make what watches the log group."""
        for name, pattern in zip(FILTER_NAMES, self.patterns, strict=False):
            self.put_filter(name, pattern, **self.metric)
        self.put_topic()
        self.put_alarm()

    # --- links

    def put_log_group(self) -> None:
        """Make the log group."""
        self.client("logs").create_log_group(logGroupName=GROUP)

    def put_trail(self, **settings: Any) -> None:
        """Make trail and bucket."""
        client(self.aws, "s3", "us-east-1").create_bucket(Bucket=BUCKET)
        usual = {
            "Name": TRAIL,
            "S3BucketName": BUCKET,
            "IsMultiRegionTrail": True,
            "CloudWatchLogsLogGroupArn": self.log_group_arn,
            "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/trail",
        }
        made = self.client("cloudtrail").create_trail(**{**usual, **self.trail, **settings})
        self.client("cloudtrail").start_logging(Name=made["TrailARN"])

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
        usual = {
            "AlarmName": ALARM_NAME,
            "Namespace": NAMESPACE,
            "MetricName": METRIC_NAME,
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [self.topic_arn],
        }
        self.client("cloudwatch").put_metric_alarm(**{**usual, **self.alarm, **settings})

    def put_topic(self) -> None:
        """Make the topic, with its subscribers."""
        self.client("sns").create_topic(Name="alarms", Attributes=self.topic)
        if self.queue:
            self.subscribe_queue()
        self.subscribe(OPS)

    def subscribe(self, email: str, *, confirm: bool = True) -> None:
        """Subscribe an address; its owner confirms, or leaves it pending."""
        sns = self.client("sns")
        sns.subscribe(TopicArn=self.topic_arn, Protocol="email", Endpoint=email)
        if confirm:
            sns.confirm_subscription(TopicArn=self.topic_arn, Token=self.aws.outbox(email)[-1].token)

    def subscribe_queue(self) -> None:
        """Subscribe a queue that lets the topic in."""
        arn = f"arn:aws:sqs:{self.region}:{self.account}:tickets"
        source = {"ArnEquals": {"aws:SourceArn": self.topic_arn}}
        allowing = policy("sns.amazonaws.com", "sqs:SendMessage", arn, Condition=source)
        self.client("sqs").create_queue(QueueName="tickets", Attributes={"Policy": allowing})
        self.client("sns").subscribe(TopicArn=self.topic_arn, Protocol="sqs", Endpoint=arn)

    def notify_a_queue_only(self) -> None:
        """Take every subscriber away, and subscribe a queue."""
        sns = self.client("sns")
        for one in sns.list_subscriptions_by_topic(TopicArn=self.topic_arn)["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        self.subscribe_queue()

    def encrypt(self) -> str:
        """Encrypt the topic with a customer key that CloudWatch may use; return the key's ARN."""
        allowing = policy("cloudwatch.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey*"], "*")
        key = str(self.client("kms").create_key(Policy=allowing)["KeyMetadata"]["Arn"])
        self.client("sns").set_topic_attributes(
            TopicArn=self.topic_arn, AttributeName="KmsMasterKeyId", AttributeValue=key
        )
        return key

    def open_topic(self) -> None:
        """Let CloudWatch publish to the topic, of whichever account the alarm is."""
        self._set_policy(self.topic_arn, "cloudwatch.amazonaws.com")

    def notify_each_change(self) -> str:
        """Let an EventBridge rule report each change through a topic of its own; return the topic's ARN."""
        sns, events = self.client("sns"), self.client("events")
        topic = str(sns.create_topic(Name="each-change")["TopicArn"])
        self._set_policy(topic, "events.amazonaws.com")
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15005550006")
        pattern = {
            "source": ["aws.ec2"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": list(ELEVEN)},
        }
        events.put_rule(Name="each-change", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="each-change", Targets=[{"Id": "topic", "Arn": topic}])
        return topic

    def _set_policy(self, topic: str, service: str) -> None:
        self.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy(service, "sns:Publish", topic)
        )

    # --- names

    @property
    def trail_arn(self) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{ACCOUNT}:trail/{TRAIL}"

    @property
    def log_group_arn(self) -> str:
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{GROUP}:*"

    @property
    def alarm_arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{ALARM_NAME}"

    @property
    def topic_arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:alarms"

    def client(self, service: str, region: str = "") -> Any:
        """Return a boto3 client in the chain's region, unless another is named."""
        if service == "cloudtrail" or self.account == ACCOUNT:
            return client(self.aws, service, region or self.region)
        return client_of(self.aws, service, region or self.region, self.account)

    # --- what happens

    @cached_property
    def group_id(self) -> str:
        """The default security group."""
        return self.group_in(self.region)

    def group_in(self, region: str) -> str:
        """Return the default security group of a region."""
        groups = self.client("ec2", region).describe_security_groups(GroupNames=["default"])
        return str(groups["SecurityGroups"][0]["GroupId"])

    def open(self, port: int = 22, region: str = "") -> None:
        """Change a security group."""
        region = region or self.region
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

    def state(self, name: str = ALARM_NAME) -> str:
        """Return the state of an alarm."""
        found = self.client("cloudwatch").describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
        return str(alarm["StateValue"])

    def history(self, kind: str = "Action") -> list[str]:
        """Return the summaries of the alarm's history, oldest first."""
        items = self.client("cloudwatch").describe_alarm_history(
            AlarmName=ALARM_NAME,
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


def make_trail(aws: LocalAws, region: str = REGION) -> None:
    """Make trail, bucket and log group, and nothing that watches them."""
    chain = Chain(aws, region)
    chain.put_log_group()
    chain.put_trail()


def make_good_chain(aws: LocalAws, region: str = REGION, account: str = ACCOUNT, **trail: Any) -> Chain:
    """Make every link, good for every profile: the exact pattern, and the other operations beside it."""
    patterns = (PATTERN_OF_SECURITY_HUB, REMAINING)
    return Chain(aws, region, account, trail=trail, patterns=patterns, queue=False).build()
