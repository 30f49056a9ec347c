"""Whether a queue lets another service send to it; moto asks no queue's policy. Imports moto."""

from __future__ import annotations

from moto.sqs.models import sqs_backends

from sg_alarm.local_aws.policy import allows


def admits(queue_arn: str, service: str, source_arn: str) -> bool:
    """Whether the queue exists and its policy lets ``source_arn``, a resource of ``service``, send to it."""
    _, _, _, region, account, name = queue_arn.split(":", 5)
    queue = sqs_backends[account][region].queues.get(name)
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
    return queue is not None and allows(
        queue._policy_json, f"{service}.amazonaws.com", "sqs:SendMessage", queue_arn, context
    )
