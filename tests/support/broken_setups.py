"""Deployments with one link broken, in every way that the model can express, and the verdict on each."""

from __future__ import annotations

from deployment_builder import (
    ACCOUNT,
    ALARM_ARN,
    ELSEWHERE,
    GROUP_ARN,
    HOME,
    KEY_ARN,
    METRIC_NAME,
    OTHER_ACCOUNT,
    QUEUE_ARN,
    TOPIC_ARN,
    alarm,
    at_home,
    good,
    key_policy,
    metric_filter,
    place,
    policy,
    statement,
    subscription,
    topic,
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
from sg_alarm.alarms import AlarmMuteRule, CompositeAlarm, Dimension, Metric, MetricDataQuery, MetricStat
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    Delivery,
    EventSelector,
    FieldSelector,
    LogGroup,
    Place,
    Queue,
)
from sg_alarm.rule.operations import PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.unknown import Unknown

FAIL, UNKNOWN = Verdict.FAIL, Verdict.UNKNOWN
DENIED = Unknown("access denied")
CONFORMITY = PROFILES["conformity"]
MANAGEMENT = FieldSelector("eventCategory", equals=("Management",))


def advanced(*conditions: FieldSelector):
    return with_trail(event_selectors=(AdvancedEventSelector((MANAGEMENT, *conditions)),))


def composite(rule: str, **changes):
    whole = {"alarm_actions": (TOPIC_ARN,), **changes}
    return composites(CompositeAlarm("composite", rule, **whole))


def composites(*alarms):
    open_topic = topic(policy=None, kms_key=None)
    return at_home(alarms=(alarm(alarm_actions=()), *alarms), topics=(open_topic,))


def muted(*rules: AlarmMuteRule):
    return at_home(mute_rules=rules)


def conditional(**condition):
    return with_topic_policy(statement(Condition=condition))


def denied(**changes):
    return with_topic_policy(statement(), statement(Effect="Deny", **changes))


SG = "SecurityGroupConfigChangesAlarm"
FIVE_OF_SIX = PATTERN_OF_SIX.replace(" || ($.eventName = DeleteSecurityGroup)", "")
OTHER_TRAIL = f"arn:aws:cloudtrail:{HOME}:{OTHER_ACCOUNT}:trail/main"

BROKEN = {
    Link.TRAIL: [
        ("no trail", FAIL, good(trails=())),
        ("stopped", FAIL, with_trail(is_logging=False)),
        ("single region", FAIL, with_trail(is_multi_region=False)),
        (
            "single region, of a variable",
            UNKNOWN,
            with_trail(is_multi_region=False, home_region="${var.region}"),
        ),
        ("single region elsewhere", FAIL, with_trail(is_multi_region=False, home_region=ELSEWHERE)),
        ("of another account", FAIL, with_trail(arn=OTHER_TRAIL)),
        ("perhaps an organization's", UNKNOWN, with_trail(arn=OTHER_TRAIL, is_organization=DENIED)),
        ("trails unreadable", UNKNOWN, good(trails=DENIED)),
        ("reads only", FAIL, with_trail(event_selectors=(EventSelector("ReadOnly"),))),
        ("no management events", FAIL, with_trail(event_selectors=(EventSelector("All", False),))),
        (
            "EC2 excluded",
            FAIL,
            with_trail(event_selectors=(EventSelector("All", True, ("ec2.amazonaws.com",)),)),
        ),
        ("type of events unknown", UNKNOWN, with_trail(event_selectors=(EventSelector(DENIED),))),
        ("management events unknown", UNKNOWN, with_trail(event_selectors=(EventSelector("All", DENIED),))),
        (
            "advanced: data events",
            FAIL,
            with_trail(
                event_selectors=(AdvancedEventSelector((FieldSelector("eventCategory", equals=("Data",)),)),)
            ),
        ),
        ("advanced: reads only", FAIL, advanced(FieldSelector("readOnly", equals=("true",)))),
        (
            "advanced: another service",
            FAIL,
            advanced(FieldSelector("eventSource", equals=("iam.amazonaws.com",))),
        ),
        (
            "advanced: not EC2",
            FAIL,
            advanced(FieldSelector("eventSource", not_equals=("ec2.amazonaws.com",))),
        ),
        ("advanced: not from ec2…", FAIL, advanced(FieldSelector("eventSource", not_starts_with=("ec2",)))),
        (
            "advanced: not one call",
            FAIL,
            advanced(FieldSelector("eventName", not_equals=("DeleteSecurityGroup",))),
        ),
        ("advanced: not …Group", FAIL, advanced(FieldSelector("eventName", not_ends_with=("Group",)))),
        ("advanced: Create… only", FAIL, advanced(FieldSelector("eventName", starts_with=("Create",)))),
        (
            "advanced: not …Ingress",
            FAIL,
            advanced(
                FieldSelector("eventName", starts_with=("A", "R", "C", "D"), not_ends_with=("Ingress",))
            ),
        ),
        (
            "advanced: not one role",
            FAIL,
            advanced(FieldSelector("userIdentity.arn", not_ends_with=("deploy",))),
        ),
        (
            "advanced: console only",
            FAIL,
            advanced(FieldSelector("sessionCredentialFromConsole", equals=("true",))),
        ),
        ("advanced: no category", UNKNOWN, with_trail(event_selectors=(AdvancedEventSelector(()),))),
        ("advanced: unknown", UNKNOWN, with_trail(event_selectors=(AdvancedEventSelector(DENIED),))),
        ("advanced: unknown field", UNKNOWN, advanced(FieldSelector(DENIED, equals=("a",)))),
        ("advanced: unknown values", UNKNOWN, advanced(FieldSelector("eventSource", not_equals=DENIED))),
    ],
    Link.LOG_GROUP: [
        ("none", FAIL, with_trail(log_group_arn=None)),
        ("another name", FAIL, with_trail(log_group_arn=f"{GROUP_ARN}-old:*")),
        ("same name elsewhere", FAIL, with_trail(log_group_arn=GROUP_ARN.replace(HOME, ELSEWHERE))),
        (
            "same name, another account",
            UNKNOWN,
            with_trail(log_group_arn=GROUP_ARN.replace(ACCOUNT, OTHER_ACCOUNT)),
        ),
        ("deleted", FAIL, at_home(log_groups=())),
        ("unreadable", UNKNOWN, at_home(log_groups=DENIED)),
        ("class without filters", FAIL, at_home(log_groups=(LogGroup(GROUP_ARN, "INFREQUENT_ACCESS"),))),
        ("class unknown", UNKNOWN, at_home(log_groups=(LogGroup(GROUP_ARN, DENIED),))),
        ("does not exist", FAIL, at_home(log_groups=(LogGroup(GROUP_ARN, exists=False),))),
        ("no role", FAIL, with_trail(role_arn=None)),
        ("delivery fails", FAIL, with_trail(delivery=Delivery("2026-01-31", "AccessDenied"))),
        ("never delivered", UNKNOWN, with_trail(delivery=Delivery(None))),
        ("error unknown", UNKNOWN, with_trail(delivery=Delivery("2026-01-31", DENIED))),
        ("time unknown", UNKNOWN, with_trail(delivery=Delivery(DENIED))),
    ],
    Link.METRIC_FILTER: [
        ("none", FAIL, at_home(metric_filters=())),
        ("unreadable", UNKNOWN, at_home(metric_filters=DENIED)),
        ("on another log group", FAIL, with_filter(log_group_arn=f"{GROUP_ARN}-old")),
        ("on the same name elsewhere", FAIL, with_filter(log_group_arn=GROUP_ARN.replace(HOME, ELSEWHERE))),
        (
            "on another account's group",
            FAIL,
            with_filter(log_group_arn=GROUP_ARN.replace(ACCOUNT, OTHER_ACCOUNT)),
        ),
        ("of something else", FAIL, with_filter("{ $.eventName = ConsoleLogin }")),
        ("one operation missing", FAIL, with_filter(FIVE_OF_SIX)),
        ("a typing error", FAIL, with_filter(PATTERN_OF_SIX.replace("DeleteSecurity", "DeleteSecurty"))),
        (
            "wrong case",
            FAIL,
            with_filter(PATTERN_OF_SIX.replace("DeleteSecurityGroup", "deleteSecurityGroup")),
        ),
        ("wrong field", FAIL, with_filter(PATTERN_OF_SIX.replace("eventName", "EventName"))),
        (
            "one operation denied",
            FAIL,
            with_filter(
                "{ $.eventName = *SecurityGroup* && $.eventName != DeleteSecurityGroup "
                "&& $.readOnly IS FALSE }"
            ),
        ),
        ("and for or", FAIL, with_filter(PATTERN_OF_SIX.replace("||", "&&"))),
        ("failed calls only", FAIL, with_filter("{ $.eventName = *SecurityGroup* && $.errorCode = * }")),
        (
            "a principal left out",
            FAIL,
            with_filter('{ ($.userIdentity.userName != "terraform") && ($.eventName = *SecurityGroup*) }'),
        ),
        (
            "invokedBy compared",
            FAIL,
            with_filter('{ ($.userIdentity.invokedBy != "x") && ($.eventName = *SecurityGroup*) }'),
        ),
        ("root only", FAIL, with_filter('{ $.userIdentity.type = "Root" && $.eventName = *SecurityGroup* }')),
        (
            "one region only",
            FAIL,
            with_filter(f'{{ $.awsRegion = "{HOME}" && $.eventName = *SecurityGroup* }}'),
        ),
        (
            "another account",
            FAIL,
            with_filter(f'{{ $.recipientAccountId = "{OTHER_ACCOUNT}" && $.eventName = *SecurityGroup* }}'),
        ),
        (
            "another service",
            FAIL,
            with_filter('{ $.eventSource = "rds.amazonaws.com" && $.eventName = *SecurityGroup* }'),
        ),
        (
            "two halves of which one is narrowed",
            FAIL,
            with_filter(FIVE_OF_SIX, "{ $.eventName = DeleteSecurityGroup && $.userIdentity.type = Root }"),
        ),
        ("invalid", FAIL, with_filter("{ $.eventName = }")),
        ("a text of one operation", FAIL, with_filter("CreateSecurityGroup")),
        ("pattern unknown", UNKNOWN, with_filter(DENIED)),
        ("log group unknown", UNKNOWN, with_filter(log_group_arn=DENIED)),
        ("transformed events", UNKNOWN, with_filter(apply_on_transformed_logs=True)),
        ("perhaps transformed events", UNKNOWN, with_filter(apply_on_transformed_logs=DENIED)),
        (
            "criteria: another account",
            FAIL,
            with_filter(field_selection_criteria=f'@aws.account = "{OTHER_ACCOUNT}"'),
        ),
        (
            "criteria: other regions",
            FAIL,
            with_filter(field_selection_criteria='@aws.region IN ["eu-west-1","eu-west-2"]'),
        ),
        (
            "criteria: not every region",
            UNKNOWN,
            with_filter(field_selection_criteria=f'@aws.region = "{HOME}"'),
        ),
        ("criteria: unclear", UNKNOWN, with_filter(field_selection_criteria='@aws.region != "eu-west-1"')),
        ("criteria unknown", UNKNOWN, with_filter(field_selection_criteria=DENIED)),
    ],
    Link.METRIC: [
        ("none", FAIL, with_filter(transformation=None)),
        ("unknown", UNKNOWN, with_filter(transformation=DENIED)),
        ("name unknown", UNKNOWN, with_transformation(name=DENIED)),
        ("namespace unknown", UNKNOWN, with_transformation(namespace=DENIED)),
    ],
    Link.ALARM: [
        ("none", FAIL, at_home(alarms=())),
        ("unreadable", UNKNOWN, at_home(alarms=DENIED)),
        (
            "in another region",
            FAIL,
            good(places=(place(alarms=()), Place(ACCOUNT, ELSEWHERE, alarms=(alarm(),)))),
        ),
        ("another metric", FAIL, with_stat(metric=Metric("CloudTrailMetrics", "RootLogins"))),
        ("another namespace", FAIL, with_stat(metric=Metric("LogMetrics", METRIC_NAME))),
        ("a filter's name for the metric", FAIL, with_transformation(name="SecurityGroupConfigChanges")),
        ("metric unknown", UNKNOWN, with_stat(metric=Metric(DENIED, DENIED))),
        (
            "an extra dimension",
            FAIL,
            with_stat(metric=Metric("CloudTrailMetrics", METRIC_NAME, (Dimension("a", "b"),))),
        ),
        (
            "a filter with a dimension",
            FAIL,
            with_transformation(dimensions=(Dimension("who", "$.userIdentity.arn"),)),
        ),
        (
            "the dimension's value",
            UNKNOWN,
            at_home(
                metric_filters=(
                    metric_filter(
                        transformation=transformation(dimensions=(Dimension("who", "$.userIdentity.arn"),))
                    ),
                ),
                alarms=(
                    alarm(
                        metric_stat=MetricStat(
                            Metric("CloudTrailMetrics", METRIC_NAME, (Dimension("who", "alice"),)), "Sum", 300
                        )
                    ),
                ),
            ),
        ),
        (
            "system field dimensions",
            FAIL,
            with_transformation(emit_system_field_dimensions=("@aws.account",)),
        ),
        ("another unit", FAIL, with_stat(unit="Bytes")),
        ("value 0", FAIL, with_transformation(value="0")),
        ("value from the event", UNKNOWN, with_transformation(value="$.size")),
        ("default value 1", FAIL, with_transformation(default_value=1.0)),
        (
            "default value unknown, averaged",
            UNKNOWN,
            at_home(
                metric_filters=(metric_filter(transformation=transformation(default_value=DENIED)),),
                alarms=(
                    alarm(metric_stat=MetricStat(Metric("CloudTrailMetrics", METRIC_NAME), "Average", 300)),
                ),
            ),
        ),
        ("threshold too high", FAIL, with_alarm(threshold=2.0)),
        ("greater than 1", FAIL, with_alarm(comparison_operator="GreaterThanThreshold")),
        ("less than 1", FAIL, with_alarm(comparison_operator="LessThanThreshold")),
        ("comparison unknown", UNKNOWN, with_alarm(comparison_operator=DENIED)),
        ("threshold unknown", UNKNOWN, with_alarm(threshold=DENIED)),
        ("five of five", FAIL, with_alarm(evaluation_periods=5, datapoints_to_alarm=5)),
        ("two periods", FAIL, with_alarm(evaluation_periods=2)),
        ("periods unknown", UNKNOWN, with_alarm(evaluation_periods=DENIED)),
        ("missing data breaches", FAIL, with_alarm(treat_missing_data="breaching")),
        ("missing data ignored: once and never again", FAIL, with_alarm(treat_missing_data="ignore")),
        ("missing data unknown", UNKNOWN, with_alarm(treat_missing_data=DENIED)),
        (
            "average of a diluted metric",
            FAIL,
            at_home(
                metric_filters=(metric_filter(transformation=transformation(default_value=0.0)),),
                alarms=(
                    alarm(metric_stat=MetricStat(Metric("CloudTrailMetrics", METRIC_NAME), "Minimum", 300)),
                ),
            ),
        ),
        ("statistic unknown", UNKNOWN, with_stat(stat=DENIED)),
        (
            "anomaly detection",
            UNKNOWN,
            with_alarm(
                comparison_operator="GreaterThanUpperThreshold",
                threshold=None,
                threshold_metric_id="band",
                metric_stat=None,
                metrics=(
                    MetricDataQuery(
                        "m", metric_stat=MetricStat(Metric("CloudTrailMetrics", METRIC_NAME), "Sum", 300)
                    ),
                    MetricDataQuery("band", expression="ANOMALY_DETECTION_BAND(m, 2)"),
                ),
            ),
        ),
        (
            "metric math above the count",
            FAIL,
            with_alarm(
                metric_stat=None,
                metrics=(
                    MetricDataQuery(
                        "m",
                        metric_stat=MetricStat(Metric("CloudTrailMetrics", METRIC_NAME), "Sum", 300),
                        return_data=False,
                    ),
                    MetricDataQuery("e", expression="m / 10"),
                ),
            ),
        ),
        (
            "a search",
            UNKNOWN,
            with_alarm(
                metric_stat=None,
                metrics=(
                    MetricDataQuery(
                        "e", expression=f"SELECT SUM({METRIC_NAME}) FROM CloudTrailMetrics", period=300
                    ),
                ),
            ),
        ),
        ("composite with an unknown rule", UNKNOWN, composite(DENIED)),
        (
            "composite of another alarm",
            FAIL,
            composites(
                CompositeAlarm("composite", "ALARM(x)", alarm_actions=(TOPIC_ARN,)),
                alarm(name="x", arn=None, threshold=2.0),
            ),
        ),
        ("composite that holds anyway", FAIL, composite(f"OK({SG}) OR ALARM({SG})")),
    ],
    Link.ACTION: [
        ("disabled", FAIL, with_alarm(actions_enabled=False)),
        ("perhaps disabled", UNKNOWN, with_alarm(actions_enabled=DENIED)),
        ("none", FAIL, with_alarm(alarm_actions=())),
        ("on OK only", FAIL, with_alarm(alarm_actions=(), ok_actions=(TOPIC_ARN,))),
        ("on missing data only", FAIL, with_alarm(alarm_actions=(), insufficient_data_actions=(TOPIC_ARN,))),
        ("unknown", UNKNOWN, with_alarm(alarm_actions=DENIED)),
        ("one, unknown", UNKNOWN, with_alarm(alarm_actions=(DENIED,))),
        ("a topic elsewhere", FAIL, with_alarm(alarm_actions=(TOPIC_ARN.replace(HOME, ELSEWHERE),))),
        (
            "a function",
            UNKNOWN,
            with_alarm(alarm_actions=(f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:tell",)),
        ),
        (
            "an incident",
            UNKNOWN,
            with_alarm(alarm_actions=(f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/x",)),
        ),
        ("an OpsItem", UNKNOWN, with_alarm(alarm_actions=(f"arn:aws:ssm:{HOME}:{ACCOUNT}:opsitem:1",))),
        ("stops an instance", FAIL, with_alarm(alarm_actions=(f"arn:aws:automate:{HOME}:ec2:stop",))),
        (
            "scales",
            FAIL,
            with_alarm(alarm_actions=(f"arn:aws:autoscaling:{HOME}:{ACCOUNT}:scalingPolicy:x",)),
        ),
        ("no ARN", FAIL, with_alarm(alarm_actions=("true",))),
        ("muted", FAIL, muted(AlarmMuteRule("night", (SG,), "ACTIVE"))),
        ("to be muted at times", UNKNOWN, muted(AlarmMuteRule("night", (SG,), "SCHEDULED"))),
        ("perhaps muted", UNKNOWN, muted(AlarmMuteRule("night", DENIED, "ACTIVE"))),
        ("mute rules unreadable", UNKNOWN, at_home(mute_rules=DENIED)),
        ("composite, suppressed", UNKNOWN, composite(f"ALARM({SG})", actions_suppressor="maintenance")),
        ("composite, suppressed by the change", FAIL, composite(f"ALARM({SG})", actions_suppressor=SG)),
        ("composite without actions", FAIL, composite(f"ALARM({SG})", alarm_actions=())),
    ],
    Link.TOPIC: [
        ("deleted", FAIL, at_home(topics=())),
        ("unreadable", UNKNOWN, at_home(topics=DENIED)),
        (
            "another account's",
            UNKNOWN,
            with_alarm(alarm_actions=(TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT),)),
        ),
        ("policy unknown", UNKNOWN, with_topic(policy=DENIED)),
        ("policy with nothing", FAIL, with_topic_policy()),
        ("policy without statements", UNKNOWN, with_topic(policy={})),
        ("policy in part unknown", UNKNOWN, with_topic_policy(DENIED)),
        (
            "another service",
            FAIL,
            with_topic_policy(statement(Principal={"Service": "events.amazonaws.com"})),
        ),
        (
            "the account's root",
            FAIL,
            with_topic_policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition=None)),
        ),
        ("principal unknown", UNKNOWN, with_topic_policy(statement(Principal={"Service": DENIED}))),
        ("principals unknown", UNKNOWN, with_topic_policy(statement(Principal=DENIED))),
        (
            "principal of no kind",
            UNKNOWN,
            with_topic_policy(statement(Principal=["cloudwatch.amazonaws.com"])),
        ),
        (
            "not CloudWatch",
            FAIL,
            with_topic_policy(
                statement(Principal=None, NotPrincipal={"Service": "cloudwatch.amazonaws.com"})
            ),
        ),
        ("another action", FAIL, with_topic_policy(statement(Action="sns:Subscribe"))),
        ("not publishing", FAIL, with_topic_policy(statement(Action=None, NotAction="sns:Pub*"))),
        ("another topic", FAIL, with_topic_policy(statement(Resource=f"{TOPIC_ARN}-old"))),
        (
            "another region's topic",
            FAIL,
            with_topic_policy(statement(Resource=TOPIC_ARN.replace(HOME, ELSEWHERE))),
        ),
        ("not this topic", FAIL, with_topic_policy(statement(Resource=None, NotResource=TOPIC_ARN))),
        ("another source account", FAIL, conditional(StringEquals={"aws:SourceAccount": OTHER_ACCOUNT})),
        ("another owner", FAIL, conditional(StringEquals={"AWS:SourceOwner": OTHER_ACCOUNT})),
        ("another alarm", FAIL, conditional(ArnEquals={"aws:SourceArn": f"{ALARM_ARN}-old"})),
        (
            "alarms elsewhere",
            FAIL,
            conditional(ArnLike={"aws:SourceArn": f"arn:aws:cloudwatch:{ELSEWHERE}:*:alarm:*"}),
        ),
        ("not from this account", FAIL, conditional(StringNotEquals={"aws:SourceAccount": [ACCOUNT]})),
        (
            "one of two conditions",
            FAIL,
            conditional(StringEquals={"aws:SourceAccount": ACCOUNT}, Bool={"aws:SecureTransport": "false"}),
        ),
        ("an organization's", UNKNOWN, conditional(StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})),
        ("a source organization's", UNKNOWN, conditional(StringEquals={"aws:SourceOrgID": "o-a1b2c3d4e5"})),
        ("an address", UNKNOWN, conditional(IpAddress={"aws:SourceIp": "198.51.100.0/24"})),
        ("a date", UNKNOWN, conditional(DateLessThan={"aws:CurrentTime": "2026-12-31T00:00:00Z"})),
        ("condition unknown", UNKNOWN, with_topic_policy(statement(Condition=DENIED))),
        ("value unknown", UNKNOWN, conditional(StringEquals={"aws:SourceAccount": DENIED})),
        ("denied to everybody", FAIL, denied(Principal="*", Condition=None)),
        ("denied to CloudWatch", FAIL, denied()),
        (
            "denied to all but root",
            FAIL,
            denied(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition=None),
        ),
        (
            "perhaps denied",
            UNKNOWN,
            denied(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        ),
        (
            "default policy, another account's topic",
            FAIL,
            good(
                places=(
                    place(alarms=(alarm(alarm_actions=(TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT),)),)),
                    Place(
                        OTHER_ACCOUNT,
                        HOME,
                        topics=(
                            topic(arn=TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT), policy=None, kms_key=None),
                        ),
                    ),
                    Place(ACCOUNT, ELSEWHERE),
                )
            ),
        ),
        (
            "FIFO",
            UNKNOWN,
            at_home(
                alarms=(alarm(alarm_actions=(f"{TOPIC_ARN}.fifo",)),),
                topics=(topic(arn=f"{TOPIC_ARN}.fifo", policy=policy(statement(Resource="*"))),),
            ),
        ),
    ],
    Link.KEY: [
        ("AWS managed, by alias", FAIL, with_topic(kms_key="alias/aws/sns")),
        ("AWS managed, by ARN", FAIL, with_topic(kms_key=f"arn:aws:kms:{HOME}:{ACCOUNT}:alias/aws/sns")),
        ("AWS managed, by key", FAIL, with_key(manager="AWS")),
        ("manager unknown", UNKNOWN, with_key(manager=DENIED)),
        ("encryption unknown", UNKNOWN, with_topic(kms_key=DENIED)),
        ("deleted", FAIL, at_home(keys=())),
        ("an alias that is not there", FAIL, with_topic(kms_key="alias/gone")),
        ("an address outside the view", UNKNOWN, with_topic(kms_key="var.key")),
        ("unreadable", UNKNOWN, at_home(keys=DENIED)),
        ("another account's", UNKNOWN, with_topic(kms_key=KEY_ARN.replace(ACCOUNT, OTHER_ACCOUNT))),
        ("disabled", FAIL, with_key(state="Disabled")),
        ("pending deletion", FAIL, with_key(state="PendingDeletion")),
        ("pending import", FAIL, with_key(state="PendingImport")),
        ("state unknown", UNKNOWN, with_key(state=DENIED)),
        ("policy unknown", UNKNOWN, with_key(policy=DENIED)),
        (
            "CloudWatch not allowed",
            FAIL,
            with_key(policy=key_policy(Principal={"Service": "sns.amazonaws.com"})),
        ),
        ("decrypting not allowed", FAIL, with_key(policy=key_policy(Action="kms:GenerateDataKey*"))),
        ("data keys not allowed", FAIL, with_key(policy=key_policy(Action=["kms:Decrypt"]))),
        (
            "data keys without plaintext only",
            FAIL,
            with_key(policy=key_policy(Action=["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"])),
        ),
        (
            "another source",
            FAIL,
            with_key(policy=key_policy(Condition={"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}})),
        ),
        (
            "denied",
            FAIL,
            with_key(
                policy=key_policy(
                    statement(
                        Effect="Deny", Principal="*", Action="kms:Decrypt", Resource="*", Condition=None
                    )
                )
            ),
        ),
        (
            "through a service",
            UNKNOWN,
            with_key(
                policy=key_policy(Condition={"StringEquals": {"kms:ViaService": f"sns.{HOME}.amazonaws.com"}})
            ),
        ),
        (
            "for another topic",
            FAIL,
            with_key(
                policy=key_policy(
                    Condition={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": f"{TOPIC_ARN}-old"}}
                )
            ),
        ),
    ],
    Link.SUBSCRIPTION: [
        ("none", FAIL, with_topic(subscriptions=())),
        ("unreadable", UNKNOWN, with_topic(subscriptions=DENIED)),
        ("pending", FAIL, with_subscription(confirmed=False)),
        (
            "all pending",
            FAIL,
            with_topic(
                subscriptions=(subscription(arn="a", confirmed=False), subscription(arn="b", confirmed=False))
            ),
        ),
        ("perhaps pending", UNKNOWN, with_subscription(confirmed=DENIED)),
        ("filtered by attribute", FAIL, with_subscription(filter_policy={"severity": ["high"]})),
        (
            "filtered by one attribute of two",
            FAIL,
            with_subscription(filter_policy={"severity": ["high"], "team": [{"exists": False}]}),
        ),
        (
            "filtered by anything but",
            FAIL,
            with_subscription(filter_policy={"team": [{"anything-but": "x"}]}),
        ),
        ("filter unknown", UNKNOWN, with_subscription(filter_policy=DENIED)),
        ("no queue", FAIL, with_queue(Queue(exists=False))),
        ("queue without a policy", FAIL, with_queue(Queue())),
        (
            "queue for another topic",
            FAIL,
            with_queue(
                Queue(
                    policy(
                        statement(
                            Principal={"Service": "sns.amazonaws.com"},
                            Action="sqs:SendMessage",
                            Resource=QUEUE_ARN,
                            Condition={"ArnEquals": {"aws:SourceArn": f"{TOPIC_ARN}-other"}},
                        )
                    )
                )
            ),
        ),
        ("queue for CloudWatch", FAIL, with_queue(Queue(policy(statement(Action="sqs:*", Resource="*"))))),
        ("queue unreadable", UNKNOWN, with_queue(DENIED)),
        ("queue's policy unreadable", UNKNOWN, with_queue(Queue(DENIED))),
        (
            "scope unknown",
            UNKNOWN,
            with_subscription(filter_policy={"NewStateValue": ["ALARM"]}, filter_policy_scope=DENIED),
        ),
        (
            "only OK in the body",
            FAIL,
            with_subscription(filter_policy={"NewStateValue": ["OK"]}, filter_policy_scope="MessageBody"),
        ),
        (
            "only other alarms",
            FAIL,
            with_subscription(
                filter_policy={"AlarmName": [{"prefix": "prod-"}]}, filter_policy_scope="MessageBody"
            ),
        ),
        (
            "by the trigger",
            FAIL,
            with_subscription(
                filter_policy={"Trigger": {"MetricName": ["x"]}}, filter_policy_scope="MessageBody"
            ),
        ),
        (
            "one pending, one filtered",
            FAIL,
            with_topic(
                subscriptions=(
                    subscription(arn="a", confirmed=False),
                    subscription(arn="b", filter_policy={"severity": ["high"]}),
                )
            ),
        ),
    ],
}
