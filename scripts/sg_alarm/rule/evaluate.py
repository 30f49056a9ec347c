"""The rule: whether every change of a security group reaches somebody.

For every operation and region the best of all chains counts; they need not be the same chains. An operation
passes with a chain whose links all pass, fails where every chain is broken for certain, and is UNKNOWN
otherwise. What a standard asks for besides is judged beside this: the operations say what is notified, the
verdict and the findings also hold each chain against the standard's clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sg_alarm.rule.chains import Candidate, Chains
from sg_alarm.rule.combined_coverage import together
from sg_alarm.rule.conformance import with_clauses
from sg_alarm.rule.grouping import merge
from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.notes import notes
from sg_alarm.rule.operations import OPERATIONS, Profile
from sg_alarm.rule.verdict import Chain, Judgement, OperationVerdict, Verdict, worst


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
    chains = Chains(deployment, profile)
    candidates = {
        change: chains.of(change)
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
    found = [
        (result.change, finding)
        for result in asked
        for candidate in result.deciding
        for finding in candidate.findings
    ]
    verdict = worst(result.verdict for result in asked) if asked else Verdict.UNKNOWN
    findings = merge(found, profile.operations, deployment.regions)
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


def _result(change: Change, candidates: Sequence[Candidate]) -> _Result:
    leader = max(candidates, key=lambda one: one.merit)
    if leader.verdict is Verdict.PASS:
        return _Result(change, Verdict.PASS, [leader], candidates)
    truth, joined = together(candidates, change)
    if truth is True:
        alone = [
            one for one in candidates if all(one.metric_filter is not other.metric_filter for other in joined)
        ]
        return _Result(change, Verdict.PASS, joined, [*joined, *alone])
    verdict = Verdict.UNKNOWN if truth is None else leader.verdict
    return _Result(change, verdict, [leader], candidates)


def _operation(name: str, results: Iterable[_Result], in_profile: bool) -> OperationVerdict:
    own = [result for result in results if result.change.operation.name == name]
    verdict = worst(result.verdict for result in own) if own else Verdict.UNKNOWN
    regions = tuple(result.change.region for result in own if result.verdict is not Verdict.PASS)
    return OperationVerdict(name, verdict, in_profile, regions)


_Way = tuple[str, tuple[tuple[str, str], ...]]


def _chains(results: Sequence[_Result], profile: Profile, regions: Sequence[str]) -> tuple[Chain, ...]:
    """Return the chains that decide, and of every other alarm the best one."""
    ways: dict[_Way, list[tuple[Change, Candidate]]] = {}
    deciding: dict[_Way, None] = {}
    for result in results:
        for candidate in result.candidates:
            # What another chain lets through, this one need not.
            if candidate.verdict is Verdict.PASS or result.verdict is not Verdict.PASS:
                ways.setdefault(_way(candidate), []).append((result.change, candidate))
        deciding.update(dict.fromkeys(_way(candidate) for candidate in result.deciding))
    shown = dict(deciding)
    alarms = {alarm for alarm, _ in deciding}
    for alarm in dict.fromkeys(alarm for alarm, _ in ways):
        if alarm and alarm not in alarms:
            others = [way for way in ways if way[0] == alarm]
            shown[max(others, key=lambda way: _merit(ways[way]))] = None
    return tuple(_chain(way[0], ways[way], profile, regions) for way in shown)


def _way(candidate: Candidate) -> _Way:
    return candidate.alarm_name, tuple((one.link.value, one.resource) for one in candidate.findings)


def _merit(way: Sequence[tuple[Change, Candidate]]) -> tuple[int, tuple[bool, bool, bool, int, int]]:
    passing = sum(candidate.verdict is Verdict.PASS for _, candidate in way)
    return passing, max(candidate.merit for _, candidate in way)


def _chain(
    alarm: str, way: Sequence[tuple[Change, Candidate]], profile: Profile, regions: Sequence[str]
) -> Chain:
    # The same links in the same order for every change: the worst finding of each is shown.
    links = [
        [(change, candidate.findings[index]) for change, candidate in way]
        for index in range(len(way[0][1].findings))
    ]
    shown = tuple(merge(link, profile.operations, regions)[0] for link in links)
    passing = [change for change, candidate in way if candidate.verdict is Verdict.PASS]
    return Chain(
        alarm,
        shown,
        tuple(dict.fromkeys(change.operation.name for change in passing)),
        tuple(dict.fromkeys(change.region for change in passing)),
    )
