"""A value that a reader could not learn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unknown:
    """Stands where a value should be that nobody could read, and says why.

    ``reason`` is one plain phrase, such as ``"known after apply"`` or ``"access denied"``. An ``Unknown`` is
    never a default: who needs the value answers "cannot tell" unless the answer is the same for every value.
    """

    reason: str
