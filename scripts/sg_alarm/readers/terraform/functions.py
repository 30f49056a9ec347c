"""The functions of Terraform, in one table with their signatures.

A function that Terraform has and that is not here is no mistake: its value is undecidable. One that answered
another value than Terraform's would be; tests/readers/test_functions.py holds each against Terraform itself.
So where the two may differ, as for letters outside of ASCII, the value is undecidable, too.

Source: Terraform, "Built-in Functions".
"""

from __future__ import annotations

import base64
import hashlib
import json
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

from sg_alarm.readers.terraform.values import (
    BudgetError,
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
    elements,
    equal,
    inspected,
    is_empty,
    is_same,
    joined,
    known,
    mapping,
    number_of,
    one_type,
    pairs,
    set_of,
    symbols_of,
    text_of,
    unique,
    walk,
    whole_of,
)

MAX_TEXT = 1 << 20
"""Characters of one text, and elements of one list."""

Function = Callable[..., Any]


def _not_null(value: Any) -> Any:
    if value is None:
        raise RefusedError("an argument is null")
    return value


def _list(value: Any) -> list[Any]:
    return elements(_not_null(value))


def _sequence(value: Any) -> list[Any]:
    if isinstance(value, Set):
        raise RefusedError("a set stands where a list should be")
    return _list(value)


def _texts(value: Any) -> list[str]:
    return [text_of(_not_null(known(one))) for one in _list(value)]


# What a signature may ask for, each as what makes such a value of an argument or refuses it. "text" and "texts"
# are looked into; "carried" ones are handed on, and may hold what is not known.
_PARAMETERS: Mapping[str, Callable[[Any], Any]] = {
    "any": known,
    "text": lambda value: _plain(inspected(text_of(_not_null(known(value))))),
    "carried": lambda value: text_of(_not_null(known(value))),
    "number": lambda value: number_of(_not_null(known(value))),
    "whole": lambda value: whole_of(_not_null(known(value))),
    "bool": lambda value: boolean_of(_not_null(known(value))),
    "list": _list,  # or a set
    "sequence": _sequence,
    "texts": lambda value: [_plain(inspected(one)) for one in _texts(value)],
    "carried texts": _texts,
    "map": lambda value: mapping(_not_null(value)),
    "map or null": lambda value: {} if value is None else mapping(value),
}


def _plain(text: str) -> str:
    return str(text)


@dataclass(frozen=True)
class Signed:
    """A function with its signature."""

    function: Function
    parameters: tuple[str, ...]
    optional: int = 0
    rest: str = ""

    def __call__(self, name: str, values: list[Any]) -> Any:
        """Call it; raises RefusedError for arguments that it does not take."""
        further = len(values) - len(self.parameters)
        if further < -self.optional or (further > 0 and not self.rest):
            raise RefusedError(f"{name}() has {len(values)} arguments")
        asked = [*self.parameters, *[self.rest] * max(0, further)]
        return self.function(*(_PARAMETERS[one](value) for one, value in zip(asked, values, strict=False)))


FUNCTIONS: dict[str, Signed] = {}


def signature(*parameters: str, name: str = "") -> Callable[[Function], Function]:
    """Enter a function into the table; "…?" may be left out, "…*" may be given any number of times."""

    def enter(function: Function) -> Function:
        rest = next((one.removesuffix("*") for one in parameters if one.endswith("*")), "")
        fixed = tuple(one.removesuffix("?") for one in parameters if not one.endswith("*"))
        optional = sum(one.endswith("?") for one in parameters)
        FUNCTIONS[name or function.__name__.strip("_")] = Signed(function, fixed, optional, rest)
        return function

    return enter


def limited(size: int) -> None:
    """Raise BudgetError for a result that is larger than anybody needs."""
    if size > MAX_TEXT:
        raise BudgetError("a value grows too large")


def _ascii(text: str) -> str:
    if not text.isascii():
        raise UndecidableError("letters outside of ASCII are counted or changed")
    return text


# Numbers.


@signature("number", name="abs")
def _abs(value: Any) -> Any:
    return abs(value)


@signature("number", name="ceil")
def _ceil(value: Any) -> int:
    return math.ceil(value)


@signature("number", name="floor")
def _floor(value: Any) -> int:
    return math.floor(value)


@signature("number*", name="max")
def _max(*values: Any) -> Any:
    if not values:
        raise RefusedError("max() has no arguments")
    return max(values)


@signature("number*", name="min")
def _min(*values: Any) -> Any:
    if not values:
        raise RefusedError("min() has no arguments")
    return min(values)


@signature("whole")
def signum(value: Any) -> int:
    """Return -1, 0 or 1."""
    return (value > 0) - (value < 0)


@signature("any", "whole")
def parseint(text: Any, base: int) -> int:
    """Return the number that a text is in some base."""
    if not isinstance(inspected(text), str):
        raise RefusedError("parseint() of a value that is not a text")
    if not 2 <= base <= 62:
        raise RefusedError("parseint() has no such base")
    if base > 36:
        raise UndecidableError("parseint() with such a base is not evaluated here")
    if not re.fullmatch(r"[+-]?[0-9a-zA-Z]+", text) or len(text) > 60:
        raise RefusedError("parseint() is given something that is not a number")
    try:
        return int(text, base)
    except ValueError as error:
        raise RefusedError("parseint() is given something that is not a number") from error


@signature("list", name="sum")
def _sum(values: list[Any]) -> Any:
    if not values:
        raise RefusedError("sum() of nothing")
    if any(one is None for one in values):
        raise RefusedError("sum() of a null")
    return exact(sum(dyadic(number_of(one)) for one in values))


def dyadic(value: int | Fraction) -> int | Fraction:
    """Return a number that Terraform keeps exactly, in 512 bits; others are undecidable in arithmetic."""
    denominator = value.denominator
    if denominator & (denominator - 1) or abs(value.numerator) >= 1 << 500 or denominator >= 1 << 500:
        raise UndecidableError("a number is rounded")
    return value


def exact(value: int | Fraction) -> int | Fraction:
    """Return the result of arithmetic as Terraform has it; one that is too long is undecidable."""
    if isinstance(value, Fraction) and value.denominator == 1:
        value = int(value)
    if abs(value.numerator) >= 1 << 500 or value.denominator >= 1 << 500:
        raise UndecidableError("a number is rounded")
    return value


# Texts.


@signature("text")
def chomp(text: str) -> str:
    """Return a text without the ends of lines at its end."""
    return text.rstrip("\r\n")


@signature("text", "text")
def endswith(text: str, suffix: str) -> bool:
    """Whether a text ends in another."""
    return text.endswith(suffix)


@signature("text", "text")
def startswith(text: str, prefix: str) -> bool:
    """Whether a text starts with another."""
    return text.startswith(prefix)


@signature("text", "text")
def strcontains(text: str, part: str) -> bool:
    """Whether a text holds another."""
    return part in text


@signature("whole", "carried")
def indent(spaces: int, text: str) -> str:
    """Return a text with spaces before each line but the first."""
    limited(len(text) + max(spaces, 0) * text.count("\n"))
    if spaces < 0:
        raise RefusedError("indent() by less than nothing")
    return Text.of(text.replace("\n", "\n" + " " * spaces), symbols_of(text))


@signature("carried", "carried texts*")
def join(separator: str, *lists: list[str]) -> str:
    """Return the texts of lists, with a separator between each two."""
    if not lists:
        raise RefusedError("join() has no lists")
    parts = [one for each in lists for one in each]
    limited(sum(map(len, parts)) + len(separator) * len(parts))
    return joined(part for n, one in enumerate(parts) for part in ((separator, one) if n else (one,)))


@signature("text", name="lower")
def _lower(text: str) -> str:
    return _ascii(text).lower()


@signature("text", name="upper")
def _upper(text: str) -> str:
    return _ascii(text).upper()


@signature("text", name="title")
def _title(text: str) -> str:
    return re.sub(r"(?<![A-Za-z0-9_])[a-z]", lambda found: found[0].upper(), _ascii(text))


@signature("text")
def strrev(text: str) -> str:
    """Return a text backwards."""
    _no_carriage_return(text)
    return _ascii(text)[::-1]


@signature("text", "whole", "whole")
def substr(text: str, offset: int, length: int) -> str:
    """Return a part of a text; a negative offset counts from its end, the length -1 goes to its end."""
    _no_carriage_return(text)
    size = len(_ascii(text))
    if offset < 0:
        offset += size
    if offset < 0 or length < -1 or (length == 0 and offset != 0):
        raise UndecidableError("substr() with such an offset is not evaluated here")
    return text[offset:] if length < 0 else text[offset : offset + length]


def _no_carriage_return(text: str) -> None:
    """Refuse to count characters where two of them are one to Terraform."""
    if "\r" in text:
        raise UndecidableError("the ends of lines are counted as characters")


@signature("text", "text", name="trim")
def _trim(text: str, characters: str) -> str:
    return text.strip(characters) if characters else text


@signature("text", "text")
def trimprefix(text: str, prefix: str) -> str:
    """Return a text without another at its start."""
    return text.removeprefix(prefix)


@signature("text", "text")
def trimsuffix(text: str, suffix: str) -> str:
    """Return a text without another at its end."""
    return text.removesuffix(suffix)


@signature("text")
def trimspace(text: str) -> str:
    """Return a text without the white space around it."""
    return _ascii(text).strip(" \t\n\v\f\r")


@signature("text", "text")
def split(separator: str, text: str) -> list[str]:
    """Return the parts of a text that a separator parts."""
    if not separator:
        raise UndecidableError("split() without a separator is not evaluated here")
    return text.split(separator)


@signature("text", "text", "text")
def replace(text: str, part: str, new: str) -> str:
    """Return a text with each occurrence of a part, or of a regular expression in slashes, replaced."""
    if len(part) > 1 and part[0] == part[-1] == "/":
        if "$" in new or "\\" in new:
            raise UndecidableError("replace() with groups is not evaluated here")
        expression = _regular(part[1:-1], text)
        if expression.match(""):
            raise UndecidableError("replace() of what may be empty is not evaluated here")
        limited(len(text) + len(new) * sum(1 for _ in expression.finditer(text)))
        return expression.sub(lambda _: new, text)
    if not part and not text.isascii():
        raise UndecidableError("replace() of nothing is not evaluated here")
    limited(len(text) + len(new) * text.count(part))
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
    if not plain or not _SAFE.fullmatch(pattern) or "{}" in pattern or "$" in pattern and text.endswith("\n"):
        raise UndecidableError("such a regular expression is not evaluated here")
    if _REPEATED_GROUP.search(pattern) or (len(text) + 1) ** max(steps, 1) > 1_000_000:
        raise UndecidableError("a regular expression would take long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise UndecidableError("such a regular expression is not evaluated here") from error


def _found(match: re.Match[str]) -> Any:
    names = match.re.groupindex
    if names and len(names) < match.re.groups:
        raise RefusedError("a regular expression has groups with and without names")
    return match.groupdict() if names else list(match.groups()) if match.re.groups else match[0]


@signature("text", "text")
def regex(pattern: str, text: str) -> Any:
    """Return what a regular expression matches first: a text, or the groups."""
    match = _regular(pattern, text).search(text)
    if match is None:
        raise RefusedError("a regular expression does not match")
    return _found(match)


@signature("text", "text")
def regexall(pattern: str, text: str) -> list[Any]:
    """Return all that a regular expression matches."""
    expression = _regular(pattern, text)
    if expression.match(""):
        raise UndecidableError("regexall() of what may be empty is not evaluated here")
    return [_found(match) for match in expression.finditer(text)]


_VERB = re.compile(r"%(?:%|([-0]?)(\d{0,2})(?:\.(\d))?([a-zA-Z#+ \[*]|$))")


@signature("text", "any*", name="format")
def _format(form: str, *values: Any) -> str:
    todo = list(values)
    parts: list[str] = []
    end = 0
    if form.count("%") and not _VERB.search(form):
        raise UndecidableError("such a format is not evaluated here")
    for found in _VERB.finditer(form):
        parts.append(form[end : found.start()])
        end = found.end()
        if found[0] == "%%":
            parts.append("%")
            continue
        if found[4] not in ("s", "d", "v", "q", "t", "f"):
            raise UndecidableError("such a format is not evaluated here")
        if not todo:
            raise RefusedError("a format has too few values")
        parts.append(_padded(_written(found, todo.pop(0)), found))
    if "%" in _VERB.sub("", form):
        raise UndecidableError("such a format is not evaluated here")
    if todo:
        raise RefusedError("a format has too many values")
    return joined([*parts, form[end:]])


def _written(found: re.Match[str], value: Any) -> str:
    verb, precision = found[4], found[3]
    if (precision or "0") != "0" and verb != "f":
        raise UndecidableError("such a format is not evaluated here")
    if verb == "v":
        if value is None:
            return "null"
        verb = "s" if not isinstance(value, Mapping | list | Namespace) else "j"
    if verb == "j":
        return jsonencode(value)
    if verb == "s":
        return text_of(value)
    if verb == "t":
        return text_of(boolean_of(value))
    if verb == "q":
        return json.dumps(_plain_json(inspected(text_of(value))), ensure_ascii=False)
    number = number_of(value)
    if verb == "d":
        if not isinstance(number, int):
            raise UndecidableError("such a format is not evaluated here")
        return str(number)
    quantum = Decimal(1).scaleb(-int(precision or 6))
    dyadic(number)
    exactly = Decimal(number.numerator) / Decimal(number.denominator)
    if Fraction(exactly) != number:
        raise UndecidableError("a number is rounded")
    return str(exactly.quantize(quantum, ROUND_HALF_EVEN, Context(prec=100)))


def _plain_json(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise UndecidableError("such a text is not quoted here")
    return text


def _padded(text: str, found: re.Match[str]) -> str:
    if not found[2]:
        return text
    inspected(text)
    width = int(found[2])
    if found[1] == "-":
        return text.ljust(width)
    if found[1] == "0":
        if found[4] not in ("d", "f"):
            raise UndecidableError("such a format is not evaluated here")
        sign = "-" if text.startswith("-") else ""
        return sign + text.removeprefix("-").rjust(width - len(sign), "0")
    return _ascii(text).rjust(width)


@signature("text", "any*")
def formatlist(form: str, *values: Any) -> list[str]:
    """Return a text of a form for each element of lists, other values the same for each."""
    for value in values:
        inspected(value) if isinstance(value, Symbol) else None
    lists = [elements(value) for value in values if isinstance(value, list)]
    if len({len(one) for one in lists}) > 1:
        raise RefusedError("formatlist() has lists of several lengths")
    if not lists and values:
        return [_format(form, *values)]
    return [
        _format(form, *(known(elements(value)[n]) if isinstance(value, list) else value for value in values))
        for n in range(len(lists[0]) if lists else 1)
    ]


@signature("text", name="base64encode")
def _base64encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@signature("text", name="base64decode")
def _base64decode(text: str) -> str:
    try:
        found = base64.b64decode(text, validate=True).decode()
    except ValueError as error:
        raise RefusedError("a text is not in base64") from error
    if not found.isascii():
        raise UndecidableError("letters outside of ASCII are decoded")
    return found


@signature("text")
def md5(text: str) -> str:
    """Return a hash."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@signature("text")
def sha1(text: str) -> str:
    """Return a hash."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@signature("text")
def sha256(text: str) -> str:
    """Return a hash."""
    return hashlib.sha256(text.encode()).hexdigest()


@signature("text")
def sha512(text: str) -> str:
    """Return a hash."""
    return hashlib.sha512(text.encode()).hexdigest()


@signature("text")
def urlencode(text: str) -> str:
    """Return a text as a part of a URL's query."""
    return quote_plus(text, safe="")


@signature("text", name="basename")
def _basename(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] or ("/" if path else ".")


@signature("text", name="dirname")
def _dirname(path: str) -> str:
    if "//" in path or "/." in path or path.startswith("."):
        raise UndecidableError("such a path is not evaluated here")
    folder, slash, _ = path.rpartition("/")
    return folder or (slash or ".")


# Encodings.


@signature("any")
def jsonencode(value: Any) -> str:
    """Return a value as JSON."""
    size, symbols, secret = 0, [], False
    for one in walk(value, lambda: None):
        size += len(one) + 2 if isinstance(one, str) else 2
        limited(size)
        if isinstance(one, Symbol | Namespace):
            inspected(one)
            raise UndecidableError("a whole resource is encoded")
        if isinstance(one, Text):
            symbols += one.symbols
            secret = secret or one.secret
        elif isinstance(one, str):
            if any(sign < " " and sign not in "\n\r\t" for sign in one):
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


@signature("text")
def jsondecode(text: str) -> Any:
    """Return what a JSON text says."""

    def once(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) < len(found):
            raise UndecidableError("an object in JSON has one key twice")
        return dict(found)

    def refused(word: str) -> Any:
        raise RefusedError("a text is not valid JSON")

    try:
        value = json.loads(
            text,
            parse_float=_json_number,
            parse_constant=refused,
            parse_int=_json_number,
            object_pairs_hook=once,
        )
        text.encode()
    except ValueError as error:
        raise RefusedError("a text is not valid JSON") from error
    except RecursionError as error:
        raise UndecidableError("JSON is nested too deeply") from error
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > 60:
            raise UndecidableError("JSON is nested too deeply")
        if any(isinstance(one, str) and any("\ud800" <= sign <= "\udfff" for sign in one) for one in level):
            raise UndecidableError("JSON holds half a character")
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one if isinstance(one, list) else (*one.keys(), *one.values()))
        ]
    return value


def _json_number(text: str) -> int | Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > 100 or len(exponent) > 3 or (text[0] == "-" and not Fraction(mantissa)):
        raise UndecidableError("a number is rounded")
    found = Fraction(text)
    return int(found) if found.denominator == 1 else found


@signature("text")
def yamldecode(text: str) -> Any:
    """Return what a YAML text says, as far as all versions of YAML agree on it."""
    try:
        import yaml
    except ImportError as error:
        raise UndecidableError("PyYAML, which reads YAML, is not installed") from error
    if len(text) > 1 << 16:
        raise UndecidableError("a YAML text is too long")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)  # in Python: too deep a text must not crash
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UndecidableError("a YAML text could not be read") from error
    return _from_yaml(node, set(), 0)


# What may be a number in one version of YAML and a text in another.
_LIKE_NUMBER = re.compile(r"[-+]?[0-9.][0-9a-fA-FxXoObB_.+:-]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_NUMBER_IN_YAML = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_IN_YAML = "tag:yaml.org,2002:"


def _from_yaml(node: Any, seen: set[int], depth: int) -> Any:
    """Return the value of a node of YAML; raises UndecidableError where it may have another."""
    if node is None:
        raise RefusedError("a YAML text is empty")
    if id(node) in seen or depth > 50 or (node.tag or "").startswith("!"):
        raise UndecidableError("such YAML is not evaluated here")
    seen.add(id(node))
    if node.id == "sequence":
        return [_from_yaml(one, seen, depth + 1) for one in node.value]
    if node.id == "mapping":
        found = {}
        for key, value in node.value:
            name = _from_yaml(key, seen, depth + 1)
            if not isinstance(name, str) or name == "<<" or name in found:
                raise UndecidableError("such YAML is not evaluated here")
            found[name] = _from_yaml(value, seen, depth + 1)
        return found
    text, kind = str(node.value), node.tag.removeprefix(_IN_YAML)
    if node.style and kind == "str":
        return text
    if kind in ("int", "float") and _NUMBER_IN_YAML.fullmatch(text):
        return _json_number(text)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind != "str" or _LIKE_NUMBER.fullmatch(text) or text.lower() in ("y", "n", "=", "<<"):
        raise UndecidableError("such YAML is not evaluated here")
    return text


# Collections.


@signature("list")
def alltrue(values: list[Any]) -> bool:
    """Whether all elements are true."""
    return all([one is not None and boolean_of(one) for one in values])


@signature("list")
def anytrue(values: list[Any]) -> bool:
    """Whether any element is true."""
    return any([one is not None and boolean_of(one) for one in values])


@signature("list", "whole")
def chunklist(values: list[Any], size: int) -> list[Any]:
    """Return lists of so many elements each."""
    if size < 0:
        raise RefusedError("chunklist() with a negative size")
    values = one_type(values)
    return [values[n : n + size] for n in range(0, len(values), size)] if size else [values] if values else []


@signature("any*")
def coalesce(*values: Any) -> Any:
    """Return the first value that is neither null nor empty."""
    found = next((n for n, value in enumerate(values) if not is_empty(value)), None)
    if found is None:
        raise RefusedError("there is nothing to coalesce")
    return one_type(list(values))[found]


@signature("any*")
def coalescelist(*lists: Any) -> Any:
    """Return the first list with elements."""
    for n, one in enumerate(lists):
        if _sequence(one):
            for other in lists[n + 1 :]:
                _sequence(other) if not isinstance(other, Symbol) and not symbols_of(other) else None
            return one
    raise RefusedError("there is nothing to coalesce")


@signature("list")
def compact(values: list[Any]) -> list[Any]:
    """Return the texts that are neither null nor empty."""
    return [text_of(one) for one in map(known, values) if not is_empty(one)]


@signature("sequence*")
def concat(*lists: list[Any]) -> list[Any]:
    """Return the elements of all lists."""
    if not lists:
        raise RefusedError("concat() has no arguments")
    return [one for each in lists for one in each]


@signature("list", "any")
def contains(values: list[Any], value: Any) -> bool:
    """Whether a list holds a value."""
    unknown: UndecidableError | None = None
    _not_null(value)
    for one in values:
        try:
            if equal(one, value):
                return True
        except UndecidableError as error:
            unknown = error
    if unknown:
        raise unknown
    return False


@signature("list")
def distinct(values: list[Any]) -> list[Any]:
    """Return the different elements of a list."""
    return unique(one_type([known(one) for one in values]))


@signature("sequence", "whole")
def element(values: list[Any], index: int) -> Any:
    """Return an element; the index starts again behind the last one."""
    if not values:
        raise RefusedError("element() of an empty list")
    if index < 0:
        raise UndecidableError("element() with a negative index differs between versions of Terraform")
    return known(values[index % len(values)])


@signature("any")
def flatten(values: Any) -> list[Any]:
    """Return the elements of a list, and of lists in it."""
    found: list[Any] = []
    todo = [iter(_list(values))]
    while todo:
        one = known(next(todo[-1], todo))
        if one is todo:
            todo.pop()
        elif isinstance(one, list):
            todo.append(iter(elements(one)))
        else:
            if isinstance(one, Symbol):  # which may be a list
                inspected(one)
            found.append(one)
            limited(len(found))
    return found


@signature("sequence", "any", name="index")
def _index(values: list[Any], value: Any) -> int:
    for n, one in enumerate(values):
        if equal(one, value):
            return n
    raise RefusedError("index() finds no such element")


@signature("map")
def keys(values: Mapping[str, Any]) -> list[str]:
    """Return the keys of a map, in order."""
    return [key for key, _ in pairs(values)]


@signature("map", name="values")
def _values(values: Mapping[str, Any]) -> list[Any]:
    return [one for _, one in pairs(values)]


@signature("any")
def length(value: Any) -> int:
    """Return how many elements, or characters, there are."""
    inspected(value)
    if isinstance(value, str):
        _no_carriage_return(value)
        return len(_ascii(value))
    if isinstance(value, Namespace):
        raise UndecidableError("the attributes of a whole resource are counted")
    if not isinstance(value, Mapping | list):
        raise RefusedError("length() of a value that is not a collection")
    if isinstance(value, Set) and len(value) > 1:
        for one in value:
            inspected(one)
    return len(value)


@signature("any", "text", "any?")
def lookup(values: Any, key: str, *default: Any) -> Any:
    """Return the element of a map, or a default."""
    try:
        return at(mapping(_not_null(values)), key)
    except RefusedError:
        if not default or not isinstance(values, Mapping):
            raise
        return default[0]


@signature("list", "list", "list")
def matchkeys(values: list[Any], names: list[Any], wanted: list[Any]) -> list[Any]:
    """Return the values whose key is wanted."""
    if len(values) != len(names):
        raise RefusedError("matchkeys() has lists of several lengths")
    if not all(isinstance(one, str) for one in (*names, *wanted)):
        raise UndecidableError("matchkeys() of other keys than texts is not evaluated here")
    return [
        value
        for value, name in zip(one_type(values), names, strict=True)
        if any(equal(name, one) for one in wanted)
    ]


@signature("map or null*")
def merge(*maps: Mapping[str, Any]) -> dict[str, Any]:
    """Return the elements of all maps, later ones winning."""
    if len(maps) > 1:
        for key in (key for each in maps for key in each if symbols_of(key)):
            inspected(key)
    return {key: value for each in maps for key, value in each.items()}


@signature("any")
def one(values: Any) -> Any:
    """Return the only element, null where there is none."""
    if len(_list(values)) > 1:
        raise RefusedError("one() of several elements")
    return known(values[0]) if values else None


@signature("number*", name="range")
def _range(*numbers: Any) -> list[Any]:
    if not 1 <= len(numbers) <= 3:
        raise RefusedError("range() has one to three arguments")
    start, end = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else 1 if end >= start else -1
    if step == 0 or (step < 0) != (end < start) and end != start:
        raise RefusedError("range() does not end")
    count = max(0, math.ceil(Fraction(end - start) / step))
    if count > 1024:
        raise RefusedError("range() has more than 1,024 elements")
    return [exact(dyadic(start) + dyadic(step) * n) for n in range(count)]


@signature("any", name="reverse")
def _reverse(values: Any) -> list[Any]:
    return list(reversed(_list(values)))


@signature("any*")
def setproduct(*lists: Any) -> Any:
    """Return each combination of elements."""
    if len(lists) < 2:
        raise RefusedError("setproduct() of fewer than two lists")
    if any(isinstance(one, Set) for one in lists):
        raise UndecidableError("setproduct() of sets is not evaluated here")
    given = [one_type([known(each) for each in _list(one)]) for one in lists]
    limited(math.prod(map(len, given)) * len(given))
    return [list(one) for one in product(*given)]


@signature("any*")
def setunion(*sets: Any) -> Set:
    """Return what is in any of the sets."""
    if not sets:
        raise RefusedError("setunion() has no arguments")
    return set_of(one for each in sets for one in _list(each))


@signature("any*")
def setintersection(*sets: Any) -> Set:
    """Return what is in each of the sets."""
    if not sets:
        raise RefusedError("setintersection() has no arguments")
    first, *others = _sets(sets)
    return set_of(one for one in first if all(any(is_same(one, two) for two in each) for each in others))


@signature("any", "any")
def setsubtract(first: Any, second: Any) -> Set:
    """Return what is in the first set, and not in the second."""
    left, right = _sets((first, second))
    return set_of(one for one in left if not any(is_same(one, two) for two in right))


def _sets(sets: tuple[Any, ...]) -> Iterator[list[Any]]:
    """Return the elements of sets, all of one type."""
    lists = [[inspected(one) for one in _list(each)] for each in sets]
    found = iter(one_type([one for each in lists for one in each]))
    limited(math.prod(max(1, len(each)) for each in lists))
    return ([next(found) for _ in each] for each in lists)


@signature("sequence", "whole", "whole", name="slice")
def _slice(values: list[Any], start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(values):
        raise RefusedError("slice() beyond a list")
    return values[start:end]


@signature("any", name="sort")
def _sort(values: Any) -> list[str]:
    found = _texts(values)
    return sorted(map(inspected, found)) if len(found) > 1 else found


@signature("map")
def transpose(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map from the elements of lists to the keys of those."""
    found: dict[str, list[str]] = {}
    for key, names in pairs(values):
        for name in _texts(names):
            found.setdefault(inspected(name), []).append(key)
    return {name: sorted(found[name]) for name in sorted(found)}


@signature("list", "sequence")
def zipmap(names: list[Any], values: list[Any]) -> dict[str, Any]:
    """Return a map of keys and values."""
    if len(names) != len(values):
        raise RefusedError("zipmap() has lists of several lengths")
    return dict(zip((text_of(_not_null(known(name))) for name in names), values, strict=True))


# Types. Terraform refuses some conversions of what a list or map holds; those are left to it.


def _converts(name: str, kind: Type) -> None:
    FUNCTIONS[name] = Signed(lambda value: convert(value, kind, lambda: None), ("any",))


_converts("tobool", Type("bool"))
_converts("tonumber", Type("number"))
_converts("tostring", Type("string"))
_converts("tolist", Type("list", Type()))
_converts("toset", Type("set", Type()))


@signature("any")
def tomap(value: Any) -> Any:
    """Return a map, all elements of one type."""
    if value is None:
        return None
    found = mapping(value)
    return dict(zip(found, one_type(list(found.values())), strict=True))


# What only an apply makes.


def _not_before_apply(name: str) -> None:
    def unknown(*values: Any) -> Any:
        raise UndecidableError(f"{name}() is known only after apply")

    FUNCTIONS[name] = Signed(unknown, (), rest="any")


for _name in ("uuid", "timestamp", "plantimestamp", "bcrypt", "uuidv5"):
    _not_before_apply(_name)
