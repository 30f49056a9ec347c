"""Subscribers on the embedded AWS, right and wrong, and what an audit and a drill say of each."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chains import ACCOUNT, OPS, REGION, Chain, policy
from sg_alarm.rule.verdict import Verdict

PASS, FAIL = Verdict.PASS, Verdict.FAIL
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:oncall"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:notify"
STREAM = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/alarms"
HOOK = "https://hooks.example.com/sns"


@dataclass(frozen=True)
class OnAws:
    """A subscriber: ``make`` subscribes it, ``verdict`` is the audit's and ``drill`` the drill's exit code.

    The drill returns 4 where it cannot look whether it arrived: in streams, apps and phones.
    """

    name: str
    verdict: Verdict
    drill: int
    make: Callable[[Chain], Any]


def subscribe(chain: Chain, protocol: str, endpoint: str, **attributes: str) -> str:
    """Subscribe an endpoint; one that has to confirm it does so."""
    sns = chain.client("sns")
    arn = sns.subscribe(
        TopicArn=chain.topic_arn,
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    if protocol in ("email", "http", "https"):
        sns.confirm_subscription(TopicArn=chain.topic_arn, Token=chain.aws.outbox(endpoint)[-1].token)
    return str(arn)


def mail(**attributes: str) -> Callable[[Chain], Any]:
    return lambda chain: subscribe(chain, "email", OPS, **attributes)


def filtered(filter_policy: Any, scope: str = "MessageBody") -> Callable[[Chain], Any]:
    return mail(FilterPolicy=json.dumps(filter_policy), FilterPolicyScope=scope)


def pending(protocol: str, endpoint: str) -> Callable[[Chain], Any]:
    def make(chain: Chain) -> None:
        chain.client("sns").subscribe(TopicArn=chain.topic_arn, Protocol=protocol, Endpoint=endpoint)

    return make


def queue(source: str = "", **attributes: str) -> Callable[[Chain], Any]:
    """A queue that lets a topic send to it: that of the chain, unless another is named."""

    def make(chain: Chain) -> None:
        allowing = policy(
            "sns.amazonaws.com",
            "sqs:SendMessage",
            QUEUE,
            Condition={"ArnEquals": {"aws:SourceArn": source or chain.topic_arn}},
        )
        chain.client("sqs").create_queue(QueueName="oncall", Attributes={"Policy": allowing, **attributes})
        subscribe(chain, "sqs", QUEUE)

    return make


def queue_with_key(
    *actions: str, service: str = "sns.amazonaws.com", then: str = "", **more: Any
) -> Callable[[Chain], Any]:
    """A queue that is encrypted with a key of this policy; ``then`` is a call about the key."""

    def make(chain: Chain) -> None:
        kms = chain.client("kms")
        made = kms.create_key(Policy=policy(service, list(actions), "*", **more))["KeyMetadata"]
        queue(KmsMasterKeyId=made["Arn"])(chain)
        if then:
            getattr(kms, then)(KeyId=made["KeyId"])

    return make


def closed_queue(chain: Chain) -> None:
    """A queue without a policy."""
    chain.client("sqs").create_queue(QueueName="oncall")
    subscribe(chain, "sqs", QUEUE)


def function(permission: dict[str, str] | None, *, gone: bool = False) -> Callable[[Chain], Any]:
    """A function; ``permission`` changes the one that lets the topic call it, ``None`` takes it away."""

    def make(chain: Chain) -> None:
        functions = chain.client("lambda")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): ...")
        role = chain.client("iam").create_role(RoleName="notify", AssumeRolePolicyDocument="{}")
        functions.create_function(
            FunctionName="notify",
            Runtime="python3.12",
            Role=role["Role"]["Arn"],
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
        )
        if permission is not None:
            usual = {
                "FunctionName": "notify",
                "StatementId": "sns",
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
                "SourceArn": chain.topic_arn,
            }
            functions.add_permission(**{**usual, **permission})
        subscribe(chain, "lambda", FUNCTION)
        if gone:
            functions.delete_function(FunctionName="notify")

    return make


def stream(*, gone: bool = False) -> Callable[[Chain], Any]:
    def make(chain: Chain) -> None:
        role = f"arn:aws:iam::{ACCOUNT}:role/sns-to-firehose"
        chain.client("firehose").create_delivery_stream(
            DeliveryStreamName="alarms",
            ExtendedS3DestinationConfiguration={"RoleARN": role, "BucketARN": "arn:aws:s3:::alarms"},
        )
        subscribe(chain, "firehose", STREAM, SubscriptionRoleArn=role)
        if gone:
            chain.client("firehose").delete_delivery_stream(DeliveryStreamName="alarms")

    return make


def app(*, enabled: bool = True, gone: bool = False) -> Callable[[Chain], Any]:
    def make(chain: Chain) -> None:
        sns = chain.client("sns")
        platform = sns.create_platform_application(Name="oncall", Platform="GCM", Attributes={})
        made = sns.create_platform_endpoint(
            PlatformApplicationArn=platform["PlatformApplicationArn"], Token="a-phone"
        )["EndpointArn"]
        subscribe(chain, "application", made)
        if not enabled:
            sns.set_endpoint_attributes(EndpointArn=made, Attributes={"Enabled": "false"})
        if gone:
            sns.delete_endpoint(EndpointArn=made)

    return make


USE = ("kms:Decrypt", "kms:GenerateDataKey*")
OTHER_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:other"

SETUPS = [
    OnAws("nobody", FAIL, 1, lambda chain: None),
    OnAws("a mail", PASS, 0, mail()),
    OnAws("a mail that nobody confirmed", FAIL, 1, pending("email", OPS)),
    OnAws("a web endpoint", PASS, 0, lambda chain: subscribe(chain, "https", HOOK)),
    OnAws("a web endpoint that did not confirm", FAIL, 1, pending("https", HOOK)),
    OnAws("a mail by the state", PASS, 0, filtered({"NewStateValue": ["ALARM"]})),
    OnAws("a mail by the severity", FAIL, 1, filtered({"severity": ["high"]})),
    OnAws("a mail by the wrong case", FAIL, 1, filtered({"newStateValue": ["ALARM"]})),
    OnAws("a mail by EventBridge's shape", FAIL, 1, filtered({"detail": {"state": {"value": ["ALARM"]}}})),
    OnAws("a mail by the region's code", FAIL, 1, filtered({"Region": [REGION]})),
    OnAws("a mail by the namespace", PASS, 0, filtered({"Trigger": {"Namespace": ["CloudTrailMetrics"]}})),
    OnAws("a mail by another namespace", FAIL, 1, filtered({"Trigger": {"Namespace": ["AWS/EC2"]}})),
    OnAws("a mail by another account", FAIL, 1, filtered({"AWSAccountId": ["222222222222"]})),
    OnAws("a mail by attributes", FAIL, 1, filtered({"severity": ["high"]}, "MessageAttributes")),
    OnAws(
        "a mail without attributes", PASS, 0, filtered({"severity": [{"exists": False}]}, "MessageAttributes")
    ),
    OnAws("a queue", PASS, 0, queue()),
    OnAws("a queue that lets nobody in", FAIL, 1, closed_queue),
    OnAws("a queue that lets another topic in", FAIL, 1, queue(OTHER_TOPIC)),
    OnAws("a queue with the key of AWS", FAIL, 1, queue(KmsMasterKeyId="alias/aws/sqs")),
    OnAws("a queue with a key", PASS, 0, queue_with_key(*USE)),
    OnAws(
        "a queue with a key for this topic",
        PASS,
        0,
        queue_with_key(
            *USE, Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"}}
        ),
    ),
    OnAws(
        "a queue with a key for another topic",
        FAIL,
        1,
        queue_with_key(*USE, Condition={"ArnEquals": {"aws:SourceArn": OTHER_TOPIC}}),
    ),
    OnAws("a queue with a key for reading", FAIL, 1, queue_with_key("kms:Decrypt")),
    OnAws(
        "a queue with a key for EventBridge", FAIL, 1, queue_with_key(*USE, service="events.amazonaws.com")
    ),
    OnAws("a queue with a disabled key", FAIL, 1, queue_with_key(*USE, then="disable_key")),
    OnAws("a queue with a key pending deletion", FAIL, 1, queue_with_key(*USE, then="schedule_key_deletion")),
    OnAws("a function", PASS, 0, function({})),
    OnAws("a function that the account's topics may call", PASS, 0, function({"SourceAccount": ACCOUNT})),
    OnAws("a function without a permission", FAIL, 1, function(None)),
    OnAws("a function for another topic", FAIL, 1, function({"SourceArn": OTHER_TOPIC})),
    OnAws("a function for S3", FAIL, 1, function({"Principal": "s3.amazonaws.com"})),
    OnAws("a function that is gone", FAIL, 1, function({}, gone=True)),
    OnAws("a stream", PASS, 4, stream()),
    OnAws("a stream that is gone", FAIL, 1, stream(gone=True)),
    OnAws("an app", PASS, 4, app()),
    OnAws("a disabled app", FAIL, 1, app(enabled=False)),
    OnAws("an app that is gone", FAIL, 1, app(gone=True)),
    OnAws("a phone", PASS, 4, lambda chain: subscribe(chain, "sms", "+15005550006")),
    OnAws("a phone that opted out", FAIL, 1, lambda chain: subscribe(chain, "sms", "+15005550099")),
]


def make_chain(aws: Any, setup: OnAws) -> Chain:
    """Make a chain to this subscriber alone, and no other."""
    chain = Chain(aws)
    chain.put_log_group()
    chain.put_trail()
    chain.put_filter("changes", chain.patterns[0])
    chain.client("sns").create_topic(Name="alarms")
    chain.put_alarm()
    setup.make(chain)
    return chain
