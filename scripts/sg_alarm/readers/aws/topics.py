"""Topics of an AWS account: policy, key, and subscriptions with what takes their messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sg_alarm.aws import Aws
from sg_alarm.readers.aws.accounts import Accounts
from sg_alarm.readers.aws.calls import ask, ask_all
from sg_alarm.readers.aws.keys import read_key
from sg_alarm.readers.aws.receivers import Received, read_receiver
from sg_alarm.readers.settings import json_object
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.model import Place, Subscription, Topic
from sg_alarm.unknown import Unknown

_MAX_SUBSCRIPTIONS_IN_DETAIL = 100


def read_topic(accounts: Accounts, text: str) -> list[Place]:
    """Return places: one with the topic and its key, if there is such a topic, and those of queues' keys."""
    arn = Arn.parse(text)
    assert arn
    place = Place(arn.account, arn.region)
    aws = accounts.of(arn.account)
    if isinstance(aws, Unknown):
        return [unread_place(arn.account, arn.region, aws)]
    found, subscribed = accounts.together(
        partial(_attributes, aws, arn.region, text), partial(_subscriptions, accounts, aws, arn)
    )
    if found is None:
        return [place]
    keys: list[Place] = []
    subscriptions = subscribed
    if not isinstance(subscribed, Unknown):
        subscriptions = tuple(one for one, _ in subscribed)
        keys = [key for _, key in subscribed if key]
    if isinstance(found, Unknown):
        return [replace(place, topics=(Topic(text, found, found, subscriptions),)), *keys]
    policy, key_name, key = found
    topics = (Topic(text, policy, key_name, subscriptions),)
    return [replace(place, topics=topics, keys=(key,) if key else ()), *keys]


def unread_place(account: str, region: str, reason: Unknown) -> Place:
    """Return what stands for a place that could not be read."""
    return Place(account, region, reason, reason, reason, reason, reason, reason, reason)


def _attributes(aws: Aws, region: str, topic: str) -> Any:
    """Return policy, name of the key, and key; ``None`` where there is no such topic."""
    found = ask(
        aws,
        "sns",
        region,
        "get_topic_attributes",
        lambda answer: (
            json_object(answer["Attributes"].get("Policy")),
            answer["Attributes"].get("KmsMasterKeyId") or None,
        ),
        absent=None,
        TopicArn=topic,
    )
    if found is None or isinstance(found, Unknown):
        return found
    policy, name = found
    return policy, name, read_key(aws, region, name) if name else None


def _subscriptions(accounts: Accounts, aws: Aws, topic: Arn) -> list[Received] | Unknown:
    listed = ask_all(
        aws,
        "sns",
        topic.region,
        "list_subscriptions_by_topic",
        "Subscriptions",
        _listed_subscription,
        absent=(),
        TopicArn=str(topic),
    )
    if isinstance(listed, Unknown):
        return listed
    confirmed = [one.arn for one in listed if one.confirmed]
    detailed = set(confirmed[:_MAX_SUBSCRIPTIONS_IN_DETAIL])
    return accounts.together(
        *(partial(_subscription, accounts, aws, topic.region, one, one.arn in detailed) for one in listed)
    )


def _listed_subscription(one: Mapping[str, Any]) -> Subscription:
    """Return one of ListSubscriptionsByTopic."""
    arn, protocol, endpoint = one["SubscriptionArn"], one["Protocol"], one["Endpoint"]
    if not arn.startswith("arn:"):  # PendingConfirmation, Deleted: words where the ARN should be
        return Subscription(f"{endpoint} ({protocol})", protocol, endpoint, False)
    return Subscription(arn, protocol, endpoint, True)


def _subscription(accounts: Accounts, aws: Aws, region: str, one: Subscription, detailed: bool) -> Received:
    if not one.confirmed:
        return one, None
    if not detailed:
        reason = f"only the first {_MAX_SUBSCRIPTIONS_IN_DETAIL} subscriptions were read in detail"
        return replace(one, filter_policy=Unknown(reason)), None
    (received, key), found = accounts.together(
        partial(read_receiver, accounts, aws, region, one),
        partial(
            ask,
            aws,
            "sns",
            region,
            "get_subscription_attributes",
            lambda answer: _settings(one, answer["Attributes"]),
            absent={"confirmed": False},  # unsubscribed since it was listed
            SubscriptionArn=one.arn,
        ),
    )
    return replace(received, **({"filter_policy": found} if isinstance(found, Unknown) else found)), key


def _settings(one: Subscription, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "confirmed": found.get("PendingConfirmation", "false") != "true",
        "filter_policy": json_object(found.get("FilterPolicy")),
        "filter_policy_scope": found.get("FilterPolicyScope", "MessageAttributes"),
        "role_arn": found.get("SubscriptionRoleArn", "") if one.protocol == "firehose" else None,
    }
