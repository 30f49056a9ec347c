"""The functions of Terraform, in one table with their signatures.

A function that Terraform has and that is not here is no mistake: its value is undecidable. One that answered
another value than Terraform's would be; tests/readers/test_functions.py holds each against Terraform itself.
So where the two may differ, as for letters outside of ASCII, the value is undecidable, too.

Source: Terraform, "Built-in Functions".
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import product
from typing import Any
from urllib.parse import quote_plus

from sg_alarm.readers.terraform.encodings import from_json, from_yaml, to_json
from sg_alarm.readers.terraform.values import (
    Namespace,
    RefusedError,
    Set,
    Symbol,
    Text,
    Type,
    UndecidableError,
    at,
    boolean_of,
    convert,
    dyadic,
    elements,
    equal,
    exact,
    inspected,
    is_empty,
    is_same,
    joined,
    known,
    limited,
    mapping,
    number_of,
    one_type,
    pairs,
    set_of,
    symbols_of,
    text_of,
    unique,
    whole_of,
)

Function = Callable[..., Any]


@dataclass(frozen=True)
class Signed:
    """A function with its signature: what it asks for, and what any number of further arguments are."""

    function: Function
    parameters: tuple[str, ...]
    optional: int
    rest: str

    def __call__(self, name: str, values: list[Any]) -> Any:
        """Call it; raises RefusedError for arguments that it does not take."""
        further = len(values) - len(self.parameters)
        if further < -self.optional or (further > 0 and not self.rest):
            raise RefusedError(f"{name}() has {len(values)} arguments")
        asked = [*self.parameters, *[self.rest] * max(0, further)]
        return self.function(*(_PARAMETERS[one](value) for one, value in zip(asked, values, strict=False)))


def _signed(function: Function, *parameters: str) -> Signed:
    """Sign a function; "…?" may be left out, "…*" may be given any number of times."""
    rest = next((one.removesuffix("*") for one in parameters if one.endswith("*")), "")
    fixed = tuple(one.removesuffix("?") for one in parameters if not one.endswith("*"))
    return Signed(function, fixed, sum(one.endswith("?") for one in parameters), rest)


def _not_null(value: Any) -> Any:
    if value is None:
        raise RefusedError("an argument is null")
    return known(value)


def _list(value: Any) -> list[Any]:
    return elements(_not_null(value))


def _sequence(value: Any) -> list[Any]:
    if isinstance(value, Set):
        raise RefusedError("a set stands where a list should be")
    return _list(value)


def _texts(value: Any) -> list[str]:
    return [text_of(_not_null(one)) for one in _list(value)]


# What a signature may ask for, each as what makes such a value of an argument or refuses it. A "text" is
# looked into; a "carried" one is handed on, and may hold what is not known.
_PARAMETERS: Mapping[str, Callable[[Any], Any]] = {
    "any": known,
    "text": lambda value: str(inspected(text_of(_not_null(value)))),
    "carried": lambda value: text_of(_not_null(value)),
    "number": lambda value: number_of(_not_null(value)),
    "whole": lambda value: whole_of(_not_null(value)),
    "list": _list,  # or a set
    "sequence": _sequence,
    "carried texts": _texts,
    "map": lambda value: mapping(_not_null(value)),
    "map or null": lambda value: {} if value is None else mapping(value),
}


def _not_here(what: str) -> UndecidableError:
    return UndecidableError(f"{what} is not evaluated here")


def _some(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments of which there must be one."""
    if not values:
        raise RefusedError(f"{name}() has no arguments")
    return values


def _ascii(text: str) -> str:
    """Return a text of which each character is one to Terraform as well, with two cases at most."""
    if not text.isascii() or "\r" in text:
        raise _not_here("a text with letters outside of ASCII")
    return text


# Numbers.


def _parseint(text: Any, base: int) -> int:
    if not 2 <= base <= 62 or not isinstance(inspected(text), str):
        raise RefusedError("parseint() has no such text or base")
    if base > 36:
        raise _not_here("parseint() with such a base")
    if not re.fullmatch(r"[+-]?[0-9a-zA-Z]+", text) or len(text) > 60:
        raise RefusedError("parseint() is given a text that is not a number")
    try:
        return int(text, base)
    except ValueError as error:
        raise RefusedError("parseint() is given a text that is not a number") from error


def _sum(values: list[Any]) -> Any:
    if not values:
        raise RefusedError("sum() of nothing")
    return exact(sum(dyadic(number_of(_not_null(one))) for one in values))


def _range(*numbers: Any) -> list[Any]:
    if not 1 <= len(numbers) <= 3:
        raise RefusedError("range() has one to three arguments")
    start, end = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else 1 if end >= start else -1
    if step == 0 or (end != start and (step < 0) != (end < start)):
        raise RefusedError("range() does not end")
    count = max(0, math.ceil(Fraction(end - start) / step))
    if count > 1024:
        raise RefusedError("range() has more than 1,024 elements")
    return [exact(dyadic(start) + dyadic(step) * n) for n in range(count)]


# Texts.


def _indent(spaces: int, text: str) -> str:
    limited(len(text) + max(spaces, 0) * text.count("\n"))
    if spaces < 0:
        raise RefusedError("indent() by less than nothing")
    return Text.of(text.replace("\n", "\n" + " " * spaces), symbols_of(text))


def _join(separator: str, *lists: list[str]) -> str:
    parts = [one for each in _some("join", lists) for one in each]
    limited(sum(map(len, parts)) + len(separator) * len(parts))
    return joined(part for n, one in enumerate(parts) for part in ((separator, one) if n else (one,)))


def _title(text: str) -> str:
    return re.sub(r"(?<![A-Za-z0-9_])[a-z]", lambda found: found[0].upper(), _ascii(text))


def _substr(text: str, offset: int, length: int) -> str:
    start = offset + len(_ascii(text)) if offset < 0 else offset
    if start < 0 or length < -1 or (length == 0 and start != 0):
        raise _not_here("substr() with such an offset")
    return text[start:] if length < 0 else text[start : start + length]


def _split(separator: str, text: str) -> list[str]:
    if not separator:
        raise _not_here("split() without a separator")
    return text.split(separator)


def _replace(text: str, part: str, new: str) -> str:
    if len(part) > 1 and part[0] == part[-1] == "/":
        expression = _regular(part[1:-1], text)
        if "$" in new or expression.match(""):
            raise _not_here("replace() with groups, or of what may be empty,")
        limited(len(text) + len(new) * sum(1 for _ in expression.finditer(text)))
        return expression.sub(lambda _: new, text)
    if not part:
        _ascii(text)
    limited(len(text) + len(new) * (text.count(part) if part else len(text) + 1))
    return text.replace(part, new)


_SAFE = re.compile(
    r"(?:\(\?[ism]+\))?"
    r"(?:[^\\()\[*+?{}]|\\[dwsDWSb]|\\[^\w\s]|\\[nrtf]|\[\^?\]?(?:[^\]\\\[]|\\[dws]|\\[^\w\s]|\\[nrt])*\]"
    r"|\((?:\?:|\?P<[A-Za-z_]\w*>|(?!\?))|\)|(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??(?![*+?{]))*"
)
_REPEATED = re.compile(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|([*+]|\{\d+,\d*\})")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{)")


def _regular(pattern: str, text: str) -> re.Pattern[str]:
    """Return a regular expression that means in Python what it means in Terraform, and is quickly matched."""
    steps = sum(1 for one in _REPEATED.finditer(pattern) if one[1])
    plain = pattern.isascii() and text.isascii() and not set("\v\r\f") & set(text)
    if (
        not plain
        or len(pattern) > 500
        or not _SAFE.fullmatch(pattern)
        or ("$" in pattern and text[-1:] == "\n")
    ):
        raise _not_here("such a regular expression")
    if _REPEATED_GROUP.search(pattern) or (len(text) + 1) ** max(steps, 1) > 1_000_000:
        raise _not_here("a regular expression that takes long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise _not_here("such a regular expression") from error


def _found(match: re.Match[str]) -> Any:
    names = match.re.groupindex
    if names and len(names) < match.re.groups:
        raise RefusedError("a regular expression has groups with and without names")
    return match.groupdict() if names else list(match.groups()) if match.re.groups else match[0]


def _regex(pattern: str, text: str) -> Any:
    match = _regular(pattern, text).search(text)
    if match is None:
        raise RefusedError("a regular expression does not match")
    return _found(match)


def _regexall(pattern: str, text: str) -> list[Any]:
    expression = _regular(pattern, text)
    if expression.match(""):
        raise _not_here("regexall() of what may be empty")
    return [_found(match) for match in expression.finditer(text)]


_VERB = re.compile(r"%(?:%|([-0]?)(\d{0,2})(?:\.(\d))?([sdvqtf]))")


def _format(form: str, *values: Any) -> str:
    todo, parts, end = list(values), list[str](), 0
    if "%" in _VERB.sub("", form):
        raise _not_here("such a format")
    for found in _VERB.finditer(form):
        parts.append(form[end : found.start()])
        end = found.end()
        if found[0] == "%%":
            parts.append("%")
        elif todo:
            parts.append(_padded(_written(found[4], found[3], todo.pop(0)), found))
        else:
            raise RefusedError("a format has too few values")
    if todo:
        raise RefusedError("a format has too many values")
    return joined([*parts, form[end:]])


def _written(verb: str, precision: str | None, value: Any) -> str:
    if value is None or (precision and verb != "f"):
        raise _not_here("such a format")
    if verb == "v":
        return to_json(value) if isinstance(value, Mapping | list | Namespace) else text_of(value)
    if verb == "s":
        return text_of(value)
    if verb == "t":
        return text_of(boolean_of(value))
    if verb == "q":
        text = str(inspected(text_of(value)))
        if not text.isascii() or not text.isprintable():
            raise _not_here("such a format")
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    number = dyadic(number_of(value))
    if verb == "d":
        if not isinstance(number, int):
            raise _not_here("such a format")
        return str(number)
    exactly = Decimal(number.numerator) / Decimal(number.denominator)
    if Fraction(exactly) != number:
        raise _not_here("such a format")
    quantum = Decimal(1).scaleb(-int(precision or 6))
    return str(exactly.quantize(quantum, ROUND_HALF_EVEN, Context(prec=100)))


def _padded(text: str, found: re.Match[str]) -> str:
    flag, width, _, verb = found.groups()
    if not width:
        return text
    inspected(text)
    if flag == "0" and verb not in ("d", "f"):
        raise _not_here("such a format")
    sign = "-" if flag == "0" and text.startswith("-") else ""
    padded = _ascii(text).removeprefix(sign)
    if flag == "-":
        return padded.ljust(int(width))
    return sign + padded.rjust(int(width) - len(sign), flag or " ")


def _formatlist(form: str, *values: Any) -> list[str]:
    for value in values:
        inspected(value) if isinstance(value, Symbol) else None
    sizes = {len(elements(value)) for value in values if isinstance(value, list)}
    if len(sizes) > 1:
        raise RefusedError("formatlist() has lists of several lengths")
    return [
        _format(form, *(known(value[n]) if isinstance(value, list) else value for value in values))
        for n in range(sizes.pop() if sizes else 1)
    ]


def _base64decode(text: str) -> str:
    try:
        return _ascii(base64.b64decode(text, validate=True).decode())
    except ValueError as error:
        raise RefusedError("a text is not in base64") from error


def _dirname(path: str) -> str:
    if "//" in path or "/." in path or path.startswith("."):
        raise _not_here("dirname() of such a path")
    folder, slash, _ = path.rpartition("/")
    return folder or slash or "."


# Collections.


def _chunklist(values: list[Any], size: int) -> list[Any]:
    if size < 0:
        raise RefusedError("chunklist() with a negative size")
    values = one_type(values)
    return [values[n : n + size] for n in range(0, len(values), size)] if size else [values] if values else []


def _coalesce(*values: Any) -> Any:
    found = next((n for n, value in enumerate(values) if not is_empty(value)), None)
    if found is None:
        raise RefusedError("there is nothing to coalesce")
    return one_type(list(values))[found]


def _coalescelist(*lists: Any) -> Any:
    for n, one in enumerate(lists):
        if _sequence(one):
            for other in lists[n + 1 :]:
                _sequence(other) if not symbols_of(other) else None
            return one
    raise RefusedError("there is nothing to coalesce")


def _contains(values: list[Any], value: Any) -> bool:
    unknown: UndecidableError | None = None
    for one in values:
        try:
            if equal(one, value):
                return True
        except UndecidableError as error:
            unknown = error
    if unknown:
        raise unknown
    return False


def _element(values: list[Any], index: int) -> Any:
    if not values:
        raise RefusedError("element() of an empty list")
    if index < 0:
        raise _not_here("element() with a negative index, which some versions of Terraform refuse,")
    return known(values[index % len(values)])


def _flatten(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    todo = [iter(values)]
    while todo:
        for one in map(known, todo[-1]):
            if isinstance(one, list):
                todo.append(iter(elements(one)))
                break
            if isinstance(one, Symbol):  # which may be a list
                inspected(one)
            found.append(one)
            limited(len(found))
        else:
            todo.pop()
    return found


def _index(values: list[Any], value: Any) -> int:
    for n, one in enumerate(values):
        if equal(one, value):
            return n
    raise RefusedError("index() finds no such element")


def _length(value: Any) -> int:
    inspected(value)
    if isinstance(value, str):
        return len(_ascii(value))
    if isinstance(value, Namespace):
        raise _not_here("length() of a whole resource")
    if not isinstance(value, Mapping | list):
        raise RefusedError("length() of a value that is not a collection")
    if isinstance(value, Set) and len(value) > 1:
        list(map(inspected, value))
    return len(value)


def _lookup(values: Any, key: str, *default: Any) -> Any:
    try:
        return at(mapping(values), key)
    except RefusedError:
        if not default or not isinstance(values, Mapping):
            raise
        return default[0]


def _matchkeys(values: list[Any], names: list[Any], wanted: list[Any]) -> list[Any]:
    if len(values) != len(names):
        raise RefusedError("matchkeys() has lists of several lengths")
    if not all(isinstance(one, str) for one in (*names, *wanted)):
        raise _not_here("matchkeys() of other keys than texts")
    found = zip(one_type(values), names, strict=True)
    return [value for value, name in found if any(equal(name, one) for one in wanted)]


def _merge(*maps: Mapping[str, Any]) -> dict[str, Any]:
    if sum(map(bool, maps)) > 1:  # two keys may be one
        list(map(inspected, (key for each in maps for key in each)))
    return {key: value for each in maps for key, value in each.items()}


def _one(values: list[Any]) -> Any:
    if len(values) > 1:
        raise RefusedError("one() of several elements")
    return known(values[0]) if values else None


def _setproduct(*lists: Any) -> Any:
    if len(lists) < 2:
        raise RefusedError("setproduct() of fewer than two lists")
    if any(isinstance(one, Set) for one in lists):
        raise _not_here("setproduct() of sets")
    given = [one_type([known(each) for each in _list(one)]) for one in lists]
    limited(math.prod(map(len, given)) * len(given))
    return [list(one) for one in product(*given)]


def _setintersection(*sets: list[Any]) -> Set:
    first, *others = _of_one_type(_some("setintersection", sets))
    return set_of(one for one in first if all(any(is_same(one, two) for two in each) for each in others))


def _setsubtract(*sets: list[Any]) -> Set:
    left, right = _of_one_type(sets)
    return set_of(one for one in left if not any(is_same(one, two) for two in right))


def _of_one_type(sets: tuple[list[Any], ...]) -> Iterator[list[Any]]:
    found = iter(one_type([one for each in sets for one in one_type(list(map(inspected, each)))]))
    limited(math.prod(max(1, len(each)) for each in sets))
    return ([next(found) for _ in each] for each in sets)


def _slice(values: list[Any], start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(values):
        raise RefusedError("slice() beyond a list")
    return values[start:end]


def _transpose(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for key, names in pairs(values):
        for name in _texts(names):
            found.setdefault(inspected(name), []).append(key)
    return {name: sorted(found[name]) for name in sorted(found)}


def _zipmap(names: list[Any], values: list[Any]) -> dict[str, Any]:
    if len(names) != len(values):
        raise RefusedError("zipmap() has lists of several lengths")
    return dict(zip((text_of(_not_null(name)) for name in names), values, strict=True))


def _tomap(value: Any) -> Any:
    found = {} if value is None else mapping(value)
    return None if value is None else dict(zip(found, one_type(list(found.values())), strict=True))


def _to(kind: Type) -> Function:
    return lambda value: convert(value, kind, lambda: None)


def _after_apply(*values: Any) -> Any:
    raise UndecidableError("its value is known only after apply")


def _all_boolean(values: list[Any]) -> list[bool]:
    return [value is not None and boolean_of(value) for value in values]


def _hash(name: str) -> Function:
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


FUNCTIONS: Mapping[str, Signed] = {
    "abs": _signed(abs, "number"),
    "alltrue": _signed(lambda values: all(_all_boolean(values)), "list"),
    "anytrue": _signed(lambda values: any(_all_boolean(values)), "list"),
    "base64decode": _signed(_base64decode, "text"),
    "base64encode": _signed(lambda text: base64.b64encode(text.encode()).decode(), "text"),
    "basename": _signed(lambda text: text.rstrip("/").rpartition("/")[2] or ("/" if text else "."), "text"),
    "bcrypt": _signed(_after_apply, "any*"),
    "ceil": _signed(math.ceil, "number"),
    "chomp": _signed(lambda text: text.rstrip("\r\n"), "text"),
    "chunklist": _signed(_chunklist, "list", "whole"),
    "coalesce": _signed(_coalesce, "any*"),
    "coalescelist": _signed(_coalescelist, "any*"),
    "compact": _signed(lambda values: [text_of(v) for v in map(known, values) if not is_empty(v)], "list"),
    "concat": _signed(lambda *lists: [v for each in _some("concat", lists) for v in each], "sequence*"),
    "contains": _signed(lambda values, value: _contains(values, _not_null(value)), "list", "any"),
    "dirname": _signed(_dirname, "text"),
    "distinct": _signed(lambda values: unique(one_type(list(map(known, values)))), "list"),
    "element": _signed(_element, "sequence", "whole"),
    "endswith": _signed(str.endswith, "text", "text"),
    "flatten": _signed(_flatten, "list"),
    "floor": _signed(math.floor, "number"),
    "format": _signed(_format, "text", "any*"),
    "formatlist": _signed(_formatlist, "text", "any*"),
    "indent": _signed(_indent, "whole", "carried"),
    "index": _signed(_index, "sequence", "any"),
    "join": _signed(_join, "carried", "carried texts*"),
    "jsondecode": _signed(from_json, "text"),
    "jsonencode": _signed(to_json, "any"),
    "keys": _signed(lambda values: [key for key, _ in pairs(values)], "map"),
    "length": _signed(_length, "any"),
    "lookup": _signed(_lookup, "any", "text", "any?"),
    "lower": _signed(lambda text: _ascii(text).lower(), "text"),
    "matchkeys": _signed(_matchkeys, "list", "list", "list"),
    "max": _signed(lambda *values: max(_some("max", values)), "number*"),
    "md5": _signed(_hash("md5"), "text"),
    "merge": _signed(_merge, "map or null*"),
    "min": _signed(lambda *values: min(_some("min", values)), "number*"),
    "one": _signed(_one, "list"),
    "parseint": _signed(_parseint, "any", "whole"),
    "plantimestamp": _signed(_after_apply),
    "range": _signed(_range, "number*"),
    "regex": _signed(_regex, "text", "text"),
    "regexall": _signed(_regexall, "text", "text"),
    "replace": _signed(_replace, "text", "text", "text"),
    "reverse": _signed(lambda values: values[::-1], "list"),
    "setintersection": _signed(_setintersection, "list*"),
    "setproduct": _signed(_setproduct, "any*"),
    "setsubtract": _signed(_setsubtract, "list", "list"),
    "setunion": _signed(lambda *sets: set_of(v for each in _some("setunion", sets) for v in each), "list*"),
    "sha1": _signed(_hash("sha1"), "text"),
    "sha256": _signed(_hash("sha256"), "text"),
    "sha512": _signed(_hash("sha512"), "text"),
    "signum": _signed(lambda value: (value > 0) - (value < 0), "whole"),
    "slice": _signed(_slice, "sequence", "whole", "whole"),
    "sort": _signed(
        lambda texts: sorted(map(inspected, texts)) if len(texts) > 1 else texts, "carried texts"
    ),
    "split": _signed(_split, "text", "text"),
    "startswith": _signed(str.startswith, "text", "text"),
    "strcontains": _signed(lambda text, part: part in text, "text", "text"),
    "strrev": _signed(lambda text: _ascii(text)[::-1], "text"),
    "substr": _signed(_substr, "text", "whole", "whole"),
    "sum": _signed(_sum, "list"),
    "timestamp": _signed(_after_apply),
    "title": _signed(_title, "text"),
    "tobool": _signed(_to(Type("bool")), "any"),
    "tolist": _signed(_to(Type("list", Type())), "any"),
    "tomap": _signed(_tomap, "any"),
    "tonumber": _signed(_to(Type("number")), "any"),
    "toset": _signed(_to(Type("set", Type())), "any"),
    "tostring": _signed(_to(Type("string")), "any"),
    "transpose": _signed(_transpose, "map"),
    "trim": _signed(lambda text, signs: text.strip(signs) if signs else text, "text", "text"),
    "trimprefix": _signed(str.removeprefix, "text", "text"),
    "trimspace": _signed(lambda text: _ascii(text.strip(" \t\n\v\f\r")), "text"),
    "trimsuffix": _signed(str.removesuffix, "text", "text"),
    "upper": _signed(lambda text: _ascii(text).upper(), "text"),
    "urlencode": _signed(lambda text: quote_plus(text, safe=""), "text"),
    "uuid": _signed(_after_apply),
    "values": _signed(lambda values: [one for _, one in pairs(values)], "map"),
    "yamldecode": _signed(from_yaml, "text"),
    "zipmap": _signed(_zipmap, "list", "sequence"),
}
