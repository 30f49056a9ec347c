"""A judgement in words: the texts of its messages, with the names that a report's readers use.

The rule names resources as the deployment does. Names are put in here, once, and nothing is replaced in a
text afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.identity import finding_id
from sg_alarm.rule.messages import CATALOGUE
from sg_alarm.rule.verdict import (
    Argument,
    Chain,
    Finding,
    Judgement,
    Link,
    Message,
    Note,
    NoteKind,
    OperationVerdict,
    Ref,
    Verdict,
    Waiver,
)

_MOST_REGIONS = 4


@dataclass(frozen=True)
class Names:
    """What resources are called: ``addresses`` in the code, by the texts that the deployment has for them."""

    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, resource: str) -> str:
        """Return the name of a resource in a line: its address in the code, else the deployment's name."""
        return one_line(str(self.addresses.get(resource, resource)))  # which does not show a secret


Naming = Callable[[str], str]


def named(message: Message, name: Naming) -> Message:
    """Return the message with names in the place of resources."""
    return Message(message.id, tuple((key, _named(value, name)) for key, value in message.arguments))


def _named(argument: Argument, name: Naming) -> Argument:
    if isinstance(argument, tuple):
        return tuple(name(one.resource) if isinstance(one, Ref) else one_line(str(one)) for one in argument)
    if isinstance(argument, Ref):
        return name(argument.resource)
    return one_line(str(argument)) if isinstance(argument, str) else argument  # str() shows no secret


def text(template: str, message: Message) -> str:
    """Return a template of the catalogue filled with the arguments of a message that has names."""
    return template.format_map(
        {
            key: ", ".join(map(str, value)) if isinstance(value, tuple) else value
            for key, value in message.arguments
        }
    )


def seen(messages: Iterable[Message]) -> str:
    """Return what messages that have names say was seen."""
    return _joined(text(CATALOGUE[one.id].evidence, one) for one in messages)


def advice(messages: Iterable[Message]) -> str:
    """Return what messages that have names say is to be done; empty where nothing is."""
    return _joined(
        text("{remedy}" if "remedy" in dict(one.arguments) else CATALOGUE[one.id].remedy, one)
        for one in messages
    )


def _joined(phrases: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(one for one in phrases if one))


def scope(finding: Finding) -> str:
    """Return the operations and regions that a finding is about, to stand before its evidence.

    Empty where it is about all that were asked for.
    """
    about = []
    if finding.some_operations:
        about.append(", ".join(finding.operations))
    if finding.some_regions:
        more = len(finding.regions) - _MOST_REGIONS
        regions = ", ".join(finding.regions[:_MOST_REGIONS])
        about.append(f"in {regions}" + (f" and {more} more regions" if more > 0 else ""))
    return f"{' '.join(about)}: " if about else ""


@dataclass(frozen=True)
class DescribedFinding:
    """A finding as reports show it, with names for resources; ``finding`` is what it describes."""

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
    clause: str
    messages: tuple[Message, ...]
    finding: Finding


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
class Waived:
    """A finding that somebody accepted, and that does not count."""

    finding: DescribedFinding
    waiver: Waiver


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
    waived: tuple[Waived, ...] = ()


def _shown(regions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(one_line, regions))


def describe(judgement: Judgement, names: Names | None = None) -> DescribedJudgement:
    """Put a judgement into words."""
    name = (names or Names()).of

    def finding(one: Finding) -> DescribedFinding:
        resource = name(one.resource)
        messages = tuple(named(each, name) for each in one.evidence)
        return DescribedFinding(
            id=finding_id(judgement.account, one.link, resource),
            link=one.link,
            resource=resource,
            verdict=one.verdict,
            evidence=one_line(scope(one)) + seen(messages),
            remedy="" if one.verdict is Verdict.PASS else advice(messages),
            operations=one.operations,
            regions=_shown(one.regions),
            assumed=one.assumed,
            partial=one.partial,
            clause=one.clause,
            messages=messages,
            finding=one,
        )

    def chain(one: Chain) -> DescribedChain:
        findings = tuple(map(finding, one.findings))
        return DescribedChain(name(one.alarm), one.verdict, findings, one.operations, _shown(one.regions))

    def note(one: Note) -> DescribedNote:
        messages = tuple(named(each, name) for each in one.messages)
        said = _joined((seen(messages), advice(messages)))
        return DescribedNote(one.kind, name(one.resource), said, one.operations, messages)

    return DescribedJudgement(
        one_line(judgement.account),
        _shown(judgement.regions),
        judgement.profile,
        judgement.verdict,
        tuple(replace(one, regions=_shown(one.regions)) for one in judgement.operations),
        tuple(map(finding, judgement.findings)),
        tuple(map(chain, judgement.chains)),
        tuple(map(note, judgement.notes)),
    )
