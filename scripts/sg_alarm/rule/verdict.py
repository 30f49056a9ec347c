"""What the rule answers: a verdict, a finding with its messages for each link, the chains as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Verdict(str, Enum):
    """The three answers; ``UNKNOWN`` is an answer of its own, never a PASS."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of things that all must pass; nothing at all passes."""
    present = set(verdicts)
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        if verdict in present:
            return verdict
    return Verdict.PASS


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
class Ref:
    """A resource in a message, as the deployment names it: an ARN, or a text that stands for one.

    A report puts what its readers call it in its place, such as the address in the code.
    """

    resource: str


Argument = str | Ref | tuple[str | Ref, ...]
"""What a text of a message leaves open: a text, a resource, or a list of these."""


@dataclass(frozen=True)
class Message:
    """One thing that was seen: an entry of :mod:`sg_alarm.rule.messages`, with what its texts leave open."""

    id: str
    arguments: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True)
class Finding:
    """What was seen at one link.

    ``resource`` is what to look at or fix, as the deployment names it. ``evidence`` are the messages that
    give the verdict. ``operations`` and ``regions`` are those that the finding is about; ``some_operations``
    and ``some_regions`` say that they are not all that were asked for. ``assumed``: it rests on a fact
    outside the view. ``partial``: the link lets some changes through and others not, so that another chain
    may carry the others. ``beside`` are subscriptions of the same topic that do not serve, or perhaps not:
    one that serves is enough. ``clause`` is the id of the profile's clause that the finding is
    about, empty where it is about the chain itself.
    """

    link: Link
    resource: str
    verdict: Verdict
    evidence: tuple[Message, ...]
    operations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    some_operations: bool = False
    some_regions: bool = False
    assumed: bool = False
    partial: bool = False
    clause: str = ""
    beside: tuple[Finding, ...] = ()


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
        """FAIL if a link is broken, else UNKNOWN if one cannot be judged."""
        return worst(finding.verdict for finding in self.findings)


@dataclass(frozen=True)
class OperationVerdict:
    """Whether somebody is notified of a change by one operation, in every region in scope.

    ``regions`` are those in which nobody is, or perhaps nobody. ``waived``: somebody accepted that, and it
    does not count.
    """

    name: str
    verdict: Verdict
    in_profile: bool
    regions: tuple[str, ...] = ()
    waived: bool = False


class NoteKind(str, Enum):
    """What a note is about."""

    STATUS = "status"
    SCOPE = "scope"
    UNWATCHED = "unwatched operation"
    NOISE = "noise"
    ASSUMPTION = "assumption"
    SUBSCRIBER = "subscriber"
    EACH_CHANGE = "per-change notification"
    WAIVER = "waiver"


@dataclass(frozen=True)
class Waiver:
    """Accepts a finding, by its identifier or that of a message.

    ``expires`` is the last day on which it holds, ``None`` for one that stands in the code beside the block.
    """

    id: str
    reason: str
    expires: date | None = None


@dataclass(frozen=True)
class Note:
    """Something worth knowing that changes no verdict."""

    kind: NoteKind
    resource: str
    messages: tuple[Message, ...]
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """The answer of the rule for one account and one profile; it names resources as the deployment does.

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
