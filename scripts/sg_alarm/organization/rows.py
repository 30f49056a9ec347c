"""What is kept in memory of each account: a line of the matrix. All else stays in the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sg_alarm.organization.model import Account, Record
from sg_alarm.rule.verdict import Verdict, worst

_BADNESS = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.PASS: 2}


@dataclass(frozen=True, slots=True)
class Row:
    """An account with the verdict on each operation, in the catalogue's order.

    ``gaps`` are for each operation the regions in which nobody is notified of it; ``reason`` is what is
    worst, ``remedy`` what to do about it; ``covered_by`` are the trails of the organization that record its
    changes. ``place`` is where the journal has the whole record.
    """

    account: Account
    verdict: Verdict
    operations: tuple[Verdict, ...]
    gaps: tuple[tuple[str, ...], ...]
    reason: str
    remedy: str
    covered_by: tuple[str, ...]
    place: int


class Rows:
    """Makes rows. Accounts are much alike: what is the same in several is kept once."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def row(self, account: Account, record: Record, place: int) -> Row:
        """Return the row of a record of the journal."""
        report = record["report"]
        worst_finding = next((one for one in report["findings"] if one["verdict"] != "PASS"), None)
        reason, remedy = record["unread"], ""
        if worst_finding and not reason:
            reason = f"{worst_finding['link']}: {worst_finding['evidence']}"
            remedy = worst_finding["remedy"]
        gaps = [
            self._same(tuple(region for one in operation["gaps"] for region in one["regions"]))
            for operation in report["operations"]
        ]
        return Row(
            account,
            Verdict(report["verdict"]),
            self._same(tuple(Verdict(one["verdict"]) for one in report["operations"])),
            self._same(tuple(gaps)),
            reason,
            remedy,
            self._same(tuple(record["covered_by"])),
            place,
        )

    def _same(self, value: Any) -> Any:
        return self._known.setdefault(value, value)


def overall(rows: Iterable[Row]) -> Verdict:
    """Return the verdict over the accounts; UNKNOWN over none."""
    verdicts = [row.verdict for row in rows]
    return worst(verdicts) if verdicts else Verdict.UNKNOWN


def worst_first(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows by organizational unit: the worst unit first, and in each the worst account first."""
    by_unit = sorted(rows, key=lambda row: row.account.unit.path)
    units = [
        (path, sorted(group, key=_rank))
        for path, group in groupby(by_unit, lambda row: row.account.unit.path)
    ]
    return sorted(units, key=lambda unit: (_rank(unit[1][0])[:2], unit[0]))


def _rank(row: Row) -> tuple[int, int, str, str]:
    passing = sum(one is Verdict.PASS for one in row.operations)
    return _BADNESS[row.verdict], passing, row.account.name, row.account.id


ReportOf = Callable[[Row], dict[str, Any]]
"""Reads the whole JSON report of a row's account."""


def in_order(units: Sequence[tuple[str, Sequence[Row]]]) -> list[Row]:
    """Return the rows of all units, one after the other."""
    return [row for _, rows in units for row in rows]
