"""The audit as a table for a person: the verdict first."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..audit import Audit, Verdict

_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}


def print_audit(audit: Audit, console: Console) -> None:
    """Print the verdict, then a row for each region with what was seen and what mends it."""
    console.print(
        Text.assemble(_verdict(audit.verdict), f"  security-group changes in account {audit.account}")
    )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("region", "verdict", "seen", "remedy"):
        table.add_column(column, overflow="fold")
    for finding in audit.findings:
        table.add_row(finding.region, _verdict(finding.verdict), Text(finding.evidence), Text(finding.remedy))
    console.print(table)


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict.value, f"bold {_COLOURS[verdict]}")
