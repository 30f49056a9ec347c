"""Findings of many operations and regions, put together for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.verdict import LINKS, Finding, Verdict

_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
_MOST_REGIONS = 4


def merge(
    found: Iterable[tuple[Change, Finding]], operations: Sequence[str], regions: Sequence[str]
) -> tuple[Finding, ...]:
    """Put equal findings of several changes together, worst first and then in the order of the links.

    The evidence opens with the operations and regions where they are not all of ``operations``, ``regions``.
    """
    changes: dict[Finding, list[Change]] = {}
    for change, one in found:
        changes.setdefault(one, []).append(change)
    merged = [_told(one, about, operations, regions) for one, about in changes.items()]
    return tuple(sorted(merged, key=lambda one: (_ORDER.index(one.verdict), LINKS.index(one.link))))


def _told(
    one: Finding, changes: Sequence[Change], operations: Sequence[str], regions: Sequence[str]
) -> Finding:
    names = tuple(dict.fromkeys(change.operation.name for change in changes))
    places = tuple(dict.fromkeys(change.region for change in changes))
    about = []
    if set(names) != set(operations):
        about.append(", ".join(names))
    if set(places) != set(regions):
        shown = ", ".join(places[:_MOST_REGIONS])
        more = len(places) - _MOST_REGIONS
        about.append(f"in {shown}" + (f" and {more} more regions" if more > 0 else ""))
    evidence = f"{' '.join(about)}: {one.evidence}" if about and one.evidence else one.evidence
    return replace(one, evidence=evidence, operations=names, regions=places)
