"""A good chain on the embedded AWS, from trail to a confirmed email subscription, made by boto3 in a moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

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

    @property
    def trail_arn(self) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{ACCOUNT}:trail/{self.trail}"

    @property
    def log_group_arn(self) -> str:
        return f"arn:aws:logs:{self.region}:{ACCOUNT}:log-group:{self.log_group}:*"

    @property
    def alarm_arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{ACCOUNT}:alarm:{self.alarm}"

    @property
    def topic_arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{ACCOUNT}:{self.topic}"

    def client(self, service: str) -> Any:
        """Return a boto3 client in the chain's region."""
        return client(self.aws, service, self.region)

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

    def subscribe(self, email: str, *, confirm: bool = True) -> None:
        """Subscribe an address; its owner confirms, or leaves it pending."""
        sns = self.client("sns")
        sns.subscribe(TopicArn=self.topic_arn, Protocol="email", Endpoint=email)
        if confirm:
            sns.confirm_subscription(TopicArn=self.topic_arn, Token=self.aws.outbox(email)[-1].token)

    def put_trail(self, **settings: Any) -> None:
        """Make trail and bucket; settings go to CreateTrail."""
        client(self.aws, "s3", "us-east-1").create_bucket(Bucket=self.bucket)
        cloudtrail = self.client("cloudtrail")
        cloudtrail.create_trail(
            **{
                "Name": self.trail,
                "S3BucketName": self.bucket,
                "IsMultiRegionTrail": True,
                "CloudWatchLogsLogGroupArn": self.log_group_arn,
                "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/trail",
                **settings,
            }
        )
        cloudtrail.start_logging(Name=self.trail)


def make_trail(aws: LocalAws, region: str, **settings: Any) -> GoodChain:
    """Make trail, bucket and log group, and nothing that watches them."""
    chain = GoodChain(aws, region)
    chain.client("logs").create_log_group(logGroupName=chain.log_group)
    chain.put_trail(**settings)
    return chain


def make_good_chain(aws: LocalAws, region: str, **trail_settings: Any) -> GoodChain:
    """Make every link, good for every profile: the exact pattern, and the other operations beside it."""
    chain = make_trail(aws, region, **trail_settings)
    chain.put_filter("changes", PATTERN_OF_SECURITY_HUB)
    chain.put_filter("other-changes", REMAINING)
    chain.client("sns").create_topic(Name=chain.topic)
    chain.subscribe(chain.email)
    chain.put_alarm()
    return chain
