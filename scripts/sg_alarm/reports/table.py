"""The audit for a person: the verdict, the chain with the broken link marked, and how to fix it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sg_alarm.reports.names import account_name, not_here_text, region_names, short_name, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import waived_of
from sg_alarm.reports.wrapping import hanging
from sg_alarm.rule.cleaning import lines
from sg_alarm.rule.verdict import NoteKind, Verdict
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement

COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}
MARKS = {Verdict.PASS: "✔", Verdict.FAIL: "✘", Verdict.UNKNOWN: "?"}


def to_table(report: Report) -> str:
    """Return the table as text without colours."""
    console = Console(file=io.StringIO(), force_terminal=False, soft_wrap=True, highlight=False)
    with console.capture() as capture:
        print_report(report, console)
    return capture.get()


def print_report(report: Report, console: Console) -> None:
    """Print everything that was judged, each with the code that fixes what is broken first."""
    for number, subject in enumerate(report.subjects):
        if number:
            console.print()
        _print_subject(subject, console)
        broken = next((one for one in subject.judgement.findings if one.verdict is Verdict.FAIL), None)
        if broken and (code := subject.fix_of([broken])):
            console.print()
            console.print(Text("Add this to fix it:" if code.adds else "This fixes it:", "bold"))
            console.print(Text(lines(code.text)))
    if report.not_here:
        console.print()
        console.print(Text(not_here_text(report.not_here), "dim"))


def _print_subject(subject: Subject, console: Console) -> None:
    one = subject.judgement
    where = f"changes of security groups in {account_name(one.account)}, {region_names(one.regions)}"
    label = Text.assemble(_verdict(one.verdict), "  ")
    _print(hanging(label, Text.assemble(where, (f"  ({subject.profile.name})", "dim")), console), console)
    shown = set()
    for chain in one.chains:
        console.print()
        _print_findings(chain.findings, subject, console)
        shown |= set(chain.findings)
    missing = [
        finding for finding in one.findings if finding not in shown and finding.verdict is not Verdict.PASS
    ]
    # What no chain shows: where there is no alarm, or a chain differs by region.
    if missing and not any(_same(finding, other) for finding in missing for other in shown):
        console.print()
        _print_findings(missing, subject, console)
    console.print()
    for label, body in (*_operations(one), *_waived(one), *_notes(one), *_pages(one)):
        _print(hanging(label, body, console), console)


def _print(lines: Iterable[Text], console: Console) -> None:
    for line in lines:
        console.print(line)


def _same(one: DescribedFinding, other: DescribedFinding) -> bool:
    return (one.link, one.resource, one.evidence) == (other.link, other.resource, other.evidence)


def _print_findings(findings: Sequence[DescribedFinding], subject: Subject, console: Console) -> None:
    widest = max((len(finding.link.value) for finding in findings), default=0)
    for finding in findings:
        passes = finding.verdict is Verdict.PASS
        body = Text.assemble((short_name(finding.resource), "" if passes else "bold"))
        body.append(f"  {finding.evidence}", "dim" if passes else "")
        if not passes and (position := subject.positions.get(finding.resource)):
            body.append(f"\n  {position}", "dim")
        if finding.remedy and not passes:
            body.append(f"\n→ {finding.remedy}", "cyan")
        mark = (MARKS[finding.verdict], COLOURS[finding.verdict])
        label = Text.assemble(mark, f" {finding.link.value:<{widest}} ")
        _print(hanging(label, body, console), console)


def _operations(one: DescribedJudgement) -> Iterator[tuple[Text, Text]]:
    asked = [operation for operation in one.operations if operation.in_profile]
    for verdict, word in (
        (Verdict.FAIL, "not notified"),
        (Verdict.UNKNOWN, "cannot tell"),
        (Verdict.PASS, "notified"),
    ):
        names = [
            operation.name for operation in asked if operation.verdict is verdict and not operation.waived
        ]
        if names:
            yield Text(f"{word:<14}", COLOURS[verdict]), Text(", ".join(names))


def _waived(one: DescribedJudgement) -> Iterator[tuple[Text, Text]]:
    for each in waived_of(one):
        if each.waived:
            yield (
                Text(f"{'waived':<14}", "dim"),
                Text(f"{each.summary}\n{waiver_text(each.waived)} ({each.id})"),
            )


def _notes(one: DescribedJudgement) -> Iterator[tuple[Text, Text]]:
    for note in one.notes:
        if note.kind is NoteKind.ASSUMPTION:  # the chain says it already
            continue
        operations = f": {', '.join(note.operations)}" if note.kind is NoteKind.UNWATCHED else ""
        yield Text(f"{'note':<14}", "dim"), Text(note.text + operations)


def _pages(one: DescribedJudgement) -> Iterator[tuple[Text, Text]]:
    """Yield where to read on about what is broken, or cannot be judged."""
    broken = (each for each in one.findings if each.verdict is not Verdict.PASS)
    ids = dict.fromkeys(message.id for each in broken for message in each.messages)
    if ids:
        yield Text(f"{'read on':<14}", "dim"), Text("\n".join(f"sg-alarm explain {id_}" for id_ in ids))


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict.value, f"bold {COLOURS[verdict]}")
