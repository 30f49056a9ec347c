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
    """Subscribe somebody; take out the filter policy; let queue or function take the message."""
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
    steps = [*_without_filter(broken, topic, old), *_admitted(topic, old)]
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


def _admitted(topic: Topic, old: Subscription) -> Iterator[tuple[dict[str, Any], Block]]:
    """Yield the policy of the queue, or a permission of the function, that lets the topic in."""
    if not isinstance(old.queue, Queue) or not isinstance(old.endpoint, str):
        return
    is_function = old.protocol == "lambda"
    statement = _letting("lambda:InvokeFunction" if is_function else "sqs:SendMessage", old.endpoint, topic)
    policy = extended(old.queue.policy or policy_of(), statement)
    block = _permission(old.endpoint, topic.arn) if is_function else _queue_policy(old.endpoint, policy)
    if policy is not None and block is not None:
        yield {"queue": replace(old.queue, policy=policy)}, block


def _queue_policy(queue: str, policy: dict[str, Any] | None) -> Block | None:
    url = _queue_url(queue)
    attributes = {"queue_url": url, "policy": JsonEncoded(policy)}
    return Block("resource", ("aws_sqs_queue_policy", label(last_name(queue))), attributes) if url else None


def _permission(function: str, topic: str) -> Block | None:
    """Return a permission; ``None`` for a version or an alias of a function."""
    parts = Arn.parse(function)
    if parts is None or parts.resource.count(":") != 1:
        return None
    name = parts.resource.partition(":")[2]
    return Block(
        "resource",
        ("aws_lambda_permission", label(name)),
        {
            "statement_id": "AllowTopic",
            "action": "lambda:InvokeFunction",
            "function_name": name,
            "principal": SNS,
            "source_arn": topic,
        },
    )


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


def _letting(action: str, resource: str, topic: Topic) -> dict[str, Any]:
    return {
        "Sid": "AllowTopic",
        "Effect": "Allow",
        "Principal": {"Service": SNS},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic.arn}},
    }


def _queue_url(arn: str) -> str:
    """Return the URL of a queue; empty in partitions whose endpoints are called otherwise."""
    parts = Arn.parse(arn)
    if parts is None or parts.partition not in ("aws", "aws-us-gov"):
        return ""
    return f"https://sqs.{parts.region}.amazonaws.com/{parts.account}/{parts.resource}"
