"""Whether a message in the topic reaches anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.content_filter import passes
from sg_alarm.rule.links.checks import finding, judge_policy, unless_known
from sg_alarm.rule.links.key import Encrypted, key_messages
from sg_alarm.rule.lookup import place_of
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, Queue, Subscription, Topic
from sg_alarm.rule.policy import SNS, Source, request
from sg_alarm.rule.verdict import Finding, Link, Message, Verdict
from sg_alarm.unknown import Outside, Unknown

_BEST_FIRST = (Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)
_CHATBOT = "sns-api.chatbot.amazonaws.com"


def judge_subscriptions(deployment: Deployment, topic: Topic, message: Mapping[str, Any] | None) -> Finding:
    """Judge the subscription of the topic that serves best, and say what is wrong with the others.

    ``message`` is the body of the message, ``None`` where that is not known.
    """
    if isinstance(topic.subscriptions, Unknown):
        unread = unless_known(topic.subscriptions, "subscriptions-unknown")
        return finding(Link.SUBSCRIPTION, topic.arn, unread)
    if not topic.subscriptions:
        return finding(Link.SUBSCRIPTION, topic.arn, [say("no-subscription")])
    judged = [judge_subscription(deployment, one, topic, message) for one in topic.subscriptions]
    best = min(judged, key=lambda one: (_BEST_FIRST.index(one.verdict), len(one.evidence)))
    beside = (one for one in judged if one is not best and one.verdict is not Verdict.PASS)
    return replace(best, beside=tuple(beside))


def judge_subscription(
    deployment: Deployment, one: Subscription, topic: Topic, message: Mapping[str, Any] | None
) -> Finding:
    """Judge one subscription of the topic."""
    return finding(Link.SUBSCRIPTION, one.arn, _messages(deployment, one, topic, message))


def _protocol(subscription: Subscription) -> str:
    return "one" if isinstance(subscription.protocol, Unknown) else subscription.protocol


def _messages(
    deployment: Deployment, subscription: Subscription, topic: Topic, message: Mapping[str, Any] | None
) -> Iterator[Message]:
    protocol = _protocol(subscription)
    yield from unless_known(subscription.existence, "subscription-unknown")
    if isinstance(subscription.endpoint, Outside):  # one that may not be read is confirmed all the same
        yield say("subscription-endpoint-assumed", reason=subscription.endpoint.reason, protocol=protocol)
    elif not subscription.endpoint:
        yield say("subscription-endpoint-missing", protocol=protocol)
    if subscription.confirmed is True:
        yield say("subscription-confirmed", protocol=protocol)
        yield from _assumed_of(subscription, protocol)
    elif subscription.confirmed is False:
        yield say("subscription-pending", protocol=protocol)
    yield from unless_known(
        subscription.confirmed,
        "subscription-confirmation-unknown",
        protocol=protocol,
    )
    yield from _filter(subscription, message)
    yield from _state(subscription, protocol)
    if subscription.queue is not None and subscription.endpoint:
        kind = "function" if protocol == "lambda" else "queue"
        yield from _queue(deployment, kind, subscription.queue, subscription.endpoint, topic)


def _assumed_of(subscription: Subscription, protocol: str) -> Iterator[Message]:
    """Yield what neither the code nor the account shows of one that is confirmed."""
    if protocol in ("http", "https"):
        is_chat = isinstance(subscription.endpoint, str) and _CHATBOT in subscription.endpoint
        yield say("chat-channel-assumed" if is_chat else "web-endpoint-assumed")
    elif protocol == "sms":
        yield say("phone-reached-assumed")
    elif protocol == "firehose":
        yield say("stream-role-assumed")


_SUBSCRIBERS = {
    "application": "the app's endpoint",
    "firehose": "its delivery stream",
    "sms": "the phone",
}


def _state(subscription: Subscription, protocol: str) -> Iterator[Message]:
    """Yield why a stream, an app or a phone does not take messages.

    Sources: Firehose API Reference, CreateDeliveryStream; SNS API Reference, GetEndpointAttributes,
    CheckIfPhoneNumberIsOptedOut.
    """
    state, subscriber = subscription.state, _SUBSCRIBERS.get(protocol, "the subscriber")
    if isinstance(state, Unknown):
        yield not_known("subscriber-unknown", state, subscriber=subscriber)
    elif state == "":
        yield say("subscriber-missing", subscriber=subscriber)
    elif state == "DISABLED":
        yield say("app-disabled")
    elif state == "OPTED_OUT":
        yield say("phone-opted-out")
    elif protocol == "firehose" and state not in (None, "ACTIVE"):
        yield say("stream-not-active", state=state)
    if subscription.role_arn == "":
        yield say("stream-role-missing")


_ACTIONS = {"function": "lambda:InvokeFunction", "queue": "sqs:SendMessage"}


def _queue(
    deployment: Deployment, kind: str, queue: Queue | Unknown, endpoint: str | Unknown, topic: Topic
) -> Iterator[Message]:
    """Yield why the queue, or the function, does not take messages of the topic.

    Source: SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic", "Subscribing a
    Lambda function to a topic".
    """
    if isinstance(queue, Unknown) or isinstance(endpoint, Unknown):
        yield from unless_known(queue if isinstance(queue, Unknown) else endpoint, f"{kind}-policy-unknown")
        return
    if not queue.exists:
        yield say(f"{kind}-missing")
        return
    parts = Arn.parse(topic.arn)
    source = Source(SNS, parts.account if parts else "", topic.arn)
    yield from judge_policy(kind, queue.policy, request(source, _ACTIONS[kind], endpoint))
    yield from unless_known(queue.kms_key, "queue-encryption-unknown")
    if queue.kms_key and not isinstance(queue.kms_key, Unknown):
        place = place_of(deployment, endpoint)
        if isinstance(place, Unknown):
            yield from unless_known(deployment.elsewhere or place, "queue-key-unseen")
        else:
            encrypted = Encrypted(endpoint, place, "sqs", "queue-key")
            yield from key_messages(deployment, source, encrypted, queue.kms_key)


def _filter(subscription: Subscription, message: Mapping[str, Any] | None) -> Iterator[Message]:
    policy, scope = subscription.filter_policy, subscription.filter_policy_scope
    if isinstance(policy, Unknown):
        yield not_known("subscription-filter-unknown", policy)
        return
    if not policy:
        return
    # The message of an alarm has no attributes, as every published example of one shows.
    as_attributes = passes(policy, {}, complete=True)
    in_body = passes(policy, message or {}, complete=message is not None)
    if isinstance(scope, Unknown):
        lets_pass = as_attributes if as_attributes == in_body else None
    else:
        lets_pass = in_body if scope == "MessageBody" else as_attributes
    if lets_pass is False:
        yield say("subscription-filter-drops")
    elif lets_pass is None:
        yield say("subscription-filter-unclear")
