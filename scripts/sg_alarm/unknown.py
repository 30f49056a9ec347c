"""Values that a reader could not learn, and values that it takes as given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class Unknown:
    """Stands where a value should be that could not be read, and says why.

    ``reason`` is one plain phrase, such as ``"known after apply"`` or ``"access denied"``. ``remedy`` is what
    would let it be read, where the reader knows: the one thing that helps. An ``Unknown`` is never a default:
    who needs the value answers "cannot tell" unless the answer is the same for every value.
    """

    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Unanswered(Unknown):
    """An ``Unknown`` for want of an answer: an outage, an expired session, throttling without end.

    Asked again later, AWS may answer; where it denied, it will not.
    """


@dataclass(frozen=True)
class Outside(Unknown):
    """Stands for what is named or used here and declared elsewhere, or what only an account can show.

    It is an ``Unknown`` to whoever has to know the value itself. Which links take it to be right, and list it
    as an assumption, is said in one place: :mod:`sg_alarm.rule.assumptions`.
    """


def known_items(items: Iterable[_T | Unknown] | Unknown) -> tuple[_T, ...]:
    """Return the known items of a list; none where the list as a whole is not known."""
    return () if isinstance(items, Unknown) else tuple(one for one in items if not isinstance(one, Unknown))


def first_unknown(value: object) -> Unknown | None:
    """Return what is not known in a value of the model, itself or within; the first of several."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, tuple):
        parts: Iterable[object] = value
    elif is_dataclass(value):
        parts = (getattr(value, one.name) for one in fields(value))
    else:
        return None
    return next((found for one in parts if (found := first_unknown(one)) is not None), None)


def reason_of(value: object) -> str:
    """Return why a value is not known; empty where it is."""
    return value.reason if isinstance(value, Unknown) else ""
