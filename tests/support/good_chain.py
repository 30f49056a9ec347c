"""A good chain on the embedded AWS, trail to confirmed email subscription, made by boto3 in a moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_SECURITY_HUB, SIX

ACCOUNT = "123456789012"
NAMESPACE = "CloudTrailMetrics"
METRIC = "SecurityGroupEventCount"
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


@dataclass(frozen=True)
class GoodChain:
    """The names of what was made; each link can be broken through a client afterwards."""

    aws: LocalAws
    region: str
    trail: str = "trail"
    bucket: str = "trail-bucket"
    log_group: str = "CloudTrail/logs"
    alarm: str = "changes"
    topic: str = "alarms"
    email: str = "ops@example.com"
    account: str = ACCOUNT
    """Of the log group and all that follows from it; the trail is of the caller's account."""

    @property
    def trail_arn(self) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{ACCOUNT}:trail/{self.trail}"

    @property
    def log_group_arn(self) -> str:
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.log_group}:*"

    @property
    def alarm_arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{self.alarm}"

    @property
    def topic_arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:{self.topic}"

    def client(self, service: str) -> Any:
        """Return a boto3 client in the chain's region."""
        if service == "cloudtrail" or self.account == ACCOUNT:
            return client(self.aws, service, self.region)
        return client_of(self.aws, service, self.region, self.account)

    def put_filter(self, name: str, pattern: str, **options: Any) -> None:
        """Put a metric filter on the log group."""
        metric = {"metricName": METRIC, "metricNamespace": NAMESPACE, "metricValue": "1", **options}
        self.client("logs").put_metric_filter(
            filterName=name,
            filterPattern=pattern,
            logGroupName=self.log_group,
            metricTransformations=[metric],
        )

    def put_alarm(self, **settings: Any) -> None:
        """Put the alarm; settings go to PutMetricAlarm."""
        self.client("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": self.alarm,
                "Namespace": NAMESPACE,
                "MetricName": METRIC,
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [self.topic_arn],
                **settings,
            }
        )

    def encrypt(self) -> str:
        """Encrypt the topic with a customer key that CloudWatch may use; return the key's ARN."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        key = str(self.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])
        self.client("sns").set_topic_attributes(
            TopicArn=self.topic_arn, AttributeName="KmsMasterKeyId", AttributeValue=key
        )
        return key

    def notify_each_change(self) -> str:
        """Let an EventBridge rule tell each change through a topic of its own; return the topic's ARN."""
        sns, events = self.client("sns"), self.client("events")
        topic = str(sns.create_topic(Name="each-change")["TopicArn"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15005550006")
        pattern = {
            "source": ["aws.ec2"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": list(ELEVEN)},
        }
        events.put_rule(Name="each-change", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="each-change", Targets=[{"Id": "topic", "Arn": topic}])
        return topic

    def open_topic(self) -> None:
        """Let CloudWatch publish to the topic, of whichever account the alarm is."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": self.topic_arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("sns").set_topic_attributes(
            TopicArn=self.topic_arn, AttributeName="Policy", AttributeValue=policy
        )

    def put_topic(self) -> None:
        """Make the topic, with the address as its confirmed subscriber."""
        self.client("sns").create_topic(Name=self.topic)
        self.subscribe(self.email)

    def subscribe(self, email: str, *, confirm: bool = True) -> None:
        """Subscribe an address; its owner confirms, or leaves it pending."""
        sns = self.client("sns")
        sns.subscribe(TopicArn=self.topic_arn, Protocol="email", Endpoint=email)
        if confirm:
            sns.confirm_subscription(TopicArn=self.topic_arn, Token=self.aws.outbox(email)[-1].token)

    def tell_a_queue_only(self) -> None:
        """Take every subscriber away, and subscribe a queue that lets the topic in."""
        sns, arn = self.client("sns"), f"arn:aws:sqs:{self.region}:{self.account}:tickets"
        for one in sns.list_subscriptions_by_topic(TopicArn=self.topic_arn)["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.topic_arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("sqs").create_queue(QueueName="tickets", Attributes={"Policy": policy})
        sns.subscribe(TopicArn=self.topic_arn, Protocol="sqs", Endpoint=arn)

    def put_trail(self, **settings: Any) -> None:
        """Make trail and bucket; settings go to CreateTrail."""
        client(self.aws, "s3", "us-east-1").create_bucket(Bucket=self.bucket)
        cloudtrail = self.client("cloudtrail")
        made = cloudtrail.create_trail(
            **{
                "Name": self.trail,
                "S3BucketName": self.bucket,
                "IsMultiRegionTrail": True,
                "CloudWatchLogsLogGroupArn": self.log_group_arn,
                "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/trail",
                **settings,
            }
        )
        cloudtrail.start_logging(Name=made["TrailARN"])


def make_trail(aws: LocalAws, region: str, account: str = ACCOUNT, **settings: Any) -> GoodChain:
    """Make trail, bucket and log group, and nothing that watches them."""
    chain = GoodChain(aws, region, account=account)
    chain.client("logs").create_log_group(logGroupName=chain.log_group)
    chain.put_trail(**settings)
    return chain


def make_good_chain(aws: LocalAws, region: str, account: str = ACCOUNT, **trail_settings: Any) -> GoodChain:
    """Make every link, good for every profile: the exact pattern, and the other operations beside it."""
    chain = make_trail(aws, region, account, **trail_settings)
    chain.put_filter("changes", PATTERN_OF_SECURITY_HUB)
    chain.put_filter("other-changes", REMAINING)
    chain.put_topic()
    chain.put_alarm()
    return chain
