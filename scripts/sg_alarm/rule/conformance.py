"""A chain held against the clauses of a standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sg_alarm.rule.chains import Candidate
from sg_alarm.rule.links.checks import finding
from sg_alarm.rule.messages import say
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Finding, Link


def with_clauses(candidate: Candidate, profile: Profile) -> Candidate:
    """Return the chain with a finding, behind that of its link, for each clause that does not surely hold.

    Of a part outside the view nothing is asked: the chain lists it as an assumption already.
    """
    if not profile.clauses:
        return candidate
    findings = [each for one in candidate.findings for each in (one, *_broken(candidate, one, profile))]
    return replace(candidate, findings=tuple(findings))


def _broken(candidate: Candidate, beside: Finding, profile: Profile) -> Iterator[Finding]:
    parts = {
        Link.TRAIL: candidate.trail,
        Link.METRIC_FILTER: candidate.metric_filter,
        Link.ALARM: candidate.alarm,
    }
    for clause in profile.clauses:
        part = parts[clause.link]
        if clause.link is beside.link and part is not None and (truth := clause.holds(part)) is not True:
            id_ = f"standard-{clause.id}" + ("-unclear" if truth is None else "")
            text = {"text": clause.text} if clause.text else {}
            message = say(id_, standard=profile.title, **text)
            yield replace(finding(clause.link, beside.resource, [message]), clause=clause.id)
