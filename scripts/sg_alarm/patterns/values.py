"""What one condition says about one value of a JSON event.

Documented (FilterAndPatternSyntax) or observed with TestMetricFilter:

- a selector that points at nothing, an object or an array makes every comparison false, ``!=`` too;
- a string compares as text; ``*`` at its start or end is a wildcard; ``"123"`` compares with the text of a
  number (``12.0`` is "12.0"), bare ``123.0`` with its value;
- ``<`` and its kin hold for numbers only.

Undocumented, and decided here: null and booleans make every comparison false (``IS`` is for them); a bare
number compares with a string as text; a numeric string is no number for ``<``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from sg_alarm.patterns.automaton import Automaton
from sg_alarm.patterns.regex import Alternative, literal, parse_regex
from sg_alarm.patterns.syntax import (
    Comparison,
    Condition,
    Constant,
    Is,
    NotExists,
    Number,
    Operand,
    Operator,
    Regex,
)


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""The value of a selector that points at nothing."""

Test = Callable[[Any], bool]

_ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
_CONSTANTS = {Constant.NULL: None, Constant.TRUE: True, Constant.FALSE: False}


def split_wildcards(text: str) -> tuple[bool, str, bool]:
    """Split ``*core*`` into: open at the start, core, open at the end."""
    if text == "*":
        return True, "", True
    at_start, at_end = text.startswith("*"), text.endswith("*")
    return at_start, text[at_start : len(text) - at_end], at_end


def text_test(text: str) -> Callable[[str], bool]:
    """Compile a string with wildcards at its ends into a test of strings."""
    open_start, core, open_end = split_wildcards(text)
    if open_start and open_end:
        return lambda value: core in value
    if open_start:
        return lambda value: value.endswith(core)
    if open_end:
        return lambda value: value.startswith(core)
    return lambda value: value == core


@lru_cache(maxsize=128)
def automaton(operand: Operand) -> Automaton:
    """Give the automaton of the strings that an operand matches; it remembers its steps, so it is shared."""
    return Automaton(_alternatives(operand))


def _alternatives(operand: Operand) -> list[Alternative]:
    if isinstance(operand, Regex):
        return parse_regex(operand.text)
    if isinstance(operand, Number):
        return [literal(operand.text)]
    open_start, core, open_end = split_wildcards(operand.text)
    return [literal(core, at_start=not open_start, at_end=not open_end)]


def string_test(operand: Operand) -> Callable[[str], bool]:
    """Compile an operand into a test of strings."""
    if isinstance(operand, Regex):
        return automaton(operand).matches
    if isinstance(operand, Number):
        text = operand.text
        return lambda value: value == text
    return text_test(operand.text)


def number_text(number: int | float) -> str:
    """Write a number as a string operand sees it (observed: 12.0 is "12.0", not "12")."""
    return str(number)


def value_test(condition: Condition) -> Test:
    """Compile a condition into a test of the value that its selector points at (or ABSENT)."""
    if isinstance(condition, NotExists):
        return lambda value: value is ABSENT
    if isinstance(condition, Is):
        constant = _CONSTANTS[condition.constant]
        return lambda value: value is constant
    return _comparison_test(condition)


def _comparison_test(condition: Comparison) -> Test:
    operand = condition.operand
    if isinstance(operand, Number):
        if condition.operator.is_order:
            return _order_test(_ORDERS[condition.operator], operand.value)
        return _number_test(operand, condition.operator is Operator.EQ)
    holds = string_test(operand)
    equal = condition.operator is Operator.EQ

    def test(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return holds(value) is equal
        if kind is int or kind is float:
            return holds(number_text(value)) is equal
        return False

    return test


def _order_test(compare: Callable[[Any, Any], bool], number: int | float) -> Test:
    def test(value: Any) -> bool:
        kind = type(value)
        return (kind is int or kind is float) and compare(value, number)

    return test


def _number_test(operand: Number, equal: bool) -> Test:
    text, number = operand.text, operand.value

    def test(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return (value == text) is equal
        if kind is int or kind is float:
            return (value == number) is equal
        return False

    return test
