"""A family of deployments, good, broken in each link, and unusual, with the changes that each one reports.

Who is notified follows from AWS's documentation, not from what the audit or the embedded AWS answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chains import ACCOUNT, ALARM, GROUP, GROUP_ARN, OPS, REGION, TOPIC, Chain
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_ELEVEN, SEVEN, SIX

Notified = tuple[str, ...]
NONE: Notified = ()
ELSEWHERE = "us-east-1"


@dataclass(frozen=True)
class Member:
    """A deployment: settings of the chain, what is done to it then, and the operations that it reports.

    ``unknown`` are the operations that the audit cannot decide, and a part of the reason. ``rest`` is how
    many seconds it needs to be ready for the next change, ``home`` the region of its alarms,
    ``user`` who changes groups; the account's root where nobody is named.
    ``by_queue``: a queue is the one that is notified.
    """

    name: str
    notified: Notified
    chain: Mapping[str, Any] = field(default_factory=dict)
    alter: Callable[[Chain], object] = lambda chain: None
    unknown: Notified = ()
    reason: str = ""
    rest: int = 1260
    home: str = REGION
    user: str = ""
    by_queue: bool = False


def names(*operations: str) -> str:
    """Return a pattern that compares the event's name with each of the operations."""
    return "{ " + " || ".join(f"($.eventName = {operation})" for operation in operations) + " }"


# --- what is done to a chain


def filters(*patterns: str) -> Callable[[Chain], None]:
    """Put filters of these patterns in the place of the one."""

    def alter(chain: Chain) -> None:
        chain.client("logs").delete_metric_filter(logGroupName=GROUP, filterName="changes")
        for number, pattern in enumerate(patterns):
            chain.put_filter(f"changes-{number}", pattern)

    return alter


def filter_elsewhere(chain: Chain) -> None:
    logs = chain.client("logs")
    logs.delete_metric_filter(logGroupName=GROUP, filterName="changes")
    logs.create_log_group(logGroupName="another")
    logs.put_metric_filter(
        logGroupName="another",
        filterName="changes",
        filterPattern=PATTERN_OF_ELEVEN,
        metricTransformations=[
            {
                "metricName": "SecurityGroupEventCount",
                "metricNamespace": "CloudTrailMetrics",
                "metricValue": "1",
            }
        ],
    )


def second_metric(chain: Chain) -> None:
    """Count the operations beyond the six in a metric of their own."""
    chain.put_filter("others", names(*ELEVEN[6:]), metricName="Others")


def second_alarm(chain: Chain) -> None:
    """Count the operations beyond the six in a metric of their own, with an alarm of its own."""
    second_metric(chain)
    chain.put_alarm(AlarmName="others", MetricName="Others")


def second_trail(chain: Chain) -> None:
    """Stop the trail; another one delivers to the same log group."""
    trail = chain.client("cloudtrail")
    trail.stop_logging(Name="trail")
    trail.create_trail(
        Name="another",
        S3BucketName="trail-bucket",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=GROUP_ARN,
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail",
    )
    trail.start_logging(Name="another")


def queue(**statement: Any) -> Callable[[Chain], None]:
    """Leave only the queue, whose policy has one statement, changed in this; without any, no policy."""

    def alter(chain: Chain) -> None:
        sns, sqs = chain.client("sns"), chain.client("sqs")
        for one in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]:
            if one["Protocol"] != "sqs":
                sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        url = sqs.get_queue_url(QueueName="tickets")["QueueUrl"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:tickets",
        }
        policy = {"Version": "2012-10-17", "Statement": [{**allowed, **statement}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    return alter


def queue_gone(chain: Chain) -> None:
    """Leave only the subscription of a queue that is deleted."""
    queue()(chain)
    sqs = chain.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="tickets")["QueueUrl"])


def more_alarms(*alarms: Mapping[str, Any]) -> Callable[[Chain], None]:
    """Put more alarms."""

    def alter(chain: Chain) -> None:
        for alarm in alarms:
            chain.put_alarm(**alarm)

    return alter


def composite(rule: str, *others: Mapping[str, Any], **settings: Any) -> Callable[[Chain], None]:
    """Put a composite alarm that acts in the place of the alarm, and the other alarms that it needs."""

    def alter(chain: Chain) -> None:
        chain.put_alarm(AlarmActions=[])
        for other in others:
            chain.put_alarm(**{"AlarmActions": [], **other})
        chain.client("cloudwatch").put_composite_alarm(
            **{"AlarmName": "both", "AlarmRule": rule, "AlarmActions": [TOPIC], **settings}
        )

    return alter


def without_alarm(chain: Chain) -> None:
    chain.client("cloudwatch").delete_alarms(AlarmNames=["changes"])


def second_value(value: str, statistic: str = "Sum") -> Callable[[Chain], None]:
    """Let another filter publish a value for the same events to the same metric."""

    def alter(chain: Chain) -> None:
        chain.put_filter("others", names(*ELEVEN), metricValue=value)
        chain.put_alarm(Statistic=statistic)

    return alter


def math(expression: str, account: str = "", **settings: Any) -> Callable[[Chain], None]:
    """Put an alarm on a metric-math expression over the metric ``m`` in the place of the alarm.

    ``account`` is the one to read the metric from, the alarm's own where none is named.
    """

    def alter(chain: Chain) -> None:
        without_alarm(chain)
        metric = {"Namespace": "CloudTrailMetrics", "MetricName": "SecurityGroupEventCount"}
        chain.client("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": "changes",
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [TOPIC],
                "Metrics": [
                    {"Id": "e", "Expression": expression},
                    {
                        "Id": "m",
                        "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"},
                        "ReturnData": False,
                        **({"AccountId": account} if account else {}),
                    },
                ],
                **settings,
            }
        )

    return alter


def topic(attribute: str, value: Any) -> Callable[[Chain], None]:
    """Set an attribute of the topic."""

    def alter(chain: Chain) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        chain.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName=attribute, AttributeValue=text)

    return alter


def statement(**changes: Any) -> dict[str, Any]:
    """Return a policy that lets CloudWatch publish to the topic."""
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
    }
    return {"Version": "2012-10-17", "Statement": [{**allowed, **changes}]}


def key(*actions: str, then: str = "", named: str = "", **condition: Any) -> Callable[[Chain], None]:
    """Encrypt the topic with a key that lets CloudWatch do ``actions``; then, for example, disable it."""

    def alter(chain: Chain) -> None:
        administrators = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        service = {
            **administrators,
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": list(actions),
            "Condition": condition,
        }
        statements = [administrators, service] if actions else [administrators]
        kms = chain.client("kms")
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        made = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
        if named:
            kms.create_alias(AliasName=named, TargetKeyId=made)
        topic("KmsMasterKeyId", named or made)(chain)
        if then:
            getattr(kms, then)(KeyId=made)

    return alter


def subscribers(*confirmed: bool, **attributes: str) -> Callable[[Chain], None]:
    """Put a topic that has only email subscriptions, confirmed or pending, in the place of the topic."""

    def alter(chain: Chain) -> None:
        sns = chain.client("sns")
        sns.delete_topic(TopicArn=TOPIC)
        sns.create_topic(Name="alarms")
        for number, does in enumerate(confirmed):
            address = f"person-{number}@example.com"
            arn = sns.subscribe(
                TopicArn=TOPIC,
                Protocol="email",
                Endpoint=address,
                Attributes=attributes,
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
            assert arn
            if does:
                sns.confirm_subscription(TopicArn=TOPIC, Token=chain.aws.outbox(address)[-1].token)

    return alter


def selectors(**chosen: Any) -> Callable[[Chain], None]:
    """Put the trail's event selectors."""
    return lambda chain: chain.client("cloudtrail").put_event_selectors(TrailName="trail", **chosen)


def advanced(*fields: tuple[str, str, str]) -> Callable[[Chain], None]:
    """Put one advanced event selector: field, operator, value."""
    chosen = [{"Field": name, operator: [value]} for name, operator, value in fields]
    return selectors(AdvancedEventSelectors=[{"FieldSelectors": chosen}])


def trail_in(region: str, **settings: Any) -> Callable[[Chain], None]:
    """Put the trail in another region; it delivers to the same log group where that lies there."""

    def alter(chain: Chain) -> None:
        chain.client("cloudtrail").delete_trail(Name="trail")
        trail = chain.client("cloudtrail", region)
        trail.create_trail(
            **{
                "Name": "trail",
                "S3BucketName": "trail-bucket",
                "IsMultiRegionTrail": True,
                "CloudWatchLogsLogGroupArn": GROUP_ARN,
                "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/trail",
                **settings,
            }
        )
        trail.start_logging(Name="trail")

    return alter


def all_in(region: str, **settings: Any) -> Callable[[Chain], None]:
    """Build everything again in another region, and leave nothing of the alarm here."""

    def alter(chain: Chain) -> None:
        here = f":{REGION}:"

        def there(text: str) -> str:
            return text.replace(here, f":{region}:")

        without_alarm(chain)
        chain.client("logs", region).create_log_group(logGroupName=GROUP)
        trail_in(region, CloudWatchLogsLogGroupArn=there(GROUP_ARN), **settings)(chain)
        chain.client("logs", region).put_metric_filter(
            logGroupName=GROUP,
            filterName="changes",
            filterPattern=PATTERN_OF_ELEVEN,
            metricTransformations=[{"metricName": "Changes", "metricNamespace": "Ours", "metricValue": "1"}],
        )
        sns = chain.client("sns", region)
        arn = sns.create_topic(Name="alarms")["TopicArn"]
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint=OPS)
        sns.confirm_subscription(TopicArn=arn, Token=chain.aws.outbox(OPS)[-1].token)
        chain.client("cloudwatch", region).put_metric_alarm(
            AlarmName="changes",
            Namespace="Ours",
            MetricName="Changes",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[arn],
        )

    return alter


def event_rule_only(chain: Chain) -> None:
    """Put a rule that reports each call in the place of the alarm."""
    without_alarm(chain)
    events = chain.client("events")
    pattern = {"source": ["aws.ec2"], "detail": {"eventName": list(ELEVEN)}}
    events.put_rule(Name="each-change", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="each-change", Targets=[{"Id": "topic", "Arn": TOPIC}])
    topic("Policy", statement(Principal={"Service": "events.amazonaws.com"}))(chain)


def _alarm(name: str, notified: Notified, rest: int = 1260, **settings: Any) -> Member:
    return Member(name, notified, {"alarm": settings}, rest=rest)


def _metric(name: str, notified: Notified, alarm: Mapping[str, Any] | None = None, **settings: Any) -> Member:
    return Member(name, notified, {"metric": settings, "alarm": alarm or {}})


def _pattern(name: str, notified: Notified, pattern: str, **more: Any) -> Member:
    return Member(name, notified, {"patterns": [pattern]}, **more)


AS_TEXT = " ".join(f"?{operation}" for operation in ELEVEN)

FAMILY: tuple[Member, ...] = (
    Member("good", ELEVEN),
    # the filter
    Member("two filters", ELEVEN, alter=filters(names(*SIX), names(*ELEVEN[6:]))),
    Member("two filters that overlap", ELEVEN, alter=filters(names(*SIX), names(*ELEVEN))),
    Member("a filter for each operation", ELEVEN, alter=filters(*(names(one) for one in ELEVEN))),
    _pattern("one filter of six", SIX, names(*SIX)),
    _pattern("one filter of seven", SEVEN, names(*SEVEN)),
    _pattern("one operation", ("CreateSecurityGroup",), names("CreateSecurityGroup")),
    _pattern("a wildcard at the end", ("CreateSecurityGroup",), "{ $.eventName = Create* }"),
    _pattern(
        "wildcards at both ends",
        ELEVEN,
        "{ $.eventName = *SecurityGroup* }",
        unknown=ELEVEN,
        reason="also counts DescribeSecurityGroups, which is routine",
    ),
    _pattern("writes with wildcards", ELEVEN, "{ $.eventName = *SecurityGroup* && $.readOnly IS FALSE }"),
    _pattern("everybody but root", NONE, f'{{ $.userIdentity.type != "Root" && ({names(*ELEVEN)[2:-2]}) }}'),
    _pattern(
        "everybody but the user who makes the change",
        NONE,
        f'{{ $.userIdentity.userName != "ops" && ({names(*ELEVEN)[2:-2]}) }}',
        user="ops",
    ),
    _pattern("any user, and a user makes the change", ELEVEN, names(*ELEVEN), user="ops"),
    Member(
        "one filter for root and one for everybody else",
        ELEVEN,
        alter=filters(
            f'{{ $.userIdentity.type = "Root" && ({names(*ELEVEN)[2:-2]}) }}',
            f'{{ $.userIdentity.type != "Root" && ({names(*ELEVEN)[2:-2]}) }}',
        ),
    ),
    Member("two filters of which one takes away what the other adds", NONE, alter=second_value("-1")),
    Member("two filters of which one publishes 0", ELEVEN, alter=second_value("0")),
    Member("two filters of which one publishes 0, averaged", NONE, alter=second_value("0", "Average")),
    Member("two filters of which one publishes 0, the greatest", ELEVEN, alter=second_value("0", "Maximum")),
    Member("two filters, two metrics, one alarm", SIX, {"patterns": [names(*SIX)]}, second_metric),
    Member("two filters, two metrics, two alarms", ELEVEN, {"patterns": [names(*SIX)]}, second_alarm),
    _pattern(
        "a regular expression",
        tuple(one for one in ELEVEN if one.endswith("gress")),
        "{ $.eventName = %[A-Z].*SecurityGroup.*gress$% }",
    ),
    _pattern(
        "the service and the operation",
        SIX,
        "{ $.eventSource = ec2.amazonaws.com && "
        "($.eventName = *SecurityGroupIngress || $.eventName = *SecurityGroupEgress || "
        "$.eventName = CreateSecurityGroup || $.eventName = DeleteSecurityGroup) }",
    ),
    _pattern(
        "the service alone",
        ELEVEN,
        "{ $.eventSource = ec2.amazonaws.com }",
        alter=selectors(EventSelectors=[{"ReadWriteType": "WriteOnly"}]),
    ),
    _pattern("another service", NONE, f"{{ $.eventSource = rds.amazonaws.com && ({names(*SIX)[2:-2]}) }}"),
    _pattern("the wrong case", NONE, names(*SIX).replace("Security", "security")),
    _pattern(
        "everything but one operation",
        tuple(one for one in ELEVEN if one != "DeleteSecurityGroup"),
        "{ $.eventName != DeleteSecurityGroup }",
        alter=selectors(EventSelectors=[{"ReadWriteType": "WriteOnly"}]),
    ),
    _pattern(
        "calls through a service only",
        NONE,
        f'{{ $.userIdentity.invokedBy = "cloudformation.amazonaws.com" && ({names(*ELEVEN)[2:-2]}) }}',
    ),
    _pattern(
        "a condition that needs a field that a person's call lacks",
        NONE,
        f'{{ $.userIdentity.invokedBy != "AWS Internal" && ({names(*ELEVEN)[2:-2]}) }}',
    ),
    _pattern("failed calls only", NONE, f'{{ $.errorCode = "*" && ({names(*ELEVEN)[2:-2]}) }}'),
    _pattern("words in the text", ELEVEN, AS_TEXT),
    Member("a filter on another log group", NONE, alter=filter_elsewhere),
    Member("no filter", NONE, alter=filters()),
    # the metric
    _metric("another metric's name", NONE, metricName="Another"),
    _metric("another namespace", NONE, metricNamespace="Another"),
    _metric("a metric value of 0", NONE, metricValue="0"),
    _metric("a metric value of 5", ELEVEN, metricValue="5"),
    _metric("a unit that the alarm does not name", ELEVEN, unit="Count"),
    _metric("the same unit", ELEVEN, {"Unit": "Count"}, unit="Count"),
    _metric("another unit", NONE, {"Unit": "Count"}, unit="Bytes"),
    _alarm("a unit where the metric has none", NONE, Unit="Count"),
    _alarm("a dimension of the alarm", NONE, Dimensions=[{"Name": "Region", "Value": REGION}]),
    _metric("a dimension of the filter", NONE, dimensions={"Region": "$.awsRegion"}),
    _metric("a default value", ELEVEN, defaultValue=0),
    _metric(
        "a default value that is averaged", ELEVEN, {"Statistic": "Average", "Period": 60}, defaultValue=0
    ),
    # the alarm
    _alarm("SampleCount", ELEVEN, Statistic="SampleCount"),
    _alarm("Minimum", ELEVEN, Statistic="Minimum"),
    _alarm("Maximum", ELEVEN, Statistic="Maximum"),
    _alarm("Average", ELEVEN, Statistic="Average"),
    Member(
        "a percentile",
        ELEVEN,
        alter=lambda chain: chain.client("cloudwatch").put_metric_alarm(
            AlarmName="changes",
            Namespace="CloudTrailMetrics",
            MetricName="SecurityGroupEventCount",
            ExtendedStatistic="p99",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[TOPIC],
        ),
    ),
    _alarm("a threshold of 2", NONE, Threshold=2),
    _alarm("a threshold of one half", ELEVEN, Threshold=0.5),
    _alarm("greater than 1", NONE, ComparisonOperator="GreaterThanThreshold"),
    _alarm("greater than 0", ELEVEN, ComparisonOperator="GreaterThanThreshold", Threshold=0),
    _alarm("at least 0", ELEVEN, Threshold=0),
    _alarm("less than 1", NONE, ComparisonOperator="LessThanThreshold"),
    _alarm(
        "less than 1, silence breaching",
        NONE,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    ),
    _alarm("less than 2", ELEVEN, ComparisonOperator="LessThanThreshold", Threshold=2),
    _alarm("a period of a minute", ELEVEN, Period=60),
    Member(
        "a period of ten seconds",
        ELEVEN,
        {"alarm": {"Period": 10}},
        unknown=ELEVEN,
        reason="one datapoint a minute",
    ),
    _alarm("a period of an hour", ELEVEN, Period=3600, rest=5 * 3600),
    _alarm("silence is missing", ELEVEN, TreatMissingData="missing"),
    _alarm("silence breaches", NONE, TreatMissingData="breaching"),
    _alarm("silence is ignored", NONE, TreatMissingData="ignore"),
    _alarm("five of five, silence in order", NONE, EvaluationPeriods=5, rest=3600),
    _alarm(
        "five of five, silence missing", ELEVEN, EvaluationPeriods=5, TreatMissingData="missing", rest=3600
    ),
    _alarm("five of five, silence ignored", NONE, EvaluationPeriods=5, TreatMissingData="ignore", rest=3600),
    _alarm("one of five", ELEVEN, EvaluationPeriods=5, DatapointsToAlarm=1, rest=3600),
    _alarm("two of five", NONE, EvaluationPeriods=5, DatapointsToAlarm=2, rest=3600),
    # metric math
    Member("metric math: the metric itself", ELEVEN, alter=math("m")),
    Member("metric math: of this account, by its number", ELEVEN, alter=math("m", ACCOUNT)),
    Member("metric math: gaps filled", ELEVEN, alter=math("FILL(m, 0)", TreatMissingData="missing")),
    Member("metric math: half of it", NONE, alter=math("m / 2")),
    Member("metric math: a condition", ELEVEN, alter=math("IF(m > 0, 1, 0)")),
    # what the alarm does
    _alarm("actions disabled", NONE, ActionsEnabled=False),
    _alarm("no action", NONE, AlarmActions=[]),
    _alarm("an action for OK only", NONE, AlarmActions=[], OKActions=[TOPIC]),
    _alarm("actions for ALARM and OK", ELEVEN, OKActions=[TOPIC]),
    _alarm("an action for missing data only", NONE, AlarmActions=[], InsufficientDataActions=[TOPIC]),
    Member(
        "a second alarm acts in its place",
        ELEVEN,
        {"alarm": {"ActionsEnabled": False}},
        more_alarms({"AlarmName": "another", "ActionsEnabled": True}),
    ),
    Member("no alarm", NONE, alter=without_alarm),
    Member("a rule for each call, and no alarm", NONE, alter=event_rule_only),
    # composite alarms
    Member("composite", ELEVEN, alter=composite("ALARM(changes)")),
    Member("composite, negated", NONE, alter=composite("NOT ALARM(changes)")),
    Member(
        "composite, with an alarm that the change does not raise",
        NONE,
        alter=composite("ALARM(changes) AND ALARM(many)", {"AlarmName": "many", "Threshold": 100}),
        unknown=ELEVEN,
        reason="depends on the states of its other alarms",
    ),
    Member(
        "composite, with an alarm that the change raises too",
        ELEVEN,
        alter=composite("ALARM(changes) AND ALARM(twin)", {"AlarmName": "twin"}),
    ),
    Member(
        "composite, of either",
        ELEVEN,
        alter=composite("ALARM(changes) OR ALARM(many)", {"AlarmName": "many", "Threshold": 100}),
    ),
    Member("composite, its actions disabled", NONE, alter=composite("ALARM(changes)", ActionsEnabled=False)),
    Member(
        "composite, suppressed by the change",
        NONE,
        alter=composite(
            "ALARM(changes)",
            {"AlarmName": "twin"},
            ActionsSuppressor="twin",
            ActionsSuppressorWaitPeriod=60,
            ActionsSuppressorExtensionPeriod=60,
        ),
    ),
    Member(
        "composite, suppressed by another alarm",
        ELEVEN,
        alter=composite(
            "ALARM(changes)",
            {"AlarmName": "many", "Threshold": 100},
            ActionsSuppressor="many",
            ActionsSuppressorWaitPeriod=60,
            ActionsSuppressorExtensionPeriod=60,
        ),
        unknown=ELEVEN,
        reason="only while the suppressor alarm many is not in ALARM",
    ),
    # the topic
    Member("the topic deleted", NONE, alter=lambda chain: chain.client("sns").delete_topic(TopicArn=TOPIC)),
    Member("a topic policy that names the service", ELEVEN, alter=topic("Policy", statement())),
    Member("a topic policy that denies", NONE, alter=topic("Policy", statement(Effect="Deny"))),
    Member(
        "a topic policy for another service",
        NONE,
        alter=topic("Policy", statement(Principal={"Service": "events.amazonaws.com"})),
    ),
    Member(
        "a topic policy for another account",
        NONE,
        alter=topic("Policy", statement(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
    ),
    Member(
        "a topic policy for this account's people only",
        NONE,
        alter=topic("Policy", statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
    ),
    Member(
        "a topic policy for alarms of another account",
        NONE,
        alter=topic("Policy", statement(Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})),
    ),
    Member(
        "a topic policy for this alarm",
        ELEVEN,
        alter=topic("Policy", statement(Condition={"ArnEquals": {"aws:SourceArn": ALARM}})),
    ),
    Member(
        "a topic policy for alarms of this account",
        ELEVEN,
        alter=topic(
            "Policy",
            statement(
                Condition={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"},
                }
            ),
        ),
    ),
    Member(
        "a topic policy for this organization's people",
        NONE,
        alter=topic(
            "Policy",
            statement(
                Principal={"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
            ),
        ),
        unknown=ELEVEN,
        reason="it depends on",
    ),
    Member(
        "a topic policy that denies what comes without TLS",
        ELEVEN,
        alter=topic(
            "Policy",
            {
                "Version": "2012-10-17",
                "Statement": [
                    *statement()["Statement"],
                    *statement(
                        Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}
                    )["Statement"],
                ],
            },
        ),
    ),
    Member(
        "two topics, of which one is gone",
        ELEVEN,
        {"alarm": {"AlarmActions": [f"{TOPIC}-gone", TOPIC]}},
    ),
    # the topic's key
    Member("the AWS managed key", NONE, alter=topic("KmsMasterKeyId", "alias/aws/sns")),
    Member("a key that CloudWatch may use", ELEVEN, alter=key("kms:Decrypt", "kms:GenerateDataKey*")),
    Member("a key by its alias", ELEVEN, alter=key("kms:*", named="alias/topics")),
    Member(
        "a key for this account's alarms",
        ELEVEN,
        alter=key("kms:Decrypt", "kms:GenerateDataKey*", StringEquals={"aws:SourceAccount": ACCOUNT}),
    ),
    Member(
        "a key for messages of this topic",
        ELEVEN,
        alter=key("kms:*", StringEquals={"kms:EncryptionContext:aws:sns:topicArn": TOPIC}),
    ),
    Member(
        "a key for messages of another topic",
        NONE,
        alter=key("kms:*", StringEquals={"kms:EncryptionContext:aws:sns:topicArn": f"{TOPIC}-other"}),
    ),
    Member("a key that CloudWatch may not use", NONE, alter=key()),
    Member("a key that CloudWatch may only decrypt with", NONE, alter=key("kms:Decrypt")),
    Member(
        "a key for alarms of another account",
        NONE,
        alter=key("kms:*", StringEquals={"aws:SourceAccount": "111122223333"}),
    ),
    Member("a key that is disabled", NONE, alter=key("kms:*", then="disable_key")),
    Member("a key that will be deleted", NONE, alter=key("kms:*", then="schedule_key_deletion")),
    Member("a key that does not exist", NONE, alter=topic("KmsMasterKeyId", "alias/none")),
    # the subscriptions
    Member("no subscription", NONE, alter=subscribers()),
    Member("one that is confirmed", ELEVEN, alter=subscribers(True)),
    Member("one that is pending", NONE, alter=subscribers(False)),
    Member("one pending and one confirmed", ELEVEN, alter=subscribers(False, True)),
    Member(
        "a filter policy that no message of an alarm passes",
        NONE,
        alter=subscribers(True, FilterPolicy='{"severity": ["high"]}'),
    ),
    Member(
        "a filter policy for ALARM in the body",
        ELEVEN,
        alter=subscribers(True, FilterPolicy='{"NewStateValue": ["ALARM"]}', FilterPolicyScope="MessageBody"),
    ),
    Member(
        "a filter policy for OK in the body",
        NONE,
        alter=subscribers(True, FilterPolicy='{"NewStateValue": ["OK"]}', FilterPolicyScope="MessageBody"),
    ),
    Member("a queue that lets the topic in", ELEVEN, alter=queue(), by_queue=True),
    Member(
        "a queue that lets in topics like this",
        ELEVEN,
        alter=queue(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}}),
        by_queue=True,
    ),
    Member(
        "a queue that lets another topic in",
        NONE,
        alter=queue(Condition={"ArnEquals": {"aws:SourceArn": f"{TOPIC}-other"}}),
        by_queue=True,
    ),
    Member("a queue that lets nobody in", NONE, alter=queue(Effect="Deny"), by_queue=True),
    Member("a queue that is gone", NONE, alter=queue_gone),
    # the trail
    Member("two trails, of which one is stopped", ELEVEN, alter=second_trail),
    Member(
        "a trail that is stopped",
        NONE,
        alter=lambda chain: chain.client("cloudtrail").stop_logging(Name="trail"),
    ),
    Member("a trail of writes", ELEVEN, alter=selectors(EventSelectors=[{"ReadWriteType": "WriteOnly"}])),
    Member("a trail of reads", NONE, alter=selectors(EventSelectors=[{"ReadWriteType": "ReadOnly"}])),
    Member(
        "a trail without management events",
        NONE,
        alter=selectors(EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": False}]),
    ),
    Member(
        "a trail of all management events, advanced",
        ELEVEN,
        alter=advanced(("eventCategory", "Equals", "Management")),
    ),
    Member(
        "a trail without EC2, advanced",
        NONE,
        alter=advanced(
            ("eventCategory", "Equals", "Management"), ("eventSource", "NotEquals", "ec2.amazonaws.com")
        ),
    ),
    Member(
        "a trail of reads, advanced",
        NONE,
        alter=advanced(("eventCategory", "Equals", "Management"), ("readOnly", "Equals", "true")),
    ),
    Member("a trail of this region", ELEVEN, {"trail": {"IsMultiRegionTrail": False}}),
    Member(
        "a trail of another region", NONE, alter=all_in(ELSEWHERE, IsMultiRegionTrail=False), home=ELSEWHERE
    ),
    Member("a trail of all regions at home in another", ELEVEN, alter=all_in(ELSEWHERE), home=ELSEWHERE),
    Member(
        "a trail without a log group",
        NONE,
        alter=trail_in(REGION, CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn=""),
    ),
    Member(
        "the log group deleted",
        NONE,
        alter=lambda chain: chain.client("logs").delete_log_group(logGroupName=GROUP),
    ),
    Member("no trail", NONE, alter=lambda chain: chain.client("cloudtrail").delete_trail(Name="trail")),
)
