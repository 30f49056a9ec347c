"""The audit for a person: the verdict, the chain with the broken link marked, and what mends it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sg_alarm.audit import Audit
from sg_alarm.reports.circumstances import Circumstances
from sg_alarm.reports.names import account_name, region_names, short_name
from sg_alarm.rule.verdict import Finding, Judgement, NoteKind, Verdict

COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}
MARKS = {Verdict.PASS: "✔", Verdict.FAIL: "✘", Verdict.UNKNOWN: "?"}


def to_table(audit: Audit, positions: Sequence[Mapping[str, str]], circumstances: Circumstances) -> str:
    """Return the table as text without colours."""
    console = Console(file=io.StringIO(), force_terminal=False, soft_wrap=True, highlight=False)
    with console.capture() as capture:
        print_audit(audit, console, positions)
    return capture.get()


def print_audit(audit: Audit, console: Console, positions: Sequence[Mapping[str, str]] = ()) -> None:
    """Print every account of the audit; ``positions`` tell where in the code its resources are."""
    for number, (deployment, judgement) in enumerate(zip(audit.deployments, audit.judgements, strict=True)):
        if number:
            console.print()
        _print_judgement(judgement, audit, console, positions[number] if positions else {})
        block = audit.mending(deployment, judgement)
        if block:
            console.print()
            console.print(Text("This declares what is missing:", "bold"))
            console.print(Text(block))


def _print_judgement(one: Judgement, audit: Audit, console: Console, positions: Mapping[str, str]) -> None:
    console.print(
        Text.assemble(
            _verdict(one.verdict),
            f"  changes of security groups in {account_name(one.account)}, {region_names(one.regions)}",
            (f"  ({audit.profile.name})", "dim"),
        )
    )
    shown = set()
    for chain in one.chains:
        console.print()
        console.print(_rows(chain.findings, positions))
        shown |= set(chain.findings)
    missing = [
        finding for finding in one.findings if finding not in shown and finding.verdict is not Verdict.PASS
    ]
    # What no chain shows: where there is no alarm, or a chain differs by region.
    if missing and not any(_same(finding, other) for finding in missing for other in shown):
        console.print()
        console.print(_rows(missing, positions))
    console.print()
    for line in (*_operations(one), *_notes(one)):
        console.print(line)


def _same(one: Finding, other: Finding) -> bool:
    return (one.link, one.resource, one.evidence) == (other.link, other.resource, other.evidence)


def _rows(findings: Sequence[Finding], positions: Mapping[str, str]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        told = Text(short_name(finding.resource), "bold" if finding.verdict is not Verdict.PASS else "")
        told.append(f"  {finding.evidence}", "dim" if finding.verdict is Verdict.PASS else "not bold")
        if finding.resource in positions and finding.verdict is not Verdict.PASS:
            told.append(f"\n  {positions[finding.resource]}", "dim")
        if finding.remedy and finding.verdict is not Verdict.PASS:
            told.append(f"\n→ {finding.remedy}", "cyan")
        table.add_row(Text(MARKS[finding.verdict], COLOURS[finding.verdict]), Text(finding.link.value), told)
    return table


def _operations(one: Judgement) -> Iterator[Text]:
    asked = [operation for operation in one.operations if operation.in_profile]
    for verdict, word in (
        (Verdict.FAIL, "not told"),
        (Verdict.UNKNOWN, "cannot tell"),
        (Verdict.PASS, "told"),
    ):
        names = [operation.name for operation in asked if operation.verdict is verdict]
        if names:
            yield Text.assemble((f"{word:<12}", COLOURS[verdict]), ", ".join(names))


def _notes(one: Judgement) -> Iterator[Text]:
    for note in one.notes:
        if note.kind is NoteKind.ASSUMPTION:  # the chain says it already
            continue
        told = f"{note.text}: {', '.join(note.operations)}" if note.kind is NoteKind.UNWATCHED else note.text
        yield Text.assemble((f"{'note':<12}", "dim"), told)


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict.value, f"bold {COLOURS[verdict]}")
