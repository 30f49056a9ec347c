"""JSON and YAML as Terraform writes and reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn

from sg_alarm.readers.terraform.values import (
    Namespace,
    RefusedError,
    Symbol,
    Text,
    UndecidableError,
    elements,
    inspected,
    known,
    limited,
    text_of,
    walk,
)

_DEEP = 60
_LONG_YAML = 1 << 16
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def to_json(value: Any) -> str:
    """Return what jsonencode() makes of a value."""
    size, symbols, secret = 0, list[Symbol](), False
    for one in walk(value, lambda: None):
        size += len(one) + 2 if isinstance(one, str) else 2
        limited(size)
        if isinstance(one, Symbol | Namespace):
            inspected(one)
            raise UndecidableError("a whole resource is encoded")
        if isinstance(one, Text):
            symbols += one.symbols
            secret = secret or one.secret
        elif isinstance(one, str) and _CONTROL.search(one):
            raise UndecidableError("control characters are encoded")
        known(one)
    return Text.of(_json(value), symbols, secret)


def _json(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{_json(text_of(key))}:{_json(one)}' for key, one in sorted(value.items()))}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, elements(value)))}]"
    if isinstance(value, str):
        text = json.dumps(str(value), ensure_ascii=False)
        for sign in "<>&\u2028\u2029":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return text
    return "null" if value is None else text_of(value)


def from_json(text: str) -> Any:
    """Return what jsondecode() makes of a text."""

    def once(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) < len(found):
            raise UndecidableError("an object in JSON has one key twice")
        return dict(found)

    def refused(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        value = json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=refused, object_pairs_hook=once
        )
    except ValueError as error:
        raise RefusedError("a text is not valid JSON") from error
    except RecursionError as error:
        raise UndecidableError("JSON is nested too deeply") from error
    level = [value]
    for _ in range(_DEEP):
        if any(isinstance(one, str) and _HALF_A_CHARACTER.search(one) for one in level):
            raise UndecidableError("JSON holds half a character")
        lists = [[*one, *one.values()] if isinstance(one, dict) else one for one in level]
        level = [inner for one in lists if isinstance(one, list) for inner in one]
    if level:
        raise UndecidableError("JSON is nested too deeply")
    return value


def _number(text: str) -> int | Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > 100 or len(exponent) > 3 or (text[0] == "-" and not Fraction(mantissa)):
        raise UndecidableError("a number is rounded")
    found = Fraction(text)
    return int(found) if found.denominator == 1 else found


def from_yaml(text: str) -> Any:
    """Return what yamldecode() makes of a text, as far as all versions of YAML agree on it."""
    try:
        import yaml
    except ImportError as error:
        raise UndecidableError("PyYAML, which reads YAML, is not installed") from error
    if len(text) > _LONG_YAML:
        raise UndecidableError("a YAML text is too long")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)  # in Python: too deep a text must not crash
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UndecidableError("a YAML text could not be read") from error
    if node is None:
        raise RefusedError("a YAML text is empty")
    return _from_yaml(node, set(), 0)


# What may be a number in one version of YAML and a text in another.
_LIKE_NUMBER = re.compile(r"[-+]?[0-9.][0-9a-fA-FxXoObB_.+:-]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def _from_yaml(node: Any, seen: set[int], depth: int) -> Any:
    """Return the value of a node; raises UndecidableError where it is an alias, or may have another value."""
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    unclear = UndecidableError("such YAML is not evaluated here")
    if id(node) in seen or depth > _DEEP or kind.startswith("!"):
        raise unclear
    seen.add(id(node))
    if kind == "seq":
        return [_from_yaml(one, seen, depth + 1) for one in node.value]
    if kind == "map":
        found = {}
        for key, value in node.value:
            name = _from_yaml(key, seen, depth + 1)
            if not isinstance(name, str) or name in found:
                raise unclear
            found[name] = _from_yaml(value, seen, depth + 1)
        return found
    text = str(node.value)
    if node.style and kind == "str":
        return text
    if kind in ("int", "float") and _NUMBER.fullmatch(text):
        return _number(text)
    if kind in ("null", "bool"):
        return None if kind == "null" else text.lower() in ("true", "yes", "on")
    if kind != "str" or _LIKE_NUMBER.fullmatch(text) or text.lower() in ("y", "n", "=", "<<"):
        raise unclear
    return text
