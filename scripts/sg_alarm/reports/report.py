"""What every format shows: judgements, what the sources call things, where those are, and how to fix them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sg_alarm.errors import ExitCode
from sg_alarm.fixes import Code, Fixes, fixes_for
from sg_alarm.reports.anchor import anchor_of, and_callers, plain
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.audit import judged_reading
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.rule.scan import Chosen, Expect, everything, select, without_alarm
from sg_alarm.rule.verdict import Judgement, Note, Verdict, Waiver, worst
from sg_alarm.rule.waivers import waive, waive_at
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement, Names, describe

EXIT_CODES = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FAIL, Verdict.UNKNOWN: ExitCode.UNKNOWN}


@dataclass(frozen=True)
class Subject:
    """What was judged as a whole: an account, a root module, a plan's account or a template.

    ``original`` is the judgement of the rule, ``judgement`` the same in words, with the names of the source.
    """

    reading: Reading
    deployment: Deployment
    profile: Profile
    original: Judgement
    judgement: DescribedJudgement

    @property
    def positions(self) -> Mapping[str, Position]:
        """Where in the code the resources are, by address."""
        return self.reading.positions

    @cached_property
    def fixes(self) -> Fixes:
        """The code that fixes it, worked out when it is first asked for."""
        return fixes_for(self.reading, self.original, self.profile)

    def fix_of(self, findings: Iterable[DescribedFinding]) -> Code | None:
        """Return the code that fixes what these findings say, ``None`` where there is none to be written."""
        return self.fixes.of(one.finding for one in findings)


@dataclass(frozen=True)
class Report:
    """The judgements of what a source holds, by one standard.

    ``not_here`` are the root modules that hold no part of the chain, and are not judged.
    """

    profile: Profile
    subjects: tuple[Subject, ...]
    run_metadata: RunMetadata = field(default_factory=RunMetadata)
    not_here: tuple[str, ...] = ()

    @property
    def judgements(self) -> tuple[DescribedJudgement, ...]:
        """The judgements, in the order in which they were read."""
        return tuple(one.judgement for one in self.subjects)

    @property
    def is_of_code(self) -> bool:
        """Whether it is of what is to be deployed: there resources have other names than in an account."""
        return any(one.reading.addresses for one in self.subjects)

    @property
    def verdict(self) -> Verdict:
        """FAIL if one fails, else UNKNOWN if one is UNKNOWN; of nothing at all it is UNKNOWN, too."""
        return worst(one.verdict for one in self.judgements) if self.subjects else Verdict.UNKNOWN

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the command; without AWS there is nothing that could be broken."""
        return EXIT_CODES[self.verdict] if self.subjects else ExitCode.OK


def judge(
    readings: Iterable[Reading],
    profile: Profile,
    run_metadata: RunMetadata | None = None,
    *,
    expect: Expect | None = None,
    waivers: Collection[Waiver] = (),
    heed_comments: bool = True,
) -> Report:
    """Judge what was read; readings without anything of AWS are left out.

    ``expect`` is set for a codebase: then only what holds a part of the chain is judged. With
    ``heed_comments``, findings are waived that comments in the code waive. Raises UserError for an expected
    folder that is not there.
    """
    selection = everything(readings) if expect is None else select(readings, expect)
    made = run_metadata or RunMetadata()
    subjects = [subject for one in selection.chosen if (subject := _subject(one, profile))]
    subjects[:1] = [_with_notes(one, selection.notes) for one in subjects[:1]]  # they are about the scan
    if heed_comments:
        subjects = [_with_comments(one) for one in subjects]
    judgements = waive([one.judgement for one in subjects], waivers, made.made_at.date())
    found = (replace(one, judgement=judgement) for one, judgement in zip(subjects, judgements, strict=True))
    return Report(profile, tuple(found), made, selection.not_here)


def _subject(chosen: Chosen, profile: Profile) -> Subject | None:
    reading = chosen.reading
    found = judged_reading(chosen.reading, profile)
    if found is None:
        return None
    deployment, original = found
    if chosen.looked_at:
        original = without_alarm(original, deployment, profile, chosen.looked_at)
    return Subject(reading, deployment, profile, original, describe(original, Names(reading.addresses)))


def _with_notes(subject: Subject, notes: Sequence[Note]) -> Subject:
    original = replace(subject.original, notes=(*subject.original.notes, *notes))
    described = describe(original, Names(subject.reading.addresses))
    return replace(subject, original=original, judgement=described)


def _with_comments(subject: Subject) -> Subject:
    """Return a subject with what the comments beside its blocks waive set aside."""
    skips = {plain(address): reason for address, reason in subject.reading.skips.items()}
    if not skips:
        return subject

    def reason(address: str) -> str:
        return next((skips[one] for one in map(plain, and_callers(address)) if one in skips), "")

    everything = reason(anchor_of(subject.reading, subject.judgement))
    return replace(
        subject, judgement=waive_at(subject.judgement, lambda one: everything or reason(one.resource))
    )
