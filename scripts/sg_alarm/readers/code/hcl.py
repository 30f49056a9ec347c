"""Where blocks and attributes stand in a file of Terraform code, without evaluating anything.

tfparse evaluates; it does not say which blocks it left out because it could not, and not whether a null was
written or stands for something unknown. For that the text must be known: which blocks are declared, and which
expression each attribute has. Sources: HCL Native Syntax Specification; Terraform, "JSON configuration
syntax".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class SyntaxProblem(ValueError):  # noqa: N818 - it is no failure of ours
    """The text is not what it should be; the message says where."""


@dataclass(frozen=True)
class Attribute:
    """An expression as it is written."""

    text: str
    start: int
    end: int


@dataclass
class Block:
    """A block: ``resource "aws_sns_topic" "this" { … }``.

    ``start``, ``open`` and ``close`` are the positions of its first letter and its braces, -1 where the file
    is JSON.
    """

    kind: str
    labels: tuple[str, ...]
    line: int
    start: int = -1
    open: int = -1
    close: int = -1
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def walk(self) -> Iterator[Block]:
        """Yield the block and all within."""
        yield self
        for one in self.blocks:
            yield from one.walk()


def parse(text: str, is_json: bool = False) -> list[Block]:
    """Return the blocks of a file; raises SyntaxProblem."""
    return _parse_json(text) if is_json else _Parser(text).file()


SPACE = re.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_STOP = re.compile(r'["{}()\[\]\n#/<]')
HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)[ \t]*\r?\n")
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_IN_STRING = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
_LABELS = re.compile(r'[ \t]*(?:"([^"\n]*)"|([^\W\d][\w-]*))')


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text

    def file(self) -> list[Block]:
        top = Block("", (), 1)
        if self._body(0, top) < len(self._text):
            raise SyntaxProblem("a closing brace too many")
        return top.blocks

    def _body(self, at: int, block: Block) -> int:
        """Fill in the block from where its body starts; return where it ends."""
        text = self._text
        while True:
            at = self._space(at)
            if at >= len(text) or text[at] == "}":
                return at
            name = IDENTIFIER.match(text, at)
            if not name:
                raise SyntaxProblem(f"line {self._line(at)}: unexpected {text[at]!r}")
            labels, at = [], name.end()
            while label := _LABELS.match(text, at):
                labels.append(label[1] if label[1] is not None else label[2])
                at = label.end()
            while at < len(text) and text[at] in " \t":
                at += 1
            if text[at : at + 1] == "=" and not labels:
                start = at + 1
                at = self._expression(start)
                block.attributes[name[0]] = Attribute(text[start:at].strip(), start, at)
            elif text[at : at + 1] == "{":
                inner = Block(name[0], tuple(labels), self._line(name.start()), name.start(), at)
                at = self._body(at + 1, inner)
                if at >= len(text):
                    raise SyntaxProblem(f"line {inner.line}: the block is not closed")
                inner.close = at
                block.blocks.append(inner)
                at += 1
            else:
                raise SyntaxProblem(f"line {self._line(at)}: neither a block nor an attribute")

    def _space(self, at: int) -> int:
        found = SPACE.match(self._text, at)
        return found.end() if found else at

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1

    def _expression(self, at: int) -> int:
        """Return where an expression ends: at the end of its line, outside of all brackets."""
        text, depth = self._text, 0
        while stop := _STOP.search(text, at):
            at, sign = stop.start(), stop[0]
            if sign == '"':
                at = self._string(at + 1)
            elif sign in "{([":
                depth, at = depth + 1, at + 1
            elif sign in "})]":
                if depth == 0:
                    return at
                depth, at = depth - 1, at + 1
            elif sign == "\n":
                if depth == 0:
                    return at
                at += 1
            elif sign == "<" and (heredoc := HEREDOC.match(text, at)):
                at = self._heredoc(heredoc)
            elif sign in "#/" and (comment := _COMMENT.match(text, at)):
                at = comment.end()
            else:
                at += 1
        if depth:
            raise SyntaxProblem(f"line {self._line(at)}: a bracket is not closed")
        return len(text)

    def _string(self, at: int) -> int:
        """Return what follows a string that starts before ``at``; templates in it may hold strings."""
        while part := _IN_STRING.search(self._text, at):
            at = part.end()
            if part[0] == '"':
                return at
            if part[0] in ("${", "%{"):
                at = self._template(at)
        raise SyntaxProblem("a string is not closed")

    def _template(self, at: int) -> int:
        depth = 0
        while stop := _STOP.search(self._text, at):
            at = stop.end()
            if stop[0] == '"':
                at = self._string(at)
            elif stop[0] == "{":
                depth += 1
            elif stop[0] == "}":
                if depth == 0:
                    return at
                depth -= 1
        raise SyntaxProblem("a template is not closed")

    def _heredoc(self, start: re.Match[str]) -> int:
        end = re.compile(rf"^[ \t]*{re.escape(start[1])}[ \t]*\r?$", re.MULTILINE)
        found = end.search(self._text, start.end())
        if not found:
            raise SyntaxProblem(f"line {self._line(start.start())}: the heredoc is not closed")
        return found.end()


_LABELS_IN_JSON = {"resource": 2, "data": 2, "module": 1, "provider": 1, "variable": 1, "output": 1}


def _parse_json(text: str) -> list[Block]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise SyntaxProblem(str(error)) from error
    blocks: list[Block] = []
    for kind, body in content.items() if isinstance(content, Mapping) else ():
        for labels, attributes in _labelled(body, _LABELS_IN_JSON.get(kind, 0)):
            line = _line_in_json(text, labels)
            block = Block(kind, labels, line)
            for name, value in attributes.items():
                block.attributes[name] = Attribute(_expression_of(value), -1, -1)
            blocks.append(block)
    return blocks


def _labelled(body: Any, count: int) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for one in body if isinstance(body, list) else [body]:
        if not isinstance(one, Mapping):
            continue
        if count == 0:
            yield (), one
        else:
            for label, inner in one.items():
                for labels, attributes in _labelled(inner, count - 1):
                    yield (label, *labels), attributes


def _expression_of(value: Any) -> str:
    """Return a JSON value as the expression that it stands for: ``"${var.x}"`` is ``var.x``."""
    whole = re.fullmatch(r"\$\{([^{}]*)\}", value) if isinstance(value, str) else None
    return whole[1] if whole else json.dumps(value, ensure_ascii=False)


def _line_in_json(text: str, labels: tuple[str, ...]) -> int:
    at = 0
    for label in labels:
        at = max(text.find(json.dumps(label), at), at)
    return text.count("\n", 0, at) + 1
