"""Metric math expressions as a tree: lexer, parser, printer.

Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics". Operator precedence is not
documented; it is taken as usual: ``^`` (from the right), unary minus, ``* /``, ``+ -``, comparisons, ``AND``,
``OR``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sg_alarm.alarms.tokens import Tokens

MAX_LENGTH = 2048  # MetricDataQuery, Expression: at most 2,048 characters
MAX_DEPTH = 100  # ours: keeps hostile input from exhausting the stack


class MathError(ValueError):
    """An expression that is not metric math; the message says what is wrong and where."""


@dataclass(frozen=True)
class Number:
    """A scalar."""

    value: float


@dataclass(frozen=True)
class Text:
    """A quoted string, as in ``METRICS("errors")``."""

    value: str


@dataclass(frozen=True)
class Reference:
    """The id of another entry of the request."""

    id: str


@dataclass(frozen=True)
class Keyword:
    """A bare upper-case word such as ``REPEAT`` or ``DESC``."""

    name: str


@dataclass(frozen=True)
class Negation:
    """Unary minus."""

    operand: Node


@dataclass(frozen=True)
class Operation:
    """A binary operator; ``&&`` and ``||`` appear as ``AND`` and ``OR``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Array:
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Text | Reference | Keyword | Negation | Operation | Array | Call

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],])
    )""",
    re.VERBOSE,
)
_SYNONYMS = {"&&": "AND", "||": "OR"}
_PRECEDENCE = {
    "OR": 1,
    "AND": 2,
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "^": 7,
}
_UNARY = 6


@lru_cache(maxsize=256)
def parse(expression: str) -> Node:
    """Parse an expression. Raises :class:`MathError`."""
    if len(expression) > MAX_LENGTH:
        raise MathError(f"the expression is longer than {MAX_LENGTH} characters")
    return _Parser(expression).parse()


def unparse(node: Node) -> str:
    """Return an expression that parses to the same tree, with every operation in parentheses."""
    if isinstance(node, Number):
        return format(node.value, ".17g")
    if isinstance(node, Text):
        return f"'{node.value}'" if '"' in node.value else f'"{node.value}"'
    if isinstance(node, Reference):
        return node.id
    if isinstance(node, Keyword):
        return node.name
    if isinstance(node, Negation):
        return f"(-{unparse(node.operand)})"
    if isinstance(node, Operation):
        return f"({unparse(node.left)} {node.operator} {unparse(node.right)})"
    if isinstance(node, Array):
        return f"[{', '.join(map(unparse, node.items))}]"
    return f"{node.function}({', '.join(map(unparse, node.arguments))})"


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node."""
    if isinstance(node, Negation):
        return (node.operand,)
    if isinstance(node, Operation):
        return (node.left, node.right)
    if isinstance(node, Array):
        return node.items
    return node.arguments if isinstance(node, Call) else ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(children(current))


class _Parser:
    """Precedence climbing; the depth is bounded, so that neither this nor a later walk exhausts the stack."""

    def __init__(self, expression: str) -> None:
        self._tokens = Tokens(expression, _TOKEN, MathError)
        self._nesting = 0

    def parse(self) -> Node:
        node, _ = self._operation(0)
        if self._tokens.peek().kind != "end":
            raise self._tokens.unexpected()
        return node

    def _deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise MathError(f"the expression is nested deeper than {MAX_DEPTH} levels")
        return depth + 1

    def _operation(self, lowest: int) -> tuple[Node, int]:
        """Return the node and its depth."""
        self._nesting = self._deeper(self._nesting)
        left, depth = self._unary()
        while True:
            token = self._tokens.peek()
            operator = _SYNONYMS.get(token.text, token.text)
            precedence = _PRECEDENCE.get(operator, -1) if token.kind in ("symbol", "word") else -1
            if precedence < lowest:
                self._nesting -= 1
                return left, depth
            self._tokens.advance()
            right, right_depth = self._operation(precedence if operator == "^" else precedence + 1)
            left, depth = Operation(operator, left, right), self._deeper(max(depth, right_depth))

    def _unary(self) -> tuple[Node, int]:
        if not self._tokens.take("-"):
            return self._primary()
        operand, depth = self._operation(_UNARY)
        return Negation(operand), self._deeper(depth)

    def _primary(self) -> tuple[Node, int]:
        token = self._tokens.peek()
        if self._tokens.take("("):
            inside = self._operation(0)
            self._tokens.expect(")")
            return inside
        if self._tokens.take("["):
            items, depth = self._list("]")
            return Array(items), self._deeper(depth)
        if token.kind in ("end", "symbol") or token.text in _PRECEDENCE:
            raise self._tokens.unexpected()
        self._tokens.advance()
        if token.kind == "number":
            value = float(token.text)
            if math.isinf(value):
                raise MathError(f"the number at character {token.position + 1} is too large")
            return Number(value), 1
        if token.kind == "text":
            return Text(token.text[1:-1]), 1
        if self._tokens.take("("):
            arguments, depth = self._list(")")
            return Call(token.text, arguments), self._deeper(depth)
        return (Reference if token.text[0].islower() else Keyword)(token.text), 1

    def _list(self, end: str) -> tuple[tuple[Node, ...], int]:
        if self._tokens.take(end):
            return (), 1
        items, deepest = [], 1
        while True:
            item, depth = self._operation(0)
            items.append(item)
            deepest = max(deepest, depth)
            if self._tokens.take(end):
                return tuple(items), deepest
            self._tokens.expect(",")
