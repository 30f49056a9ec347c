"""What reports tell about: things to fix, and whether a region's changes are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sg_alarm.reports.names import short_name
from sg_alarm.rule.identity import finding_id
from sg_alarm.rule.verdict import Finding, Judgement, Link, OperationVerdict, Verdict, worst


@dataclass(frozen=True)
class Result:
    """One resource in one link: all findings of one id. What passes is told only where all of it does.

    ``clauses`` are the ids of the profile's clauses that it violates, or may violate.
    """

    id: str
    account: str
    link: Link
    resource: str
    verdict: Verdict
    evidence: str
    remedy: str
    operations: tuple[str, ...]
    regions: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    clauses: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The link, what its resource is called, and what was seen there."""
        named = f"{self.link.value} {short_name(self.resource)}".rstrip()
        return f"{named}: {self.evidence}" if self.evidence else named


@dataclass(frozen=True)
class RegionResult:
    """Whether the changes in one region are told, as the standard asks for it.

    ``broken`` are the results that speak against it. Where ``untold`` is empty and the verdict is not PASS,
    all changes are told, but the standard asks for more.
    """

    account: str
    region: str
    verdict: Verdict
    untold: tuple[str, ...]
    broken: tuple[Result, ...]

    @property
    def told(self) -> str:
        """What was seen at all broken links."""
        return "; ".join(one.told for one in self.broken)

    @property
    def remedy(self) -> str:
        """How to fix them; empty where nothing is to be done."""
        return "; ".join(dict.fromkeys(one.remedy for one in self.broken if one.remedy))


def results_of(judgement: Judgement) -> tuple[Result, ...]:
    """Return the results of a judgement, worst first."""
    groups: dict[str, list[Finding]] = {}
    for finding in judgement.findings:
        groups.setdefault(finding_id(judgement.account, finding), []).append(finding)
    return tuple(_result(identity, judgement.account, found) for identity, found in groups.items())


def _result(identity: str, account: str, found: Sequence[Finding]) -> Result:
    verdict = worst(one.verdict for one in found)
    telling = [one for one in found if (one.verdict is Verdict.PASS) is (verdict is Verdict.PASS)]
    return Result(
        identity,
        account,
        found[0].link,
        found[0].resource,
        verdict,
        "; ".join(dict.fromkeys(one.evidence for one in telling if one.evidence)),
        "; ".join(dict.fromkeys(one.remedy for one in telling if one.remedy)),
        tuple(dict.fromkeys(name for one in telling for name in one.operations)),
        tuple(dict.fromkeys(region for one in telling for region in one.regions)),
        tuple(found),
        tuple(dict.fromkeys(one.clause for one in telling if one.clause)),
    )


def regions_of(judgement: Judgement) -> tuple[RegionResult, ...]:
    """Return a result for each region in scope."""
    results = results_of(judgement)
    return tuple(_region(judgement, region, results) for region in judgement.regions)


def _region(judgement: Judgement, region: str, results: Sequence[Result]) -> RegionResult:
    asked = [one for one in judgement.operations if one.in_profile]
    untold = [one for one in asked if region in one.regions]
    broken = tuple(one for one in results if one.verdict is not Verdict.PASS and region in one.regions)
    violating = tuple(one for one in broken if one.clauses)
    verdicts = [*(_verdict(one, broken) for one in untold), *(one.verdict for one in violating)]
    verdict = worst(verdicts) if asked else Verdict.UNKNOWN
    return RegionResult(
        judgement.account,
        region,
        verdict,
        tuple(one.name for one in untold),
        broken if untold else violating,
    )


def _verdict(untold: OperationVerdict, broken: Sequence[Result]) -> Verdict:
    """Return the verdict on an operation in the region of these results; it may fail in another one only."""
    fails = any(one.verdict is Verdict.FAIL and untold.name in one.operations for one in broken)
    return Verdict.FAIL if untold.verdict is Verdict.FAIL and fails else Verdict.UNKNOWN
