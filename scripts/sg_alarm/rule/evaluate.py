"""The rule: whether somebody is notified of every change of a security group.

For every operation and region the best of all chains counts; they need not be the same chains. An operation
passes with a chain whose links all pass, fails where every chain is broken for certain, and is UNKNOWN
otherwise. What a standard asks for besides is judged beside this: the operations say what is notified, the
verdict and the findings also hold each chain against the standard's clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sg_alarm.rule.assumptions import referring, strictly
from sg_alarm.rule.chains import Candidate, Chains
from sg_alarm.rule.combined_coverage import combined_coverage
from sg_alarm.rule.conformance import with_clauses
from sg_alarm.rule.grouping import group_findings
from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.notes import notes
from sg_alarm.rule.operations import OPERATIONS, Profile
from sg_alarm.rule.verdict import Chain, Judgement, OperationVerdict, Verdict, worst
from sg_alarm.steps import one_deployment


@dataclass(frozen=True)
class _Result:
    """The verdict on one change, the chains that decide it, and all of them."""

    change: Change
    verdict: Verdict
    deciding: Sequence[Candidate]
    candidates: Sequence[Candidate]


def evaluate(deployment: Deployment, profile: Profile) -> Judgement:
    """Judge a deployment; pure, raises nothing for whatever a reader may have found.

    A deployment without a region in scope is UNKNOWN: nothing was asked.
    """
    with one_deployment():
        return _evaluate(deployment, profile)


def _evaluate(deployment: Deployment, profile: Profile) -> Judgement:
    chains = Chains(deployment, profile)
    candidates = {
        change: [_assuming(one, deployment, profile) for one in chains.of(change)]
        for operation in OPERATIONS.values()
        for region in deployment.regions
        for change in [Change(operation, deployment.account, region)]
    }
    results = [_result(change, found) for change, found in candidates.items()]
    operations = tuple(_operation(name, results, name in profile.operations) for name in OPERATIONS)
    asked = [
        _result(change, [with_clauses(one, profile) for one in found])
        for change, found in candidates.items()
        if change.operation.name in profile.operations
    ]
    about = [
        (result.change, finding)
        for result in asked
        for candidate in result.deciding
        for finding in candidate.findings
    ]
    verdict = worst(result.verdict for result in asked) if asked else Verdict.UNKNOWN
    findings = group_findings(about, profile.operations, deployment.regions)
    deciding = [candidate for result in asked for candidate in result.deciding]
    return Judgement(
        deployment.account,
        deployment.regions,
        profile.name,
        verdict,
        operations,
        findings,
        _chains(asked, profile, deployment.regions),
        tuple(notes(deployment, profile, operations, findings, deciding)),
    )


def _assuming(candidate: Candidate, deployment: Deployment, profile: Profile) -> Candidate:
    """Return the chain with what is assumed of its references, or UNKNOWN for it if the audit is strict."""
    findings = referring(candidate.findings, deployment.references)
    return replace(candidate, findings=strictly(findings) if profile.strict else findings)


def _result(change: Change, candidates: Sequence[Candidate]) -> _Result:
    leader = max(candidates, key=lambda one: one.merit)
    if leader.verdict is Verdict.PASS:
        return _Result(change, Verdict.PASS, [leader], candidates)
    covered, combined = combined_coverage(candidates, change)
    if covered is True:
        alone = [
            one
            for one in candidates
            if all(one.metric_filter is not other.metric_filter for other in combined)
        ]
        return _Result(change, Verdict.PASS, combined, [*combined, *alone])
    verdict = Verdict.UNKNOWN if covered is None else leader.verdict
    return _Result(change, verdict, [leader], candidates)


def _operation(name: str, results: Iterable[_Result], in_profile: bool) -> OperationVerdict:
    own = [result for result in results if result.change.operation.name == name]
    verdict = worst(result.verdict for result in own) if own else Verdict.UNKNOWN
    regions = tuple(result.change.region for result in own if result.verdict is not Verdict.PASS)
    return OperationVerdict(name, verdict, in_profile, regions)


_ChainKey = tuple[str, tuple[tuple[str, str], ...]]


def _chains(results: Sequence[_Result], profile: Profile, regions: Sequence[str]) -> tuple[Chain, ...]:
    """Return the chains that decide, and of every other alarm the best one."""
    by_key: dict[_ChainKey, list[tuple[Change, Candidate]]] = {}
    deciding: dict[_ChainKey, None] = {}
    for result in results:
        for candidate in result.candidates:
            # What another chain lets through, this one need not.
            if candidate.verdict is Verdict.PASS or result.verdict is not Verdict.PASS:
                by_key.setdefault(_key(candidate), []).append((result.change, candidate))
        deciding.update(dict.fromkeys(_key(candidate) for candidate in result.deciding))
    shown = dict(deciding)
    alarms = {alarm for alarm, _ in deciding}
    for alarm in dict.fromkeys(alarm for alarm, _ in by_key):
        if alarm and alarm not in alarms:
            others = [key for key in by_key if key[0] == alarm]
            shown[max(others, key=lambda key: _merit(by_key[key]))] = None
    return tuple(_chain(key[0], by_key[key], profile, regions) for key in shown)


def _key(candidate: Candidate) -> _ChainKey:
    return candidate.alarm_name, tuple((one.link.value, one.resource) for one in candidate.findings)


def _merit(members: Sequence[tuple[Change, Candidate]]) -> tuple[int, tuple[bool, bool, bool, int, int]]:
    passing = sum(candidate.verdict is Verdict.PASS for _, candidate in members)
    return passing, max(candidate.merit for _, candidate in members)


def _chain(
    alarm: str, members: Sequence[tuple[Change, Candidate]], profile: Profile, regions: Sequence[str]
) -> Chain:
    # The same links in the same order for every change: the worst finding of each is shown.
    links = [
        [(change, candidate.findings[index]) for change, candidate in members]
        for index in range(len(members[0][1].findings))
    ]
    shown = tuple(group_findings(link, profile.operations, regions)[0] for link in links)
    passing = [change for change, candidate in members if candidate.verdict is Verdict.PASS]
    return Chain(
        alarm,
        shown,
        tuple(dict.fromkeys(change.operation.name for change in passing)),
        tuple(dict.fromkeys(change.region for change in passing)),
    )
