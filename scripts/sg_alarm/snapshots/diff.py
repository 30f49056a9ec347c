"""What changed between two snapshots: resources, field by field, and the verdict on each operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from sg_alarm.alarms import CompositeAlarm, MetricAlarm
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.links.metric_filter import resource_of
from sg_alarm.rule.model import Delivery, Deployment, MetricFilter, Place, Subscription, Topic
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Outside, Unknown


class Kind(str, Enum):
    """What happened to a resource."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class FieldChange:
    """A field of the model, by its path such as ``metric_stat.period``, with its values."""

    field: str
    before: object
    after: object


@dataclass(frozen=True)
class ResourceChange:
    """A resource that one snapshot has and the other has not, or has otherwise.

    ``type`` is the model's name in words; ``region`` is empty for trails and accounts. ``fields`` are empty
    but for a change.
    """

    kind: Kind
    type: str
    resource: str
    account: str = ""
    region: str = ""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class VerdictChange:
    """The verdicts on one operation, or with ``operation`` empty on the profile as a whole.

    ``None`` where the account is in one of the snapshots only.
    """

    account: str
    operation: str
    before: Verdict | None
    after: Verdict | None

    @property
    def is_change(self) -> bool:
        """Whether they differ."""
        return self.before is not self.after


@dataclass(frozen=True)
class Difference:
    """All that differs; ``verdicts`` are those on every operation of the profile, changed or not."""

    profile: str
    resources: tuple[ResourceChange, ...]
    verdicts: tuple[VerdictChange, ...]

    def __bool__(self) -> bool:
        return bool(self.resources) or any(one.is_change for one in self.verdicts)


def diff(before: Sequence[Deployment], after: Sequence[Deployment], profile: Profile) -> Difference:
    """Compare two snapshots; when a trail delivered last is not compared, as it always differs."""
    return Difference(
        profile.name,
        (
            *_accounts(before, after),
            *_trails(before, after),
            *_places(before, after),
        ),
        tuple(_verdicts(before, after, profile)),
    )


def render(difference: Difference) -> str:
    """Return a difference as text, of several lines without a newline at the end."""
    lines = []
    signs = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
    for one in difference.resources:
        where = " ".join(part for part in (one.account, one.region) if part)
        lines.append(f"{signs[one.kind]} {one.type} {one.resource}" + (f" ({where})" if where else ""))
        lines.extend(
            f"    {field.field}: {_shown(field.before)} -> {_shown(field.after)}" for field in one.fields
        )
    for verdict in difference.verdicts:
        change = f"{_verdict(verdict.before)} -> {_verdict(verdict.after)}"
        if not verdict.operation:
            same = _verdict(verdict.after) + ", as before"
            lines.append(
                f"{difference.profile}, account {verdict.account}: {change if verdict.is_change else same}"
            )
        elif verdict.is_change:
            lines.append(f"    {verdict.operation}: {change}")
    return "\n".join(lines if difference else ["nothing changed", *lines])


def _verdict(verdict: Verdict | None) -> str:
    return "(not in the snapshot)" if verdict is None else verdict.value


def _shown(value: object) -> str:
    if isinstance(value, Unknown):
        kind = "assumed" if isinstance(value, Outside) else "unknown"
        return f"({kind}: {value.reason})"
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _shown(value)
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return dict(value) if isinstance(value, Mapping) else str(value)


def _verdicts(
    before: Sequence[Deployment], after: Sequence[Deployment], profile: Profile
) -> Iterator[VerdictChange]:
    old, new = ({one.account: evaluate(one, profile) for one in each} for each in (before, after))
    for account in dict.fromkeys((*old, *new)):
        was, now = old.get(account), new.get(account)
        yield VerdictChange(account, "", was.verdict if was else None, now.verdict if now else None)
        operations = [
            {one.name: one.verdict for one in judged.operations} if judged else {} for judged in (was, now)
        ]
        for name in profile.operations:
            yield VerdictChange(account, name, operations[0].get(name), operations[1].get(name))


def _accounts(before: Sequence[Deployment], after: Sequence[Deployment]) -> Iterator[ResourceChange]:
    old, new = ({one.account: one for one in each} for each in (before, after))
    yield from _compared("account", old, new, skip=("trails", "places", "read_at"))
    for account in old.keys() & new.keys():
        was, now = old[account].trails, new[account].trails
        if not (isinstance(was, tuple) and isinstance(now, tuple)) and was != now:
            yield ResourceChange(
                Kind.CHANGED, "account", account, fields=(FieldChange("trails", _names(was), _names(now)),)
            )


def _trails(before: Sequence[Deployment], after: Sequence[Deployment]) -> Iterator[ResourceChange]:
    # Where the trails of either side could not be read, none was added or removed.
    unread = [one.account for one in (*before, *after) if not isinstance(one.trails, tuple)]
    old, new = (
        {
            trail.arn: trail
            for one in each
            if one.account not in unread and isinstance(one.trails, tuple)
            for trail in one.trails
        }
        for each in (before, after)
    )
    yield from _compared("trail", old, new)


_LISTS = {
    "log_groups": "log group",
    "metric_filters": "metric filter",
    "alarms": "alarm",
    "mute_rules": "mute rule",
    "topics": "topic",
    "keys": "key",
    "event_rules": "event rule",
}


def _places(before: Sequence[Deployment], after: Sequence[Deployment]) -> Iterator[ResourceChange]:
    old, new = (
        {(place.account, place.region): place for one in each for place in one.places}
        for each in (before, after)
    )
    for where in dict.fromkeys((*old, *new)):
        account, region = where
        was, now = old.get(where), new.get(where)
        if was is None or now is None:
            kind = Kind.ADDED if was is None else Kind.REMOVED
            yield ResourceChange(kind, "region", region, account)
        empty = Place(account, region)
        for change in _place(was or empty, now or empty):
            yield replace(change, account=account, region=region)


_SKIPPED = {"topics": ("subscriptions",), "alarms": ("state", "state_since")}
"""Fields that are compared elsewhere, or that say how things are and not what was deployed."""


def _place(before: Place, after: Place) -> Iterator[ResourceChange]:
    unread = []
    for name, kind in _LISTS.items():
        was, now = getattr(before, name), getattr(after, name)
        if not isinstance(was, tuple) or not isinstance(now, tuple):
            if was != now:
                unread.append(FieldChange(name, _names(was), _names(now)))
            continue
        old, new = _by_identity(was), _by_identity(now)
        yield from _compared(kind, old, new, skip=_SKIPPED.get(name, ()))
        if name == "topics":
            for identity in dict.fromkeys((*old, *new)):
                yield from _subscriptions(identity, old.get(identity), new.get(identity))
    if unread:
        yield ResourceChange(Kind.CHANGED, "region", before.region, fields=tuple(unread))


def _subscriptions(topic: str, before: Topic | None, after: Topic | None) -> Iterator[ResourceChange]:
    was, now = (() if one is None else one.subscriptions for one in (before, after))
    if isinstance(was, tuple) and isinstance(now, tuple):
        old, new = _by_identity(was), _by_identity(now)
        for change in _compared("subscription", old, new, skip=("arn",)):
            yield replace(change, resource=f"{change.resource} of {topic}")
    elif was != now:
        fields_ = (FieldChange("subscriptions", _names(was), _names(now)),)
        yield ResourceChange(Kind.CHANGED, "topic", topic, fields=fields_)


def _identity(thing: Any) -> str:
    if isinstance(thing, MetricFilter):
        return resource_of(thing)
    if isinstance(thing, Subscription):
        # A pending subscription has no ARN of its own yet.
        parts = (thing.protocol, thing.endpoint)
        return " ".join("(unknown)" if isinstance(part, Unknown) else part or "" for part in parts)
    if isinstance(thing, MetricAlarm | CompositeAlarm):
        return thing.arn or thing.name
    return str(getattr(thing, "arn", None) or thing.name)


def _by_identity(things: Iterable[Any]) -> dict[str, Any]:
    """Return things by identity; a second one of the same is distinguished by its number."""
    found: dict[str, Any] = {}
    for thing in things:
        identity = name = _identity(thing)
        count = 1
        while name in found:
            count += 1
            name = f"{identity} #{count}"
        found[name] = thing
    return found


def _names(things: object) -> object:
    return tuple(_by_identity(things)) if isinstance(things, tuple) else things


def _compared(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], skip: Sequence[str] = ()
) -> Iterator[ResourceChange]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield ResourceChange(Kind.ADDED, kind, name)
        elif name not in after:
            yield ResourceChange(Kind.REMOVED, kind, name)
        else:
            changes = tuple(
                one for one in _fields(before[name], after[name]) if one.field.split(".")[0] not in skip
            )
            if changes:
                yield ResourceChange(Kind.CHANGED, kind, name, fields=changes)


def _fields(before: Any, after: Any, prefix: str = "") -> Iterator[FieldChange]:
    for field in fields(before) if type(before) is type(after) else ():
        was, now = getattr(before, field.name), getattr(after, field.name)
        path = f"{prefix}{field.name}"
        if was == now or (isinstance(before, Delivery) and _is_only_later(field.name, was, now)):
            continue
        if type(was) is type(now) and is_dataclass(was) and not isinstance(was, Unknown):
            yield from _fields(was, now, f"{path}.")
        else:
            yield FieldChange(path, was, now)
    if type(before) is not type(after):
        yield FieldChange("type", type(before).__name__, type(after).__name__)


def _is_only_later(field: str, before: object, after: object) -> bool:
    return field == "latest" and isinstance(before, str) and isinstance(after, str) and bool(before and after)
