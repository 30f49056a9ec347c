"""What a filter pattern and a metric transformation read out of a log event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sg_alarm.patterns import PatternError, parse
from sg_alarm.patterns.matcher import parse_object, select
from sg_alarm.patterns.message_matcher import split_fields
from sg_alarm.patterns.syntax import (
    Column,
    Gap,
    JsonPattern,
    NotExists,
    Selector,
    SpacePattern,
    Tree,
    conditions,
)


def field_of(tree: Tree, message: str, reference: str) -> str | None:
    """Return the text of the field that ``$.name`` (JSON) or ``$name`` (space-delimited) refers to."""
    if isinstance(tree, SpacePattern):
        return _columns(tree, message).get(reference)
    selector, event = _selector(reference), parse_object(message)
    if selector is None or event is None:
        return None
    return _text(next(select(event, selector), None))


def extracted(tree: Tree, message: str) -> dict[str, str]:
    """Return the fields that the pattern names, as ``TestMetricFilter`` returns them."""
    if isinstance(tree, SpacePattern):
        return _columns(tree, message)
    if not isinstance(tree, JsonPattern):
        return {}
    event = parse_object(message) or {}
    found = {
        str(condition.selector): _text(next(select(event, condition.selector), None))
        for condition in conditions(tree.expression)
    }
    return {name: text for name, text in found.items() if text is not None}


def _columns(tree: SpacePattern, message: str) -> dict[str, str]:
    """Return the fields of a message by the name that the pattern gives each; unnamed ones by number."""
    values = [value for value, _ in split_fields(message)]
    gap = tree.fields.index(Gap()) if Gap() in tree.fields else len(tree.fields)
    skipped = len(values) - (len(tree.fields) - 1) if gap < len(tree.fields) else 0
    names = [field.name for field in tree.fields[:gap] if isinstance(field, Column)]
    names += [str(number + 1) for number in range(gap, gap + skipped)]
    names += [field.name for field in tree.fields[gap + 1 :] if isinstance(field, Column)]
    return {f"${name}": value for name, value in zip(names, values, strict=False)}


@lru_cache(maxsize=256)
def _selector(reference: str) -> Selector | None:
    try:
        tree = parse(f"{{ {reference} NOT EXISTS }}")
    except PatternError:
        return None
    expression = tree.expression if isinstance(tree, JsonPattern) else None
    return expression.selector if isinstance(expression, NotExists) else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, Mapping | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
