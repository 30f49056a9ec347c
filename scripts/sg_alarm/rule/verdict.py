"""What the rule answers: a verdict, a finding for each link, the chains as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """The three answers; ``UNKNOWN`` is an answer of its own, never a PASS."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of things that all must pass; nothing at all passes."""
    found = set(verdicts)
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        if verdict in found:
            return verdict
    return Verdict.PASS


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of things of which one must pass; nothing at all fails."""
    found = set(verdicts)
    for verdict in (Verdict.PASS, Verdict.UNKNOWN):
        if verdict in found:
            return verdict
    return Verdict.FAIL


class Link(str, Enum):
    """The links of the chain from a change to a person, in order."""

    TRAIL = "trail"
    LOG_GROUP = "log group"
    METRIC_FILTER = "metric filter"
    METRIC = "metric"
    ALARM = "alarm"
    ACTION = "action"
    TOPIC = "topic"
    KEY = "key"
    SUBSCRIPTION = "subscription"


LINKS = tuple(Link)


@dataclass(frozen=True)
class Finding:
    """What was seen at one link.

    ``resource`` is the ARN, or the address in the code, of what to look at or mend. ``remedy`` is empty where
    nothing is to be done. ``operations`` and ``regions`` are those that the finding speaks of; the evidence
    names them where they are not all. ``assumed``: it rests on a fact outside the view. ``partial``: the link
    lets some changes through and others not, so that another chain may carry the others. ``clause`` is the id
    of the profile's clause that the finding is about; empty where it is about the chain itself.
    """

    link: Link
    resource: str
    verdict: Verdict
    evidence: str
    remedy: str = ""
    operations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    assumed: bool = False
    partial: bool = False
    clause: str = ""


@dataclass(frozen=True)
class Chain:
    """One way from a change to a person, as far as it goes, to be drawn.

    ``findings`` are in the order of the links, and end where there is nothing more to look at. ``alarm`` is
    empty where the chain does not reach one. ``operations`` and ``regions`` are those for which it holds.
    """

    alarm: str
    findings: tuple[Finding, ...]
    operations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """FAIL if a link is broken, else UNKNOWN if nobody can tell of one."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def broken(self) -> Finding | None:
        """The first link that is broken, else the first that nobody can tell of."""
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for finding in self.findings:
                if finding.verdict is verdict:
                    return finding
        return None


@dataclass(frozen=True)
class OperationVerdict:
    """Whether a change by one operation is told, in every region in scope.

    ``regions`` are those in which it is not told, or nobody can tell.
    """

    name: str
    verdict: Verdict
    in_profile: bool
    regions: tuple[str, ...] = ()


class NoteKind(str, Enum):
    """What a note is about."""

    STATUS = "status"
    SCOPE = "scope"
    UNWATCHED = "unwatched operation"
    NOISE = "noise"
    ASSUMPTION = "assumption"
    EACH_CHANGE = "per-change notification"


@dataclass(frozen=True)
class Note:
    """Something worth knowing that changes no verdict."""

    kind: NoteKind
    resource: str
    text: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """The answer of the rule for one account and one profile.

    ``operations`` are all eleven, in the catalogue's order. ``findings`` belong to the best chain of every
    operation of the profile, worst first. ``chains`` are the best for every alarm.
    """

    account: str
    regions: tuple[str, ...]
    profile: str
    verdict: Verdict
    operations: tuple[OperationVerdict, ...]
    findings: tuple[Finding, ...]
    chains: tuple[Chain, ...] = ()
    notes: tuple[Note, ...] = ()
