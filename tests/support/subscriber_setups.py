"""Subscribers of a good chain's topic, right and wrong: what each is, the verdict, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from deployment_builder import (
    ACCOUNT,
    ALARM_ARN,
    ELSEWHERE,
    HOME,
    METRIC_NAME,
    NAMESPACE,
    OTHER_ACCOUNT,
    QUEUE_ARN,
    TOPIC_ARN,
    alarm,
    good,
    key,
    place,
    policy,
    statement,
    subscription,
    topic,
)
from sg_alarm.alarms import CompositeAlarm, MetricDataQuery
from sg_alarm.rule.model import Deployment, Key, Place, Queue, Subscription
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Outside, Unknown

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
DENIED = Unknown("access denied")
OUTSIDE = Outside("not part of this code")
FUNCTION = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:notify"
STREAM = f"arn:aws:firehose:{HOME}:{ACCOUNT}:deliverystream/alarms"
STREAM_ROLE = f"arn:aws:iam::{ACCOUNT}:role/sns-to-firehose"
APP = f"arn:aws:sns:{HOME}:{ACCOUNT}:endpoint/GCM/oncall/6a7b8c9d-0000-4000-8000-000000000002"
CHATBOT = "https://global.sns-api.chatbot.amazonaws.com"
QUEUE_KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/11111111-4b5a-4978-8695-a4b3c2d1e0f9"
FAR_QUEUE = QUEUE_ARN.replace(ACCOUNT, OTHER_ACCOUNT)
FAR_KEY = QUEUE_KEY.replace(ACCOUNT, OTHER_ACCOUNT)
OTHER_TOPIC = f"{TOPIC_ARN}-other"


@dataclass(frozen=True)
class Setup:
    """A deployment with a subscriber; ``said`` is a message about it, empty where nothing is."""

    name: str
    verdict: Verdict
    deployment: Deployment
    said: str = ""


def allowing(action: str | Sequence[str], resource: str, **changes: Any) -> dict[str, Any]:
    """A statement that lets SNS do something for the topic."""
    usual = {
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC_ARN}},
    }
    return statement(**{**usual, **changes})


def with_subscriptions(
    *subscriptions: Subscription, keys: tuple[Key, ...] = (), far: Place | None = None, **at_home: Any
) -> Deployment:
    """The good deployment with these subscriptions, and keys beside the topic's; ``far`` is another place."""
    home = place(topics=(topic(subscriptions=subscriptions),), keys=(key(), *keys), **at_home)
    return good(places=(home, Place(ACCOUNT, ELSEWHERE), *([far] if far else [])))


# Queues

SEND = policy(allowing("sqs:SendMessage", QUEUE_ARN))


def queue_of(queue: Any, arn: str = QUEUE_ARN) -> Subscription:
    """A subscribed queue."""
    return subscription(arn=f"{TOPIC_ARN}:queue", protocol="sqs", endpoint=arn, queue=queue)


def encrypted(name: Any, *keys: Key) -> Deployment:
    """A queue that lets the topic send to it, and is encrypted with the key of that name."""
    return with_subscriptions(queue_of(Queue(SEND, kms_key=name)), keys=keys)


def queue_key(**changes: Any) -> Key:
    """A key that lets SNS use it."""
    usage = policy(allowing(["kms:Decrypt", "kms:GenerateDataKey*"], "*"))
    return replace(Key(QUEUE_KEY, usage, ("alias/tickets",)), **changes)


def by_policy(*statements: Any) -> Deployment:
    """A queue that is encrypted with a key of this policy."""
    return encrypted(QUEUE_KEY, queue_key(policy=policy(*statements)))


def far_queue(**place_changes: Any) -> Deployment:
    """A queue of another account, with a key of that account."""
    send = policy(allowing("sqs:SendMessage", FAR_QUEUE))
    far = Place(OTHER_ACCOUNT, HOME, **{"keys": (queue_key(arn=FAR_KEY),), **place_changes})
    return with_subscriptions(queue_of(Queue(send, kms_key=FAR_KEY), FAR_QUEUE), far=far)


USE = ["kms:Decrypt", "kms:GenerateDataKey"]
EVERYTHING = allowing("kms:*", "*", Condition=None)

QUEUES = [
    Setup("a queue without a key", PASS, with_subscriptions(queue_of(Queue(SEND)))),
    Setup("a queue with SQS' own encryption", PASS, encrypted("")),
    Setup(
        "a queue of another topic",
        FAIL,
        with_subscriptions(
            queue_of(
                Queue(
                    policy(
                        allowing(
                            "sqs:SendMessage",
                            QUEUE_ARN,
                            Condition={"ArnEquals": {"aws:SourceArn": OTHER_TOPIC}},
                        )
                    )
                )
            )
        ),
        "queue-policy-condition",
    ),
    Setup(
        "a queue that lets every topic of the account in",
        PASS,
        with_subscriptions(
            queue_of(
                Queue(
                    policy(allowing("sqs:*", "*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}))
                )
            )
        ),
    ),
    Setup("a key that lets SNS in", PASS, encrypted(QUEUE_KEY, queue_key())),
    Setup("the same by its id", PASS, encrypted(QUEUE_KEY.partition("/")[2], queue_key())),
    Setup("the same by its alias", PASS, encrypted("alias/tickets", queue_key())),
    Setup(
        "the same by its alias's ARN",
        PASS,
        encrypted(f"arn:aws:kms:{HOME}:{ACCOUNT}:alias/tickets", queue_key()),
    ),
    Setup("the key that AWS manages", FAIL, encrypted("alias/aws/sqs"), "queue-key-managed-by-aws"),
    Setup(
        "the same by its ARN",
        FAIL,
        encrypted(f"arn:aws:kms:{HOME}:{ACCOUNT}:alias/aws/sqs"),
        "queue-key-managed-by-aws",
    ),
    Setup(
        "the same by its id", FAIL, encrypted(QUEUE_KEY, queue_key(manager="AWS")), "queue-key-managed-by-aws"
    ),
    Setup("a key that does not exist", FAIL, encrypted(QUEUE_KEY), "queue-key-missing"),
    Setup("an alias that does not exist", FAIL, encrypted("alias/other", queue_key()), "queue-key-missing"),
    Setup("a disabled key", FAIL, encrypted(QUEUE_KEY, queue_key(state="Disabled")), "queue-key-disabled"),
    Setup(
        "a key pending deletion",
        FAIL,
        encrypted(QUEUE_KEY, queue_key(state="PendingDeletion")),
        "queue-key-pending-deletion",
    ),
    Setup(
        "a key without material",
        FAIL,
        encrypted(QUEUE_KEY, queue_key(state="PendingImport")),
        "queue-key-unusable",
    ),
    Setup(
        "a key of unknown state",
        UNKNOWN,
        encrypted(QUEUE_KEY, queue_key(state=DENIED)),
        "queue-key-state-unknown",
    ),
    Setup(
        "a key whose state code does not show",
        PASS,
        encrypted(QUEUE_KEY, queue_key(state=OUTSIDE)),
        "queue-key-state-assumed",
    ),
    Setup(
        "a key of unknown manager",
        UNKNOWN,
        encrypted(QUEUE_KEY, queue_key(manager=DENIED)),
        "queue-key-manager-unknown",
    ),
    Setup("a key with the default policy", FAIL, by_policy(), "queue-key-policy-lacks-allow"),
    Setup(
        "a key for reading only",
        FAIL,
        by_policy(allowing("kms:Decrypt", "*")),
        "queue-key-policy-lacks-allow",
    ),
    Setup(
        "a key for writing only",
        FAIL,
        by_policy(allowing("kms:GenerateDataKey*", "*")),
        "queue-key-policy-lacks-allow",
    ),
    Setup(
        "a key for reading and writing, in two statements",
        PASS,
        by_policy(allowing("kms:Decrypt", "*"), allowing("kms:GenerateDataKey*", "*")),
    ),
    Setup(
        "a key for another service",
        FAIL,
        by_policy(allowing(USE, "*", Principal={"Service": "events.amazonaws.com"})),
        "queue-key-policy-lacks-allow",
    ),
    Setup(
        "a key for another topic",
        FAIL,
        by_policy(allowing(USE, "*", Condition={"ArnEquals": {"aws:SourceArn": OTHER_TOPIC}})),
        "queue-key-policy-condition",
    ),
    Setup(
        "a key for this account's topics",
        PASS,
        by_policy(allowing(USE, "*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})),
    ),
    Setup(
        "a key for another account's topics",
        FAIL,
        by_policy(allowing(USE, "*", Condition={"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}})),
        "queue-key-policy-condition",
    ),
    Setup(
        "a key for this queue",
        PASS,
        by_policy(
            allowing(USE, "*", Condition={"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": QUEUE_ARN}})
        ),
    ),
    Setup(
        "a key for another queue",
        FAIL,
        by_policy(
            allowing(USE, "*", Condition={"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": FAR_QUEUE}})
        ),
        "queue-key-policy-condition",
    ),
    Setup(
        "a key that denies services",
        FAIL,
        by_policy(EVERYTHING, allowing("kms:*", "*", Effect="Deny", Condition=None)),
        "queue-key-policy-denies",
    ),
    Setup(
        "a key that denies this account",
        FAIL,
        by_policy(
            EVERYTHING,
            allowing("kms:*", "*", Effect="Deny", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        ),
        "queue-key-policy-deny-condition",
    ),
    Setup(
        "a key that denies another account",
        PASS,
        by_policy(
            EVERYTHING,
            allowing(
                "kms:*", "*", Effect="Deny", Condition={"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}
            ),
        ),
    ),
    Setup(
        "a key by a condition that nobody knows",
        UNKNOWN,
        by_policy(allowing(USE, "*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        "queue-key-policy-unclear",
    ),
    Setup(
        "a key of unreadable policy",
        UNKNOWN,
        encrypted(QUEUE_KEY, queue_key(policy=DENIED)),
        "queue-key-policy-unknown",
    ),
    Setup(
        "a key whose policy is elsewhere",
        PASS,
        encrypted(QUEUE_KEY, queue_key(policy=OUTSIDE)),
        "queue-key-policy-assumed",
    ),
    Setup("encryption unknown", UNKNOWN, encrypted(DENIED), "queue-encryption-unknown"),
    Setup("encryption elsewhere", PASS, encrypted(OUTSIDE), "queue-key-assumed"),
    Setup("a queue of another account", PASS, far_queue()),
    Setup("a queue of another account whose key is gone", FAIL, far_queue(keys=()), "queue-key-missing"),
    Setup(
        "a queue of another account whose key is unreadable",
        UNKNOWN,
        far_queue(keys=DENIED),
        "queue-key-unseen",
    ),
]

# Functions

INVOKE = policy(allowing("lambda:InvokeFunction", FUNCTION))


def function(queue: Any, arn: str = FUNCTION) -> Deployment:
    """A subscribed function."""
    return with_subscriptions(subscription(protocol="lambda", endpoint=arn, queue=queue))


def permitting(**changes: Any) -> Deployment:
    """A function with a changed permission."""
    return function(Queue(policy(allowing("lambda:InvokeFunction", FUNCTION, **changes))))


FUNCTIONS = [
    Setup("a function that the topic may call", PASS, function(Queue(INVOKE))),
    Setup("a function that is gone", FAIL, function(Queue(exists=False)), "function-missing"),
    Setup("a function without a permission", FAIL, function(Queue(policy())), "function-policy-lacks-allow"),
    Setup(
        "a function that S3 may call",
        FAIL,
        permitting(Principal={"Service": "s3.amazonaws.com"}),
        "function-policy-lacks-allow",
    ),
    Setup(
        "a function that another topic may call",
        FAIL,
        permitting(Condition={"ArnLike": {"AWS:SourceArn": OTHER_TOPIC}}),
        "function-policy-condition",
    ),
    Setup(
        "a function that all topics of the account may call",
        PASS,
        permitting(Condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT}}),
    ),
    Setup(
        "a function that topics of another account may call",
        FAIL,
        permitting(Condition={"StringEquals": {"AWS:SourceAccount": OTHER_ACCOUNT}}),
        "function-policy-condition",
    ),
    Setup(
        "a function that may be read only",
        FAIL,
        permitting(Action="lambda:GetFunction"),
        "function-policy-lacks-allow",
    ),
    Setup(
        "an alias with a permission of its own",
        PASS,
        function(Queue(policy(allowing("lambda:InvokeFunction", f"{FUNCTION}:live"))), f"{FUNCTION}:live"),
    ),
    Setup(
        "an alias with the function's permission",
        FAIL,
        function(Queue(INVOKE), f"{FUNCTION}:live"),
        "function-policy-lacks-allow",
    ),
    Setup("a function of unreadable policy", UNKNOWN, function(DENIED), "function-policy-unknown"),
]

# Streams, apps, phones, web


def other(protocol: str, endpoint: str, **changes: Any) -> Deployment:
    """A subscriber of another kind."""
    return with_subscriptions(subscription(protocol=protocol, endpoint=endpoint, **changes))


def stream(state: Any = "ACTIVE", role_arn: str | None = STREAM_ROLE, **changes: Any) -> Deployment:
    """A subscribed delivery stream."""
    return other("firehose", STREAM, state=state, role_arn=role_arn, **changes)


OTHERS = [
    Setup("a stream", PASS, stream(), "stream-role-assumed"),
    Setup("a stream that was not read", PASS, stream(None, None)),
    Setup("a stream that is gone", FAIL, stream(""), "subscriber-missing"),
    Setup("a stream that could not be created", FAIL, stream("CREATING_FAILED"), "stream-not-active"),
    Setup("a stream that is being deleted", FAIL, stream("DELETING"), "stream-not-active"),
    Setup("a stream without a role", FAIL, stream(role_arn=""), "stream-role-missing"),
    Setup("a stream that may not be read", UNKNOWN, stream(DENIED), "subscriber-unknown"),
    Setup(
        "a stream that filters",
        FAIL,
        stream(filter_policy={"severity": ["high"]}),
        "subscription-filter-drops",
    ),
    Setup("an app", PASS, other("application", APP, state="ENABLED")),
    Setup("a disabled app", FAIL, other("application", APP, state="DISABLED"), "app-disabled"),
    Setup("an app that is gone", FAIL, other("application", APP, state=""), "subscriber-missing"),
    Setup(
        "an app that may not be read", UNKNOWN, other("application", APP, state=DENIED), "subscriber-unknown"
    ),
    Setup("a phone", PASS, other("sms", "+15005550006", state="OPTED_IN"), "phone-reached-assumed"),
    Setup("a phone that opted out", FAIL, other("sms", "+15005550099", state="OPTED_OUT"), "phone-opted-out"),
    Setup(
        "a phone that may not be read",
        UNKNOWN,
        other("sms", "+15005550006", state=DENIED),
        "subscriber-unknown",
    ),
    Setup("a web endpoint", PASS, other("https", "https://hooks.example.com/sns"), "web-endpoint-assumed"),
    Setup(
        "a web endpoint that did not confirm",
        FAIL,
        other("https", "https://hooks.example.com/sns", confirmed=False),
        "subscription-pending",
    ),
    Setup("AWS Chatbot", PASS, other("https", CHATBOT), "chat-channel-assumed"),
    Setup("AWS Chatbot, pending", FAIL, other("https", CHATBOT, confirmed=False), "subscription-pending"),
    Setup(
        "AWS Chatbot with a filter policy",
        FAIL,
        other("https", CHATBOT, filter_policy={"severity": ["high"]}),
        "subscription-filter-drops",
    ),
]

# Several

MAIL = subscription(arn=f"{TOPIC_ARN}:mail")
PENDING = subscription(arn=f"{TOPIC_ARN}:pending", confirmed=False)
LOCKED = queue_of(Queue(SEND, kms_key="alias/aws/sqs"))
UNREAD = replace(queue_of(DENIED), arn=f"{TOPIC_ARN}:unread")
OUT = subscription(arn=f"{TOPIC_ARN}:phone", protocol="sms", endpoint="+15005550099", state="OPTED_OUT")

SEVERAL = [
    Setup(
        "one that serves is enough",
        PASS,
        with_subscriptions(LOCKED, OUT, PENDING, MAIL),
        "queue-key-managed-by-aws",
    ),
    Setup(
        "one that serves is enough beside one that nobody may read",
        PASS,
        with_subscriptions(UNREAD, MAIL),
        "queue-policy-unknown",
    ),
    Setup("several faults", FAIL, with_subscriptions(LOCKED, OUT, PENDING), "phone-opted-out"),
    Setup(
        "one that nobody may read, and a fault",
        UNKNOWN,
        with_subscriptions(LOCKED, UNREAD),
        "queue-key-managed-by-aws",
    ),
]

# Filter policies


def in_body(filter_policy: Any, **changes: Any) -> Deployment:
    """A subscription that filters by what the message says."""
    one = subscription(filter_policy=filter_policy, filter_policy_scope="MessageBody")
    return with_subscriptions(one, alarms=(alarm(**changes),))


def by_attribute(filter_policy: Any) -> Deployment:
    """A subscription that filters by the message's attributes."""
    return with_subscriptions(subscription(filter_policy=filter_policy))


def of_composite(filter_policy: Any) -> Deployment:
    """A subscription that filters the messages of a composite alarm."""
    one = subscription(filter_policy=filter_policy, filter_policy_scope="MessageBody")
    composite = CompositeAlarm("all", f"ALARM({alarm().name})", alarm_actions=(TOPIC_ARN,))
    return good(
        places=(
            place(
                alarms=(alarm(alarm_actions=()), composite),
                topics=(topic(policy=None, kms_key=None, subscriptions=(one,)),),
            ),
            Place(ACCOUNT, ELSEWHERE),
        )
    )


def of_math(filter_policy: Any) -> Deployment:
    """A subscription that filters the messages of an alarm on metric math."""
    queries = (
        MetricDataQuery("m", metric_stat=alarm().metric_stat, return_data=False),
        MetricDataQuery("e", expression="FILL(m, 0)"),
    )
    return in_body(filter_policy, metric_stat=None, metrics=queries)


BODIES: Sequence[tuple[str, Verdict, Any]] = [
    ("severity", FAIL, {"severity": ["high"]}),
    ("severity, if there is one", PASS, {"severity": ["high", {"exists": False}]}),
    ("no field of that name", PASS, {"severity": [{"exists": False}]}),
    ("another field", FAIL, {"severity": [{"exists": True}]}),
    ("anything but low", FAIL, {"severity": [{"anything-but": "low"}]}),
    ("the wrong case", FAIL, {"newStateValue": ["ALARM"]}),
    ("the right case", PASS, {"NewStateValue": ["ALARM"]}),
    ("the wrong case of the value", FAIL, {"NewStateValue": ["Alarm"]}),
    ("any case of the value", PASS, {"NewStateValue": [{"equals-ignore-case": "alarm"}]}),
    ("all but OK", PASS, {"NewStateValue": [{"anything-but": ["OK", "INSUFFICIENT_DATA"]}]}),
    ("all but ALARM", FAIL, {"NewStateValue": [{"anything-but": ["ALARM"]}]}),
    ("EventBridge's shape", FAIL, {"detail": {"state": {"value": ["ALARM"]}}}),
    ("EventBridge's source", FAIL, {"source": ["aws.cloudwatch"]}),
    ("EventBridge's type", FAIL, {"detail-type": ["CloudWatch Alarm State Change"]}),
    ("CloudTrail's event", FAIL, {"detail": {"eventName": ["CreateSecurityGroup"]}}),
    ("the region's code", FAIL, {"Region": [HOME]}),
    ("another region's code", FAIL, {"Region": ["us-east-1"]}),
    ("regions by the beginning of their codes", UNKNOWN, {"Region": [{"prefix": "eu-"}]}),
    ("the region's name", UNKNOWN, {"Region": ["EU (Frankfurt)"]}),
    ("any region but a code", PASS, {"Region": [{"anything-but": "us-east-1"}]}),
    ("any region", PASS, {"Region": [{"exists": True}]}),
    ("the account", PASS, {"AWSAccountId": [ACCOUNT]}),
    ("another account", FAIL, {"AWSAccountId": [OTHER_ACCOUNT]}),
    ("the account as a number", FAIL, {"AWSAccountId": [int(ACCOUNT)]}),
    ("the alarm", PASS, {"AlarmName": [alarm().name]}),
    ("another alarm", FAIL, {"AlarmName": ["RootLogins"]}),
    ("alarms by the beginning of their names", PASS, {"AlarmName": [{"prefix": "SecurityGroup"}]}),
    ("other alarms by the beginning of their names", FAIL, {"AlarmName": [{"prefix": "prod-"}]}),
    ("the alarm's ARN", PASS, {"AlarmArn": [ALARM_ARN]}),
    ("the metric", PASS, {"Trigger": {"MetricName": [METRIC_NAME]}}),
    ("another metric", FAIL, {"Trigger": {"MetricName": ["RootLogins"]}}),
    ("the namespace", PASS, {"Trigger": {"Namespace": [NAMESPACE]}}),
    ("another namespace", FAIL, {"Trigger": {"Namespace": ["AWS/EC2"]}}),
    ("the namespace in the wrong case", FAIL, {"Trigger": {"namespace": [NAMESPACE]}}),
    ("the metric outside the trigger", FAIL, {"MetricName": [METRIC_NAME]}),
    ("the trigger as EventBridge has it", FAIL, {"configuration": {"metrics": {"name": [METRIC_NAME]}}}),
    ("the threshold", PASS, {"Trigger": {"Threshold": [1]}}),
    ("another threshold", FAIL, {"Trigger": {"Threshold": [100]}}),
    ("the period", PASS, {"Trigger": {"Period": [300]}}),
    ("from OK", PASS, {"OldStateValue": ["OK"]}),
    ("from INSUFFICIENT_DATA", FAIL, {"OldStateValue": ["INSUFFICIENT_DATA"]}),
    ("from either", PASS, {"OldStateValue": ["OK", "INSUFFICIENT_DATA"]}),
    ("from ALARM", FAIL, {"OldStateValue": ["ALARM"]}),
    ("from all but ALARM", PASS, {"OldStateValue": [{"anything-but": "ALARM"}]}),
    ("a description", UNKNOWN, {"AlarmDescription": [{"prefix": "Security"}]}),
    ("a reason", UNKNOWN, {"NewStateReason": [{"prefix": "Threshold Crossed"}]}),
    ("a time", FAIL, {"StateChangeTime": ["yesterday"]}),
    ("one of two that passes", PASS, {"$or": [{"severity": ["high"]}, {"NewStateValue": ["ALARM"]}]}),
    ("neither of two", FAIL, {"$or": [{"severity": ["high"]}, {"NewStateValue": ["OK"]}]}),
    ("two that pass", PASS, {"NewStateValue": ["ALARM"], "AWSAccountId": [ACCOUNT]}),
    ("two of which one does not", FAIL, {"NewStateValue": ["ALARM"], "severity": ["high"]}),
]

FILTERS = [
    *(Setup(f"body: {name}", verdict, in_body(filter_policy)) for name, verdict, filter_policy in BODIES),
    Setup(
        "body: from OK, of an alarm without data until then",
        FAIL,
        in_body({"OldStateValue": ["OK"]}, treat_missing_data="missing"),
        "subscription-filter-drops",
    ),
    Setup(
        "body: from INSUFFICIENT_DATA, of an alarm without data until then",
        PASS,
        in_body({"OldStateValue": ["INSUFFICIENT_DATA"]}, treat_missing_data="missing"),
    ),
    Setup("body of a composite alarm: its state", PASS, of_composite({"NewStateValue": ["ALARM"]})),
    Setup("body of a composite alarm: its name", PASS, of_composite({"AlarmName": ["all"]})),
    Setup(
        "body of a composite alarm: the name of the alarm below it",
        FAIL,
        of_composite({"AlarmName": [alarm().name]}),
    ),
    Setup(
        "body of a composite alarm: a trigger", FAIL, of_composite({"Trigger": {"Namespace": [NAMESPACE]}})
    ),
    Setup("body of metric math: its state", PASS, of_math({"NewStateValue": ["ALARM"]})),
    Setup("body of metric math: a metric's name", FAIL, of_math({"Trigger": {"MetricName": [METRIC_NAME]}})),
    Setup("attributes: severity", FAIL, by_attribute({"severity": ["high"]}), "subscription-filter-drops"),
    Setup(
        "attributes: what the body says",
        FAIL,
        by_attribute({"NewStateValue": ["ALARM"]}),
        "subscription-filter-drops",
    ),
    Setup("attributes: none of that name", PASS, by_attribute({"severity": [{"exists": False}]})),
    Setup(
        "attributes: one of that name, or none", PASS, by_attribute({"severity": ["high", {"exists": False}]})
    ),
    Setup(
        "attributes: any of that name",
        FAIL,
        by_attribute({"severity": [{"exists": True}]}),
        "subscription-filter-drops",
    ),
    Setup(
        "attributes: anything but",
        FAIL,
        by_attribute({"severity": [{"anything-but": ["low"]}]}),
        "subscription-filter-drops",
    ),
    Setup("attributes: an empty policy", PASS, by_attribute({})),
]

SETUPS = [*QUEUES, *FUNCTIONS, *OTHERS, *SEVERAL, *FILTERS]
