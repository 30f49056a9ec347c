"""The audit for a person: the verdict, the chain with the broken link marked, and what mends it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from sg_alarm.fixes.module_block import missing_alarm
from sg_alarm.reports.cleaning import lines
from sg_alarm.reports.names import account_name, region_names, short_name
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.reports.wrapping import hanging
from sg_alarm.rule.audit import Audit
from sg_alarm.rule.verdict import Finding, Judgement, NoteKind, Verdict

COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}
MARKS = {Verdict.PASS: "✔", Verdict.FAIL: "✘", Verdict.UNKNOWN: "?"}


def to_table(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
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
        block = missing_alarm(audit, deployment, judgement)
        if block:
            console.print()
            console.print(Text("This declares what is missing:", "bold"))
            console.print(Text(lines(block)))


def _print_judgement(one: Judgement, audit: Audit, console: Console, positions: Mapping[str, str]) -> None:
    where = f"changes of security groups in {account_name(one.account)}, {region_names(one.regions)}"
    label = Text.assemble(_verdict(one.verdict), "  ")
    _print(hanging(label, Text.assemble(where, (f"  ({audit.profile.name})", "dim")), console), console)
    shown = set()
    for chain in one.chains:
        console.print()
        _print_findings(chain.findings, positions, console)
        shown |= set(chain.findings)
    missing = [
        finding for finding in one.findings if finding not in shown and finding.verdict is not Verdict.PASS
    ]
    # What no chain shows: where there is no alarm, or a chain differs by region.
    if missing and not any(_same(finding, other) for finding in missing for other in shown):
        console.print()
        _print_findings(missing, positions, console)
    console.print()
    for label, told in (*_operations(one), *_notes(one), *_pages(one)):
        _print(hanging(label, told, console), console)


def _print(lines: Iterable[Text], console: Console) -> None:
    for line in lines:
        console.print(line)


def _same(one: Finding, other: Finding) -> bool:
    return (one.link, one.resource, one.evidence) == (other.link, other.resource, other.evidence)


def _print_findings(findings: Sequence[Finding], positions: Mapping[str, str], console: Console) -> None:
    widest = max((len(finding.link.value) for finding in findings), default=0)
    for finding in findings:
        passes = finding.verdict is Verdict.PASS
        told = Text.assemble((short_name(finding.resource), "" if passes else "bold"))
        told.append(f"  {finding.evidence}", "dim" if passes else "")
        if finding.resource in positions and not passes:
            told.append(f"\n  {positions[finding.resource]}", "dim")
        if finding.remedy and not passes:
            told.append(f"\n→ {finding.remedy}", "cyan")
        mark = (MARKS[finding.verdict], COLOURS[finding.verdict])
        label = Text.assemble(mark, f" {finding.link.value:<{widest}} ")
        _print(hanging(label, told, console), console)


def _operations(one: Judgement) -> Iterator[tuple[Text, Text]]:
    asked = [operation for operation in one.operations if operation.in_profile]
    for verdict, word in (
        (Verdict.FAIL, "not told"),
        (Verdict.UNKNOWN, "cannot tell"),
        (Verdict.PASS, "told"),
    ):
        names = [operation.name for operation in asked if operation.verdict is verdict]
        if names:
            yield Text(f"{word:<12}", COLOURS[verdict]), Text(", ".join(names))


def _notes(one: Judgement) -> Iterator[tuple[Text, Text]]:
    for note in one.notes:
        if note.kind is NoteKind.ASSUMPTION:  # the chain says it already
            continue
        told = f"{note.text}: {', '.join(note.operations)}" if note.kind is NoteKind.UNWATCHED else note.text
        yield Text(f"{'note':<12}", "dim"), Text(told)


def _pages(one: Judgement) -> Iterator[tuple[Text, Text]]:
    """Yield where to read on about the links that are broken, or in doubt."""
    links = dict.fromkeys(each.link.value for each in one.findings if each.verdict is not Verdict.PASS)
    if links:
        yield Text(f"{'read on':<12}", "dim"), Text("\n".join(f"sg-alarm explain {link}" for link in links))


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict.value, f"bold {COLOURS[verdict]}")
