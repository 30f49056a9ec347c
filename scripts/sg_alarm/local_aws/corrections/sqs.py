"""SQS: the policy of a queue."""

from __future__ import annotations

from typing import Any

from sg_alarm.local_aws.corrections.table import corrects


@corrects("moto.sqs.models:Queue._set_attributes")
def a_policy_stays_until_it_is_set_again(
    original: Any, queue: Any, attributes: dict[str, Any], now: float | None = None
) -> None:
    """AWS changes the attributes that are named, and leaves the others as they are.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html

    moto drops the policy with every other attribute that is set.
    """
    kept = {"Policy": queue.policy} if hasattr(queue, "_policy_json") else {}
    original(queue, {**kept, **attributes}, now)
