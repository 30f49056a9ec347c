"""Finding things in a deployment, and saying why something is not found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.model import Deployment, Key, LogGroup, MetricFilter, Place, Topic
from sg_alarm.unknown import Unknown

_T = TypeVar("_T")


@dataclass(frozen=True)
class Missing:
    """Something that is not in the view; ``certain`` where it does not exist at all."""

    reason: str
    certain: bool


def place_of(deployment: Deployment, arn: str) -> Place | Unknown:
    """Return the place that an ARN names, ``Unknown`` where it was not looked into."""
    parts = Arn.parse(arn)
    if parts is None:
        return Unknown(f"{arn} is not a resource that this view knows")
    for place in deployment.places:
        if (place.account, place.region) == (parts.account, parts.region):
            return place
    return Unknown(f"account {parts.account}, region {parts.region} was not looked into")


def find_log_group(deployment: Deployment, arn: str) -> tuple[Place, LogGroup] | Missing:
    """Find a log group by its ARN, with or without ``:*``."""
    wanted = without_streams(arn)
    return _find(
        deployment,
        wanted,
        "log group",
        lambda place: place.log_groups,
        lambda group: without_streams(group.arn) == wanted,
    )


def find_topic(deployment: Deployment, arn: str) -> tuple[Place, Topic] | Missing:
    """Find a topic by its ARN."""
    return _find(deployment, arn, "topic", lambda place: place.topics, lambda topic: topic.arn == arn)


def find_key(deployment: Deployment, place: Place, key: str) -> tuple[Place, Key] | Missing:
    """Find the key that a topic in ``place`` names: by id, ARN, alias or the alias's ARN."""
    if not key.startswith("arn:"):
        if isinstance(place.keys, Unknown):
            return Missing(f"the keys could not be read: {place.keys.reason}", certain=False)
        for one in place.keys:
            if one.arn == key or one.arn.endswith(f":key/{key}") or key in one.aliases:
                return place, one
        return Missing(f"there is no key {key}", certain=not is_opaque(key) and not _is_address(key))
    parts = Arn.parse(key)
    alias = parts.resource if parts is not None else ""

    def is_meant(one: Key) -> bool:
        same_place = one.arn.split(":")[:5] == key.split(":")[:5]
        return one.arn == key or (same_place and alias in one.aliases)

    return _find(deployment, key, "key", lambda at: at.keys, is_meant)


def _is_address(key: str) -> bool:
    """Whether a text is an address in code rather than a key's id or an alias."""
    return not key.startswith("alias/") and "." in key


def filters_on(deployment: Deployment, group_arn: str) -> Iterator[tuple[Place, MetricFilter]]:
    """Yield the metric filters of a log group, and those that may be its."""
    wanted = without_streams(group_arn)
    parts = Arn.parse(wanted)
    for place in deployment.places:
        if isinstance(place.metric_filters, Unknown):
            continue
        for one in place.metric_filters:
            if isinstance(one.log_group_arn, Unknown):
                if parts is None or (parts.account, parts.region) == (place.account, place.region):
                    yield place, one
            elif without_streams(one.log_group_arn) == wanted:
                yield place, one


def unread_filters(deployment: Deployment, group_arn: str) -> str:
    """Return why the metric filters of a log group could not be read, empty where they were."""
    found = find_log_group(deployment, group_arn)
    place = found[0] if not isinstance(found, Missing) else place_of(deployment, group_arn)
    if isinstance(place, Unknown):
        return place.reason
    return place.metric_filters.reason if isinstance(place.metric_filters, Unknown) else ""


def _find(
    deployment: Deployment,
    arn: str,
    kind: str,
    listed: Callable[[Place], tuple[_T, ...] | Unknown],
    is_meant: Callable[[_T], bool],
) -> tuple[Place, _T] | Missing:
    for place in deployment.places:
        things = listed(place)
        for thing in _known(things):
            if is_meant(thing):
                return place, thing
    home = place_of(deployment, arn)
    if isinstance(home, Unknown):
        return Missing(home.reason, certain=False)
    things = listed(home)
    if isinstance(things, Unknown):
        return Missing(f"the {kind}s could not be read: {things.reason}", certain=False)
    return Missing(f"there is no {kind} {arn}", certain=not is_opaque(arn))


def _known(things: tuple[_T, ...] | Unknown) -> Iterable[_T]:
    return () if isinstance(things, Unknown) else things
