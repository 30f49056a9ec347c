"""Deployments that work, each unusual in one way."""

from __future__ import annotations

from dataclasses import replace

from deployment_builder import (
    ACCOUNT,
    ALARM_ARN,
    ELSEWHERE,
    GROUP_ARN,
    HOME,
    KEY_ARN,
    MANAGEMENT_ACCOUNT,
    OTHER_ACCOUNT,
    QUEUE_ARN,
    TOPIC_ARN,
    TRAIL_ARN,
    alarm,
    at_home,
    good,
    key_policy,
    metric_filter,
    metric_stat,
    place,
    policy,
    replace_text,
    statement,
    subscription,
    topic,
    trail,
    transformation,
    with_alarm,
    with_filter,
    with_key,
    with_queue,
    with_stat,
    with_subscription,
    with_topic,
    with_topic_policy,
    with_trail,
    with_transformation,
)
from sg_alarm.alarms import AlarmMuteRule, CompositeAlarm, MetricDataQuery
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    EventSelector,
    FieldSelector,
    LogGroup,
    Place,
    Queue,
)
from sg_alarm.rule.operations import (
    PATTERN_OF_ELEVEN,
    PATTERN_OF_SECURITY_HUB,
    PATTERN_OF_SEVEN,
    PATTERN_OF_SIX,
    PROFILES,
    SIX,
)
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Outside, Unknown

PASS = Verdict.PASS
CONFORMITY = PROFILES["conformity"]
DENIED = Unknown("access denied")
MANAGEMENT = FieldSelector("eventCategory", equals=("Management",))
SG = "SecurityGroupConfigChangesAlarm"
FUNCTION = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:tell"


def pattern_of(*names: str, also: str = "") -> str:
    terms = " || ".join(f"($.eventName = {name})" for name in names)
    return f"{{ ({terms}) && {also} }}" if also else f"{{ {terms} }}"


def advanced(*conditions: FieldSelector):
    return with_trail(event_selectors=(AdvancedEventSelector((MANAGEMENT, *conditions)),))


def conditional(**condition):
    return with_topic_policy(statement(Condition=condition))


def of_organization():
    """The trail, and all that follows, belong to the management account; the member sees a shadow trail."""
    there = replace_text(place(), ACCOUNT, MANAGEMENT_ACCOUNT)
    shadow = replace_text(trail(is_organization=True), ACCOUNT, MANAGEMENT_ACCOUNT)
    return good(trails=(shadow,), places=(Place(ACCOUNT, HOME), Place(ACCOUNT, ELSEWHERE), there))


def with_topic_of_another_account():
    arn = TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT)
    other = topic(
        arn=arn,
        policy={"Statement": statement(Resource=arn)},
        kms_key=KEY_ARN.replace(ACCOUNT, OTHER_ACCOUNT),
    )
    there = Place(
        OTHER_ACCOUNT,
        HOME,
        topics=(other,),
        keys=(replace_text(place().keys[0], f":{ACCOUNT}:key", f":{OTHER_ACCOUNT}:key"),),
    )
    here = place(alarms=(alarm(alarm_actions=(arn,)),), topics=(), keys=())
    return good(places=(here, Place(ACCOUNT, ELSEWHERE), there))


def in_partition(partition: str, region: str):
    return replace(replace_text(replace_text(good(), "arn:aws:", f"arn:{partition}:"), HOME, region))


def two_single_region_trails():
    def local(value):
        return replace_text(value, HOME, ELSEWHERE)

    single = trail(is_multi_region=False)
    return good(trails=(single, local(single)), places=(place(), local(place())))


def with_math(expression: str, **changes):
    queries = (
        MetricDataQuery("m", metric_stat=metric_stat(), return_data=False),
        MetricDataQuery("e", expression=expression),
    )
    return with_alarm(metric_stat=None, metrics=queries, **changes)


def with_sum_of_two_metrics():
    rest = metric_stat(metric=replace(metric_stat().metric, name="Rest"))
    queries = (
        MetricDataQuery("a", metric_stat=metric_stat(), return_data=False),
        MetricDataQuery("b", metric_stat=rest, return_data=False),
        MetricDataQuery("e", expression="FILL(a, 0) + FILL(b, 0)"),
    )
    return at_home(
        metric_filters=(
            metric_filter(pattern_of(*SIX[:3]), "first"),
            metric_filter(pattern_of(*SIX[3:]), "second", transformation=transformation(name="Rest")),
        ),
        alarms=(alarm(metric_stat=None, metrics=queries),),
    )


def with_composite(rule: str, *further, **changes):
    whole = {"alarm_actions": (TOPIC_ARN,), **changes}
    return at_home(
        alarms=(alarm(alarm_actions=()), *further, CompositeAlarm("composite", rule, **whole)),
        topics=(topic(policy=None, kms_key=None),),
    )


WORKING = [
    ("as the modules deploy it", good()),
    ("CIS' seven operations", with_filter(PATTERN_OF_SEVEN)),
    ("all eleven", with_filter(PATTERN_OF_ELEVEN)),
    ("Security Hub's spacing", with_filter(PATTERN_OF_SECURITY_HUB)),
    ("two filters, half of the operations each", with_filter(pattern_of(*SIX[:3]), pattern_of(*SIX[3:]))),
    ("two filters that overlap", with_filter(pattern_of(*SIX[:4]), pattern_of(*SIX[2:]))),
    ("six filters", with_filter(*(pattern_of(name) for name in SIX))),
    (
        "two filters narrowed by who calls, together everybody",
        with_filter(
            pattern_of(*SIX, also='($.userIdentity.type = "Root")'),
            pattern_of(*SIX, also='($.userIdentity.type != "Root")'),
        ),
    ),
    (
        "two metrics, an alarm each",
        at_home(
            metric_filters=(
                metric_filter(pattern_of(*SIX[:3]), "first"),
                metric_filter(pattern_of(*SIX[3:]), "second", transformation=transformation(name="Rest")),
            ),
            alarms=(
                alarm(),
                alarm(
                    name="rest",
                    arn=f"{ALARM_ARN}-rest",
                    metric_stat=metric_stat(metric=replace(metric_stat().metric, name="Rest")),
                ),
            ),
            topics=(topic(policy=None, kms_key=None),),
        ),
    ),
    ("a wildcard before", with_filter("{ $.eventName = *SecurityGroup* && $.readOnly IS FALSE }")),
    (
        "wildcards behind",
        with_filter(
            "{ $.eventName = AuthorizeSecurityGroup* || $.eventName = RevokeSecurityGroup* || "
            "$.eventName = CreateSecurityGroup || $.eventName = DeleteSecurityGroup }"
        ),
    ),
    ("a regular expression", with_filter("{ $.eventName = %SecurityGroup% && $.readOnly IS FALSE }")),
    ("a text", with_filter(" ".join(f"?{name}" for name in SIX))),
    ("with the service named", with_filter(pattern_of(*SIX, also="($.eventSource = ec2.amazonaws.com)"))),
    ("successful calls only", with_filter(pattern_of(*SIX, also="($.errorCode NOT EXISTS)"))),
    ("of this account only", with_filter(pattern_of(*SIX, also=f'($.recipientAccountId = "{ACCOUNT}")'))),
    (
        "of both regions in scope",
        with_filter(pattern_of(*SIX, also=f'(($.awsRegion = "{HOME}") || ($.awsRegion = "{ELSEWHERE}"))')),
    ),
    (
        "a filter for each region",
        with_filter(
            pattern_of(*SIX, also=f'($.awsRegion = "{HOME}")'),
            pattern_of(*SIX, also=f'($.awsRegion = "{ELSEWHERE}")'),
        ),
    ),
    (
        "criteria that admit both regions",
        with_filter(field_selection_criteria=f'@aws.region IN ["{HOME}", "{ELSEWHERE}"]'),
    ),
    ("criteria that admit the account", with_filter(field_selection_criteria=f'@aws.account = "{ACCOUNT}"')),
    (
        "another metric's name",
        at_home(
            metric_filters=(metric_filter(transformation=transformation(name="sg", namespace="Security")),),
            alarms=(
                alarm(
                    metric_stat=metric_stat(
                        metric=replace(metric_stat().metric, name="sg", namespace="Security")
                    )
                ),
            ),
        ),
    ),
    ("value 5", with_transformation(value="5")),
    ("default value 0", with_transformation(default_value=0.0)),
    (
        "default value 0, missing data ignored",
        at_home(
            metric_filters=(metric_filter(transformation=transformation(default_value=0.0)),),
            alarms=(alarm(treat_missing_data="ignore"),),
        ),
    ),
    (
        "a unit on both",
        at_home(
            metric_filters=(metric_filter(transformation=transformation(unit="Count")),),
            alarms=(alarm(metric_stat=metric_stat(unit="Count")),),
        ),
    ),
    ("missing data missing", with_alarm(treat_missing_data="missing")),
    ("greater than 0", with_alarm(comparison_operator="GreaterThanThreshold", threshold=0.0)),
    ("one of five", with_alarm(evaluation_periods=5, datapoints_to_alarm=1)),
    ("a period of a minute", with_stat(period=60)),
    ("a period of a day", with_stat(period=86_400)),
    ("counted", with_stat(stat="SampleCount")),
    ("maximum", with_stat(stat="Maximum")),
    ("average without default", with_stat(stat="Average")),
    ("a percentile", with_stat(stat="p99")),
    ("metric math: zeros for gaps", with_math("FILL(m, 0)")),
    ("metric math: a condition", with_math("IF(m > 0, 1, 0)")),
    ("metric math: a sum of two metrics", with_sum_of_two_metrics()),
    ("composite", with_composite(f"ALARM({SG})")),
    ("composite by ARN", with_composite(f'ALARM("{ALARM_ARN}")')),
    (
        "composite of two",
        with_composite(
            f"ALARM({SG}) OR ALARM(other)", alarm(name="other", arn=None, alarm_actions=(), threshold=9.0)
        ),
    ),
    (
        "an alarm that another mute rule names",
        at_home(mute_rules=(AlarmMuteRule("x", ("other",), "ACTIVE"),)),
    ),
    ("a mute rule that expired", at_home(mute_rules=(AlarmMuteRule("x", (SG,), "EXPIRED"),))),
    (
        "a second alarm that is silent",
        at_home(alarms=(alarm(name="silent", arn=f"{ALARM_ARN}-2", actions_enabled=False), alarm())),
    ),
    ("a topic and a function", with_alarm(alarm_actions=(FUNCTION, TOPIC_ARN))),
    ("a topic and something unknown", with_alarm(alarm_actions=(DENIED, TOPIC_ARN))),
    ("write events only", with_trail(event_selectors=(EventSelector("WriteOnly"),))),
    (
        "keys' events left out",
        with_trail(
            event_selectors=(EventSelector("All", True, ("kms.amazonaws.com", "rdsdata.amazonaws.com")),)
        ),
    ),
    (
        "a second selector for data events",
        with_trail(event_selectors=(EventSelector("All", False), EventSelector("WriteOnly", True))),
    ),
    ("advanced selectors", advanced()),
    ("advanced selectors for writes", advanced(FieldSelector("readOnly", equals=("false",)))),
    (
        "advanced selectors without keys' events",
        advanced(FieldSelector("eventSource", not_equals=("kms.amazonaws.com", "rdsdata.amazonaws.com"))),
    ),
    (
        "advanced selectors of names",
        advanced(FieldSelector("eventName", equals=("CreateSecurityGroup",), ends_with=("Group", "gress"))),
    ),
    (
        "two trails, one stopped",
        good(trails=(trail(arn=f"{TRAIL_ARN}-old", is_logging=False, log_group_arn=None), trail())),
    ),
    ("a trail of one region for each", two_single_region_trails()),
    ("a shadow of the trail beside it", good(trails=(trail(), trail()))),
    ("organization trail of this account", with_trail(is_organization=True)),
    ("organization trail of the management account", of_organization()),
    ("log group's ARN without a star", with_trail(log_group_arn=GROUP_ARN)),
    ("home region of unknown name", with_trail(home_region=DENIED)),
    (
        "other filters on the group",
        at_home(
            metric_filters=(
                metric_filter(
                    "{ $.eventName = ConsoleLogin }", "login", transformation=transformation(name="Logins")
                ),
                metric_filter(),
            )
        ),
    ),
    (
        "a filter without a metric beside it",
        at_home(
            metric_filters=(metric_filter(PATTERN_OF_SIX, "broken", transformation=None), metric_filter())
        ),
    ),
    ("GovCloud", in_partition("aws-us-gov", "us-gov-west-1")),
    ("China", in_partition("aws-cn", "cn-north-1")),
    ("a topic of another account", with_topic_of_another_account()),
    ("SNS' default policy", with_topic(policy=None)),
    (
        "SNS' default policy, written out",
        with_topic_policy(
            statement(
                Principal={"AWS": "*"},
                Action=["SNS:Publish", "SNS:Subscribe"],
                Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
            )
        ),
    ),
    ("open to everybody", with_topic_policy(statement(Principal="*", Condition=None))),
    ("one statement, not a list", with_topic(policy={"Statement": statement()})),
    (
        "wildcards in the policy",
        with_topic_policy(statement(Action="SNS:P*", Resource="arn:aws:sns:*:*:Cloud*")),
    ),
    (
        "any alarm of the account",
        conditional(ArnLike={"aws:SourceArn": f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"}),
    ),
    ("any source of the account", conditional(StringLike={"aws:SourceAccount": "1111*"})),
    ("one of several accounts", conditional(StringEquals={"AWS:SourceAccount": [OTHER_ACCOUNT, ACCOUNT]})),
    ("not another account", conditional(StringNotEquals={"aws:SourceAccount": OTHER_ACCOUNT})),
    ("if it exists", conditional(StringEqualsIfExists={"aws:SourceAccount": ACCOUNT})),
    ("by TLS", conditional(Bool={"aws:SecureTransport": "true"})),
    ("source given", conditional(Null={"aws:SourceArn": "false"})),
    (
        "denied without TLS",
        with_topic_policy(
            statement(),
            statement(
                Effect="Deny",
                Principal="*",
                Action="sns:*",
                Condition={"Bool": {"aws:SecureTransport": False}},
            ),
        ),
    ),
    (
        "denied to another account",
        with_topic_policy(
            statement(),
            statement(Effect="Deny", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}, Condition=None),
        ),
    ),
    (
        "denied to all but CloudWatch",
        with_topic_policy(
            statement(),
            statement(
                Effect="Deny",
                Principal=None,
                NotPrincipal={"Service": "cloudwatch.amazonaws.com"},
                Condition=None,
            ),
        ),
    ),
    ("not encrypted", with_topic(kms_key=None)),
    ("an empty key", with_topic(kms_key="")),
    ("key by id", with_topic(kms_key=KEY_ARN.split("/")[1])),
    ("key by alias", with_topic(kms_key="alias/security-alarms")),
    ("key by the alias's ARN", with_topic(kms_key=f"arn:aws:kms:{HOME}:{ACCOUNT}:alias/security-alarms")),
    ("everything with the key", with_key(policy=key_policy(Action="kms:*", Condition=None))),
    (
        "key for this topic only",
        with_key(
            policy=key_policy(
                Condition={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": TOPIC_ARN}}
            )
        ),
    ),
    (
        "several subscriptions, one pending",
        with_topic(
            subscriptions=(subscription(arn="a", confirmed=False), subscription(arn="b", protocol="sqs"))
        ),
    ),
    ("any protocol", with_subscription(protocol="https", endpoint="https://hooks.example.com/sns")),
    ("a queue that was not looked at", with_queue(None)),
    (
        "a queue that lets the topic in",
        with_queue(
            Queue(
                policy(
                    statement(
                        Principal={"Service": "sns.amazonaws.com"},
                        Action="sqs:SendMessage",
                        Resource=QUEUE_ARN,
                        Condition={"ArnEquals": {"aws:SourceArn": TOPIC_ARN}},
                    )
                )
            )
        ),
    ),
    ("an empty filter policy", with_subscription(filter_policy={})),
    (
        "filter for alarms",
        with_subscription(filter_policy={"NewStateValue": ["ALARM"]}, filter_policy_scope="MessageBody"),
    ),
    (
        "filter for alarms of a name",
        with_subscription(
            filter_policy={"AlarmName": [{"prefix": "Security"}, "other"]}, filter_policy_scope="MessageBody"
        ),
    ),
    (
        "filter for messages without an attribute",
        with_subscription(filter_policy={"team": [{"exists": False}]}),
    ),
]


# What a reader of code sees: addresses for ARNs, placeholders for the account, nothing of what people did.
CODE_GROUP = LogGroup(
    "${var.log_group_name}",
    exists=Outside("named by a variable"),
    trail=Outside("the trail is not in the code"),
)
CODE = good(
    account="${data.aws_caller_identity.this.account_id}",
    regions=("${var.region}",),
    trails=(),
    places=(
        Place(
            "${data.aws_caller_identity.this.account_id}",
            "${var.region}",
            log_groups=(CODE_GROUP,),
            metric_filters=(
                metric_filter(
                    log_group_arn=CODE_GROUP.arn, address="module.x.aws_cloudwatch_log_metric_filter.this"
                ),
            ),
            alarms=(alarm(arn="aws_cloudwatch_metric_alarm.this", alarm_actions=("aws_sns_topic.this",)),),
            topics=(
                topic(
                    arn="aws_sns_topic.this",
                    kms_key="aws_kms_key.this",
                    policy={
                        "Statement": statement(
                            Resource="aws_sns_topic.this",
                            Condition={
                                "StringEquals": {
                                    "aws:SourceAccount": "${data.aws_caller_identity.this.account_id}"
                                },
                                "ArnEquals": {"aws:SourceArn": "aws_cloudwatch_metric_alarm.this"},
                            },
                        )
                    },
                    subscriptions=(
                        subscription(
                            arn="aws_sns_topic_subscription.this",
                            confirmed=Outside("only an account shows it"),
                        ),
                    ),
                ),
            ),
            keys=(
                replace(
                    place().keys[0],
                    arn="aws_kms_key.this",
                    policy=key_policy(
                        Condition={"ArnLike": {"aws:SourceArn": "aws_cloudwatch_metric_alarm.this"}}
                    ),
                ),
            ),
        ),
    ),
)


def code(**changes):
    return replace(CODE, places=(replace(CODE.places[0], **changes),))
