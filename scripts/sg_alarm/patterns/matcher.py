"""A filter pattern compiled to a function of the event."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sg_alarm.patterns.message_matcher import message_test
from sg_alarm.patterns.syntax import (
    And,
    Comparison,
    Condition,
    Expression,
    JsonPattern,
    NotExists,
    Operator,
    Or,
    Selector,
    Text,
    Tree,
    Wildcard,
)
from sg_alarm.patterns.values import ABSENT, number_text, split_wildcards, value_test

Event = str | Mapping[str, Any]
Matcher = Callable[[Event], bool]
_JsonTest = Callable[[Mapping[str, Any]], bool]


def compile_tree(tree: Tree) -> Matcher:
    """Compile a syntax tree.

    The function takes a JSON event as a dict or as text, or a raw message, and says whether the pattern
    matches. A JSON pattern matches no message that is not one JSON object; a pattern for raw messages sees a
    dict as CloudTrail delivers it: JSON without white space.
    """
    if isinstance(tree, JsonPattern):
        return _json_matcher(tree.expression)
    test = message_test(tree)
    return lambda event: test(event if isinstance(event, str) else message(event))


def message(event: Mapping[str, Any]) -> str:
    """Write an event as CloudTrail does in a log group: one line, no white space between tokens."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def _json_matcher(expression: Expression) -> Matcher:
    test = _compile(expression)
    needles = _needles(expression)

    def matches(event: Event) -> bool:
        if not isinstance(event, str):
            return test(event)
        # Parsing costs far more than looking for the constants of which one must be there.
        if needles and "\\u" not in event:
            for needle in needles:
                if needle in event:
                    break
            else:
                return False
        parsed = parse_object(event)
        return parsed is not None and test(parsed)

    return matches


def parse_object(text: str) -> dict[str, Any] | None:
    """Parse a message that is one JSON object; None for any other."""
    try:
        parsed = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_NEEDLE = re.compile(r"(?=.*[a-df-zA-DF-Z])[A-Za-z0-9_. :-]+")  # no escapes in JSON, and no number's text


def _needles(expression: Expression) -> frozenset[str]:
    """Strings of which at least one is in every matching message; empty when there are no such strings."""
    if isinstance(expression, Or):
        parts = [_needles(term) for term in expression.terms]
        return frozenset().union(*parts) if all(parts) else frozenset()
    if isinstance(expression, And):
        return min(filter(None, map(_needles, expression.terms)), key=len, default=frozenset())
    if (
        isinstance(expression, Comparison)
        and expression.operator is Operator.EQ
        and isinstance(expression.operand, Text)
    ):
        core = split_wildcards(expression.operand.text)[1]
        return frozenset([core] if _NEEDLE.fullmatch(core) else [])
    return frozenset()


def _compile(expression: Expression) -> _JsonTest:
    if isinstance(expression, Or):
        return _any_of(_alternatives(expression))
    if isinstance(expression, And):
        return _all_of([_compile(term) for term in expression.terms])
    return _condition(expression)


def _alternatives(expression: Or) -> list[_JsonTest]:
    """Compile alternatives; plain equalities of one selector become one look-up in a set."""
    members: dict[Selector, set[str]] = {}
    tests: list[_JsonTest] = []
    for term in expression.terms:
        word = _plain_equality(term)
        if word is None:
            tests.append(_compile(term))
        else:
            selector, text = word
            members.setdefault(selector, set()).add(text)
    return [_member_test(selector, frozenset(texts)) for selector, texts in members.items()] + tests


def _plain_equality(term: Expression) -> tuple[Selector, str] | None:
    if (
        isinstance(term, Comparison)
        and term.operator is Operator.EQ
        and isinstance(term.operand, Text)
        and not term.selector.has_wildcard
    ):
        open_start, core, open_end = split_wildcards(term.operand.text)
        if not open_start and not open_end:
            return term.selector, core
    return None


def _member_test(selector: Selector, texts: frozenset[str]) -> _JsonTest:
    def holds(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return value in texts
        return (kind is int or kind is float) and number_text(value) in texts

    if len(selector.steps) == 1:
        key = selector.steps[0]

        def top(event: Mapping[str, Any]) -> bool:
            value = event.get(key)  # type: ignore[arg-type]
            return value in texts if type(value) is str else holds(value)

        return top
    find = _finder(selector)
    return lambda event: holds(find(event))


def _condition(condition: Condition) -> _JsonTest:
    test = value_test(condition)
    selector = condition.selector
    if not selector.has_wildcard:
        find = _finder(selector)
        return lambda event: test(find(event))
    # Undocumented: a wildcard selector holds when one of its values does, for != too; NOT EXISTS when there
    # is no value.
    if isinstance(condition, NotExists):
        return lambda event: next(select(event, selector), ABSENT) is ABSENT
    return lambda event: any(test(value) for value in select(event, selector))


def _any_of(tests: list[_JsonTest]) -> _JsonTest:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda event: first(event) or second(event)

    def any_of(event: Mapping[str, Any]) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more
            if test(event):
                return True
        return False

    return any_of


def _all_of(tests: list[_JsonTest]) -> _JsonTest:
    if len(tests) == 2:
        first, second = tests
        return lambda event: first(event) and second(event)

    def all_of(event: Mapping[str, Any]) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more
            if not test(event):
                return False
        return True

    return all_of


def _finder(selector: Selector) -> Callable[[Mapping[str, Any]], Any]:
    """Compile a selector without wildcards into a function that gives its value or ABSENT."""
    steps = selector.steps
    if len(steps) == 1:
        key = steps[0]
        return lambda event: event.get(key, ABSENT)  # type: ignore[arg-type]

    def find(event: Mapping[str, Any]) -> Any:
        value: Any = event
        for step in steps:
            if type(step) is str:
                if not isinstance(value, Mapping):
                    return ABSENT
                value = value.get(step, ABSENT)
            elif isinstance(value, (list, tuple)) and step < len(value):  # type: ignore[operator]
                value = value[step]  # type: ignore[index]
            else:
                return ABSENT
        return value

    return find


def select(event: Any, selector: Selector) -> Iterator[Any]:
    """Yield every value that a selector points at."""
    values = [event]
    for step in selector.steps:
        values = [inner for value in values for inner in _inner(value, step)]
    return iter(values)


def _inner(value: Any, step: Any) -> list[Any]:
    if step is Wildcard.FIELD:
        return list(value.values()) if isinstance(value, Mapping) else []
    if step is Wildcard.ELEMENT:
        return list(value) if isinstance(value, (list, tuple)) else []
    if isinstance(step, str):
        return [value[step]] if isinstance(value, Mapping) and step in value else []
    return [value[step]] if isinstance(value, (list, tuple)) and step < len(value) else []
