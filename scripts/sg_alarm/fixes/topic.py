"""A topic that is not there, or that CloudWatch cannot publish to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sg_alarm.fixes.fix import (
    Broken,
    Fix,
    changed,
    exchanged,
    extended,
    find,
    home_of,
    lets_cloudwatch,
    listed,
)
from sg_alarm.fixes.hcl_writer import Block, Expression, JsonEncoded, label
from sg_alarm.fixes.subscription import email, email_block
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.model import Topic


def fix_topic(broken: Broken) -> Iterator[Fix]:
    """Make the topic with an email, or add to its policy."""
    deployment, arn = broken.deployment, broken.finding.resource
    parts = Arn.parse(arn)
    found = find(deployment, lambda at: at.topics, lambda one: one.arn == arn)
    if parts is None:
        return
    if found is None:
        home = home_of(deployment, arn)
        if home is None or not isinstance(home.topics, tuple):
            return
        new, name = Topic(arn, subscriptions=(email(arn),)), label(parts.resource)
        yield Fix(
            changed(deployment, home, topics=(*home.topics, new)),
            (
                Block("resource", ("aws_sns_topic", name), {"name": parts.resource}),
                email_block(Expression(f"aws_sns_topic.{name}.arn"), name),
            ),
        )
        return
    place, topic = found
    statement = lets_cloudwatch(parts, "sns:Publish", arn)
    policy = extended(topic.policy, statement)
    attributes = {"arn": arn, "policy": JsonEncoded(policy)}
    block = broken.policy("aws_sns_topic_policy", "aws_sns_topic", arn, attributes)
    if policy is None or block is None:
        return
    yield Fix(
        changed(
            deployment, place, topics=exchanged(listed(place.topics), topic, replace(topic, policy=policy))
        ),
        (block,),
    )
