"""What an answer may cost: steps, not seconds, so that it is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

LIMIT = 400_000
"""Of one answer, such as a proof about a pattern: below a second. The largest known takes 3,000."""
_ALL = 4_000_000  # of all answers about one deployment


class OutOfStepsError(Exception):
    """The work exceeds the budget, so that there is no answer."""


@dataclass
class Steps:
    """A budget of steps, each of roughly a microsecond; what it pays, the budget around it pays, too."""

    left: int = LIMIT
    around: Steps | None = None

    def take(self, count: int = 1) -> None:
        """Pay for work that is about to be done. Raises OutOfStepsError where the budget does not suffice."""
        self.left -= count
        if self.around is not None:
            self.around.take(count)
        if self.left < 0:
            raise OutOfStepsError

    @contextmanager
    def share(self, most: int) -> Iterator[Steps]:
        """Yield a part of the budget, for work whose failure leaves something to try with the rest."""
        granted = max(0, min(most, self.left))
        part = Steps(granted)
        try:
            yield part
        finally:
            self.left -= granted - max(0, part.left)


@dataclass
class Deployment(Steps):
    """The budget for all answers about one deployment, and those that it has paid for."""

    left: int = _ALL
    paid: dict[Any, Any] = field(default_factory=dict)


_current: ContextVar[Deployment | None] = ContextVar("budget of the deployment", default=None)


@contextmanager
def one_deployment() -> Iterator[None]:
    """Let all answers within be paid from one budget."""
    before = _current.set(Deployment())
    try:
        yield
    finally:
        _current.reset(before)


def of_deployment() -> Deployment | None:
    """Return the budget for the deployment that is judged, ``None`` where none is."""
    return _current.get()
