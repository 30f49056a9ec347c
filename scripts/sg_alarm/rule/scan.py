"""Which root modules of a scan are judged, and what is said where none of them holds the alarm.

The question is asked of the codebase: an account has one such alarm, in one root module of many. Those that
hold a part of the chain are judged. Where none does, there is one finding for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sg_alarm.errors import UserError
from sg_alarm.rule.joining import join
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.parts import filters_for_changes, has_rule_for_changes, published, unread, watched
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.verdict import Finding, Judgement, Link, Note, NoteKind, Verdict
from sg_alarm.unknown import Unknown

CODEBASE = "codebase"
EVERY_ROOT = "every-root"

Expect = str | tuple[str, ...]
"""Where the alarm is expected: ``codebase``, ``every-root``, or names of folders that must each have it."""


@dataclass(frozen=True)
class Chosen:
    """What is to be judged.

    ``looked_at`` is set for what stands for a codebase without the alarm: how many root modules there are.
    """

    reading: Reading
    looked_at: int = 0


@dataclass(frozen=True)
class Selection:
    """What is to be judged of a scan, and the root modules that hold no part of the chain.

    ``unread`` are those of the latter that could not be read, each with the reason.
    """

    chosen: tuple[Chosen, ...]
    not_here: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of those that could not be read."""
        return tuple(
            Note(NoteKind.SCOPE, root, (say("root-module-unread", root=root, reason=reason),))
            for root, reason in self.unread
        )


def everything(readings: Iterable[Reading]) -> Selection:
    """Choose all that was read: accounts, a plan, a template are each judged as they are."""
    return Selection(tuple(Chosen(one) for one in readings if one.deployment is not None))


def select(readings: Iterable[Reading], expect: Expect = CODEBASE) -> Selection:
    """Choose what is to be judged of a codebase. Raises UserError for an expected folder without AWS."""
    roots = [_Root(one, one.deployment) for one in readings if one.deployment is not None]
    codebases, optional = _codebases(roots, expect)
    found = [one for each in codebases for one in _holding(each) or [_without_alarm(each)]]
    # Folders that must have the alarm may lie in each other.
    chosen = {(one.reading.root, one.looked_at): one for one in (*found, *_holding(optional))}.values()
    judged = {root for one in chosen for root in (one.reading.root, *one.reading.joined)}
    others = [one for one in roots if one.reading.root not in judged]
    return Selection(
        tuple(chosen),
        tuple(one.reading.root for one in others),
        tuple((one.reading.root, unread(one.deployment)) for one in others if one.is_unread),
    )


@dataclass(frozen=True)
class _Root:
    reading: Reading
    deployment: Deployment

    @property
    def name(self) -> str:
        return os.path.normpath(self.reading.root)

    def is_in(self, folder: str) -> bool:
        return folder in (".", self.name) or self.name.startswith(f"{folder}{os.sep}")

    @property
    def filters(self) -> list[MetricFilter]:
        cases = (self.deployment, *self.reading.alternatives)
        return [one for case in cases for one in filters_for_changes(case)]

    @property
    def is_unread(self) -> bool:
        return bool(unread(self.deployment))


def _codebases(roots: Sequence[_Root], expect: Expect) -> tuple[list[Sequence[_Root]], Sequence[_Root]]:
    """Return the sets of root modules that must each have the alarm, and the others."""
    if expect == CODEBASE:
        return [roots] if roots else [], []
    if expect == EVERY_ROOT:
        return [[one] for one in roots], []
    found: list[Sequence[_Root]] = []
    for folder in map(os.path.normpath, expect):
        inside = [one for one in roots if one.is_in(folder)]
        if not inside:
            raise UserError(
                f"the alarm is expected in {folder}, which has no root module with AWS resources of its own",
                "take the folder out of expect, or name another",
            )
        found.append(inside)
    return found, [one for one in roots if not any(one in inside for inside in found)]


def _holding(roots: Sequence[_Root]) -> list[Chosen]:
    """Return what holds a part of the chain; with a filter the root modules that have the alarm on it."""
    filters = [one.filters for one in roots]
    counted = [published(found) for found in filters]
    read = [watched(one.deployment) for one in roots]
    unreadable = next((one for one in roots if one.is_unread), None)
    chosen = []
    for index, one in enumerate(roots):
        if not filters[index]:
            continue
        lacking = counted[index] - read[index]
        partners = [
            other.reading
            for other, reads, counts in zip(roots, read, counted, strict=True)
            if reads & lacking - counts
        ]
        reading = join(one.reading, partners)
        if unreadable and not partners and lacking and lacking == counted[index]:
            reading = _with_alarms_unknown(reading, unreadable)
        chosen.append(Chosen(reading))
    return chosen


def _with_alarms_unknown(reading: Reading, unreadable: _Root) -> Reading:
    """Return a root module without the alarm, which may be in another one that could not be read."""
    if reading.deployment is None:
        return reading
    reason = f"{unreadable.reading.root}: {unread(unreadable.deployment)}"
    places = (replace(place, alarms=Unknown(reason)) for place in reading.deployment.places)
    deployment = replace(reading.deployment, places=tuple(places))
    return replace(reading, deployment=deployment, alternatives=())


def _without_alarm(roots: Sequence[_Root]) -> Chosen:
    """Return what stands for a codebase without the alarm: what could not be read, else where it belongs."""
    if unreadable := next((one for one in roots if one.is_unread), None):
        return Chosen(unreadable.reading)
    best = min(
        roots,
        key=lambda one: (
            not has_rule_for_changes(one.deployment),
            not _has_trail(one.deployment),
            one.reading.anchor != "provider.aws",
        ),
    )
    reading = best.reading
    if not _has_trail(best.deployment) and reading.anchor:
        reading = replace(reading, addresses={**reading.addresses, best.deployment.account: reading.anchor})
    return Chosen(reading, len(roots))


def _has_trail(deployment: Deployment) -> bool:
    return isinstance(deployment.trails, tuple) and bool(deployment.trails)


def without_alarm(
    judgement: Judgement, deployment: Deployment, profile: Profile, looked_at: int
) -> Judgement:
    """Return the judgement of a codebase without the alarm: one finding, however much of a chain is there."""
    resource = deployment.account
    if isinstance(deployment.trails, tuple) and deployment.trails:
        resource = deployment.trails[0].arn
    asked = tuple(one.name for one in judgement.operations if one.in_profile)
    finding = Finding(
        Link.METRIC_FILTER,
        resource,
        Verdict.FAIL,
        (say("codebase-without-alarm", count=str(looked_at), pattern=profile.texts[0]),),
        asked,
        judgement.regions,
    )
    operations = tuple(
        replace(one, verdict=Verdict.FAIL, regions=judgement.regions) for one in judgement.operations
    )
    return replace(judgement, verdict=Verdict.FAIL, findings=(finding,), operations=operations, chains=())
