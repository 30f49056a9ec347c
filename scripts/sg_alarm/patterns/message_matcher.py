"""Patterns for the raw message, compiled: terms, a regular expression, space-delimited fields."""

from __future__ import annotations

import re
from collections.abc import Callable

from sg_alarm.patterns.syntax import (
    NUMBER,
    Column,
    Comparison,
    FieldTest,
    Gap,
    Number,
    Operator,
    RegexPattern,
    Selector,
    SpacePattern,
    TextPattern,
)
from sg_alarm.patterns.values import string_test, value_test


def message_test(tree: TextPattern | RegexPattern | SpacePattern) -> Callable[[str], bool]:
    """Compile a pattern for raw messages into a test of messages."""
    if isinstance(tree, TextPattern):
        return _text_test(tree)
    if isinstance(tree, RegexPattern):
        return string_test(tree.regex)
    return _space_test(tree)


def _text_test(pattern: TextPattern) -> Callable[[str], bool]:
    """Compile terms.

    A term matches anywhere in the message, inside words too ("ERROR" matches "ERRORCODE": the user guide
    before 2023; the present one says "the word ERROR" and gives no counterexample). A term of white space
    matches everything (documented for ``" "``). ``?`` terms count only when they stand alone (documented).
    """
    include = [term for term in pattern.include if term.strip()]
    exclude = pattern.exclude
    optional = () if pattern.include or exclude else pattern.optional

    def matches(message: str) -> bool:
        return (
            all(term in message for term in include)
            and not any(term in message for term in exclude)
            and (not optional or any(term in message for term in optional))
        )

    return matches


_FIELD = re.compile(r'\[([^\]]*)\](?=\s|$)|"([^"]*)"(?=\s|$)|(\S+)')


def split_fields(message: str) -> list[tuple[str, int]]:
    """Split a message at white space into fields and their positions.

    Characters between brackets or double quotes are one field, without the delimiters (documented).
    """
    return [
        (next(part for part in found.groups() if part is not None), found.start())
        for found in _FIELD.finditer(message)
    ]


def _space_test(pattern: SpacePattern) -> Callable[[str], bool]:
    """Compile a space-delimited pattern.

    An ellipsis takes any number of fields. Without one, the last field takes the rest of the message
    (``[w1=ERROR, w2]`` matches lines of six words in the documentation); undocumented is what a condition on
    such a last field sees: here, the rest as one text.
    """
    fields = pattern.fields
    gap = fields.index(Gap()) if Gap() in fields else None
    head = fields if gap is None else fields[:gap]
    tail = () if gap is None else fields[gap + 1 :]
    head_tests = [_column_test(field) for field in head if isinstance(field, Column)]
    tail_tests = [_column_test(field) for field in tail if isinstance(field, Column)]

    def matches(message: str) -> bool:
        found = split_fields(message)
        if len(found) < len(head_tests) + len(tail_tests):
            return False
        values = [value for value, _ in found]
        if gap is None and len(values) > len(head_tests):
            last = len(head_tests) - 1
            values[last:] = [message[found[last][1] :].rstrip()]
        ends = values[len(values) - len(tail_tests) :]
        return all(test(value) for test, value in zip(head_tests, values, strict=False)) and all(
            test(value) for test, value in zip(tail_tests, ends, strict=True)
        )

    return matches


def _column_test(column: Column) -> Callable[[str], bool]:
    alternatives = [[_field_test(test) for test in tests] for tests in column.alternatives]
    if not alternatives:
        return lambda value: True
    return lambda value: any(all(test(value) for test in tests) for tests in alternatives)


def _field_test(test: FieldTest) -> Callable[[str], bool]:
    """Compile a test of a field: numbers compare as numbers when the field is one, all else as text."""
    holds = string_test(test.operand)
    if not isinstance(test.operand, Number):
        return lambda value: holds(value) is (test.operator is Operator.EQ)
    by_value = value_test(Comparison(Selector(()), test.operator, test.operand))
    return lambda value: by_value(float(value) if NUMBER.fullmatch(value) else value)
