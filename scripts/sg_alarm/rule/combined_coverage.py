"""Several filters of which each matches some changes, and all of them together match every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sg_alarm.patterns import Coverage, Pattern, PatternError, compile_pattern, prove
from sg_alarm.patterns.matcher import compile_tree
from sg_alarm.patterns.syntax import JsonPattern, Or
from sg_alarm.rule.chains import Candidate
from sg_alarm.rule.links.metric_filter import known_of, resource_of
from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.messages import say
from sg_alarm.rule.truth import Truth
from sg_alarm.rule.verdict import Link, Ref, Verdict


def combined_coverage(candidates: Sequence[Candidate], change: Change) -> tuple[Truth, list[Candidate]]:
    """Whether chains that each let only some changes through let every one through together.

    With ``True`` come the chains, as they stand together.
    """
    partial = [
        chain
        for chain in candidates
        if all(link.partial for link in chain.findings if link.verdict is Verdict.FAIL)
    ]
    if len({_narrow_links(chain) for chain in partial}) < 2:
        return False, []
    sound = [chain for chain in partial if _is_sound_but_for_filter(chain)]
    patterns = [pattern for chain in sound if (pattern := _json_pattern(chain)) is not None]
    if len(patterns) == len(partial):
        trees = {pattern.tree: None for pattern in patterns}
        tree = JsonPattern(Or(tuple(one.expression for one in trees if isinstance(one, JsonPattern))))
        union = Pattern(str(tree), tree, compile_tree(tree))
        proof = prove(union, change.operation.name, change.operation.event_source, *known_of(change))
        if proof.coverage is Coverage.COVERED:
            return True, [_combined(chain, sound) for chain in sound]
        if proof.coverage in (Coverage.NARROWED, Coverage.MISSED):
            return False, []
    return None, []


def _narrow_links(candidate: Candidate) -> frozenset[tuple[Link, str]]:
    return frozenset((one.link, one.resource) for one in candidate.findings if one.partial)


def _is_sound_but_for_filter(candidate: Candidate) -> bool:
    return all(
        one.verdict is Verdict.PASS or (one.partial and one.link is Link.METRIC_FILTER)
        for one in candidate.findings
    )


def _json_pattern(candidate: Candidate) -> Pattern | None:
    if candidate.metric_filter is None or not isinstance(candidate.metric_filter.pattern, str):
        return None
    try:
        pattern = compile_pattern(candidate.metric_filter.pattern)
    except PatternError:
        return None
    return pattern if isinstance(pattern.tree, JsonPattern) else None


def _combined(candidate: Candidate, all_of_them: Sequence[Candidate]) -> Candidate:
    own = candidate.metric_filter
    others = dict.fromkeys(
        Ref(resource_of(chain.metric_filter))
        for chain in all_of_them
        if chain.metric_filter is not None and chain.metric_filter is not own
    )
    evidence = (say("filters-match-together", filters=tuple(others)),)
    findings = tuple(
        replace(link, verdict=Verdict.PASS, evidence=evidence, partial=False) if link.partial else link
        for link in candidate.findings
    )
    return replace(candidate, findings=findings)
