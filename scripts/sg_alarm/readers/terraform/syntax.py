"""The syntax tree of Terraform code: blocks with attributes, and the expressions in them.

Nodes do not say what they mean, only what stands there; ``span`` is where, in characters from the start of
the file. Code in JSON has the same nodes, each with the span of the value in JSON that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

Span = tuple[int, int]


class SyntaxProblem(ValueError):  # noqa: N818 - a fault of the code that is read, not of ours
    """The text is not Terraform code; the message says where."""


@dataclass(frozen=True)
class Node:
    """An expression."""

    span: Span


@dataclass(frozen=True)
class Literal(Node):
    """A number, text without templates, ``true``, ``false`` or ``null``."""

    value: Any


@dataclass(frozen=True)
class Template(Node):
    """A text with expressions in it; a part that is a ``Literal`` is text as it stands."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat(Node):
    """The directive ``%{ for key, value in over }body%{ endfor }`` of a template."""

    key: str
    value: str
    over: Node
    body: Node


@dataclass(frozen=True)
class Variable(Node):
    """The first name of a reference."""

    name: str


@dataclass(frozen=True)
class Element(Node):
    """What a splat is applied to, in the expression for each of its elements."""


@dataclass(frozen=True)
class Attr(Node):
    """``of.name``."""

    of: Node
    name: str


@dataclass(frozen=True)
class Index(Node):
    """``of[key]``."""

    of: Node
    key: Node


@dataclass(frozen=True)
class Splat(Node):
    """``of[*]…`` or ``of.*…``; ``each`` is what follows, applied to an ``Element``."""

    of: Node
    each: Node


@dataclass(frozen=True)
class Call(Node):
    """A call of a function; ``spread`` where the last argument is followed by ``...``."""

    name: str
    arguments: tuple[Node, ...]
    spread: bool


@dataclass(frozen=True)
class Tuple(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Object(Node):
    """``{ a = b }``; a key that is a bare name is a ``Literal``."""

    items: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class For(Node):
    """``[for k, v in over : value if condition]``; with ``key`` it is ``{for …: key => value…}``."""

    key_name: str
    value_name: str
    over: Node
    key: Node | None
    value: Node
    condition: Node | None
    grouped: bool


@dataclass(frozen=True)
class Conditional(Node):
    """``condition ? yes : no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class Binary(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Unary(Node):
    """``!of`` or ``-of``."""

    operator: str
    of: Node


class Attribute:
    """``name = expression``; the expression is parsed when somebody asks for it.

    ``span`` reaches from what follows the sign to the end of the line, over a comment behind the expression.
    """

    __slots__ = ("_file", "_node", "_parse", "span")

    def __init__(self, file: str, span: Span, parse: Callable[[str, int], Node]) -> None:
        self.span = span
        self._file = file
        self._parse = parse
        self._node: Node | None = None

    @property
    def node(self) -> Node:
        """The expression; raises SyntaxProblem."""
        if self._node is None:
            self._node = self._parse(self._file, self.span[0])
        return self._node

    @property
    def text(self) -> str:
        """The expression as it is written; with a comment behind it, where it cannot be parsed."""
        try:
            return self._file[slice(*self.node.span)]
        except SyntaxProblem:
            return self._file[slice(*self.span)].strip()


@dataclass
class Block:
    """``kind "label" { … }``. ``line`` counts from 1; ``span`` reaches from its first letter to its brace."""

    kind: str
    labels: tuple[str, ...]
    line: int
    span: Span = (0, 0)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The address within its module."""
        return ".".join(self.labels if self.kind == "resource" else (self.kind, *self.labels))

    def walk(self) -> Iterator[Block]:
        """Yield the block and all within."""
        yield self
        for one in self.blocks:
            yield from one.walk()


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node."""
    for each in fields(node):
        todo = [getattr(node, each.name)]
        while todo:
            value = todo.pop()
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                todo += reversed(value)


def references(node: Node) -> Iterator[tuple[str, ...]]:
    """Yield what an expression refers to, as names: ``aws_sns_topic.this[0].arn`` without its index.

    Names that a ``for`` in it defines are no references.
    """
    todo: list[tuple[Node, frozenset[str]]] = [(node, frozenset())]
    while todo:
        one, bound = todo.pop()
        names: list[str] = []
        while isinstance(one, Attr | Index | Splat):
            if isinstance(one, Attr):
                names.append(one.name)
            else:
                todo.append((one.key if isinstance(one, Index) else one.each, bound))
            one = one.of
        if isinstance(one, Variable) and one.name not in bound:
            yield (one.name, *reversed(names))
        inner = bound
        if isinstance(one, For):
            inner = bound | {one.key_name, one.value_name}
        elif isinstance(one, Repeat):
            inner = bound | {one.key, one.value}
        todo += [
            (each, bound if isinstance(one, For | Repeat) and each is one.over else inner)
            for each in reversed(list(children(one)))
        ]
