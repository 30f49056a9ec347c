"""What a reader hands on: the deployment, and what its source calls the resources in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from sg_alarm.rule.model import Deployment
from sg_alarm.rule.verdict import Chain, Finding, Judgement


class Language(str, Enum):
    """What a source is written in, and therefore what a fix for it is to be written in."""

    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


@dataclass(frozen=True)
class Position:
    """Where a block starts."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Reading:
    """An account, root module, plan or template as it was read.

    ``deployment`` is ``None`` where it has nothing of AWS. ``addresses`` are what the source calls the
    resources, by the texts that stand for them in the deployment; empty where those texts are their names.
    ``positions`` say where the blocks are, by address. ``anchor`` is what to point at where there is nothing
    else.
    """

    root: str
    deployment: Deployment | None
    addresses: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    anchor: str = ""
    language: Language = Language.TERRAFORM


def in_code(judgement: Judgement, reading: Reading) -> Judgement:
    """Return the judgement with addresses in the code in the place of ARNs."""
    # Longer texts first: one may begin another.
    names = sorted(reading.addresses.items(), key=lambda pair: -len(pair[0]))

    def told(text: str) -> str:
        for name, address in names:
            if name.startswith("arn:"):
                text = text.replace(name, address)
        return text

    def address(resource: str) -> str:
        return str(reading.addresses.get(resource, resource))  # which does not show a secret

    def finding(one: Finding) -> Finding:
        return replace(
            one,
            resource=address(one.resource),
            evidence=told(one.evidence),
            remedy=told(one.remedy),
        )

    def chain(one: Chain) -> Chain:
        return replace(
            one,
            alarm=address(one.alarm),
            findings=tuple(finding(each) for each in one.findings),
        )

    return replace(
        judgement,
        findings=tuple(finding(one) for one in judgement.findings),
        chains=tuple(chain(one) for one in judgement.chains),
        notes=tuple(
            replace(note, resource=address(note.resource), text=told(note.text)) for note in judgement.notes
        ),
    )
