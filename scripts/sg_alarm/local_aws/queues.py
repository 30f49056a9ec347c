"""Whether a queue lets another service send to it; moto asks neither its policy nor its key. Imports moto."""

from __future__ import annotations

from moto.sqs.models import sqs_backends

from sg_alarm.local_aws.keys import may_use
from sg_alarm.local_aws.policy import allows


def admits(queue_arn: str, service: str, source_arn: str) -> bool:
    """Whether the queue exists, and its policy and its key let ``source_arn`` of ``service`` send to it.

    https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    """
    _, _, _, region, account, name = queue_arn.split(":", 5)
    queue = sqs_backends[account][region].queues.get(name)
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
    if queue is None or not allows(
        queue._policy_json, f"{service}.amazonaws.com", "sqs:SendMessage", queue_arn, context
    ):
        return False
    key = queue.kms_master_key_id
    encryption = {"kms:EncryptionContext:aws:sqs:arn": queue_arn}
    return not key or may_use(key, account, region, service, {**context, **encryption})
