"""What every format shows: judgements, what the sources call things, where those are, and how to fix them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sg_alarm.errors import ExitCode
from sg_alarm.fixes import Code, Fixes, fixes_for
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.audit import judged_reading
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.rule.verdict import Judgement, Verdict, worst
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
    """The judgements of everything that a source holds, by one standard."""

    profile: Profile
    subjects: tuple[Subject, ...]
    run_metadata: RunMetadata = field(default_factory=RunMetadata)

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


def judge(readings: Iterable[Reading], profile: Profile, run_metadata: RunMetadata | None = None) -> Report:
    """Judge what was read; readings without anything of AWS are left out. It was made now, unless told."""
    subjects = []
    for reading in readings:
        if (found := judged_reading(reading, profile)) is not None:
            deployment, original = found
            described = describe(original, Names(reading.addresses))
            subjects.append(Subject(reading, deployment, profile, original, described))
    return Report(profile, tuple(subjects), run_metadata or RunMetadata())
