"""From a judgement to what Checkov shows: a result, one line, and details."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sg_alarm.errors import UserError
from sg_alarm.reports.anchor import deciding
from sg_alarm.reports.names import waiver_text
from sg_alarm.reports.report import Report, Subject, judge
from sg_alarm.rule.operations import PROFILES, Profile
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.scan import CODEBASE, EVERY_ROOT, Expect
from sg_alarm.rule.verdict import NoteKind, Verdict
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement
from sg_alarm.sources.configuration import Configuration, Folders

PROFILE = "SG_ALARM_PROFILE"
UNKNOWN = "SG_ALARM_UNKNOWN"
STRICT = "SG_ALARM_STRICT"
_FAIL, _SKIP = "fail", "skip"
_SWITCHES = {"": False, "0": False, "false": False, "1": True, "true": True}


_HELP = (
    "what helps: a variable file (--var-file), terraform init for modules, or a scan of the plan's JSON; "
    f"{UNKNOWN}={_SKIP} shows such findings as skipped"
)


@dataclass(frozen=True)
class Outcome:
    """``result`` is a value of Checkov's ``CheckResult``; ``said`` one line, empty where all is well."""

    result: str
    said: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What the environment asks for, and what the file of the codebase does."""

    profile: Profile
    skip_unknown: bool
    configuration: Configuration = field(default_factory=Configuration)

    @property
    def scope(self) -> str:
        """Where the alarm is expected, for what is not in folders of root modules: plans and templates."""
        return EVERY_ROOT if self.configuration.expect == EVERY_ROOT else CODEBASE

    def covers(self, file: Path) -> bool:
        """Whether a file is not in an excluded folder."""
        return not (self.configuration.exclude or Folders()).hold(file.parent)

    def judge(self, readings: Iterable[Reading], expect: Expect) -> Report:
        """Judge what Checkov scans; it looks for comments in the code itself."""
        waivers = self.configuration.waiver or ()
        return judge(readings, self.profile, expect=expect, waivers=waivers, heed_comments=False)

    @classmethod
    def of(cls, configuration: Configuration, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment; raises UserError for a value that is not one of the choices."""
        name = environment.get(PROFILE) or configuration.standard or "conformity"
        unknown = environment.get(UNKNOWN) or _FAIL
        if name not in PROFILES:
            raise UserError(f"{PROFILE} is {name!r}", f"choose one of {', '.join(PROFILES)}")
        if unknown not in (_FAIL, _SKIP):
            raise UserError(f"{UNKNOWN} is {unknown!r}", f"choose {_FAIL} or {_SKIP}")
        strict = environment.get(STRICT, "").lower()
        if strict not in _SWITCHES:
            raise UserError(f"{STRICT} is {strict!r}", "choose true or false")
        is_strict = _SWITCHES[strict] if strict else bool(configuration.strict)
        return cls(replace(PROFILES[name], strict=is_strict), unknown == _SKIP, configuration)


def outcome_of(subject: Subject, settings: Settings, place: Callable[[str], str]) -> Outcome:
    """Return what to show; ``place`` returns for an address where it is."""
    judgement = subject.judgement
    finding = deciding(judgement)
    code = subject.fix_of([finding]) if finding else None
    details = (*_details(judgement, place), *(code.text.splitlines() if code else ()))
    if judgement.verdict is Verdict.PASS:
        if judgement.waived:
            return Outcome("SKIPPED", waiver_text(judgement.waived[0].waiver), details)
        return Outcome("PASSED", details=details)
    said = _said(finding, place) if finding else "there is no region in scope"
    if judgement.verdict is Verdict.FAIL:
        return Outcome("FAILED", said, details)
    return unread_outcome(said, settings, details)


def unread_outcome(said: str, settings: Settings, details: tuple[str, ...] = ()) -> Outcome:
    """Return what to show where the audit cannot tell."""
    result = "SKIPPED" if settings.skip_unknown else "FAILED"
    return Outcome(result, f"could not tell: {said}", (*details, _HELP))


def _said(finding: DescribedFinding, place: Callable[[str], str]) -> str:
    text = f"{place(finding.resource)}: {finding.evidence}"
    if finding.remedy:
        text += f"; {finding.remedy}"
    return " ".join(text.split())


def _ids(finding: DescribedFinding) -> str:
    return f"[{' '.join(message.id for message in finding.messages)}]"


def places(subject: Subject) -> Callable[[str], str]:
    """Return what returns for an address the address and the line where it is."""

    def place(address: str) -> str:
        position = subject.positions.get(address)
        return f"{address} ({position})" if position else address

    return place


def _details(judgement: DescribedJudgement, place: Callable[[str], str]) -> list[str]:
    found = [
        f"{one.verdict.value} {one.link.value}: {_said(one, place)} {_ids(one)}"
        for one in judgement.findings
        if one.verdict is not Verdict.PASS
    ]
    if judgement.verdict is Verdict.PASS:
        found = [f"{one.link.value}: {_said(one, place)}" for one in judgement.findings]
    found += [f"{_said(one.finding, place)}: {waiver_text(one.waiver)}" for one in judgement.waived]
    found += [
        f"{note.kind.value}: {note.text}" + (f": {', '.join(note.operations)}" if note.operations else "")
        for note in judgement.notes
        if note.kind in (NoteKind.UNWATCHED, NoteKind.NOISE, NoteKind.WAIVER)
    ]
    return found
