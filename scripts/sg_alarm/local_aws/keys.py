"""Whether a KMS key lets an AWS service encrypt for a topic or a queue. Imports moto."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends

from sg_alarm.local_aws import policy

ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def may_use(key_id: str, account: str, region: str, service: str, context: Mapping[str, str]) -> bool:
    """Whether the key that a resource of this account and region names may be used by the service.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    key = _key(key_id, account, region)
    if key is None or key.key_state != "Enabled":
        return False
    if any(alias.startswith("alias/aws/") for alias in key.aliases):
        return False  # the policy of an AWS managed key names no service, and nobody can change it
    document = json.loads(key.policy)
    return all(
        policy.allows(document, f"{service}.amazonaws.com", action, key.arn, context) for action in ACTIONS
    )


def _key(key_id: str, account: str, region: str) -> Any:
    """Return a key by its id, an alias, or the ARN of either; None where there is none."""
    if key_id.startswith("arn:"):
        _, _, _, region, account, _ = key_id.split(":", 5)
    kms = kms_backends[account][region]
    try:
        return kms.keys.get(kms.any_id_to_key_id(key_id))
    except (AttributeError, KeyError, TypeError):  # moto's answer to an alias that does not exist
        return None
