"""The functions and types of Terraform that :mod:`~sg_alarm.readers.code.expressions` knows.

Source: Terraform, "Built-in Functions" and "Type Constraints". A function that Terraform has and that is not
here is no mistake; one that answers another value than Terraform's would be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sg_alarm.readers.code.expressions import (
    Beyond,
    Namespace,
    Scope,
    Set,
    Untold,
    Wrong,
    at,
    boolean_of,
    equal,
    is_empty,
    is_opaque,
    looked_at,
    pairs,
    text_of,
    told,
    value_of,
)
from sg_alarm.unknown import Unknown

Converter = Callable[[Any], Any]


def _all_told(value: Any) -> Any:
    """Return a value of which every part is known."""
    told(value)
    if isinstance(value, Namespace):
        raise Beyond("the use of a whole resource")
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        _all_told(one)
    return value


def _elements(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Beyond("a list of what is none")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Beyond("a map of what is none")
    return value


def _json(value: Any) -> str:
    text = json.dumps(_all_told(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _join(separator: Any, *lists: Any) -> str:
    return text_of(separator).join(text_of(told(one)) for each in lists for one in _elements(each))


_VERB = re.compile(r"%(.?)")


def _format(form: Any, *values: Any) -> str:
    todo = list(values)

    def written(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        if found[1] not in ("s", "d", "v") or not todo:
            raise Beyond(f"the format {form!r}")
        value = told(todo.pop(0))
        if found[1] == "d" and (isinstance(value, bool) or not isinstance(value, int)):
            raise Beyond(f"the format {form!r}")
        return text_of(value)

    text = _VERB.sub(written, text_of(looked_at(form)))
    if todo:
        raise Wrong("a value too many for the format: Terraform refuses the code")
    return text


def _format_list(form: Any, *values: Any) -> list[str]:
    sizes = {len(value) for value in values if isinstance(value, list)}
    if len(sizes) != 1:
        raise Beyond("the function formatlist with such arguments")
    return [
        _format(form, *(value[number] if isinstance(value, list) else value for value in values))
        for number in range(sizes.pop())
    ]


def _merge(*maps: Any) -> dict[str, Any]:
    return {key: value for each in maps if each is not None for key, value in _mapping(each).items()}


def _length(value: Any) -> int:
    if isinstance(value, Mapping | list):
        return len(value)
    raise Beyond("the length of what is no collection")


def _contains(values: Any, value: Any) -> bool:
    return any(equal(told(one), value) for one in _elements(values))


def _lookup(values: Any, key: Any, default: Any) -> Any:
    try:
        return at(_mapping(values), looked_at(key))
    except Wrong:
        return default


def _unique(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(type(value) is type(one) and value == one for one in found):
            found.append(value)
    return found


def _flatten(values: Any) -> list[Any]:
    found: list[Any] = []
    for one in _elements(values):
        found += _flatten(told(one)) if isinstance(told(one), list) else [one]
    return found


def _sort(values: Any) -> list[str]:
    found = [text_of(told(one)) for one in _elements(values)]
    return sorted(map(looked_at, found)) if len(found) > 1 else found


def _one(values: Any) -> Any:
    if len(_elements(values)) > 1:
        raise Wrong("one() of several: Terraform refuses the code")
    return values[0] if values else None


def _coalesce(*values: Any) -> Any:
    found = next((value for value in values if not is_empty(value)), None)
    if found is None:
        raise Wrong("nothing to coalesce: Terraform refuses the code")
    return found


def to_set(value: Any) -> Set:
    """Return the set of the elements of a list, in order where that can be told."""
    found = _unique(told(one) for one in _elements(value))
    in_order = all(isinstance(one, str) and not is_opaque(one) for one in found)
    return Set(sorted(found) if in_order else found)


def to_number(value: Any) -> Any:
    """Return the number that a text is."""
    if isinstance(value, str):
        found = constant(value) if re.fullmatch(r"-?[\d.]+", value) else None
        if isinstance(found, int | float):
            return found
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Beyond("a number of what is none")


def to_bool(value: Any) -> Any:
    """Return the boolean that a text is."""
    return None if value is None else boolean_of(value)


def to_text(value: Any) -> Any:
    """Return a value as text; null stays null."""
    return None if value is None else text_of(value)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "coalesce": _coalesce,
    "compact": lambda values: [one for one in _elements(values) if not is_empty(told(one))],
    "concat": lambda *lists: [one for each in lists for one in _elements(each)],
    "contains": _contains,
    "distinct": lambda values: _unique(told(one) for one in _elements(values)),
    "flatten": _flatten,
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "jsonencode": _json,
    "keys": lambda value: [key for key, _ in pairs(_mapping(value))],
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "one": _one,
    "sort": _sort,
    "tobool": to_bool,
    "tolist": lambda value: list(_elements(value)),
    "tomap": lambda value: dict(_mapping(value)),
    "tonumber": to_number,
    "toset": to_set,
    "tostring": to_text,
    "values": lambda value: [one for _, one in pairs(_mapping(value))],
}


class _Optional:
    """An attribute of an object type that may be missing."""

    def __init__(self, kind: Any, default: Any = None) -> None:
        self.convert = _converter(kind)
        self.default = None if default is None else self.convert(default)


def _converter(kind: Any) -> Converter:
    if isinstance(kind, str):  # in quotation marks, as in JSON
        return converter(kind)
    if not callable(kind):
        raise Beyond("such a type")
    convert: Converter = kind
    return lambda value: value if value is None or isinstance(value, Unknown) else convert(value)


def _list_of(kind: Any) -> Converter:
    convert = _converter(kind)
    return lambda value: [convert(one) for one in _elements(value)]


def _set_of(kind: Any) -> Converter:
    convert = _converter(kind)
    return lambda value: to_set([convert(one) for one in _elements(value)])


def _map_of(kind: Any) -> Converter:
    convert = _converter(kind)
    return lambda value: {key: convert(one) for key, one in _mapping(value).items()}


def _object_of(attributes: Any) -> Converter:
    kinds = {
        name: kind if isinstance(kind, _Optional) else _converter(kind)
        for name, kind in _mapping(attributes).items()
    }

    def convert(value: Any) -> dict[str, Any]:
        found = {}
        for name, kind in kinds.items():
            if isinstance(kind, _Optional):
                given = kind.convert(_mapping(value).get(name))
                found[name] = kind.default if given is None else given
            elif name in _mapping(value):
                found[name] = kind(value[name])
            else:
                raise Wrong(f"{name} is missing in an object: Terraform refuses the code")
        return found

    return convert


def _no_name(name: str) -> Any:
    raise Untold(f"{name} must not be used here: Terraform refuses the code")


_NOTHING = Scope(_no_name, {})
_TYPES: Mapping[str, Converter] = {
    "any": lambda value: value,
    "string": to_text,
    "number": to_number,
    "bool": to_bool,
    "list": lambda value: list(_elements(value)),
    "map": lambda value: dict(_mapping(value)),
}
_OF_TYPES: Mapping[str, Callable[..., Any]] = {
    "list": _list_of,
    "set": _set_of,
    "map": _map_of,
    "object": _object_of,
    "optional": _Optional,
}


def _type_named(name: str) -> Converter:
    if name not in _TYPES:
        raise Beyond(f"the type {name}")
    return _TYPES[name]


def converter(constraint: str) -> Converter:
    """Return what makes a value one of a type; raises Untold for a type that is not known."""
    return _converter(value_of(constraint, Scope(_type_named, _OF_TYPES)))


def constant(text: str) -> Any:
    """Return the value of an expression in which nothing may be referred to; raises Untold."""
    return value_of(text, _NOTHING)
