"""AWS services publish to SNS topics, where topic and key let them.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends
from moto.sns.models import sns_backends

from sg_alarm.local_aws import policy

KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


class NotPublishedError(Exception):
    """The topic, its policy or its key refused; the message says why, in AWS's words where they are known."""


def publish(
    topic_arn: str,
    message: str,
    subject: str | None,
    *,
    service: str,
    source: str,
    context: Mapping[str, str],
    key_context: Mapping[str, str],
) -> None:
    """Publish on behalf of ``source``, a resource of ``service``. Raises ``NotPublishedError``.

    ``context`` and ``key_context`` are what the service tells SNS and KMS about the request. SNS encrypts
    with the topic as the encryption context.
    """
    _, _, _, region, account, _ = topic_arn.split(":", 5)
    topic = sns_backends[account][region].topics.get(topic_arn)
    if topic is None:
        raise NotPublishedError("Topic does not exist")
    if not policy.allows(topic._policy_json, f"{service}.amazonaws.com", "sns:Publish", topic_arn, context):
        raise NotPublishedError(
            f"Resource: {source} is not authorized to perform: SNS:Publish on resource: {topic_arn}"
        )
    encryption = {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}
    if topic.kms_master_key_id and not _may_use(topic, service, {**key_context, **encryption}):
        name = {"cloudwatch": "CloudWatch Alarms", "events": "EventBridge"}[service]
        raise NotPublishedError(f"{name} does not have authorization to access the SNS topic encryption key.")
    topic.publish(message, subject=subject)


def _may_use(topic: Any, service: str, context: Mapping[str, str]) -> bool:
    key = _key(topic)
    if key is None or key.key_state != "Enabled":
        return False
    if any(alias.startswith("alias/aws/") for alias in key.aliases):
        return False  # the policy of an AWS managed key names no service, and nobody can change it
    document = json.loads(key.policy)
    return all(
        policy.allows(document, f"{service}.amazonaws.com", action, key.arn, context)
        for action in KEY_ACTIONS
    )


def _key(topic: Any) -> Any:
    """Return the topic's key: an id, an alias, or the ARN of either; None where there is none."""
    key_id = topic.kms_master_key_id
    account, region = topic.account_id, topic.sns_backend.region_name
    if key_id.startswith("arn:"):
        _, _, _, region, account, _ = key_id.split(":", 5)
    kms = kms_backends[account][region]
    try:
        return kms.keys.get(kms.any_id_to_key_id(key_id))
    except (AttributeError, KeyError, TypeError):  # moto's answer to an alias that does not exist
        return None
