"""Keys of topics and queues."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sg_alarm.aws import Aws
from sg_alarm.readers.aws.calls import ask
from sg_alarm.readers.settings import json_object
from sg_alarm.rule.model import Key
from sg_alarm.unknown import Unknown


def read_key(aws: Aws, region: str, name: str) -> Key | None:
    """Return the key of that id, ARN or alias; ``None`` where there is none."""
    aliases = (name.rpartition(":")[2],) if "alias/" in name else ()
    at = partial(ask, aws, "kms", region)
    key: Key | Unknown | None = at(
        "describe_key",
        lambda answer: Key(
            arn=answer["KeyMetadata"]["Arn"],
            policy={},
            aliases=aliases,
            state=answer["KeyMetadata"]["KeyState"],
            manager=answer["KeyMetadata"]["KeyManager"],
        ),
        absent=None,
        KeyId=name,
    )
    if isinstance(key, Unknown):
        manager: str | Unknown = "AWS" if "alias/aws/" in name else key
        return Key(name, key, aliases, key, manager)
    if key is None or key.manager != "CUSTOMER":
        return key
    policy = at(
        "get_key_policy",
        lambda answer: json_object(answer["Policy"]) or {},
        KeyId=key.arn,
        PolicyName="default",
    )
    return replace(key, policy=policy)
