"""Three-valued logic: yes, no, and ``None`` where it is not known."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all hold."""
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def some(truths: Iterable[Truth]) -> Truth:
    """Whether any holds."""
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False


def negate(truth: Truth) -> Truth:
    """Whether it does not hold."""
    return None if truth is None else not truth
