"""An organization's audit: the matrix of accounts and operations for a person, JSON and CSV for machines.

All of them come in pieces: what is not in the rows is read account by account.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from sg_alarm.organization.model import Account, Organization
from sg_alarm.organization.rows import ReportOf, Row, in_order, overall, worst_first
from sg_alarm.reports.csv_report import as_cell
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.reports.table import COLOURS, MARKS
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.contract import SCHEMA_VERSION, controls
from sg_alarm.rule.operations import OPERATIONS, Profile
from sg_alarm.rule.verdict import Verdict, worst


@dataclass(frozen=True)
class OrganizationAudit:
    """What is reported; ``not_judged`` are accounts that AWS closed, so that nothing changes in them.

    ``run_metadata`` are those of the last run, where a journal was resumed.
    """

    organization: Organization
    profile: Profile
    rows: Sequence[Row]
    not_judged: Sequence[Account]
    run_metadata: RunMetadata

    @property
    def verdict(self) -> Verdict:
        """FAIL if one account fails, else UNKNOWN if one is UNKNOWN."""
        return overall(self.rows)


# For a person


def print_organization(audit: OrganizationAudit, console: Console) -> None:
    """Print the matrix, the worst organizational unit and account first."""
    for line in _lines(audit):
        console.print(line)


def to_table(audit: OrganizationAudit) -> Iterator[str]:
    """Yield the matrix as text without colours, line by line."""
    yield from (f"{line.plain}\n" for line in _lines(audit))


def _lines(audit: OrganizationAudit) -> Iterator[Text]:
    counts = [(sum(row.verdict is verdict for row in audit.rows), verdict) for verdict in MARKS]
    summary = ", ".join(f"{count:,} {verdict.value}" for count, verdict in counts if count)
    yield Text.assemble(
        (audit.verdict.value, f"bold {COLOURS[audit.verdict]}"),
        f"  changes of security groups in organization {audit.organization.id}: {summary or 'no account'}",
        (f"  ({audit.profile.name})", "dim"),
    )
    yield Text()
    asked = [name in audit.profile.operations for name in OPERATIONS]
    for number, (name, in_profile) in enumerate(zip(OPERATIONS, asked, strict=True), 1):
        beyond = "" if in_profile else f"  not asked for by {audit.profile.name}"
        yield Text.assemble((f"{number:>4}  ", "dim"), name, (beyond, "dim"))
    wide = max((len(row.account.name) for row in audit.rows), default=0)
    for path, rows in worst_first(audit.rows):
        yield Text()
        numbers = "".join(f"{number:>3}" for number in range(1, len(asked) + 1))
        yield Text.assemble((f"{path:<{23 + wide}}", "bold"), (numbers, "dim"))
        for row in rows:
            yield from _account(row, wide, asked)
    if audit.not_judged:
        yield Text()
        yield Text("not judged, since nothing can be changed in them", "bold")
        for account in audit.not_judged:
            yield Text(
                f"         {account.id}  {account.name:<{wide}}  {account.status}  {account.unit.path}"
            )


def _account(row: Row, wide: int, asked: Sequence[bool]) -> Iterator[Text]:
    line = Text.assemble(
        (f"{row.verdict.value:<9}", f"bold {COLOURS[row.verdict]}"),
        f"{row.account.id}  {row.account.name:<{wide}}",
    )
    for verdict, in_profile in zip(row.operations, asked, strict=True):
        line.append(f"  {MARKS[verdict]}", COLOURS[verdict] if in_profile else "dim")
    if row.covered_by:
        line.append(f"  by the organization's trail {', '.join(map(_name, row.covered_by))}", "dim")
    yield line
    if row.reason:
        yield Text(f"         {row.reason}")
    if row.remedy:
        yield Text(f"         → {row.remedy}", "cyan")


def _name(arn: str) -> str:
    parts = Arn.parse(arn)
    return parts.resource.removeprefix("trail/") if parts else arn


# For machines


def to_json(audit: OrganizationAudit, report_of: ReportOf) -> Iterator[str]:
    """Yield the report of ``sg_alarm.rule.contract`` piece by piece, with what an organization adds to it."""
    rows = in_order(worst_first(audit.rows))
    head = {
        "schema_version": SCHEMA_VERSION,
        "profile": audit.profile.name,
        "verdict": audit.verdict.value,
        "organization": {
            "id": audit.organization.id,
            "management_account": audit.organization.management_account,
        },
    }
    yield _pretty(head)[:-2]
    yield ',\n  "accounts": '
    yield from _list(_entry(row, report_of(row)) for row in rows)
    yield ',\n  "not_judged": '
    yield from _list(_named(account) | {"status": account.status} for account in audit.not_judged)
    yield ',\n  "operations": '
    yield from _list(_operation(audit, rows, index) for index in range(len(OPERATIONS)))
    yield ',\n  "findings": '
    yield from _list(finding for row in rows for finding in report_of(row)["findings"])
    yield ',\n  "waived": '
    yield from _list(waived for row in rows for waived in report_of(row)["waived"])
    yield ',\n  "not_here": []'
    yield ',\n  "controls": '
    yield from _list(controls(audit.profile.name))
    yield ',\n  "audit": '
    yield _pretty(audit.run_metadata.to_json()).replace("\n", "\n  ")
    yield "\n}\n"


def _named(account: Account) -> dict[str, Any]:
    return {"account": account.id, "name": account.name, "organizational_unit": account.unit.path}


def _entry(row: Row, report: dict[str, Any]) -> dict[str, Any]:
    return {
        **_named(row.account),
        **report["accounts"][0],
        "covered_by": list(row.covered_by),
        "reason": row.reason,
    }


def _operation(audit: OrganizationAudit, rows: Sequence[Row], index: int) -> dict[str, Any]:
    name = list(OPERATIONS)[index]
    verdicts = [row.operations[index] for row in rows]
    return {
        "name": name,
        "verdict": (worst(verdicts) if verdicts else Verdict.UNKNOWN).value,
        "in_profile": name in audit.profile.operations,
        "gaps": [
            {"account": row.account.id, "regions": list(row.gaps[index])} for row in rows if row.gaps[index]
        ],
    }


def _list(items: Iterable[Any]) -> Iterator[str]:
    between = "["
    for item in items:
        yield between + "\n    " + _pretty(item).replace("\n", "\n    ")
        between = ","
    yield "[]" if between == "[" else "\n  ]"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def to_csv(audit: OrganizationAudit) -> Iterator[str]:
    """Yield a row for each account, those that are not judged at the end; a column for each operation."""
    columns = ("account", "name", "organizational_unit", "profile", "verdict", *OPERATIONS)
    yield _row([*columns, "covered_by", "reason", "remedy"])
    for row in in_order(worst_first(audit.rows)):
        verdicts = [verdict.value for verdict in (row.verdict, *row.operations)]
        named = [row.account.id, row.account.name, row.account.unit.path, audit.profile.name]
        yield _row([*named, *verdicts, " ".join(row.covered_by), row.reason, row.remedy])
    for account in audit.not_judged:
        named = [account.id, account.name, account.unit.path, audit.profile.name]
        yield _row([*named, "", *[""] * len(OPERATIONS), "", f"not judged: {account.status}", ""])


def _row(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(map(as_cell, cells))
    return text.getvalue()
