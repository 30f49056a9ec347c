"""Terraform code in JSON as the same syntax tree.

Texts are templates, and nothing says what is a block: in resources, data sources and providers objects are
taken for blocks, but for the attributes that are known to be maps.

Source: Terraform, "JSON Configuration Syntax".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined] # it has no stub
from typing import Any, NoReturn

from sg_alarm.readers.terraform.lexer import line_at
from sg_alarm.readers.terraform.parser import MAX_DEPTH, WORDS, number, parse_template
from sg_alarm.readers.terraform.syntax import (
    Attribute,
    Block,
    Literal,
    Node,
    Object,
    Span,
    SyntaxProblem,
    Template,
    Tuple,
)


def parse_json(text: str) -> list[Block]:
    """Return the blocks of a file; raises SyntaxProblem."""
    return _Json(text).blocks()


def parse_json_assignments(text: str) -> dict[str, Attribute]:
    """Return what a variable file assigns; raises SyntaxProblem."""
    return _Json(text).assignments()


_LABELS = {"resource": 2, "data": 2, "module": 1, "provider": 1, "variable": 1, "output": 1}
_WITH_BLOCKS = ("resource", "data", "provider")
# Attributes that are maps; in JSON they look like blocks.
_MAPS = frozenset({"dimensions", "tags", "tags_all", "//"})
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class _Json:
    """Reads code in JSON, in which texts are templates and nothing says what is a block."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def blocks(self) -> list[Block]:
        found = []
        for kind, body in self._top():
            for labels, span, items in _labelled(body, _LABELS.get(kind, 0)):
                found.append(self._block(kind, labels, span, items, kind in _WITH_BLOCKS))
        return found

    def assignments(self) -> dict[str, Attribute]:
        return {
            name: self._attribute(_constant(value) if isinstance(value, Node) else value)
            for name, value in self._top()
        }

    def _top(self) -> list[tuple[str, Node]]:
        node = self._value(0)
        self._space()
        if self._at < len(self._text):
            self._refuse()
        if not isinstance(node, Object):
            raise SyntaxProblem("it is not a JSON object")
        return _items(node)

    def _block(
        self, kind: str, labels: tuple[str, ...], span: Span, node: Object, with_blocks: bool
    ) -> Block:
        block = Block(kind, labels, line_at(self._text, span[0]), span)
        for name, value in _items(node):
            nested = _objects(value) if with_blocks and name not in _MAPS else []
            if name == "dynamic":
                found = (one for each in nested for one in _labelled(each, 1))
                block.blocks += [self._block(name, *one, True) for one in found]
            elif nested and not (kind == "dynamic" and name == "for_each"):
                block.blocks += [self._block(name, (), one.span, one, True) for one in nested]
            else:
                block.attributes[name] = self._attribute(value)
        return block

    def _attribute(self, node: Node) -> Attribute:
        return Attribute(self._text, node.span, lambda text, start: _with_templates(node))

    # JSON itself. Python's own reader does not say where a value is.

    def _refuse(self) -> NoReturn:
        raise SyntaxProblem(f"line {line_at(self._text, self._at)}: it is not valid JSON")

    def _space(self) -> str:
        """Read white space; return the character that follows."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _string(self) -> str:
        if self._space() != '"':
            self._refuse()
        try:
            found, self._at = scanstring(self._text, self._at + 1, True)
        except json.JSONDecodeError:
            self._refuse()
        return str(found)

    def _value(self, depth: int) -> Node:
        sign = self._space()
        start = self._at
        if depth > MAX_DEPTH:
            raise SyntaxProblem(f"line {line_at(self._text, start)}: it is nested too deeply")
        if sign == '"':
            text = self._string()
            return Literal((start, self._at), text)
        if sign == "[":
            items = tuple(self._several("]", lambda: self._value(depth + 1)))
            return Tuple((start, self._at), items)
        if sign == "{":
            pairs = tuple(self._several("}", lambda: self._pair(depth + 1)))
            return Object((start, self._at), pairs)
        for word, value in WORDS.items():
            if self._text.startswith(word, start):
                self._at += len(word)
                return Literal((start, self._at), value)
        if not (found := _NUMBER.match(self._text, start)):
            self._refuse()
        self._at = found.end()
        return Literal((start, self._at), number(found[0]))

    def _pair(self, depth: int) -> tuple[Node, Node]:
        self._space()
        start = self._at
        key = self._string()
        span = (start, self._at)
        if self._space() != ":":
            self._refuse()
        self._at += 1
        return Literal(span, key), self._value(depth)

    def _several(self, closing: str, read: Callable[[], Any]) -> Iterator[Any]:
        self._at += 1
        if self._space() != closing:
            yield read()
            while self._space() == ",":
                self._at += 1
                yield read()
        if self._space() != closing:
            self._refuse()
        self._at += 1


def _items(node: Object) -> list[tuple[str, Node]]:
    return [(key.value, value) for key, value in node.items if isinstance(key, Literal) and key.value != "//"]


def _objects(node: Node) -> list[Object]:
    """Return the object, or the objects of a list, that stand where a block may; empty for anything else."""
    items = node.items if isinstance(node, Tuple) else (node,)
    found = [one for one in items if isinstance(one, Object)]
    return found if len(found) == len(items) else []


def _labelled(node: Node, count: int) -> Iterator[tuple[tuple[str, ...], Span, Object]]:
    """Yield the bodies below so many labels, each with its labels and where the last one is."""
    for one in _objects(node):
        if count == 0:
            yield (), one.span, one
            continue
        for key, value in one.items:
            if isinstance(key, Literal):
                for labels, span, body in _labelled(value, count - 1):
                    yield (key.value, *labels), span if labels else key.span, body


def _with_templates(node: Node) -> Node:
    """Return a value in JSON with its texts read as templates."""
    if isinstance(node, Tuple):
        return Tuple(node.span, tuple(_with_templates(one) for one in node.items))
    if isinstance(node, Object):
        return Object(
            node.span, tuple((_with_templates(key), _with_templates(one)) for key, one in node.items)
        )
    if isinstance(node, Literal) and isinstance(node.value, str):
        return parse_template(node.value, node.span)
    return node


def _constant(node: Node) -> Node:
    """Return a value of a variable file in JSON, in which texts are no templates."""
    return Template(node.span, (node,)) if isinstance(node, Literal) and isinstance(node.value, str) else node
