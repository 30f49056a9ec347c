"""Whether a message in the topic reaches anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.content_filter import passes
from sg_alarm.rule.links.checks import finding, judge_policy, unless_known
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Queue, Subscription, Topic
from sg_alarm.rule.policy import SNS, Source, request
from sg_alarm.rule.verdict import Finding, Link, Message, Verdict
from sg_alarm.unknown import Outside, Unknown

_BEST_FIRST = (Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)


def judge_subscriptions(topic: Topic, message: Mapping[str, Any]) -> Finding:
    """Judge the subscription of the topic that serves best; ``message`` is what is known of the body."""
    if isinstance(topic.subscriptions, Unknown):
        unread = unless_known(topic.subscriptions, "subscriptions-unknown")
        return finding(Link.SUBSCRIPTION, topic.arn, unread)
    if not topic.subscriptions:
        return finding(Link.SUBSCRIPTION, topic.arn, [say("no-subscription")])
    judged = [
        finding(
            Link.SUBSCRIPTION,
            subscription.arn,
            _messages(subscription, topic, message),
        )
        for subscription in topic.subscriptions
    ]
    return min(judged, key=lambda one: (_BEST_FIRST.index(one.verdict), len(one.evidence)))


def _protocol(subscription: Subscription) -> str:
    return "one" if isinstance(subscription.protocol, Unknown) else subscription.protocol


def _messages(subscription: Subscription, topic: Topic, message: Mapping[str, Any]) -> Iterator[Message]:
    protocol = _protocol(subscription)
    yield from unless_known(subscription.existence, "subscription-unknown")
    if isinstance(subscription.endpoint, Outside):  # one that may not be read is confirmed all the same
        yield say("subscription-endpoint-assumed", reason=subscription.endpoint.reason, protocol=protocol)
    elif not subscription.endpoint:
        yield say("subscription-endpoint-missing", protocol=protocol)
    if subscription.confirmed is True:
        yield say("subscription-confirmed", protocol=protocol)
    elif subscription.confirmed is False:
        yield say("subscription-pending", protocol=protocol)
    yield from unless_known(
        subscription.confirmed,
        "subscription-confirmation-unknown",
        protocol=protocol,
    )
    yield from _filter(subscription, message)
    if subscription.queue is not None and subscription.endpoint:
        yield from _queue(subscription.queue, subscription.endpoint, topic)


def _queue(queue: Queue | Unknown, endpoint: str | Unknown, topic: Topic) -> Iterator[Message]:
    """Yield why the queue, or the function, does not take messages of the topic.

    Source: SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic", "Subscribing a
    Lambda function to a topic".
    """
    if isinstance(queue, Unknown) or isinstance(endpoint, Unknown):
        yield from unless_known(queue if isinstance(queue, Unknown) else endpoint, "queue-policy-unknown")
        return
    if not queue.exists:
        yield say("queue-missing")
        return
    parts = Arn.parse(topic.arn)
    source = Source(SNS, parts.account if parts else "", topic.arn)
    is_function = ":function:" in endpoint
    kind, action = ("function", "lambda:InvokeFunction") if is_function else ("queue", "sqs:SendMessage")
    yield from judge_policy(kind, queue.policy, request(source, action, endpoint))


def _filter(subscription: Subscription, message: Mapping[str, Any]) -> Iterator[Message]:
    policy, scope = subscription.filter_policy, subscription.filter_policy_scope
    if isinstance(policy, Unknown):
        yield not_known("subscription-filter-unknown", policy)
        return
    if not policy:
        return
    # The message of an alarm has no attributes, as every published example of one shows.
    as_attributes = passes(policy, {}, complete=True)
    in_body = passes(policy, message)
    if isinstance(scope, Unknown):
        lets_pass = as_attributes if as_attributes == in_body else None
    else:
        lets_pass = in_body if scope == "MessageBody" else as_attributes
    if lets_pass is False:
        yield say("subscription-filter-drops")
    elif lets_pass is None:
        yield say("subscription-filter-unclear")
