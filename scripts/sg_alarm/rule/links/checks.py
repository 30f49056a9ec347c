"""Checks of one link, summed up in a finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sg_alarm.rule.lookup import Missing
from sg_alarm.rule.truth import Truth
from sg_alarm.rule.verdict import Finding, Link, Verdict, worst
from sg_alarm.unknown import Assumed, Unknown


@dataclass(frozen=True)
class Check:
    """One thing checked at a link: what was seen, and what mends it."""

    verdict: Verdict
    evidence: str = ""
    remedy: str = ""
    assumed: bool = False
    partial: bool = False


OK = Check(Verdict.PASS)


def passed(evidence: str) -> Check:
    """Something right that is worth saying."""
    return Check(Verdict.PASS, evidence)


def failed(evidence: str, remedy: str, *, partial: bool = False) -> Check:
    """Something wrong."""
    return Check(Verdict.FAIL, evidence, remedy, partial=partial)


def cannot_tell(evidence: str, remedy: str = "let the audit see it, or look by hand") -> Check:
    """Something that nobody can tell."""
    return Check(Verdict.UNKNOWN, evidence, remedy)


def check(truth: Truth, bad: str, remedy: str, unsure: str = "") -> Check:
    """Turn a truth into a check; ``bad`` is the evidence where it does not hold."""
    if truth is True:
        return OK
    if truth is False:
        return failed(bad, remedy)
    return cannot_tell(unsure or f"cannot tell whether {bad}", remedy)


def not_found(missing: Missing) -> Check:
    """Something that a link names and that is not there, or not in the view."""
    if missing.certain:
        return failed(missing.reason, "create it, or name one that exists")
    return cannot_tell(missing.reason, "let the audit look there")


def is_set(value: object, wanted: object, name: str, bad: str, remedy: str) -> Check:
    """Check that a value is the wanted one, and tell unknown and assumed values apart."""
    if isinstance(value, Unknown):
        return cannot_tell(f"{name} is unknown: {value.reason}")
    if isinstance(value, Assumed):
        return Check(Verdict.PASS, f"{name} is assumed to be right: {value.reason}", assumed=True)
    return OK if value == wanted else failed(bad, remedy)


def finding(link: Link, resource: str, checks: Iterable[Check], seen: str = "") -> Finding:
    """Sum up: the worst verdict, with the evidence and remedies of the checks that gave it.

    ``seen`` opens the evidence of a link that passes. The finding is ``partial`` where all that is wrong is.
    """
    checks = tuple(checks)
    verdict = worst(one.verdict for one in checks)
    deciding = [one for one in checks if one.verdict is verdict]
    evidence = [one.evidence for one in deciding if one.evidence]
    if verdict is Verdict.PASS and seen:
        evidence.insert(0, seen)
    return Finding(
        link,
        resource,
        verdict,
        "; ".join(dict.fromkeys(evidence)),
        "; ".join(dict.fromkeys(one.remedy for one in deciding if one.remedy)),
        assumed=verdict is Verdict.PASS and any(one.assumed for one in deciding),
        partial=verdict is Verdict.FAIL and all(one.partial for one in deciding),
    )
