"""Finding things in a deployment.

What is found comes with the place that it is in. ``None`` is what certainly does not exist, ``Unknown`` what
is not in the view, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.model import Deployment, Key, LogGroup, MetricFilter, Place, Topic
from sg_alarm.unknown import Unknown, known_items

_T = TypeVar("_T")

_OPAQUE = Unknown("its name is not known in full")


def place_of(deployment: Deployment, arn: str) -> Place | Unknown:
    """Return the place that an ARN names, ``Unknown`` where it was not looked into."""
    parts = Arn.parse(arn)
    if parts is None:
        return Unknown("it is not in this view")
    for place in deployment.places:
        if (place.account, place.region) == (parts.account, parts.region):
            return place
    return Unknown(f"account {parts.account}, region {parts.region} was not looked into")


def find_log_group(deployment: Deployment, arn: str) -> tuple[Place, LogGroup] | Unknown | None:
    """Find a log group by its ARN, with or without ``:*``."""
    wanted = without_streams(arn)
    return _find(
        deployment,
        wanted,
        lambda place: place.log_groups,
        lambda group: without_streams(group.arn) == wanted,
    )


def find_topic(deployment: Deployment, arn: str) -> tuple[Place, Topic] | Unknown | None:
    """Find a topic by its ARN."""
    return _find(deployment, arn, lambda place: place.topics, lambda topic: topic.arn == arn)


def find_key(deployment: Deployment, place: Place, key: str) -> tuple[Place, Key] | Unknown | None:
    """Find the key that a topic in ``place`` names: by id, ARN, alias or the alias's ARN."""
    if not key.startswith("arn:"):
        if isinstance(place.keys, Unknown):
            return place.keys
        for one in place.keys:
            if one.arn == key or one.arn.endswith(f":key/{key}") or key in one.aliases:
                return place, one
        if deployment.elsewhere:
            return deployment.elsewhere
        if _is_address(key):
            return Unknown("it is not in this view")
        return _OPAQUE if is_opaque(key) else None
    parts = Arn.parse(key)
    alias = parts.resource if parts is not None else ""

    def is_meant(one: Key) -> bool:
        same_place = one.arn.split(":")[:5] == key.split(":")[:5]
        return one.arn == key or (same_place and alias in one.aliases)

    return _find(deployment, key, lambda at: at.keys, is_meant)


def _is_address(key: str) -> bool:
    """Whether a text is an address in code rather than a key's id or an alias."""
    return not key.startswith("alias/") and "." in key


def filters_on(deployment: Deployment, group_arn: str) -> Iterator[tuple[Place, MetricFilter]]:
    """Yield the metric filters of a log group, and those that may be its."""
    wanted = without_streams(group_arn)
    parts = Arn.parse(wanted)
    for place in deployment.places:
        for metric_filter in known_items(place.metric_filters):
            group = metric_filter.log_group_arn
            if isinstance(group, Unknown):
                if parts is None or (parts.account, parts.region) == (place.account, place.region):
                    yield place, metric_filter
            elif without_streams(group) == wanted:
                yield place, metric_filter


def unread_filters(deployment: Deployment, group_arn: str) -> Unknown | None:
    """Return why the metric filters of a log group could not be read, ``None`` where they were."""
    found = find_log_group(deployment, group_arn)
    place = found[0] if isinstance(found, tuple) else place_of(deployment, group_arn)
    filters = place if isinstance(place, Unknown) else place.metric_filters
    return filters if isinstance(filters, Unknown) else None


def _find(
    deployment: Deployment,
    arn: str,
    listed: Callable[[Place], tuple[_T, ...] | Unknown],
    is_meant: Callable[[_T], bool],
) -> tuple[Place, _T] | Unknown | None:
    for place in deployment.places:
        for thing in known_items(listed(place)):
            if is_meant(thing):
                return place, thing
    home = place_of(deployment, arn)
    things = home if isinstance(home, Unknown) else listed(home)
    if isinstance(things, Unknown) and not deployment.elsewhere:
        return things
    return deployment.elsewhere or (_OPAQUE if is_opaque(arn) else None)
