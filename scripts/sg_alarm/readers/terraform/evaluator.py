"""The one evaluator of expressions: lazy, over the syntax tree, within a budget.

What is asked for is evaluated, once, and nothing else.

Source: HCL Native Syntax Specification, "Expressions".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import lru_cache
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

from sg_alarm.readers.files import Files, UnreadableError
from sg_alarm.readers.terraform import syntax
from sg_alarm.readers.terraform.functions import FUNCTIONS
from sg_alarm.readers.terraform.parser import parse_template
from sg_alarm.readers.terraform.syntax import Attribute, Call, Literal, Node, SyntaxProblem
from sg_alarm.readers.terraform.values import (
    BudgetError,
    RefusedError,
    Set,
    Symbol,
    Text,
    Type,
    UndecidableError,
    at,
    boolean_of,
    dyadic,
    elements,
    equal,
    exact,
    inspected,
    joined,
    known,
    limited,
    mapping,
    number_of,
    pairs,
    set_of,
    symbols_of,
    text_of,
    unified,
    walk,
    whole_symbol,
)

STEPS = 1_000_000
SECONDS = 8.0
MAX_DEPTH = 240  # nested evaluations; each takes up to three calls of Python, which has 1,000
MAX_INSTANCES = 10_000

Names = Mapping[str, Any]


@dataclass
class Budget:
    """What one root module may cost; raises BudgetError where that is used up.

    ``steps`` are nodes evaluated, elements made and pieces of 64 characters; seconds are of the processor, so
    that a busy machine changes no verdict.
    """

    steps: int = STEPS
    instances: int = MAX_INSTANCES
    depth: int = 0
    has_secrets: bool = False
    ends: float = field(default_factory=lambda: time.process_time() + SECONDS)

    def spend(self, steps: int = 1) -> None:
        """Take steps off."""
        before = self.steps
        self.steps -= steps
        if self.steps < 0:
            raise BudgetError(f"it asks for more than {STEPS:,} steps of evaluation")
        if before >> 10 != self.steps >> 10 and time.process_time() > self.ends:
            raise BudgetError(f"its evaluation takes longer than {SECONDS:.0f} seconds")

    def spend_instance(self) -> None:
        """Take an instance of a resource or module off."""
        self.instances -= 1
        if self.instances < 0:
            raise BudgetError(f"it has more than {MAX_INSTANCES:,} instances of resources and modules")


class Evaluator:
    """Evaluates expressions of one module.

    ``resolve`` returns what the first name of a reference stands for, or raises UndecidableError; paths count
    from ``folder``.
    """

    def __init__(
        self, resolve: Callable[[str], Any], budget: Budget, files: Files | None = None, folder: Path = Path()
    ) -> None:
        self._resolve = resolve
        self.budget = budget
        self._files = files
        self._folder = folder
        self._trying = 0

    def attribute(self, attribute: Attribute, names: Names | None = None) -> Any:
        """Return the value of an attribute; raises UndecidableError."""
        return self.value(node_of(attribute), names or {})

    def value(self, node: Node, names: Names) -> Any:
        """Return the value of an expression, with further names; raises UndecidableError."""
        if type(node) is Literal:
            return node.value
        budget = self.budget
        budget.spend()
        if budget.depth > MAX_DEPTH:
            raise UndecidableError("it is nested too deeply")
        budget.depth += 1
        try:
            return _VALUES[type(node)](self, node, names)
        finally:
            budget.depth -= 1

    def element(self, node: Node, names: Names) -> Any:
        """Return the value of one element; one that cannot be read does not spoil the others."""
        try:
            return self.value(node, names)
        except RefusedError:
            raise
        except UndecidableError as error:
            if self._trying:  # Terraform may refuse it
                raise
            return error.unknown

    def text(self, text: str) -> str:
        """Return a text that was made, if it is not too long."""
        limited(len(text))
        self.budget.spend(len(text) >> 6)
        return text

    # Nodes.

    def _variable(self, node: syntax.Variable, names: Names) -> Any:
        return names[node.name] if node.name in names else self._resolve(node.name)

    def _attr(self, node: syntax.Attr, names: Names) -> Any:
        return at(self.value(node.of, names), node.name)

    def _index(self, node: syntax.Index, names: Names) -> Any:
        found, key = self.value(node.of, names), self.value(node.key, names)
        symbol, index = whole_symbol(found), whole_symbol(key)
        if isinstance(found, Symbol) and symbol and index and not index.declared:
            return replace(symbol, name=f"{symbol.name}[{index.name}]", type=None, sure=False, meaning=None)
        return at(found, inspected(key))

    def _splat(self, node: syntax.Splat, names: Names) -> Any:
        found = known(self.value(node.of, names))
        if isinstance(found, Symbol):
            return replace(found, name=f"{found.name}[*]", type=None, sure=False, meaning=None)
        found = inspected(found)
        values = [] if found is None else elements(found) if isinstance(found, list) else [found]
        return [self.element(node.each, {**names, "*": known(one)}) for one in values]

    def _element(self, node: syntax.Element, names: Names) -> Any:
        return names["*"]

    def _template(self, node: syntax.Template, names: Names) -> Any:
        return self.text(joined(self.value(part, names) for part in node.parts))

    def _repeat(self, node: syntax.Repeat, names: Names) -> Any:
        values = pairs(self.value(node.over, names))
        return self.text(
            joined(self.value(node.body, {**names, node.key: key, node.value: one}) for key, one in values)
        )

    def _tuple(self, node: syntax.Tuple, names: Names) -> Any:
        return [self.element(one, names) for one in node.items]

    def _object(self, node: syntax.Object, names: Names) -> Any:
        return {text_of(self.value(key, names)): self.element(one, names) for key, one in node.items}

    def _for(self, node: syntax.For, names: Names) -> Any:
        found: list[tuple[str, Any]] = []
        values = self.value(node.over, names)
        is_list = node.key is None
        for key, one in pairs(values, in_order=is_list or node.grouped):
            inner = {**names, node.value_name: one}
            if node.key_name:
                inner[node.key_name] = key
            if node.condition is None or boolean_of(self.value(node.condition, inner)):
                name = "" if node.key is None else text_of(self.value(node.key, inner))
                found.append((name, self.element(node.value, inner)))
        if is_list:
            return [one for _, one in found]
        if node.grouped:
            groups: dict[str, Any] = {}
            for name, one in found:
                groups.setdefault(inspected(name), []).append(one)
            return groups
        if len(dict(found)) < len(found):
            raise RefusedError("two elements have one key")
        return dict(found)

    def _conditional(self, node: syntax.Conditional, names: Names) -> Any:
        chosen, other = node.yes, node.no
        if not boolean_of(self.value(node.condition, names)):
            chosen, other = other, chosen
        found = self.value(chosen, names)
        if isinstance(found, bool | int | Fraction | Mapping | list):  # the other side says of which type
            try:
                against = self.value(other, names)
            except UndecidableError:
                return found
            return unified(found, against)
        return found

    def _unary(self, node: syntax.Unary, names: Names) -> Any:
        value = self.value(node.of, names)
        return not boolean_of(value) if node.operator == "!" else -number_of(value)

    def _binary(self, node: syntax.Binary, names: Names) -> Any:
        operator = node.operator
        left = self.value(node.left, names)
        if operator in ("||", "&&"):
            return self._logical(operator == "||", left, node.right, names)
        right = self.value(node.right, names)
        if operator in ("==", "!="):
            return equal(left, right) == (operator == "==")
        left, right = number_of(left), number_of(right)
        compare = _COMPARISONS.get(operator)
        return compare(left, right) if compare else _computed(operator, left, right)

    def _logical(self, decides: bool, left: Any, node: Node, names: Names) -> bool:
        """Return a side that decides, whatever the other one is."""
        sides: list[bool] = []
        doubt: UndecidableError | None = None
        reads: tuple[Callable[[], Any], ...] = (lambda: left, lambda: self.value(node, names))
        for read in reads:
            try:
                sides.append(boolean_of(read()))
            except RefusedError as error:
                if decides in sides:  # newer versions of Terraform do not look at the right side
                    raise UndecidableError(error.reason, error.remedy, error.outside) from error
                raise
            except UndecidableError as error:
                doubt = error
        if doubt and decides not in sides:
            raise doubt
        return decides if decides in sides else not decides

    # Functions.

    def _call(self, node: Call, names: Names) -> Any:
        if node.name in _LAZY:
            return _LAZY[node.name](self, node, names)
        values = [self.element(one, names) for one in node.arguments]
        if node.spread:
            values += elements(values.pop())
        self.budget.spend(sum(len(value) >> 6 if isinstance(value, str) else 1 for value in values))
        if node.name in FUNCTIONS:
            found = self._called(node.name, values)
        elif node.name in _OWN:
            count, function = _OWN[node.name]
            if len(values) != count:
                raise RefusedError(f"{node.name}() has {len(values)} arguments")
            found = function(self, *values)
        else:
            raise UndecidableError(f"the function {node.name}() is not evaluated here")
        if isinstance(found, str):
            self.text(found)
        elif isinstance(found, list | Mapping):
            self.budget.spend(len(found))
        if self.budget.has_secrets and any(map(self._is_secret, values)):
            return self.secret(found)
        return found

    def _called(self, name: str, values: list[Any]) -> Any:
        """Call a function. What makes one text of others makes a name of a name that is not known."""
        try:
            return FUNCTIONS[name](name, values)
        except RefusedError:
            raise
        except UndecidableError:
            outside = next((symbols_of(value) for value in values if symbols_of(value)), ())
            if name in _OF_LISTS:
                parts = list(_parts(values, name == "flatten"))
                if symbol := next((one for one in parts if isinstance(one, Symbol)), None):
                    called = f"{name}({symbol.name})"
                    return replace(symbol, name=called, type=Type("list", Type()), meaning=parts)
            if name in _OF_OUTSIDE and outside and not outside[0].declared:
                made_of = f"{name}({outside[0].name})"
                return replace(outside[0], name=made_of, type=None, sure=False, text="", meaning=None)
            if name not in _OF_NAMES or not outside or not all(isinstance(value, str) for value in values):
                raise
            made = ", ".join(values).replace("${", "").replace("}", "")
            symbol = replace(outside[0], name=f"{name}({made})", text="", meaning=None, never_empty=False)
            return Text.of(symbol.placeholder, [symbol])

    def _is_secret(self, value: Any) -> bool:
        return any(isinstance(one, Text) and one.secret for one in self.walked(value))

    def walked(self, value: Any) -> Iterator[Any]:
        """Yield a value and all that is in it."""
        return walk(value, self.budget.spend)

    def secret(self, value: Any) -> Any:
        """Return a value of which no text must be shown."""
        self.budget.has_secrets = True
        self.budget.spend()
        if isinstance(value, str):
            return Text.of(value, symbols_of(value), secret=True)
        if isinstance(value, Mapping):
            return {key: self.secret(one) for key, one in value.items()}
        if isinstance(value, Set):
            return set_of(self.secret(one) for one in value)
        return [self.secret(one) for one in value] if isinstance(value, list) else value

    def _try(self, node: Call, names: Names) -> Any:
        for one in node.arguments:
            try:
                return self._surely(one, names)
            except RefusedError:
                continue
        raise RefusedError("nothing that is tried succeeds")

    def _can(self, node: Call, names: Names) -> bool:
        if len(node.arguments) != 1:
            raise RefusedError("can() has one argument")
        try:
            self._surely(node.arguments[0], names)
        except RefusedError:
            return False
        return True

    def _surely(self, node: Node, names: Names) -> Any:
        """Return a value that Terraform surely has; raises UndecidableError where it may refuse it."""
        self._trying += 1
        try:
            value = self.value(node, names)
        finally:
            self._trying -= 1
        for one in self.walked(value):
            known(one)
            for symbol in symbols_of(one):
                if not symbol.sure:
                    raise symbol.error
        return value

    # Files, which count from the folder of the root module.

    def _from_files(self, read: Callable[[Files, Path], Any], path: Any) -> Any:
        name = inspected(text_of(known(path)))
        if self._files is None:
            raise RefusedError("a file is read where none may be")
        try:
            return read(self._files, Path(self._folder, name))
        except UnreadableError as error:
            is_secret = isinstance(name, Text) and name.secret
            shown = "a file with a sensitive name could not be read" if is_secret else error
            raise UndecidableError(f"{shown}") from error

    def _file(self, path: Any) -> Any:
        return self.secret(self.text(self._from_files(Files.text, path)))

    def _file_exists(self, path: Any) -> bool:
        if self._from_files(Files.is_file, path):
            return True
        # Something may make it before Terraform runs.
        raise UndecidableError("whether a file exists which is not in the code is not known")

    def _file_set(self, path: Any, pattern: Any) -> Set:
        form = inspected(text_of(known(pattern)))
        if set(form) & set("?[]{}\\") or form.count("**") > 1 or form.startswith((".", "/")):
            raise UndecidableError("such a pattern of files is not evaluated here")
        found = []
        for name in self._from_files(lambda files, folder: files.below(folder), path):
            self.budget.spend(10)
            if _fits(name.split("/"), form.split("/")):
                found.append(name)
        return set_of(found)

    def _template_file(self, path: Any, values: Any) -> Any:
        text, names = self._file(path), mapping(values)
        try:
            node = _parsed_template(text)
        except SyntaxProblem as error:
            raise RefusedError(f"{path}: {error}") from error

        def nothing_else(name: str) -> Any:
            raise RefusedError(f"a template has no value for {name}")

        return self.secret(Evaluator(nothing_else, self.budget).value(node, names))


_parsed_template = lru_cache(maxsize=64)(parse_template)

# Functions that put lists together: of one that lies outside, the other parts are known all the same.
_OF_LISTS = frozenset({"concat", "flatten", "compact", "distinct"})
# Functions whose value lies outside where their argument does, as it could be given there in their place.
_OF_OUTSIDE = frozenset(
    {
        *_OF_LISTS,
        *("base64decode", "csvdecode", "element", "jsondecode", "keys", "lookup", "one", "reverse", "sort"),
        *("split", "tolist", "tomap", "toset", "values", "yamldecode"),
    }
)

# Functions that make one text of others, the same of the same.
_OF_NAMES = frozenset({"lower", "replace", "title", "trim", "trimprefix", "trimspace", "trimsuffix", "upper"})
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"<=": le, ">=": ge, "<": lt, ">": gt}
_VALUES: Mapping[type, Callable[[Evaluator, Any, Names], Any]] = {
    kind: getattr(Evaluator, f"_{kind.__name__.lower()}")
    for kind in Node.__subclasses__()
    if kind is not Literal
}
_LAZY: Mapping[str, Callable[[Evaluator, Call, Names], Any]] = {"try": Evaluator._try, "can": Evaluator._can}
# Functions of files and secrets, with the number of their arguments.
_OWN: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "file": (1, Evaluator._file),
    "fileexists": (1, Evaluator._file_exists),
    "fileset": (2, Evaluator._file_set),
    "templatefile": (2, Evaluator._template_file),
    "sensitive": (1, Evaluator.secret),
    "nonsensitive": (1, lambda self, value: value),  # Terraform would show it; a report of ours does not
}


def node_of(attribute: Attribute) -> Node:
    """Return the expression of an attribute; raises UndecidableError where it is not one."""
    try:
        return attribute.node
    except SyntaxProblem as error:
        raise UndecidableError(f"the code could not be read: {error}") from error


def _computed(operator: str, left: int | Fraction, right: int | Fraction) -> int | Fraction:
    left, right = dyadic(left), dyadic(right)
    if operator == "+":
        return exact(left + right)
    if operator == "-":
        return exact(left - right)
    if not right or not left:
        if operator != "*" or left < 0 or right < 0:  # Terraform distinguishes -0 from 0
            raise UndecidableError("something is divided by zero, or zero by something")
        return 0
    quotient = Fraction(left) / Fraction(right)
    return exact(
        left * right if operator == "*" else quotient if operator == "/" else left - right * int(quotient)
    )


def _fits(path: list[str], form: list[str]) -> bool:
    """Whether the parts of a path fit a pattern in which ``*`` is any text and ``**`` any folders."""
    if not form:
        return not path
    if form[0] == "**":
        return _fits(path, form[1:]) or (bool(path) and _fits(path[1:], form))
    return bool(path) and fnmatchcase(path[0], form[0]) and _fits(path[1:], form[1:])


_TYPES = frozenset({"string", "number", "bool", "any"})


def type_of(node: Node) -> Type:
    """Return the type that a constraint says; raises UndecidableError for one that is not known."""
    if isinstance(node, Literal) and isinstance(node.value, str):  # in quotation marks, as in JSON
        node = syntax.Variable(node.span, node.value)
    if isinstance(node, syntax.Variable):
        if node.name in _TYPES:
            return Type(node.name)
        if node.name in ("list", "map", "set"):
            return Type(node.name, Type())
    if isinstance(node, Call) and len(node.arguments) == 1:
        inner = node.arguments[0]
        if node.name in ("list", "set", "map"):
            return Type(node.name, type_of(inner))
        if node.name == "tuple":
            return Type("tuple")
        if node.name == "object" and isinstance(inner, syntax.Object):
            attributes = {
                key.value: _attribute_type(one) for key, one in inner.items if isinstance(key, Literal)
            }
            return Type("object", attributes=attributes)
    raise UndecidableError("a type constraint is not one that is known")


def _attribute_type(node: Node) -> tuple[Type, bool, Any]:
    if isinstance(node, Call) and node.name == "optional" and 1 <= len(node.arguments) <= 2:
        default = constant(node.arguments[1]) if len(node.arguments) == 2 else None
        return type_of(node.arguments[0]), True, default
    return type_of(node), False, None


def constant(node: Node, budget: Budget | None = None) -> Any:
    """Return the value of an expression in which nothing may be referred to; raises UndecidableError."""

    def nothing(name: str) -> Any:
        raise RefusedError(f"{name} must not be used here")

    return Evaluator(nothing, budget or Budget()).value(node, {})


def _parts(values: Iterable[Any], is_nested: bool) -> Iterator[Any]:
    """Yield the elements of lists; in the place of a list that lies outside, what stands for it."""
    for value in values:
        if isinstance(value, Symbol) and isinstance(value.meaning, list):
            yield from value.meaning
        elif isinstance(value, list):
            yield from _parts(value, is_nested) if is_nested else (one for one in value if one != "")
        elif isinstance(value, Symbol):
            yield replace(value, type=None)
        elif is_nested:
            yield value
