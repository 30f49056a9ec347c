"""What an answer may cost: steps, not seconds, so that it is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LIMIT = 400_000  # for one answer: below a second


class OutOfStepsError(Exception):
    """The work exceeds the budget, so that there is no answer."""


@dataclass
class Steps:
    """A budget of steps, each of roughly a microsecond."""

    left: int = LIMIT

    def take(self, count: int = 1) -> None:
        """Pay for work that is about to be done. Raises OutOfStepsError where the budget does not suffice."""
        self.left -= count
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
