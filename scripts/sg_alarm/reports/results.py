"""What reports list: things to fix, and whether somebody is notified of a region's changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sg_alarm.reports.names import short_name
from sg_alarm.rule.verdict import Link, OperationVerdict, Verdict, Waiver, worst
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement


@dataclass(frozen=True)
class Result:
    """One resource in one link: all findings of one id. What passes is listed only where all of it does.

    ``messages`` are the identifiers of what was seen, ``clauses`` those of the profile's clauses that it
    violates, or may violate. ``waived`` is set where somebody accepted it, so that it does not count.
    """

    id: str
    account: str
    link: Link
    resource: str
    verdict: Verdict
    evidence: str
    remedy: str
    messages: tuple[str, ...]
    operations: tuple[str, ...]
    regions: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    findings: tuple[DescribedFinding, ...] = ()
    waived: Waiver | None = None

    @property
    def summary(self) -> str:
        """The link, what its resource is called, and what was seen there."""
        return f"{self.link.value} {short_name(self.resource)}".rstrip() + f": {self.evidence}"


@dataclass(frozen=True)
class RegionResult:
    """Whether somebody is notified of the changes in one region, as the standard asks for it.

    ``broken`` are the results that speak against it, ``gaps`` the operations of which nobody is notified, or
    perhaps nobody. Where there are none and the verdict is not PASS, the standard asks for more than that.
    ``waived`` are the results that somebody accepted.
    """

    account: str
    region: str
    verdict: Verdict
    gaps: tuple[str, ...]
    broken: tuple[Result, ...]
    waived: tuple[Result, ...] = ()

    @property
    def is_waived(self) -> bool:
        """Whether everything that speaks against the region was accepted."""
        return self.verdict is Verdict.PASS and bool(self.waived)

    @property
    def before_waivers(self) -> Verdict:
        """The verdict; where all is waived, what it was before."""
        return worst(one.verdict for one in self.waived) if self.is_waived else self.verdict

    @property
    def summary(self) -> str:
        """What was seen at all broken links."""
        return "; ".join(one.summary for one in self.broken)

    @property
    def remedy(self) -> str:
        """How to fix them; empty where nothing is to be done."""
        return "; ".join(dict.fromkeys(one.remedy for one in self.broken if one.remedy))


def results_of(judgement: DescribedJudgement) -> tuple[Result, ...]:
    """Return the results of a judgement, worst first."""
    groups: dict[str, list[DescribedFinding]] = {}
    for finding in judgement.findings:
        groups.setdefault(finding.id, []).append(finding)
    return tuple(_result(judgement.account, findings) for findings in groups.values())


def waived_of(judgement: DescribedJudgement) -> tuple[Result, ...]:
    """Return the results that somebody accepted."""
    groups: dict[tuple[str, Waiver], list[DescribedFinding]] = {}
    for one in judgement.waived:
        groups.setdefault((one.finding.id, one.waiver), []).append(one.finding)
    return tuple(
        replace(_result(judgement.account, findings), waived=waiver)
        for (_, waiver), findings in groups.items()
    )


def _result(account: str, findings: Sequence[DescribedFinding]) -> Result:
    verdict = worst(one.verdict for one in findings)
    listed = [one for one in findings if (one.verdict is Verdict.PASS) is (verdict is Verdict.PASS)]
    return Result(
        findings[0].id,
        account,
        findings[0].link,
        findings[0].resource,
        verdict,
        "; ".join(dict.fromkeys(one.evidence for one in listed)),
        "; ".join(dict.fromkeys(one.remedy for one in listed if one.remedy)),
        tuple(dict.fromkeys(message.id for one in listed for message in one.messages)),
        tuple(dict.fromkeys(name for one in listed for name in one.operations)),
        tuple(dict.fromkeys(region for one in listed for region in one.regions)),
        tuple(dict.fromkeys(one.clause for one in listed if one.clause)),
        tuple(findings),
    )


def regions_of(judgement: DescribedJudgement) -> tuple[RegionResult, ...]:
    """Return a result for each region in scope."""
    results, waived = results_of(judgement), waived_of(judgement)
    return tuple(
        replace(
            _region(judgement, region, results), waived=tuple(one for one in waived if region in one.regions)
        )
        for region in judgement.regions
    )


def _region(judgement: DescribedJudgement, region: str, results: Sequence[Result]) -> RegionResult:
    asked = [one for one in judgement.operations if one.in_profile]
    gaps = [one for one in asked if region in one.regions and not one.waived]
    broken = tuple(one for one in results if one.verdict is not Verdict.PASS and region in one.regions)
    violating = tuple(one for one in broken if one.clauses)
    verdicts = [*(_verdict(one, broken) for one in gaps), *(one.verdict for one in violating)]
    verdict = worst(verdicts) if asked else Verdict.UNKNOWN
    return RegionResult(
        judgement.account,
        region,
        verdict,
        tuple(one.name for one in gaps),
        broken if gaps else violating,
    )


def _verdict(operation: OperationVerdict, broken: Sequence[Result]) -> Verdict:
    """Return the verdict on an operation in the region of these results; it may fail in another one only."""
    fails = any(one.verdict is Verdict.FAIL and operation.name in one.operations for one in broken)
    return Verdict.FAIL if operation.verdict is Verdict.FAIL and fails else Verdict.UNKNOWN
