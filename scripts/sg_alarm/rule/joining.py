"""Root modules of one codebase that make up one chain, put together: the filter in one, its alarm in another.

Each was read for itself, with an account and a region of its own where the code does not name them. Here they
are deployed side by side: in one account, and in one region where only one of them names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sg_alarm.rule.arn import PLACEHOLDER, is_opaque
from sg_alarm.rule.model import Deployment, LogGroup, Place
from sg_alarm.rule.reading import Reading
from sg_alarm.unknown import Unknown

_Change = Callable[[str], str]


def join(first: Reading, others: Sequence[Reading]) -> Reading:
    """Return the first root module with the others put to it.

    What the others declare is called by the name of its root module and the address in it.
    """
    for other in others:
        first = _joined(first, other)
    return first


def _joined(first: Reading, other: Reading) -> Reading:
    here, there = first.deployment, other.deployment
    if here is None or there is None:
        return first
    account, own_account = here.account, there.account
    region, own_region = _region(here), _region(there)
    renamed = is_opaque(region) and not is_opaque(own_region)
    own: _Change = (lambda text: text.replace(region, own_region)) if renamed else str
    shared = own_region if renamed else region

    def moved(text: str) -> str:
        # Placeholders are names of its own, bar those of what the two have in common.
        text = text.replace(own_account, "\0")
        text = text.replace(own_region, "\1") if is_opaque(own_region) else text
        text = text.replace(PLACEHOLDER, f"{PLACEHOLDER}{other.root}: ")
        return text.replace("\0", account).replace("\1", shared)

    joining = _texts(there, moved)

    def together(one: Deployment) -> Deployment:
        return _together(_texts(one, own), joining, other.root)

    addresses = {_text(text, moved): f"{other.root}: {one}" for text, one in other.addresses.items()}
    addresses |= {_text(text, own): one for text, one in first.addresses.items()}
    positions = {f"{other.root}: {address}": one for address, one in other.positions.items()}
    return replace(
        first,
        deployment=together(here),
        alternatives=tuple(map(together, first.alternatives)),
        addresses=addresses,
        positions={**positions, **first.positions},
        joined=(*first.joined, other.root),
    )


def _region(deployment: Deployment) -> str:
    """Return the region that most of it is in."""
    regions = [place.region for place in deployment.places]
    return max(regions, key=regions.count, default=deployment.regions[0])


def _together(first: Deployment, other: Deployment, root: str) -> Deployment:
    trails, regions = first.trails, first.regions
    if isinstance(other.trails, tuple) and other.trails:
        if isinstance(trails, tuple) and trails:
            trails = (*trails, *other.trails)
        else:
            trails, regions = other.trails, other.regions
    places = {(place.account, place.region): place for place in first.places}
    for place in other.places:
        key = place.account, place.region
        named = _named(place, root)
        places[key] = _united(places[key], named) if key in places else named
    return replace(first, trails=trails, regions=regions, places=tuple(places.values()))


def _named(place: Place, root: str) -> Place:
    """Return a place whose filters are called by the root module and the address in it."""
    if isinstance(place.metric_filters, Unknown):
        return place
    filters = (replace(one, address=one.address and f"{root}: {one.address}") for one in place.metric_filters)
    return replace(place, metric_filters=tuple(filters))


def _united(first: Place, other: Place) -> Place:
    both: dict[str, Any] = {}
    for name in _LISTS:
        one, more = getattr(first, name), getattr(other, name)
        unknown = next((each for each in (one, more) if isinstance(each, Unknown)), None)
        both[name] = unknown or (*one, *more)
    groups = both["log_groups"]
    if isinstance(groups, tuple):
        both["log_groups"] = _declared_first(groups)
    return replace(first, **both)


_LISTS = ("log_groups", "metric_filters", "alarms", "topics", "keys", "event_rules")


def _declared_first(groups: tuple[LogGroup, ...]) -> tuple[LogGroup, ...]:
    """Return every log group once: what one root module declares, the other only names."""
    found: dict[str, LogGroup] = {}
    for one in sorted(groups, key=lambda each: each.exists is not True):
        found.setdefault(one.arn, one)
    return tuple(found.values())


def _text(text: str, change: _Change) -> str:
    return change(text) if type(text) is str else text  # a secret stays one


def _texts(value: Any, change: _Change) -> Any:
    """Return a value of the model with every text in it changed."""
    if isinstance(value, str):
        return _text(value, change)
    if isinstance(value, tuple | list):
        return type(value)(_texts(one, change) for one in value)
    if isinstance(value, Mapping):
        return {name: _texts(one, change) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        found = {each.name: getattr(value, each.name) for each in fields(value)}
        return replace(value, **{name: _texts(one, change) for name, one in found.items()})
    return value
