"""All root modules below a folder, and judgements in the words of the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sg_alarm.readers.code.expressions import REMEDY
from sg_alarm.readers.code.folders import roots_below
from sg_alarm.readers.code.pool import read_roots
from sg_alarm.readers.code.root import Reading
from sg_alarm.rule.verdict import Chain, Finding, Judgement


def read_code(
    directory: Path,
    variable_files: Sequence[Path] = (),
    begun: Callable[[int], None] = lambda count: None,
    done: Callable[[], None] = lambda: None,
) -> list[Reading]:
    """Read every root module below a folder; ``begun`` is told their number, ``done`` called after each.

    What cannot be read is in the deployments as ``Unknown``; without tfparse that is more than with it.
    """
    roots = roots_below(directory)
    begun(len(roots))
    return read_roots([(root, _name(root, directory)) for root in roots], variable_files, done)


def _name(root: Path, directory: Path) -> str:
    """Return the root's path as the user would write it."""
    return str(directory / root.relative_to(directory))


def needs_tfparse(judgement: Judgement) -> bool:
    """Whether a finding hangs on an expression that was left aside because tfparse is not installed."""
    return any(REMEDY in one.evidence for one in judgement.findings)


class Addressed(Protocol):
    """A reading that knows the addresses in the code of what its deployment names."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """Addresses by the texts that stand for resources in the deployment."""


def in_code(judgement: Judgement, reading: Addressed) -> Judgement:
    """Return the judgement with addresses in the code in the place of ARNs."""
    # Longer texts first: one may begin another.
    names = sorted(reading.addresses.items(), key=lambda pair: -len(pair[0]))

    def told(text: str) -> str:
        for name, address in names:
            if name.startswith("arn:"):
                text = text.replace(name, address)
        return text

    def finding(one: Finding) -> Finding:
        return replace(
            one,
            resource=reading.addresses.get(one.resource, one.resource),
            evidence=told(one.evidence),
            remedy=told(one.remedy),
        )

    def chain(one: Chain) -> Chain:
        return replace(
            one,
            alarm=reading.addresses.get(one.alarm, one.alarm),
            findings=tuple(finding(each) for each in one.findings),
        )

    return replace(
        judgement,
        findings=tuple(finding(one) for one in judgement.findings),
        chains=tuple(chain(one) for one in judgement.chains),
        notes=tuple(
            replace(note, resource=reading.addresses.get(note.resource, note.resource), text=told(note.text))
            for note in judgement.notes
        ),
    )
