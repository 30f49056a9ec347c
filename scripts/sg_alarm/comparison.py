"""What changed from one snapshot to another, and what that does to the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sg_alarm.audit import audit
from sg_alarm.rule.model import Deployment, Topic
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown

Identity = tuple[str, ...]
"""Account, region, kind and name of one thing."""


@dataclass(frozen=True)
class FieldChange:
    """One field of a thing that is in both snapshots."""

    thing: Identity
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class VerdictChange:
    """The verdict on one operation in one account; ``None`` where the account is in one snapshot only."""

    account: str
    operation: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True)
class Difference:
    """All that differs; false where nothing does."""

    added: tuple[Identity, ...]
    removed: tuple[Identity, ...]
    changed: tuple[FieldChange, ...]
    verdicts: tuple[VerdictChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.verdicts)


def compare(before: Sequence[Deployment], after: Sequence[Deployment], profile: str) -> Difference:
    """Compare two snapshots thing by thing, and their verdicts; raises UserError for an unknown profile."""
    old, new = dict(_things(before)), dict(_things(after))
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(
            FieldChange(thing, name, old[thing].get(name), value)
            for thing in sorted(old.keys() & new.keys())
            for name, value in new[thing].items()
            if old[thing].get(name) != value
        ),
        verdicts=tuple(_verdict_changes(before, after, profile)),
    )


def render(difference: Difference) -> Iterator[str]:
    """Return the lines that show a difference to a person."""
    for mark, things in (("+", difference.added), ("-", difference.removed)):
        for thing in things:
            yield f"{mark} {_named(thing)}"
    for change in difference.changed:
        yield f"~ {_named(change.thing)}: {change.field}"
        yield f"    from {_shown(change.before)}"
        yield f"    to   {_shown(change.after)}"
    for one in difference.verdicts:
        before, after = (verdict.value if verdict else "nothing" for verdict in (one.before, one.after))
        yield f"! {one.operation} in account {one.account}: {before} → {after}"
    if not difference:
        yield "nothing changed"


def _things(deployments: Sequence[Deployment]) -> Iterator[tuple[Identity, dict[str, Any]]]:
    for deployment in deployments:
        own = {"regions": deployment.regions}
        yield from _listed((deployment.account, ""), "trail", deployment.trails, own)
        yield (deployment.account, "", "account", deployment.account), own
        for place in deployment.places:
            where = (place.account, place.region)
            unread: dict[str, Any] = {}
            for kind, things in (
                ("log group", place.log_groups),
                ("metric filter", place.metric_filters),
                ("alarm", place.alarms),
                ("mute rule", place.mute_rules),
                ("topic", place.topics),
                ("key", place.keys),
                ("event rule", place.event_rules),
            ):
                yield from _listed(where, kind, things, unread)
            for topic in place.topics if isinstance(place.topics, tuple) else ():
                yield from _listed(where, "subscription", topic.subscriptions, unread)
            yield (*where, "place", place.region), unread


def _listed(
    where: tuple[str, str], kind: str, things: Any, unread: dict[str, Any]
) -> Iterator[tuple[Identity, dict[str, Any]]]:
    """Yield each thing with its fields; a list that could not be read is noted in ``unread``."""
    if not isinstance(things, tuple):
        unread[f"{kind}s"] = things
        return
    for thing in things:
        # A topic's subscriptions are things of their own.
        hidden = {"subscriptions"} if isinstance(thing, Topic) else set()
        found = {
            field.name: getattr(thing, field.name) for field in fields(thing) if field.name not in hidden
        }
        name = str(found.get("arn") or found["name"])
        group = found.get("log_group_arn") if kind == "metric filter" else None
        yield (*where, kind, f"{group}:{name}" if isinstance(group, str) else name), found


def _verdict_changes(
    before: Sequence[Deployment], after: Sequence[Deployment], profile: str
) -> Iterator[VerdictChange]:
    old, new = _verdicts(before, profile), _verdicts(after, profile)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) is not new.get(key):
            yield VerdictChange(*key, old.get(key), new.get(key))


def _verdicts(deployments: Sequence[Deployment], profile: str) -> dict[tuple[str, str], Verdict]:
    return {
        (one.account, operation.name): operation.verdict
        for one in audit(deployments, profile).judgements
        for operation in one.operations
    }


def _named(thing: Identity) -> str:
    account, region, kind, name = thing
    return f"{kind} {name}" + (f" ({account}, {region})" if region and ":" not in name else "")


def _shown(value: Any) -> str:
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else str(value)
