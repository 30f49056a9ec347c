"""Plain expressions of HCL and their values, for where tfparse is not installed.

:func:`value_of` tells the value of an expression in a :class:`Scope`. Known are literals, templates,
collections, comparisons, conditionals, ``for``, references with their indexes and splats, and the functions
that :mod:`~sg_alarm.readers.code.functions` lists. Everything else raises :class:`Beyond` when its value is
asked for: what is not understood to the letter has no value.

Sources: HCL Native Syntax Specification; Terraform, "Expressions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, NoReturn

from sg_alarm.readers.code.hcl import HEREDOC, IDENTIFIER, SPACE
from sg_alarm.unknown import Unknown

REMEDY = "needs tfparse: pip install tfparse in the same environment, or judge the plan JSON"
"""What follows the name of something that only tfparse evaluates."""


class Untold(Exception):  # noqa: N818 - it is no failure of ours
    """A value that could not be told; the message says why, and what to do."""


class Beyond(Untold):
    """A value that this evaluator cannot tell, and tfparse may."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} {REMEDY}")


class Wrong(Untold):
    """An expression that Terraform itself refuses; ``try`` goes on behind it."""


class Namespace:
    """Something of which only attributes are known, such as ``var`` or a resource; raises Untold."""

    def __init__(self, attribute: Callable[[str], Any]) -> None:
        self.attribute = attribute


class Set(list[Any]):
    """A set; its elements stand in their order."""


@dataclass(frozen=True)
class Scope:
    """What names refer to, and which functions there are. ``names`` raises Untold."""

    names: Callable[[str], Any]
    functions: Mapping[str, Callable[..., Any]]

    def within(self, names: Mapping[str, Any]) -> Scope:
        """Return a scope with further names."""
        return Scope(lambda name: names[name] if name in names else self.names(name), self.functions)


Expression = Callable[[Scope], Any]
_Step = Callable[[Any, Scope], Any]
_Operation = Callable[[Callable[[], Any], Callable[[], Any]], Any]

# Texts that stand for others: placeholders, and the identities of resources.
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
_IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_opaque(value: Any) -> bool:
    """Whether a value holds a text that stands for another one, so that nobody may look at it."""
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value) or _IDENTITY.search(value))


def looked_at(value: Any) -> Any:
    """Return a value that the code looks at; raises Untold for one that stands for another."""
    if is_opaque(value):
        shown = _IDENTITY.sub("…", value).replace("${input.", "${var.")
        raise Untold(f"it hangs on {shown}, which only a deployment knows: judge the plan")
    return value


def told(value: Any) -> Any:
    """Return a value; raises Untold for ``Unknown``."""
    if isinstance(value, Unknown):
        raise Untold(value.reason)
    return value


def is_empty(value: Any) -> bool:
    """Whether a value is null or the empty text."""
    if is_opaque(value) and not _PLACEHOLDER.sub("", value):
        looked_at(value)
    return value is None or value == ""


def text_of(value: Any) -> str:
    """Return the text that Terraform makes of a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and "e" not in repr(value)):
        return str(value)
    raise Wrong("a null is no text: judge the plan") if value is None else Beyond("a text of what is none")


def boolean_of(value: Any) -> bool:
    """Return a boolean; Terraform takes the texts "true" and "false" for one."""
    found = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Beyond("a condition on what is no boolean")
    return found


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal."""
    if left is None or right is None:
        return left is right
    if not isinstance(left, str | bool | int | float) or not isinstance(right, str | bool | int | float):
        raise Beyond("a comparison of collections")
    if (left == "" and not is_empty(right)) or (right == "" and not is_empty(left)):
        return False
    for one in (left, right):
        looked_at(one)
    if _kind(left) is not _kind(right):
        if text_of(left) == text_of(right):  # a schema or a type may have made one of the other
            raise Beyond("a comparison of values of two types")
        return False
    return left == right


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def pairs(value: Any) -> list[tuple[Any, Any]]:
    """Return what ``for`` goes over: keys and values in Terraform's order."""
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, Set):
        return [(one, one) for one in value]
    if isinstance(value, list):
        return list(enumerate(value))
    raise Beyond("a loop over what is no collection")


def at(value: Any, key: Any) -> Any:
    """Return the element or attribute of a value."""
    if isinstance(value, Namespace):
        return told(value.attribute(text_of(looked_at(key))))
    if isinstance(value, Mapping):
        name = text_of(key)
        if name in value:
            return told(value[name])
        if any(map(is_opaque, (name, *value))):
            raise Untold(f"whether there is {name} could not be told: judge the plan")
        raise Wrong(f"there is no {name} in it: Terraform refuses the code")
    if value is None:
        raise Wrong("a null has no attributes: Terraform refuses the code")
    if isinstance(value, list) and not isinstance(value, Set):
        if isinstance(key, str) and key.isdigit():
            key = int(key)
        if isinstance(key, int) and not isinstance(key, bool):
            if 0 <= key < len(value):
                return told(value[key])
            raise Wrong("the list has no such element: Terraform refuses the code")
    raise Beyond("an index of such a value")


def _number_of(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Beyond("arithmetic on such a value")
    return value


def _ordered(compare: Callable[[Any, Any], bool]) -> _Operation:
    return lambda left, right: compare(_number_of(left()), _number_of(right()))


# Operators by precedence, on what computes their sides.
_OPERATORS: tuple[Mapping[str, _Operation], ...] = (
    {"||": lambda left, right: boolean_of(left()) or boolean_of(right())},
    {"&&": lambda left, right: boolean_of(left()) and boolean_of(right())},
    {
        "==": lambda left, right: equal(left(), right()),
        "!=": lambda left, right: not equal(left(), right()),
    },
    {"<=": _ordered(le), ">=": _ordered(ge), "<": _ordered(lt), ">": _ordered(gt)},
)

_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_LOOP = re.compile(r"for\s+([^\W\d][\w-]*)\s*(?:,\s*([^\W\d][\w-]*)\s*)?\sin\b")
_STEP = re.compile(r"[ \t]*(?:\.[ \t]*([^\W\d][\w-]*|\d+|\*)|(\[\*\])|(\[))")
_KEY = re.compile(r"([^\W\d][\w-]*|\d+)[ \t]*(?:=(?!=)|:)")
_IN_STRING = re.compile(r'\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{|\$\{|%\{|"', re.DOTALL)
_IN_HEREDOC = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


def value_of(text: str, scope: Scope) -> Any:
    """Return the value of an expression; raises Untold."""
    return _compiled(text)(scope)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Expression:
    parser = _Parser(text)
    try:
        return parser.whole()
    except (Beyond, RecursionError) as error:
        reason = str(error) if isinstance(error, Beyond) else f"an expression so deep {REMEDY}"

        def refused(scope: Scope) -> NoReturn:
            raise Untold(reason)

        return refused


class _Parser:
    """A recursive descent; each method reads one thing at the position and returns what gives its value."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Expression:
        found = self.expression()
        self._space()
        if self._at < len(self._text):
            self._refuse()
        return found

    def _refuse(self) -> NoReturn:
        line = " ".join(self._text[self._at :].split())
        raise Beyond(f"the expression at {line[:30]!r}" if line else "the expression")

    def _space(self) -> None:
        found = SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found

    def _is(self, sign: str) -> bool:
        """Read a sign if it is the next one."""
        self._space()
        found = self._text.startswith(sign, self._at)
        self._at += len(sign) if found else 0
        return found

    def _expect(self, sign: str) -> None:
        if not self._is(sign):
            self._refuse()

    def expression(self) -> Expression:
        condition = self._binary()
        if not self._is("?"):
            return condition
        yes = self.expression()
        self._expect(":")
        no = self.expression()
        return lambda scope: yes(scope) if boolean_of(condition(scope)) else no(scope)

    def _binary(self, level: int = 0) -> Expression:
        if level == len(_OPERATORS):
            return self._unary()
        found, signs = self._binary(level + 1), _OPERATORS[level]
        while sign := next((one for one in signs if self._is(one)), None):
            found = self._applied(signs[sign], found, self._binary(level + 1))
        return found

    @staticmethod
    def _applied(operation: _Operation, left: Expression, right: Expression) -> Expression:
        return lambda scope: operation(lambda: left(scope), lambda: right(scope))

    def _unary(self) -> Expression:
        if self._is("!"):
            denied = self._unary()
            return lambda scope: not boolean_of(denied(scope))
        if self._is("-"):
            negated = self._unary()
            return lambda scope: -_number_of(negated(scope))
        value = self._primary()
        steps = list(self._steps())
        if not steps:
            return value

        def followed(scope: Scope) -> Any:
            found = value(scope)
            for step in steps:
                found = step(found, scope)
            return found

        return followed

    def _steps(self, only_names: bool = False) -> Iterator[_Step]:
        """Yield what is done to a value: ``.name``, ``[index]``, ``.*`` and ``[*]``."""
        while True:
            before = self._at
            found = self._match(_STEP)
            if not found or (only_names and not found[1]):
                self._at = before
                return
            if only_names and found[1].isdigit():
                self._refuse()
            if found[1] == "*" or found[2]:
                # After ".*" an index is one of the list, after "[*]" one of its elements.
                yield self._splat(list(self._steps(only_names=found[1] == "*")))
            elif found[1]:
                yield lambda value, scope, name=found[1]: at(value, name)  # type: ignore[misc]
            else:
                index = self.expression()
                self._expect("]")
                yield lambda value, scope, index=index: at(value, looked_at(index(scope)))  # type: ignore[misc]

    @staticmethod
    def _splat(steps: list[_Step]) -> _Step:
        def apply(value: Any, scope: Scope) -> Any:
            found = value if isinstance(value, list) else [] if value is None else [value]
            for step in steps:
                found = [step(told(one), scope) for one in found]
            return list(found)

        return apply

    def _primary(self) -> Expression:
        self._space()
        if number := self._match(_NUMBER):
            return self._constant(_number(number))
        if self._is('"'):
            return _template(self._parts(_IN_STRING))
        if heredoc := self._match(HEREDOC):
            return self._heredoc(heredoc)
        if self._is("("):
            inner = self.expression()
            self._expect(")")
            return inner
        if self._is("["):
            return self._tuple()
        if self._is("{"):
            return self._object()
        if name := self._match(IDENTIFIER):
            return self._named(name[0])
        return self._refuse()

    def _named(self, name: str) -> Expression:
        if name in _WORDS:
            return self._constant(_WORDS[name])
        if not self._match(re.compile(r"[ \t]*\(")):
            return lambda scope: told(scope.names(name))
        arguments: list[tuple[Expression, bool]] = []
        while not self._is(")"):
            one = self.expression()
            arguments.append((one, self._is("...")))
            if not self._is(","):
                self._expect(")")
                break
        return lambda scope: _call(name, arguments, scope)

    def _tuple(self) -> Expression:
        self._space()
        if loop := self._match(_LOOP):
            elements = self._loop(loop, "]")
            return lambda scope: [value for _, value in elements(scope)]
        found: list[Expression] = []
        while not self._is("]"):
            found.append(self.expression())
            if not self._is(","):
                self._expect("]")
                break
        return lambda scope: [_or_unknown(one, scope) for one in found]

    def _object(self) -> Expression:
        self._space()
        if loop := self._match(_LOOP):
            elements = self._loop(loop, "}")
            return lambda scope: _distinct(elements(scope))
        found: list[tuple[Expression, Expression]] = []
        while not self._is("}"):
            if key := self._match(_KEY):
                name = self._constant(key[1])
            else:
                name = self._primary()
                if not self._is(":"):
                    self._expect("=")
            found.append((name, self.expression()))
            self._is(",")
        return lambda scope: {text_of(key(scope)): _or_unknown(value, scope) for key, value in found}

    @staticmethod
    def _constant(value: Any) -> Expression:
        return lambda scope: value

    def _loop(self, head: re.Match[str], closing: str) -> Callable[[Scope], list[tuple[Any, Any]]]:
        """Read what follows ``for a, b in``; its pairs have a key only in an object."""
        first, second = head[1], head[2]
        over = self.expression()
        self._expect(":")
        key = self.expression()
        value = key
        if closing == "}":
            self._expect("=>")
            value = self.expression()
        condition = self.expression() if self._match(re.compile(r"\s*if\b")) else None
        self._expect(closing)

        def elements(scope: Scope) -> list[tuple[Any, Any]]:
            found = []
            for number, one in pairs(over(scope)):
                names = {first: number, second: one} if second else {first: one}
                inner = scope.within(names)
                if condition is None or boolean_of(condition(inner)):
                    name = text_of(key(inner)) if closing == "}" else ""
                    found.append((name, _or_unknown(value, inner)))
            return found

        return elements

    def _parts(self, pattern: re.Pattern[str]) -> list[str | Expression]:
        """Read a template to its quotation mark, or to the end of the text where it is a heredoc."""
        parts: list[str | Expression] = []
        while found := pattern.search(self._text, self._at):
            parts.append(self._text[self._at : found.start()])
            self._at = found.end()
            sign = found[0]
            if sign == '"':
                return parts
            if sign == "${":
                parts.append(self.expression())
                self._expect("}")
            elif sign in ("$${", "%%{"):
                parts.append(sign[1:])
            elif sign[:2] in ("\\u", "\\U"):
                parts.append(_character(sign))
            elif sign in _ESCAPES:
                parts.append(_ESCAPES[sign])
            else:
                self._at = found.start()
                self._refuse()
        if pattern is _IN_STRING:
            self._refuse()
        return [*parts, self._text[self._at :]]

    def _heredoc(self, start: re.Match[str]) -> Expression:
        end = re.compile(rf"^[ \t]*{re.escape(start[1])}[ \t]*\r?$", re.MULTILINE)
        found = end.search(self._text, self._at)
        if not found:
            self._refuse()
        body, self._at = self._text[self._at : found.start()], found.end()
        parts = _Parser(body)._parts(_IN_HEREDOC)
        return _template(_flushed(parts) if start[0].startswith("<<-") else parts)


def _number(found: re.Match[str]) -> int | float:
    if not found[1] and not found[2]:
        return int(found[0])
    value = float(found[0])
    if abs(value) >= 1 << 53:
        raise Beyond(f"the number {found[0]}")
    return int(value) if value.is_integer() else value


def _character(escape: str) -> str:
    code = int(escape[2:], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise Beyond(f"the character {escape}")
    return chr(code)


def _flushed(parts: list[str | Expression]) -> list[str | Expression]:
    """Take off the indentation that all lines of a heredoc have; blank ones do not count and keep theirs."""
    lines: list[str | Expression] = []
    for part in parts:
        lines += [part] if not isinstance(part, str) else part.splitlines(keepends=True)
    starts = [
        number
        for number, line in enumerate(lines)
        if (number == 0 or (isinstance(before := lines[number - 1], str) and before.endswith("\n")))
        and not (isinstance(line, str) and line.endswith("\n") and not line.strip())
    ]
    spaces = min((_indentation(lines[number]) for number in starts), default=0)
    for number in starts:
        line = lines[number]
        if isinstance(line, str):
            lines[number] = line[spaces:]
    return lines


def _indentation(line: str | Expression) -> int:
    return len(line) - len(line.lstrip()) if isinstance(line, str) else 0


def _template(parts: list[str | Expression]) -> Expression:
    whole = [part for part in parts if part != ""]
    if len(whole) == 1 and not isinstance(whole[0], str):
        return whole[0]  # "${x}" is x itself, of whatever type
    return lambda scope: "".join(part if isinstance(part, str) else text_of(part(scope)) for part in whole)


def _or_unknown(expression: Expression, scope: Scope) -> Any:
    """Return the value of an element; one that cannot be told does not spoil the others."""
    try:
        return expression(scope)
    except Wrong:
        raise
    except Untold as error:
        return Unknown(str(error))


def _distinct(elements: list[tuple[Any, Any]]) -> dict[str, Any]:
    found = dict(elements)
    if len(found) < len(elements):
        raise Wrong("two elements have one key: Terraform refuses the code")
    return found


def _call(name: str, arguments: list[tuple[Expression, bool]], scope: Scope) -> Any:
    if name == "try":
        for argument, _ in arguments:
            try:
                return argument(scope)
            except Wrong:
                continue
        raise Wrong("nothing that is tried succeeds: Terraform refuses the code")
    if name not in scope.functions:
        raise Beyond(f"the function {name}")
    values: list[Any] = []
    for argument, spread in arguments:
        value = argument(scope)
        values += value if spread and isinstance(value, list) else [value]
    try:
        return told(scope.functions[name](*values))
    except TypeError as error:  # arguments that the function does not take
        raise Beyond(f"the function {name} with such arguments") from error
