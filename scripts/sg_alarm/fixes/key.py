"""A key that CloudWatch cannot use."""

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
    lets_cloudwatch,
    listed,
    policy_of,
)
from sg_alarm.fixes.hcl_writer import Block, Expression, JsonEncoded
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.lookup import find_key
from sg_alarm.rule.model import Key, Place, Topic
from sg_alarm.unknown import Outside


def fix_key(broken: Broken) -> Iterator[Fix]:
    """Enable the key and add to its policy; in the place of AWS's own key, make one."""
    for place in broken.deployment.places:
        for topic in listed(place.topics):
            name = topic.kms_key if isinstance(topic.kms_key, str) else ""
            found = find_key(broken.deployment, place, name) if name else None
            if name == broken.finding.resource and name.endswith("alias/aws/sns"):
                yield from _new_key(broken, place, topic)
            elif isinstance(found, tuple) and found[1].arn == broken.finding.resource:
                yield from _own_key(broken, *found, topic)
                if found[1].manager == "AWS":
                    yield from _new_key(broken, place, topic)


def _own_key(broken: Broken, place: Place, key: Key, topic: Topic) -> Iterator[Fix]:
    parts = Arn.parse(topic.arn)
    # Whoever deletes a key means it: only a disabled one is enabled.
    is_usable = isinstance(key.state, Outside) or key.state in ("Enabled", "Disabled")
    if parts is None or Arn.parse(key.arn) is None or not is_usable:
        return
    name = key.aliases[0].removeprefix("alias/") if key.aliases else "security_alarms"
    enabled = replace(key, state="Enabled")
    enable = broken.resource("aws_kms_key", name, {"is_enabled": True})
    yield _with_key(broken, place, key, enabled, enable)
    # A key that nobody administers cannot be made.
    before = policy_of(_account_administers(parts)) if key.policy == {"Statement": []} else key.policy
    policy = extended(before, lets_cloudwatch(parts, ["kms:Decrypt", "kms:GenerateDataKey*"], "*"))
    if policy is not None:
        attributes = {"key_id": key.arn, "policy": JsonEncoded(policy)}
        admit = broken.policy("aws_kms_key_policy", "aws_kms_key", key.arn, attributes)
        if admit is None:
            return
        yield _with_key(broken, place, key, replace(key, policy=policy), admit)
        yield _with_key(broken, place, key, replace(enabled, policy=policy), enable, admit)


def _with_key(broken: Broken, place: Place, old: Key, new: Key, *blocks: Block) -> Fix:
    keys = exchanged(listed(place.keys), old, new)
    return Fix(changed(broken.deployment, place, keys=keys), blocks)


def _new_key(broken: Broken, place: Place, topic: Topic) -> Iterator[Fix]:
    """Return a key of the account's own that CloudWatch may use, and the topic with it."""
    parts = Arn.parse(topic.arn)
    if parts is None or not isinstance(place.keys, tuple):
        return
    policy = policy_of(
        _account_administers(parts),
        lets_cloudwatch(parts, ["kms:Decrypt", "kms:GenerateDataKey*"], "*"),
    )
    key = Key(f"arn:{parts.partition}:kms:{parts.region}:{parts.account}:key/security-alarms", policy)
    topics = exchanged(listed(place.topics), topic, replace(topic, kms_key=key.arn))
    settings = {
        "description": "Messages of security alarms",
        "enable_key_rotation": True,
        "policy": JsonEncoded(policy),
    }
    reference = {"name": parts.resource, "kms_master_key_id": Expression("aws_kms_key.security_alarms.arn")}
    yield Fix(
        changed(broken.deployment, place, keys=(*place.keys, key), topics=topics),
        (
            Block("resource", ("aws_kms_key", "security_alarms"), settings),
            broken.resource(
                "aws_sns_topic", parts.resource, reference, address=broken.addresses.get(topic.arn)
            ),
        ),
    )


def _account_administers(topic: Arn) -> dict[str, Any]:
    return {
        "Sid": "AllowAccount",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{topic.partition}:iam::{topic.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
