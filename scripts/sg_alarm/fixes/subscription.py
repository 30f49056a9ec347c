"""A topic without a subscription, or a subscription that lets no message through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sg_alarm.fixes.fix import (
    Broken,
    Fix,
    changed,
    exchanged,
    extended,
    find,
    last_name,
    listed,
    policy_of,
)
from sg_alarm.fixes.hcl_writer import Block, Expression, JsonEncoded, label
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.model import Place, Queue, Subscription, Topic
from sg_alarm.rule.policy import SNS

_ADDRESS = "security@example.com"


def fix_subscription(broken: Broken) -> Iterator[Fix]:
    """Subscribe somebody; take out the filter policy; let the queue's policy take the message."""
    deployment, arn = broken.deployment, broken.finding.resource
    empty = find(deployment, lambda at: at.topics, lambda one: one.arn == arn and one.subscriptions == ())
    if empty is not None:
        block = email_block(arn, label(last_name(arn)))
        yield _with_topic(broken, *empty, replace(empty[1], subscriptions=(email(arn),)), block)
    found = find(
        deployment,
        lambda at: at.topics,
        lambda one: any(each.arn == arn for each in listed(one.subscriptions)),
    )
    if found is None:
        return
    place, topic = found
    old = next(one for one in listed(topic.subscriptions) if one.arn == arn)
    steps = [*_without_filter(broken, topic, old), *_admitted_to_queue(topic, old)]
    # One of them is enough, as a rule.
    for taken in [[one] for one in steps] + [steps]:
        changes = {name: value for change, _ in taken for name, value in change.items()}
        subscriptions = exchanged(listed(topic.subscriptions), old, replace(old, **changes))
        blocks = [block for _, block in taken]
        yield _with_topic(broken, place, topic, replace(topic, subscriptions=subscriptions), *blocks)


def _without_filter(
    broken: Broken, topic: Topic, old: Subscription
) -> Iterator[tuple[dict[str, Any], Block]]:
    if old.filter_policy:
        attributes = {
            "topic_arn": topic.arn,
            "protocol": old.protocol,
            "endpoint": old.endpoint,
            "filter_policy": None,
        }
        name = f"{old.protocol} subscription"
        yield {"filter_policy": None}, broken.resource("aws_sns_topic_subscription", name, attributes)


def _admitted_to_queue(topic: Topic, old: Subscription) -> Iterator[tuple[dict[str, Any], Block]]:
    if not isinstance(old.queue, Queue) or not isinstance(old.endpoint, str):
        return
    policy = extended(old.queue.policy or policy_of(), _send(old.endpoint, topic.arn))
    url = _queue_url(old.endpoint)
    if policy is not None and url:
        attributes = {"queue_url": url, "policy": JsonEncoded(policy)}
        block = Block("resource", ("aws_sqs_queue_policy", label(last_name(old.endpoint))), attributes)
        yield {"queue": replace(old.queue, policy=policy)}, block


def _with_topic(broken: Broken, place: Place, old: Topic, new: Topic, *blocks: Block) -> Fix:
    topics = exchanged(listed(place.topics), old, new)
    return Fix(changed(broken.deployment, place, topics=topics), blocks)


def email(topic: str) -> Subscription:
    """Return an email that will have been confirmed."""
    return Subscription(f"{topic}:new", "email", _ADDRESS, confirmed=True)


def email_block(topic: str | Expression, name: str) -> Block:
    """Return the code of such a subscription, as the resource of that name."""
    return Block(
        "resource",
        ("aws_sns_topic_subscription", name),
        {"topic_arn": topic, "protocol": "email", "endpoint": _ADDRESS},
        comment="AWS sends a mail to this address; nothing is delivered until its link is opened.",
    )


def _send(queue: str, topic: str) -> dict[str, Any]:
    return {
        "Sid": "AllowTopic",
        "Effect": "Allow",
        "Principal": {"Service": SNS},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }


def _queue_url(arn: str) -> str:
    """Return the URL of a queue; empty in partitions whose endpoints are called otherwise."""
    parts = Arn.parse(arn)
    if parts is None or parts.partition not in ("aws", "aws-us-gov"):
        return ""
    return f"https://sqs.{parts.region}.amazonaws.com/{parts.account}/{parts.resource}"
