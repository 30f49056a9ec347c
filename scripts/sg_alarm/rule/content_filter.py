"""Content filters of SNS subscriptions and EventBridge rules: whether a message or an event passes.

The document is known in part: a field may be ``Unknown``, ``Fitting`` or ``OneOf``, and one that is not in it
may be there all the same unless the document is complete. What cannot be decided is ``None``.

Sources: SNS Developer Guide, "Amazon SNS subscription filter policies"; EventBridge User Guide, "Comparison
operators for use in event patterns".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sg_alarm.rule.truth import Truth, every, negate, some
from sg_alarm.unknown import Unknown


class Absence(Enum):
    """Marks a field that is certainly not there."""

    ABSENT = "absent"


ABSENT = Absence.ABSENT
MAYBE = object()
"""Marks a field that may be there or not."""


@dataclass(frozen=True)
class OneOf:
    """A text that is one of these."""

    values: frozenset[str]


@dataclass(frozen=True)
class Fitting:
    """A text of which it is known only that it fits a regular expression."""

    pattern: str


_DEPTH = 50  # ours; SNS takes five levels of keys ("Filter policy constraints")


def passes(content_filter: Any, document: Mapping[str, Any], *, complete: bool = False) -> Truth:
    """Whether the document passes the filter; ``complete`` where it has no other fields than those listed."""
    return _passes(content_filter, document, complete, _DEPTH)


def _passes(content_filter: Any, document: Mapping[str, Any], complete: bool, depth: int) -> Truth:
    if not isinstance(content_filter, Mapping) or not depth:
        return None
    return every(
        _passes_field(name, condition, document, complete, depth - 1)
        for name, condition in content_filter.items()
    )


def _passes_field(
    name: str, condition: Any, document: Mapping[str, Any], complete: bool, depth: int
) -> Truth:
    if name == "$or":
        if not isinstance(condition, list | tuple):
            return None
        return some(_passes(one, document, complete, depth) for one in condition)
    value = document.get(name, ABSENT if complete else MAYBE)
    if isinstance(condition, Mapping):
        if isinstance(value, Mapping):
            return _passes(condition, value, complete, depth)
        if value is ABSENT:
            return _passes(condition, {}, True, depth)
        return None
    if not isinstance(condition, list | tuple):
        return None
    return some(_meets(one, value) for one in condition)


def _meets(condition: Any, value: Any) -> Truth:
    if isinstance(value, OneOf):
        answers = {_meets(condition, one) for one in value.values}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(condition, Unknown) or value is MAYBE or isinstance(value, Mapping | list | tuple):
        return None
    if isinstance(condition, Mapping):
        if len(condition) != 1:
            return None
        ((operator, operand),) = condition.items()
        return _compare(operator, operand, value)
    return _equals(condition, value)


def _equals(wanted: Any, value: Any) -> Truth:
    if value is ABSENT:
        return False
    if isinstance(value, Fitting):
        fits = isinstance(wanted, str) and re.fullmatch(value.pattern, wanted)
        return None if fits else False
    if isinstance(value, Unknown):
        return None
    return type(wanted) is not bool and bool(wanted == value)


def _compare(operator: str, operand: Any, value: Any) -> Truth:
    if operator == "exists":
        return None if not isinstance(operand, bool) else (value is not ABSENT) is operand
    if value is ABSENT:
        return False
    if operator == "anything-but":
        return _anything_but(operand, value)
    if not isinstance(value, str):
        return None
    if isinstance(operand, str):
        if operator == "prefix":
            return value.startswith(operand)
        if operator == "suffix":
            return value.endswith(operand)
        if operator == "equals-ignore-case":
            return value.lower() == operand.lower()
    return None


def _anything_but(operand: Any, value: Any) -> Truth:
    if isinstance(operand, Mapping):
        return None if "anything-but" in operand else negate(_meets(operand, value))
    unwanted = operand if isinstance(operand, list | tuple) else [operand]
    return negate(some(None if isinstance(one, Unknown) else _equals(one, value) for one in unwanted))
