"""Values that a reader could not learn, and values that it takes as given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class Unknown:
    """Stands where a value should be that could not be read, and says why.

    ``reason`` is one plain phrase, such as ``"known after apply"`` or ``"access denied"``. An ``Unknown`` is
    never a default: who needs the value answers "cannot tell" unless the answer is the same for every value.
    """

    reason: str


@dataclass(frozen=True)
class Unanswered(Unknown):
    """An ``Unknown`` for want of an answer: an outage, an expired session, throttling without end.

    Asked again later, AWS may answer; where it denied, it will not.
    """


@dataclass(frozen=True)
class Assumed:
    """Stands for a fact that lies outside what a reader looks at, and is taken to be right.

    ``reason`` is one plain phrase, such as ``"the trail is not part of this code"``. Code cannot show whether
    somebody confirmed an email; an account can. Judgements that rest on such a fact say so.
    """

    reason: str


def known_items(items: Iterable[_T | Unknown] | Unknown | Assumed) -> tuple[_T, ...]:
    """Return the known items of a list; none where the list as a whole is unknown or outside."""
    if isinstance(items, Unknown | Assumed):
        return ()
    return tuple(item for item in items if not isinstance(item, Unknown))


def reason_of(value: object) -> str:
    """Return why a value could not be read; empty where it was, or where it lies outside."""
    return value.reason if isinstance(value, Unknown) else ""
