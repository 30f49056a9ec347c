"""Whether a message in the topic reaches anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.content_filter import passes
from sg_alarm.rule.links.checks import OK, Check, cannot_tell, check, failed, finding, is_set, passed
from sg_alarm.rule.model import Queue, Subscription, Topic
from sg_alarm.rule.policy import SNS, Source, allows, request
from sg_alarm.rule.verdict import Finding, Link, Verdict
from sg_alarm.unknown import Unknown

_ORDER = (Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)


def judge_subscriptions(topic: Topic, message: Mapping[str, Any]) -> Finding:
    """Judge the subscription of the topic that serves best; ``message`` is what is known of the body."""
    if isinstance(topic.subscriptions, Unknown):
        one = cannot_tell(f"the topic's subscriptions are unknown: {topic.subscriptions.reason}")
        return finding(Link.SUBSCRIPTION, topic.arn, (one,))
    if not topic.subscriptions:
        one = failed("the topic has no subscription", "subscribe somebody to the topic")
        return finding(Link.SUBSCRIPTION, topic.arn, (one,))
    found = [
        finding(Link.SUBSCRIPTION, one.arn, _checks(one, topic, message), f"{_kind(one)} subscription")
        for one in topic.subscriptions
    ]
    return min(found, key=lambda one: _ORDER.index(one.verdict))


def _kind(subscription: Subscription) -> str:
    return "a" if isinstance(subscription.protocol, Unknown) else f"the {subscription.protocol}"


def _checks(subscription: Subscription, topic: Topic, message: Mapping[str, Any]) -> Iterator[Check]:
    kind = _kind(subscription)
    if subscription.confirmed is True:
        yield passed("confirmed")
    else:
        yield is_set(
            subscription.confirmed,
            True,
            f"that {kind} subscription is confirmed",
            f"{kind} subscription is pending: nothing is delivered to it",
            "confirm it with the link or token that was sent to it, or subscribe again after 48 hours",
        )
    yield _filter(subscription, message)
    if subscription.queue is not None:
        yield _queue(subscription.queue, subscription.endpoint, topic)


def _queue(queue: Queue | Unknown, endpoint: str | Unknown, topic: Topic) -> Check:
    """Judge whether the queue takes messages of the topic.

    Source: SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic".
    """
    if isinstance(queue, Unknown):
        return cannot_tell(f"whether its queue takes messages of the topic is unknown: {queue.reason}")
    if not queue.exists:
        return failed("its queue does not exist", "create the queue, or subscribe another one")
    if isinstance(queue.policy, Unknown) or isinstance(endpoint, Unknown):
        return cannot_tell("whether its queue takes messages of the topic is unknown")
    parts = Arn.parse(topic.arn)
    source = Source(SNS, parts.account if parts else "", topic.arn)
    return check(
        allows(queue.policy or {"Statement": []}, request(source, "sqs:SendMessage", endpoint)),
        f"the queue's policy does not let {SNS} send messages of the topic",
        f"allow sqs:SendMessage to {SNS} in the queue's policy, with the topic as aws:SourceArn",
        "cannot tell whether the queue's policy lets the topic send: it hangs on what is unknown",
    )


def _filter(subscription: Subscription, message: Mapping[str, Any]) -> Check:
    policy, scope = subscription.filter_policy, subscription.filter_policy_scope
    if isinstance(policy, Unknown):
        return cannot_tell(f"its filter policy is unknown: {policy.reason}")
    if not policy:
        return OK
    # The message of an alarm has no attributes, as every published example of one shows.
    as_attributes = passes(policy, {}, complete=True)
    in_body = passes(policy, message)
    if isinstance(scope, Unknown):
        truth = as_attributes if as_attributes == in_body else None
    else:
        truth = in_body if scope == "MessageBody" else as_attributes
    return check(
        truth,
        "its filter policy drops the alarm's message",
        "remove the filter policy, or let it pass messages of alarms",
        "cannot tell whether its filter policy lets the alarm's message pass",
    )
