"""The values of expressions, known and not.

Known values are those of Python: ``None``, booleans, integers and fractions, texts, lists, :class:`Set`, and
mappings. A value that lies outside the code is a :class:`Symbol`. It can be handed on, and a text can be made
of it, in which ``${var.name}`` stands for what is not known; whoever has to look into it raises
:class:`UndecidableError` with the reason. A value that should be in the code and cannot be read is that
exception, and ``Unknown`` where it is one element of several.

Source: Terraform, "Types and Values".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sg_alarm.unknown import Outside, Unknown

JUDGE_THE_PLAN = "judge the plan: terraform show -json"

MAX_SIZE = 1 << 20
"""Characters of one text, and elements of one list."""


class UndecidableError(Exception):
    """An expression whose value the code does not give; ``reason`` says why, ``remedy`` what would help.

    ``outside``: it depends on nothing else than what lies outside the code.
    """

    def __init__(self, reason: str, remedy: str = JUDGE_THE_PLAN, outside: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.outside = outside

    @property
    def unknown(self) -> Unknown:
        """What stands for the value."""
        return Undecided(self.reason, self.remedy, self.outside)


@dataclass(frozen=True)
class Undecided(Unknown):
    """The value of an expression that is undecidable; ``outside`` as that of the error."""

    outside: bool = False


class RefusedError(UndecidableError):
    """An expression that Terraform refuses, or that fails; ``try`` goes on behind it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: Terraform refuses the code", "correct the code")


class BudgetError(Exception):
    """The code asks for more work than a root module may."""


@dataclass(frozen=True)
class Type:
    """A type constraint. ``inner`` is that of the elements; ``attributes`` are those of an object."""

    kind: str = "any"
    inner: Type | None = None
    attributes: Mapping[str, tuple[Type, bool, Any]] | None = None
    """By name: the type, whether it may be left out, and what it is then."""


@dataclass(frozen=True)
class Symbol(Unknown):
    """A value that lies outside the code: ``name`` is how the code calls it.

    ``sure`` is false where Terraform may refuse the expression, as for an attribute that may not be there.
    ``text`` stands for it in texts. ``meaning`` is what the readers take it for, where they know it. It is
    ``declared`` here where AWS alone makes its value, and comes from elsewhere otherwise.
    """

    name: str = ""
    type: Type | None = field(default=None, compare=False)
    sure: bool = True
    never_empty: bool = False
    text: str = ""
    meaning: Any = field(default=None, compare=False)
    declared: bool = False

    @property
    def unknown(self) -> Unknown:
        """What stands for it where nothing is made of it."""
        return (Unknown if self.declared else Outside)(self.reason, self.remedy)

    @property
    def error(self) -> UndecidableError:
        """What to raise where the value itself is needed."""
        return UndecidableError(self.reason, self.remedy, not self.declared)

    @property
    def placeholder(self) -> str:
        """What stands for it in a text."""
        return self.text or f"${{{self.name}}}"

    def attribute(self, name: str) -> Any:
        """Return an attribute or element of it."""
        kind, inner = self.type, Type()
        if kind and kind.attributes is not None:
            if name not in kind.attributes:
                raise RefusedError(f"{self.name} has no {name}")
            return of_type(replace(self, name=f"{self.name}.{name}"), kind.attributes[name][0])
        if kind and kind.inner:
            inner = kind.inner
        step = f"[{name}]" if name.isdigit() else f".{name}"
        found = replace(self, name=self.name + step, sure=False, type=None if inner == Type() else inner)
        return of_type(found, inner) if found.type else found


class Text(str):
    """A text with parts that are not known, or that must not be shown.

    In the text the placeholders of ``symbols`` stand for what is not known.
    """

    symbols: tuple[Symbol, ...] = ()
    secret: bool = False

    @classmethod
    def of(cls, text: str, symbols: Iterable[Symbol] = (), secret: bool = False) -> str:
        """Return a text with these marks; a plain one where there are none."""
        found = cls(text)
        found.symbols = tuple(dict.fromkeys(symbols))
        found.secret = secret
        return found if found.symbols or secret else text


class Set(list[Any]):
    """A set; its elements stand in Terraform's order, where that is known."""

    is_ordered = True


class Namespace:
    """Something of which only attributes are known, such as ``var`` or a resource."""

    def __init__(self, attribute: Callable[[str], Any]) -> None:
        self.attribute = attribute


def of_type(symbol: Symbol, kind: Type) -> Any:
    """Return a symbol of a type: as a text if it is one."""
    symbol = replace(symbol, type=kind)
    return Text.of(symbol.placeholder, [symbol]) if kind.kind in ("string", "any") else symbol


def symbols_of(value: Any) -> tuple[Symbol, ...]:
    """Return what is not known of a value that is not a collection."""
    if isinstance(value, Text):
        return value.symbols
    return (value,) if isinstance(value, Symbol) else ()


def whole_symbol(value: Any) -> Symbol | None:
    """Return the symbol that a value is as a whole."""
    symbols = symbols_of(value)
    is_whole = len(symbols) == 1 and (value is symbols[0] or value == symbols[0].placeholder)
    return symbols[0] if is_whole else None


def known(value: Any) -> Any:
    """Return a value that can be handed on; raises UndecidableError for one that cannot be read."""
    if isinstance(value, Undecided):
        raise UndecidableError(value.reason, value.remedy, value.outside)
    if isinstance(value, Unknown) and not isinstance(value, Symbol):
        raise UndecidableError(value.reason, value.remedy)
    return value


def inspected(value: Any) -> Any:
    """Return a value to look into; raises UndecidableError if it, or a part of the text, is not known."""
    if isinstance(value, Symbol):
        raise value.error
    if isinstance(value, Text) and value.symbols:
        raise value.symbols[0].error
    return known(value)


def walk(value: Any, visited: Callable[[], None]) -> Iterator[Any]:
    """Yield a value and all that is in it, each with a call of ``visited``."""
    todo = [value]
    while todo:
        visited()
        one = todo.pop()
        yield one
        if isinstance(one, Mapping):
            todo += one.keys()
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def text_of(value: Any) -> str:
    """Return the text that Terraform makes of a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Fraction):
        return _decimal(value)
    if isinstance(value, Symbol):
        if value.type and value.type.kind not in ("string", "any", "number", "bool"):
            raise RefusedError(f"{value.name} is not a text")
        return Text.of(value.placeholder, [value])
    if value is None:
        raise RefusedError("a null is not a text")
    inspected(value)
    raise RefusedError("a collection is not a text")


def limited(size: int) -> None:
    """Raise BudgetError for a text or list that is longer than anybody needs."""
    if size > MAX_SIZE:
        raise BudgetError("a value in it grows too large")


def dyadic(value: int | Fraction) -> int | Fraction:
    """Return a number that Terraform keeps exactly, in 512 bits; others are undecidable in arithmetic."""
    if value.denominator & (value.denominator - 1):
        raise UndecidableError("a number is rounded")
    return exact(value)


def exact(value: int | Fraction) -> int | Fraction:
    """Return the result of arithmetic; one that Terraform would round is undecidable."""
    if abs(value.numerator) >= 1 << 500 or value.denominator >= 1 << 500:
        raise UndecidableError("a number is rounded")
    return int(value) if value.denominator == 1 else value


def _decimal(value: Fraction) -> str:
    """Return a number as Terraform writes it; one whose digits never end is undecidable."""
    digits = next((n for n in range(1, 40) if 10**n % value.denominator == 0), 0)
    if not digits:
        raise UndecidableError(f"the digits of {value} do not end")
    whole, part = divmod(abs(value.numerator) * 10**digits // value.denominator, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{digits}d}"


def joined(parts: Iterable[Any]) -> str:
    """Return the text of several values, one behind the other, with their marks."""
    texts = [text_of(part) for part in parts]
    limited(sum(map(len, texts)))
    marked = [text for text in texts if isinstance(text, Text)]
    if not marked:
        return "".join(texts)
    symbols = (symbol for text in marked for symbol in text.symbols)
    return Text.of("".join(texts), symbols, any(text.secret for text in marked))


_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def number_of(value: Any) -> int | Fraction:
    """Return a number; Terraform takes a text with a number for one."""
    value = inspected(value)
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise RefusedError(f"{_shown(value)} is not a number")
        if len(value) > 100 or "e" in value.lower():
            raise UndecidableError("a text is a very long number")
        value = Fraction(value)
        return int(value) if value.denominator == 1 else Fraction(value)
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise RefusedError("a value that is not a number stands where one should be")
    return value


def whole_of(value: Any) -> int:
    """Return a whole number."""
    found = number_of(value)
    if not isinstance(found, int) or abs(found) >= 1 << 63:
        raise RefusedError("a number that is not whole stands where one should be")
    return found


def boolean_of(value: Any) -> bool:
    """Return a boolean; Terraform takes the texts "true" and "false" for one."""
    value = inspected(value)
    found = _BOOLEANS.get(value, value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise RefusedError("a condition is not a boolean")
    return found


def is_empty(value: Any) -> bool:
    """Whether a value is null or the empty text."""
    if isinstance(value, Symbol):
        raise value.error
    if isinstance(value, Text) and value.symbols:
        rest = value + "x" if any(one.never_empty for one in value.symbols) else str(value)
        for one in value.symbols:
            rest = rest.replace(one.placeholder, "")
        if not rest:
            inspected(value)
        return False
    return value is None or value == ""


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal."""
    left, right = known(left), known(right)
    if left is None or right is None:
        if any(isinstance(one, Symbol) and not one.type for one in (left, right)):
            raise (left or right).error
        return left is right  # what is outside is not null: nobody would hand that on
    simple = (str, bool, int, Fraction)
    if isinstance(left, Namespace) or isinstance(right, Namespace):
        raise UndecidableError("a whole resource is compared")
    if not isinstance(left, simple) or not isinstance(right, simple):
        inspected(left), inspected(right)
        raise UndecidableError("collections are compared")
    if (left == "" and not is_empty(right)) or (right == "" and not is_empty(left)):
        return False
    inspected(left), inspected(right)
    if _kind(left) is not _kind(right):
        if text_of(left) == text_of(right):  # a schema or a type may have made one of the other
            raise UndecidableError("values of two types are compared")
        return False
    return bool(left == right)


def _kind(value: Any) -> type:
    return next(kind for kind in (bool, str, object) if isinstance(value, kind))


def is_same(left: Any, right: Any) -> bool:
    """Whether two elements are the same one, in a set or a list; raises UndecidableError for collections."""
    left, right = known(left), known(right)
    if isinstance(left, Mapping | list | Namespace) or isinstance(right, Mapping | list | Namespace):
        raise UndecidableError("collections are compared")
    return _kind(left) is _kind(right) and bool(left == right)


def set_of(values: Iterable[Any]) -> Set:
    """Return a set, all elements of one type, as Terraform has it."""
    found = Set(unique(one_type([known(value) for value in values])))
    plain = [one for one in found if not symbols_of(one)]
    found.is_ordered = len(found) < 2
    if len(plain) == len(found) and not any(isinstance(one, Mapping | list | Namespace) for one in found):
        if None in found:
            raise UndecidableError("there is a null in a set")
        found.sort()
        found.is_ordered = True
    return found


def unique(values: Iterable[Any]) -> list[Any]:
    """Return the different ones of some values, in their order."""
    found: list[Any] = []
    seen: set[Any] = set()
    for value in values:
        if isinstance(value, Mapping | list | Namespace):
            if not any(value is one for one in found):
                if any(isinstance(one, Mapping | list) for one in found):
                    raise UndecidableError("collections are compared")
                found.append(value)
        elif (key := (_kind(value), value)) not in seen:
            seen.add(key)
            found.append(value)
    return found


def one_type(values: list[Any]) -> list[Any]:
    """Return the elements of a list with one type for all, as Terraform has it: texts if need be."""
    shapes = {_shape(value) for value in values} - {None}
    if len(shapes) > 1:
        shapes = {one for one in shapes if one != (list,)} if _all_lists(shapes) else shapes
    if len(shapes) < 2:
        return values
    if any(isinstance(value, Mapping | list | Namespace) for value in values):
        raise UndecidableError("the elements have several types")
    if str not in shapes:
        raise RefusedError("the elements have several types")
    return [value if value is None else text_of(value) for value in values]


def _all_lists(shapes: Iterable[Any]) -> bool:
    return all(isinstance(one, tuple) and one[0] is list for one in shapes)


def _shape(value: Any, depth: int = 0) -> Any:
    """Return what distinguishes types; ``None`` for a null, which is of any."""
    if value is None:
        return None
    if not isinstance(value, Mapping | list):
        return _kind(value)
    if depth > 3 or len(value) > 1000:
        raise UndecidableError("the elements have types that are not compared")
    if isinstance(value, list):
        return (type(value), *dict.fromkeys(shape for one in value if (shape := _shape(one, depth + 1))))
    return (dict, *((key, _shape(value[key], depth + 1)) for key in sorted(value)))


def unified(value: Any, other: Any) -> Any:
    """Return one side of a condition, of the type that both sides have in common."""
    if other is None or isinstance(other, Symbol | Namespace) or symbols_of(other):
        return value
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        if value.keys() == other.keys():
            return {key: unified(one, other[key]) for key, one in value.items()}
        return dict(zip(value, one_type([*value.values(), *other.values()]), strict=False))
    if isinstance(value, list) and isinstance(other, list):
        if type(value) is not type(other):  # the result is a set
            if value and other and not all(isinstance(one, str) for one in (*value, *other)):
                raise UndecidableError("the sides of a condition have two types")
            return set_of(one_type([*value, *other])[: len(value)])
        if len(value) == len(other) and not isinstance(value, Set):
            return [unified(*pair) for pair in zip(value, other, strict=True)]
        found = one_type([*value, *other])[: len(value)]
        return set_of(found) if isinstance(value, Set) else found
    if any(isinstance(one, Mapping | list) for one in (value, other)):
        raise RefusedError("the sides of a condition have two types")
    return one_type([value, other])[0]


def pairs(value: Any, in_order: bool = True) -> list[tuple[Any, Any]]:
    """Return keys and values, as ``for`` goes over them: in Terraform's order, where that matters."""
    value = known(value)
    if isinstance(value, Mapping):
        if in_order and len(value) > 1:
            for key in value:
                inspected(key)
        return sorted(value.items())
    if isinstance(value, Set):
        if in_order and not value.is_ordered:
            raise UndecidableError("the order of a set is not known")
        return [(one, one) for one in value]
    if isinstance(value, list):
        return list(enumerate(value))
    inspected(value)
    raise (
        UndecidableError("a whole resource is iterated over")
        if isinstance(value, Namespace)
        else RefusedError("a value that is not a collection is iterated over")
    )


def at(value: Any, key: Any) -> Any:
    """Return the element or attribute of a value."""
    value = known(value)
    if symbol := whole_symbol(value):
        if isinstance(value, Symbol) or (symbol.type and symbol.type.kind == "any"):
            return symbol.attribute(text_of(inspected(key)))
        raise RefusedError(f"{symbol.name} is a text")
    if isinstance(value, Namespace):
        return known(value.attribute(text_of(inspected(key))))
    if isinstance(value, Mapping):
        name = text_of(key)
        if name in value:
            return known(value[name])
        for one in (name, *value):
            inspected(one)
        raise RefusedError(f"there is no {_shown(name)} in a map")
    if value is None:
        raise RefusedError("a null has no attributes")
    if isinstance(value, list) and not isinstance(value, Set):
        index = number_of(key)
        if isinstance(index, int) and 0 <= index < len(value):
            return known(value[index])
        raise RefusedError(f"a list has no element {text_of(index)}")
    inspected(value)
    raise RefusedError("a value that has no elements is indexed")


def _shown(text: str) -> str:
    if isinstance(text, Text) and text.secret:
        return "(sensitive value)"
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def convert(value: Any, kind: Type, visited: Callable[[], None]) -> Any:
    """Return a value as one of a type; raises RefusedError where it cannot be one."""
    visited()
    if value is None or (isinstance(value, Unknown) and not isinstance(value, Symbol)):
        return value
    if isinstance(value, Symbol):
        return value if value.type and kind.kind == "any" else of_type(value, kind)
    if kind.kind == "any":
        return value
    if kind.kind == "string":
        return text_of(value)
    symbol = whole_symbol(value)
    if kind.kind == "number":
        return of_type(symbol, kind) if symbol else number_of(value)
    if kind.kind == "bool":
        return of_type(symbol, kind) if symbol else boolean_of(value)
    if symbol and (symbol.type is None or symbol.type.kind == "any"):
        return of_type(symbol, kind)
    inner = kind.inner or Type()
    if kind.kind in ("list", "set"):
        items = [convert(one, inner, visited) for one in elements(value)]
        items = one_type(items) if inner.kind == "any" else items
        return set_of(items) if kind.kind == "set" else items
    if kind.kind == "map":
        return {key: convert(one, inner, visited) for key, one in mapping(value).items()}
    if kind.kind == "tuple":
        return list(elements(value))
    found = {}
    given = mapping(value)
    for name, (attribute, is_optional, default) in (kind.attributes or {}).items():
        if name not in given and not is_optional:
            raise RefusedError(f"{name} is missing in an object")
        one = convert(given.get(name), attribute, visited)
        found[name] = convert(default, attribute, visited) if one is None else one
    return found


def elements(value: Any) -> list[Any]:
    """Return a list, or a set in its order."""
    value = known(value)
    if isinstance(value, Set) and not value.is_ordered:
        raise UndecidableError("the order of a set is not known")
    if not isinstance(value, list):
        inspected(value)
        raise RefusedError("a value that is not a list stands where one should be")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a map or object."""
    value = known(value)
    if isinstance(value, Namespace):
        raise UndecidableError("a whole resource is used as a map")
    if not isinstance(value, Mapping):
        inspected(value)
        raise RefusedError("a value that is not a map stands where one should be")
    return value
