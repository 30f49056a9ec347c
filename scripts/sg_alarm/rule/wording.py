"""A judgement in words: the texts of its messages, with the names that a report's readers use.

The rule names resources as the deployment does. Names are put in here, once, and nothing is replaced in a text
afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sg_alarm.rule.identity import finding_id
from sg_alarm.rule.messages import CATALOGUE
from sg_alarm.rule.verdict import (
    Argument,
    Finding,
    Judgement,
    Link,
    Message,
    NoteKind,
    OperationVerdict,
    Ref,
    Verdict,
)

_MOST_REGIONS = 4


@dataclass(frozen=True)
class Names:
    """What resources are called: ``addresses`` in the code, by the texts that the deployment has for them."""

    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, resource: str) -> str:
        """Return the name of a resource: its address in the code, else what the deployment calls it."""
        return self.addresses.get(resource, resource)


Naming = Callable[[str], str]


def text(template: str, message: Message, name: Naming) -> str:
    """Return a template of the catalogue filled with the message's arguments."""
    return template.format_map({key: shown(value, name) for key, value in message.arguments})


def shown(argument: Argument, name: Naming) -> str:
    """Return an argument as text."""
    if isinstance(argument, tuple):
        return ", ".join(shown(one, name) for one in argument)
    return name(argument.resource) if isinstance(argument, Ref) else argument


def evidence(finding: Finding, name: Naming) -> str:
    """Return what was seen, after the operations and regions that it is about where they are not all."""
    about = []
    if finding.some_operations:
        about.append(", ".join(finding.operations))
    if finding.some_regions:
        more = len(finding.regions) - _MOST_REGIONS
        regions = ", ".join(finding.regions[:_MOST_REGIONS])
        about.append(f"in {regions}" + (f" and {more} more regions" if more > 0 else ""))
    seen = _joined(text(CATALOGUE[one.id].evidence, one, name) for one in finding.evidence)
    return f"{' '.join(about)}: {seen}" if about else seen


def remedy(finding: Finding, name: Naming) -> str:
    """Return what fixes it; empty where the link holds."""
    return _joined(text(CATALOGUE[one.id].remedy, one, name) for one in finding.evidence)


def _joined(phrases: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(one for one in phrases if one))


@dataclass(frozen=True)
class DescribedFinding:
    """A finding as reports show it; ``resource`` is named for their readers. ``finding`` is what it describes."""

    id: str
    link: Link
    resource: str
    verdict: Verdict
    evidence: str
    remedy: str
    operations: tuple[str, ...]
    regions: tuple[str, ...]
    assumed: bool
    partial: bool
    finding: Finding

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was seen, as messages."""
        return self.finding.evidence


@dataclass(frozen=True)
class DescribedChain:
    """A chain as reports show it."""

    alarm: str
    verdict: Verdict
    findings: tuple[DescribedFinding, ...]
    operations: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def broken(self) -> DescribedFinding | None:
        """The first link that is broken, else the first that cannot be judged."""
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for finding in self.findings:
                if finding.verdict is verdict:
                    return finding
        return None


@dataclass(frozen=True)
class DescribedNote:
    """A note as reports show it."""

    kind: NoteKind
    resource: str
    text: str
    operations: tuple[str, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class DescribedJudgement:
    """A judgement as reports show it; see :class:`~sg_alarm.rule.verdict.Judgement`."""

    account: str
    regions: tuple[str, ...]
    profile: str
    verdict: Verdict
    operations: tuple[OperationVerdict, ...]
    findings: tuple[DescribedFinding, ...]
    chains: tuple[DescribedChain, ...]
    notes: tuple[DescribedNote, ...]


def describe(judgement: Judgement, names: Names | None = None) -> DescribedJudgement:
    """Put a judgement into words."""
    name = (names or Names()).of

    def finding(one: Finding) -> DescribedFinding:
        resource = name(one.resource)
        return DescribedFinding(
            finding_id(judgement.account, one.link, resource),
            one.link,
            resource,
            one.verdict,
            evidence(one, name),
            remedy(one, name),
            one.operations,
            one.regions,
            one.assumed,
            one.partial,
            one,
        )

    return DescribedJudgement(
        judgement.account,
        judgement.regions,
        judgement.profile,
        judgement.verdict,
        judgement.operations,
        tuple(map(finding, judgement.findings)),
        tuple(
            DescribedChain(
                name(one.alarm),
                one.verdict,
                tuple(map(finding, one.findings)),
                one.operations,
                one.regions,
            )
            for one in judgement.chains
        ),
        tuple(
            DescribedNote(
                one.kind,
                name(one.resource),
                _joined(text(CATALOGUE[each.id].evidence, each, name) for each in one.messages),
                one.operations,
                one.messages,
            )
            for one in judgement.notes
        ),
    )
