"""AWS services publish to SNS topics, where topic and key let them.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from collections.abc import Mapping

from moto.sns.models import sns_backends

from sg_alarm.local_aws import keys, policy


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

    ``context`` and ``key_context`` are what the service passes to SNS and KMS about the request. SNS encrypts
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
    if topic.kms_master_key_id and not keys.may_use(
        topic.kms_master_key_id, account, region, service, {**key_context, **encryption}
    ):
        name = {"cloudwatch": "CloudWatch Alarms", "events": "EventBridge"}[service]
        raise NotPublishedError(f"{name} does not have authorization to access the SNS topic encryption key.")
    topic.publish(message, subject=subject)
