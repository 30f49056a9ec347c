"""What the prover answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Coverage(str, Enum):
    """What a pattern does with the events of one operation."""

    COVERED = "covered"
    NARROWED = "narrowed"
    MISSED = "missed"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Proof:
    """The answer for one operation.

    ``condition``: for NARROWED, what must hold besides the operation's name, as pattern text.
    ``slips``: for NARROWED and MISSED, an event of the operation that the pattern does not match.
    ``caught``: for NARROWED, an event of the operation that it does match.
    ``reason``: for CANNOT_TELL, why. ``steps``: what it cost.
    """

    coverage: Coverage
    condition: str = ""
    slips: Mapping[str, Any] | None = None
    caught: Mapping[str, Any] | None = None
    reason: str = ""
    steps: int = field(default=0, compare=False, repr=False)


class Noise(str, Enum):
    """Whether a pattern matches events that are no changes."""

    NOISY = "noisy"
    QUIET = "quiet"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class NoiseProof:
    """The answer about other events.

    ``example`` is a matching event. ``known`` says whether its name is one that the caller listed or the
    pattern spells out, rather than one made up to fit a wildcard.
    """

    noise: Noise
    example: Mapping[str, Any] | None = None
    known: bool = False
    reason: str = ""
