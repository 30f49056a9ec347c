"""Findings of many operations and regions, grouped for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.verdict import LINKS, Finding, Verdict

_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


def group_findings(
    found: Iterable[tuple[Change, Finding]], operations: Sequence[str], regions: Sequence[str]
) -> tuple[Finding, ...]:
    """Make one finding of equal ones about several changes, worst first and then in the order of the links.

    ``operations`` and ``regions`` are all that were asked for.
    """
    changes: dict[Finding, list[Change]] = {}
    for change, finding in found:
        changes.setdefault(finding, []).append(change)
    grouped = [_about(finding, about, operations, regions) for finding, about in changes.items()]
    return tuple(sorted(grouped, key=lambda one: (_ORDER.index(one.verdict), LINKS.index(one.link))))


def _about(
    finding: Finding, changes: Sequence[Change], operations: Sequence[str], regions: Sequence[str]
) -> Finding:
    names = tuple(dict.fromkeys(change.operation.name for change in changes))
    places = tuple(dict.fromkeys(change.region for change in changes))
    return replace(
        finding,
        operations=names,
        regions=places,
        some_operations=set(names) != set(operations),
        some_regions=set(places) != set(regions),
    )
