"""Whether a service may use the key that a topic or a queue is encrypted with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sg_alarm.rule.links.checks import finding, judge_policy, unless_known
from sg_alarm.rule.lookup import find_key
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, Key, Place, Topic
from sg_alarm.rule.policy import Source, request
from sg_alarm.rule.verdict import Finding, Link, Message, Ref
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Encrypted:
    """What is encrypted with a key: ``arn`` in ``place``, by whose service, and how its messages begin."""

    arn: str
    place: Place
    service: str
    prefix: str

    def is_managed_by_aws(self, key: str) -> bool:
        """Whether it names the key that AWS manages for the service."""
        return key.endswith(f"alias/aws/{self.service}")

    @property
    def context(self) -> dict[str, str]:
        """The condition key that holds the encryption context.

        Sources: SNS Developer Guide, "Key management"; SQS Developer Guide, "Key management".
        """
        name = {"sns": "aws:sns:topicarn", "sqs": "aws:sqs:arn"}[self.service]
        return {f"kms:encryptioncontext:{name}": self.arn}


def judge_key(deployment: Deployment, source: Source, place: Place, topic: Topic) -> Finding | None:
    """Judge whether the source may use the key of an encrypted topic; ``None`` without encryption."""
    name = topic.kms_key
    if isinstance(name, Unknown):
        return finding(Link.KEY, topic.arn, unless_known(name, "encryption-unknown"))
    if not name:
        return None
    encrypted = Encrypted(topic.arn, place, "sns", "key")
    found = None if encrypted.is_managed_by_aws(name) else find_key(deployment, place, name)
    return finding(
        Link.KEY,
        found[1].arn if isinstance(found, tuple) else name,
        key_messages(deployment, source, encrypted, name),
        say("key-usable", service=source.service),
    )


def key_messages(
    deployment: Deployment, source: Source, encrypted: Encrypted, name: str
) -> Iterator[Message]:
    """Yield why the source may not use the key of that name.

    Source: SNS Developer Guide, "Key management", "Enable compatibility between event sources from AWS
    services and encrypted topics"; SQS Developer Guide, "Key management", "Configure KMS permissions for AWS
    services".
    """
    prefix = encrypted.prefix
    if encrypted.is_managed_by_aws(name):
        yield say(f"{prefix}-managed-by-aws", service=source.service)
        return
    found = find_key(deployment, encrypted.place, name)
    if found is None:
        yield say(f"{prefix}-missing", key=Ref(name))
    elif isinstance(found, Unknown):
        yield from unless_known(found, f"{prefix}-unseen")
    elif found[1].manager == "AWS":
        yield say(f"{prefix}-managed-by-aws", service=source.service)
    else:
        key = found[1]
        yield from unless_known(key.manager, f"{prefix}-manager-unknown")
        yield from _state(key, prefix)
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            asked = request(source, action, key.arn, encrypted.context)
            yield from judge_policy(prefix, key.policy, asked)


def _state(key: Key, prefix: str) -> Iterator[Message]:
    yield from unless_known(key.state, f"{prefix}-state-unknown")
    if key.state == "Disabled":
        yield say(f"{prefix}-disabled")
    elif key.state == "PendingDeletion":
        yield say(f"{prefix}-pending-deletion")
    elif isinstance(key.state, str) and key.state != "Enabled":
        yield say(f"{prefix}-unusable", state=key.state)
