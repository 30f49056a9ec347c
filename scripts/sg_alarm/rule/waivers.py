"""Findings that somebody decided to accept, until a day that they named.

What is waived is still listed, and no longer counts. A waiver that has expired sets nothing aside: the
finding counts again, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timezone

from sg_alarm.rule.messages import CATALOGUE, say
from sg_alarm.rule.verdict import NoteKind, OperationVerdict, Verdict, Waiver, worst
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement, DescribedNote, Waived, seen


def waive(
    judgements: Iterable[DescribedJudgement], waivers: Collection[Waiver], today: date
) -> tuple[DescribedJudgement, ...]:
    """Return the judgements with what the waivers match set aside; one that matches nothing is a note."""
    used: set[Waiver] = set()
    found = [accept(one, waivers, today, used) for one in judgements]
    stale = tuple(_unused(one) for one in waivers if one not in used)
    if found and stale:
        found[0] = replace(found[0], notes=(*found[0].notes, *stale))
    return tuple(found)


def accept(
    judgement: DescribedJudgement,
    waivers: Collection[Waiver],
    today: date | None = None,
    used: set[Waiver] | None = None,
) -> DescribedJudgement:
    """Return the judgement with what the waivers match set aside; those that match are added to ``used``."""
    today, used = today or datetime.now(timezone.utc).date(), set() if used is None else used
    return _with(judgement, [_decide(one, waivers, today, used) for one in judgement.findings])


def waive_at(judgement: DescribedJudgement, reason: Callable[[DescribedFinding], str]) -> DescribedJudgement:
    """Return the judgement with the findings set aside for which ``reason`` returns one."""
    decided: list[DescribedFinding | Waived] = []
    for one in judgement.findings:
        accepted = one.verdict is not Verdict.PASS and reason(one)
        decided.append(Waived(one, Waiver(one.id, accepted)) if accepted else one)
    return _with(judgement, decided)


def _decide(
    finding: DescribedFinding, waivers: Collection[Waiver], today: date, used: set[Waiver]
) -> DescribedFinding | Waived:
    if finding.verdict is Verdict.PASS:
        return finding
    said = {one.id for one in finding.messages if CATALOGUE[one.id].verdict is not Verdict.PASS}
    matching = [one for one in waivers if one.id == finding.id or one.id in said]
    used.update(matching)
    valid = [one for one in matching if one.expires is None or one.expires >= today]
    ids = {one.id for one in valid}
    if valid and (finding.id in ids or said <= ids):
        return Waived(finding, valid[0])
    expired = [one for one in matching if one not in valid]
    return _with_expired(finding, expired[0]) if expired else finding


def _with_expired(finding: DescribedFinding, waiver: Waiver) -> DescribedFinding:
    expired = say("waiver-expired", date=str(waiver.expires), reason=waiver.reason)
    evidence = f"{finding.evidence}; {seen([expired])}"
    return replace(finding, messages=(*finding.messages, expired), evidence=evidence)


def _with(judgement: DescribedJudgement, decided: Sequence[DescribedFinding | Waived]) -> DescribedJudgement:
    waived = tuple(one for one in decided if isinstance(one, Waived))
    findings = tuple(one for one in decided if not isinstance(one, Waived))
    if not waived:
        return replace(judgement, findings=findings)
    return replace(
        judgement,
        verdict=worst(one.verdict for one in findings),
        findings=findings,
        operations=tuple(_operation(one, findings) for one in judgement.operations),
        waived=(*judgement.waived, *waived),
    )


def _operation(operation: OperationVerdict, findings: Iterable[DescribedFinding]) -> OperationVerdict:
    """Return the verdict on an operation, marked as waived where no finding about it is left."""
    counts = any(one.verdict is not Verdict.PASS and operation.name in one.operations for one in findings)
    return replace(operation, waived=operation.verdict is not Verdict.PASS and not counts)


def _unused(waiver: Waiver) -> DescribedNote:
    messages = (say("waiver-unused", id=waiver.id, reason=waiver.reason),)
    return DescribedNote(NoteKind.WAIVER, waiver.id, seen(messages), (), messages)
