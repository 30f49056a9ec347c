"""What takes the messages of a topic: queues, functions, delivery streams, apps and phones.

An email has nothing that could be read, nor has a web endpoint: they are confirmed or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sg_alarm.aws import Aws
from sg_alarm.readers.aws.accounts import Accounts
from sg_alarm.readers.aws.calls import ask
from sg_alarm.readers.aws.keys import read_key
from sg_alarm.readers.settings import json_object
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.model import Place, Queue, Subscription
from sg_alarm.unknown import Unknown

Received = tuple[Subscription, Place | None]
"""A subscription with what takes its messages, and for an encrypted queue the place that holds the key."""


def read_receiver(accounts: Accounts, aws: Aws, region: str, one: Subscription) -> Received:
    """Return the subscription with what takes its messages; ``aws`` is the account of its topic."""
    if one.protocol == "sms":
        return replace(one, state=_phone(aws, region, str(one.endpoint))), None
    read = _READERS.get(str(one.protocol))
    if read is None:
        return one, None
    arn = Arn.parse(str(one.endpoint))
    there = accounts.of(arn.account) if arn else Unknown(f"{one.endpoint} is not an ARN")
    found: Any = there if isinstance(there, Unknown) or arn is None else read(there, arn)
    if one.protocol in ("application", "firehose"):
        return replace(one, state=found), None
    has_key = isinstance(found, Queue) and isinstance(found.kms_key, str)
    if isinstance(there, Unknown) or arn is None or not has_key:
        return replace(one, queue=found), None
    key = None if "alias/aws/" in found.kms_key else read_key(there, arn.region, found.kms_key)
    return replace(one, queue=found), Place(arn.account, arn.region, keys=(key,) if key else ())


def _queue(aws: Aws, arn: Arn) -> Queue | Unknown:
    at = partial(ask, aws, "sqs", arn.region)
    url = at("get_queue_url", lambda answer: answer["QueueUrl"], absent=None, QueueName=arn.resource)
    if isinstance(url, Unknown):
        return url
    found: Queue | Unknown | None = url and at(
        "get_queue_attributes",
        lambda answer: Queue(
            json_object(answer["Attributes"].get("Policy")),
            kms_key=answer["Attributes"].get("KmsMasterKeyId") or None,
        ),
        absent=None,
        QueueUrl=url,
        AttributeNames=["QueueArn", "Policy", "KmsMasterKeyId"],  # the first is never missing
    )
    return found or Queue(exists=False)


def _function(aws: Aws, arn: Arn) -> Queue | Unknown:
    """Return a function, a version or an alias of one, each with a policy of its own.

    AWS answers alike where there is no function and where it has no policy.
    """
    found: Queue | Unknown = ask(
        aws,
        "lambda",
        arn.region,
        "get_policy",
        lambda answer: Queue(json_object(answer["Policy"])),
        absent=Queue(exists=False),
        FunctionName=str(arn),
    )
    return found


def _stream(aws: Aws, arn: Arn) -> str | Unknown:
    found: str | Unknown = ask(
        aws,
        "firehose",
        arn.region,
        "describe_delivery_stream",
        lambda answer: str(answer["DeliveryStreamDescription"]["DeliveryStreamStatus"]),
        absent="",
        DeliveryStreamName=arn.resource.partition("/")[2],
    )
    return found


def _app(aws: Aws, arn: Arn) -> str | Unknown:
    found: str | Unknown = ask(
        aws,
        "sns",
        arn.region,
        "get_endpoint_attributes",
        lambda answer: "ENABLED" if answer["Attributes"]["Enabled"].lower() == "true" else "DISABLED",
        absent="",
        EndpointArn=str(arn),
    )
    return found


def _phone(aws: Aws, region: str, number: str) -> str | Unknown:
    found: str | Unknown = ask(
        aws,
        "sns",
        region,
        "check_if_phone_number_is_opted_out",
        lambda answer: "OPTED_OUT" if answer["isOptedOut"] else "OPTED_IN",
        phoneNumber=number,
    )
    return found


_READERS: Mapping[str, Callable[[Aws, Arn], Any]] = {
    "application": _app,
    "firehose": _stream,
    "lambda": _function,
    "sqs": _queue,
}
