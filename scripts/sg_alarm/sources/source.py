"""What all sources have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from sg_alarm.rule.reading import Reading


class Step(Protocol):
    """One piece of long work, whose progress is shown."""

    def say(self, text: str) -> None:
        """Say what happened."""

    def expect(self, total: int) -> None:
        """Say how many parts the work has, once that is known."""

    def advance(self) -> None:
        """Count one part of the work as done."""


class Progress(Protocol):
    """Whatever shows the progress of long work."""

    def step(self, title: str, total: int | None = None) -> AbstractContextManager[Step]:
        """Show one piece of work while the context is open."""


@dataclass(frozen=True)
class Readings:
    """What a source holds.

    ``origin`` says what was read, ``scope`` for which regions, ``caller`` is the ARN of the identity that
    asked AWS, empty where nobody did.
    """

    readings: tuple[Reading, ...]
    origin: str
    scope: str = "as the source has it"
    caller: str = ""

    @property
    def of_aws(self) -> tuple[Reading, ...]:
        """Those with anything of AWS."""
        return tuple(one for one in self.readings if one.deployment is not None)


class Source(Protocol):
    """Something that describes one or several deployments."""

    def read(self, progress: Progress) -> Readings:
        """Read everything. Raises UserError for what the user can fix."""


class _Silent:
    """Shows nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def expect(self, total: int) -> None:
        """Ignore the number."""

    def advance(self) -> None:
        """Count nothing."""

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Step]:
        """Show nothing."""
        yield self


SILENT = _Silent()
"""The progress of work that nobody watches."""
