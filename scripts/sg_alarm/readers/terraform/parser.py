"""Terraform code as a syntax tree: :func:`parse` for files, :func:`parse_template` for texts with templates.

A recursive descent over the tokens of the lexer. Expressions are parsed when somebody asks for them: most of
a codebase has nothing to do with the rule.

Source: HCL Native Syntax Specification.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NoReturn, TypeVar

from sg_alarm.readers.terraform.lexer import BRACKETS, Plain, Token, Tokens, line_at, tokens
from sg_alarm.readers.terraform.syntax import (
    Attr,
    Attribute,
    Binary,
    Block,
    Call,
    Conditional,
    Element,
    For,
    Index,
    Literal,
    Node,
    Object,
    Repeat,
    Span,
    Splat,
    SyntaxProblem,
    Template,
    Tuple,
    Unary,
    Variable,
)

T = TypeVar("T")

MAX_DEPTH = 60
"""Brackets within brackets, or blocks within blocks."""
WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_OPERATORS = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!="), 3),
    **dict.fromkeys(("<", ">", "<=", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


def parse(text: str) -> Block:
    """Return a block that stands for a file, with what is in it; raises SyntaxProblem."""
    top = Block("", (), 1, (0, len(text)))
    if _read_body(text, tokens(text), top, 0)[0] != "end":
        raise SyntaxProblem("there is a closing brace too many")
    return top


def parse_expression(text: str, start: int = 0) -> Node:
    """Return the expression that starts at a position and ends with its line; raises SyntaxProblem."""
    parser = _Parser(text, tokens(text, start))
    found = parser.expression()
    parser.expect_end()
    return found


def parse_template(text: str, span: Span | None = None) -> Node:
    """Return the template that a text is, as in files and JSON; raises SyntaxProblem.

    Its nodes have the ``span``, where one is given.
    """
    if "${" not in text and "%{" not in text:
        return Literal(span or (0, len(text)), _normal(text))
    return _Parser(text, tokens(text, template=True), span).template("end", by_lines=True)


def _read_body(text: str, stream: Tokens, block: Block, depth: int) -> Plain:
    """Fill in a block; return the token that ends it."""
    if depth > MAX_DEPTH:
        raise SyntaxProblem(f"line {block.line}: blocks are nested too deeply")
    line, counted = block.line, block.span[0]
    token = next(stream)
    while True:
        if token[0] == "newline":
            token = next(stream)
            continue
        if token[0] in ("close", "end"):
            return token
        if token[0] != "name":
            raise SyntaxProblem(f"line {line_at(text, token[2])}: unexpected {token[1]!r}")
        kind, begin = token[1], token[2]
        line, counted = line + text.count("\n", counted, begin), begin
        labels = []
        token = next(stream)
        while token[0] in ("string", "name") or token[:2] == ("open", '"'):
            labels.append(_label(token, stream))
            token = next(stream)
        if token[1] == "=" and not labels:
            start = token[3]
            token = _skip_expression(stream, text, start)
            block.attributes[kind] = Attribute(text, (start, token[2]), parse_expression)
        elif token[1] == "{":
            inner = Block(kind, tuple(labels), line, (begin, begin))
            last = _read_body(text, stream, inner, depth + 1)
            if last[0] == "end":
                raise SyntaxProblem(f"line {line}: the block is not closed")
            inner.span = (begin, last[3])
            block.blocks.append(inner)
            token = next(stream)
        else:
            raise SyntaxProblem(f"line {line_at(text, token[2])}: neither a block nor an attribute")


def _label(token: Plain, stream: Tokens) -> str:
    """Return a label of a block, in quotation marks or not, in which signs such as "%" mean nothing."""
    label = token[1].strip('"')
    while token[0] not in ("string", "name", "close"):
        token = next(stream)
        if token[0] not in ("text", "escape", "close"):
            raise SyntaxProblem("a label of a block is not plain text")
        label += "" if token[0] == "close" else token[1]
    return label


def _skip_expression(stream: Tokens, text: str, start: int) -> Plain:
    """Read to the end of an expression; return the token behind it."""
    depth = 0
    read = stream.send
    while True:
        token = read(BRACKETS)
        kind = token[0]
        if kind == "open":
            depth += 1
        elif kind == "close":
            if not depth:
                return token
            depth -= 1
        elif kind == "end" and depth:
            raise SyntaxProblem(f"line {line_at(text, start)}: a bracket is not closed")
        elif kind == "end" or (kind == "newline" and not depth):
            return token


class _Parser:
    """Reads expressions. Within brackets new lines mean nothing, but between the items of an object."""

    def __init__(self, text: str, stream: Tokens, span: Span | None = None) -> None:
        self._text = text
        self._stream = stream
        self._span = span
        self._newlines = [True]
        self._token = Token(*next(stream))
        self._end = self._token.start

    # Tokens.

    def _advance(self) -> None:
        self._end = self._token.end
        self._token = Token(*next(self._stream))

    def _peek(self) -> Token:
        while self._token.kind == "newline" and not self._newlines[-1]:
            self._advance()
        return self._token

    def _next(self) -> Token:
        token = self._peek()
        if token.kind != "end":
            self._advance()
        return token

    def _is(self, text: str) -> bool:
        """Read a sign or bracket if it is the next one."""
        token = self._peek()
        if token.text != text or token.kind not in ("sign", "open", "close", "name"):
            return False
        self._next()
        return True

    def _expect(self, text: str) -> None:
        if not self._is(text):
            self._refuse()

    def _name(self) -> str:
        token = self._next()
        if token.kind != "name":
            self._refuse(token)
        return token.text

    def _refuse(self, token: Token | None = None) -> NoReturn:
        token = token or self._peek()
        what = repr(token.text) if token.text.strip() else "end of the expression"
        raise SyntaxProblem(f"line {line_at(self._text, token.start)}: unexpected {what}")

    def expect_end(self) -> None:
        """Raise SyntaxProblem if something follows."""
        if self._peek().kind not in ("newline", "close", "end"):
            self._refuse()

    def _spanned(self, start: int) -> Span:
        return self._span or (start, self._end)

    # Expressions.

    def expression(self) -> Node:
        """Read an expression."""
        start = self._peek().start
        condition = self._binary(1)
        if not self._is("?"):
            return condition
        yes = self._nested(self.expression)
        self._expect(":")
        return Conditional(self._spanned(start), condition, yes, self._nested(self.expression))

    def _nested(self, read: Callable[[], T], newlines: bool | None = None) -> T:
        """Read something that lies within something else."""
        if len(self._newlines) > MAX_DEPTH:
            raise SyntaxProblem(f"line {line_at(self._text, self._token.start)}: it is nested too deeply")
        self._newlines.append(self._newlines[-1] if newlines is None else newlines)
        found = read()
        self._newlines.pop()
        return found

    def _binary(self, least: int) -> Node:
        start = self._peek().start
        left = self._unary()
        while (token := self._peek()).kind == "sign" and _OPERATORS.get(token.text, 0) >= least:
            self._next()
            right = self._nested(partial(self._binary, _OPERATORS[token.text] + 1))
            left = Binary(self._spanned(start), token.text, left, right)
        return left

    def _unary(self) -> Node:
        token = self._peek()
        if token.kind == "sign" and token.text in "!-":
            self._next()
            of = self._nested(self._unary)
            return Unary(self._spanned(token.start), token.text, of)
        return self._steps(token.start, self._primary())

    def _steps(self, start: int, node: Node, only_names: bool = False) -> Node:
        """Read what follows a value: ``.name``, ``[index]``, ``.*`` and ``[*]``."""
        while True:
            token = self._peek()
            if token.text == "." and token.kind == "sign":
                self._next()
                step = self._next()
                if step.kind == "name":
                    node = Attr(self._spanned(start), node, step.text)
                elif step.kind == "number" and not only_names:
                    for part in step.text.split("."):  # "x.0.1" holds the number 0.1
                        if not part.isdigit():
                            self._refuse(step)
                        node = Index(self._spanned(start), node, Literal(self._spanned(start), int(part)))
                elif step.text == "*" and not only_names:
                    each = self._steps(start, Element(self._spanned(start)), only_names=True)
                    node = Splat(self._spanned(start), node, each)
                else:
                    self._refuse(step)
            elif token.text == "[" and token.kind == "open" and not only_names:
                self._next()
                key = self._nested(self._index, newlines=False)
                if key is None:
                    each = self._nested(partial(self._steps, start, Element(self._spanned(start))))
                    node = Splat(self._spanned(start), node, each)
                else:
                    node = Index(self._spanned(start), node, key)
            else:
                return node

    def _index(self) -> Node | None:
        """Read to the bracket that closes an index; ``None`` for a splat."""
        key = None if self._is("*") else self.expression()
        self._peek()
        self._close("]")
        return key

    def _close(self, text: str) -> None:
        """Read a closing bracket without what follows it, as a new line may mean something there."""
        token = self._peek()
        if token.text != text or token.kind != "close":
            self._refuse()
        self._advance()

    def _primary(self) -> Node:
        token = self._next()
        start = token.start
        if token.kind == "number":
            return Literal(self._spanned(start), number(token.text))
        if token.kind == "string":
            return Literal(self._spanned(start), _normal(token.text[1:-1]))
        if token.kind == "open":
            if token.text == '"':
                return self._nested(partial(self.template, '"', start))
            if token.text == "(":
                return self._nested(self._parenthesis, newlines=False)
            if token.text == "[":
                return self._nested(partial(self._tuple, start), newlines=False)
            if token.text == "{":
                return self._nested(partial(self._object, start), newlines=True)
            if token.text.startswith("<<"):
                flush = token.text.startswith("<<-")
                return self._nested(partial(self.template, "", start, by_lines=True, flush=flush))
        if token.kind == "name":
            return self._named(token)
        return self._refuse(token)

    def _parenthesis(self) -> Node:
        found = self.expression()
        self._close(")")
        return found

    def _named(self, token: Token) -> Node:
        name = token.text
        if self._token.text not in ("(", "::"):
            span = self._spanned(token.start)
            return Literal(span, WORDS[name]) if name in WORDS else Variable(span, name)
        while self._is("::"):
            name += f"::{self._name()}"
        self._expect("(")
        return self._nested(partial(self._call, token.start, name), newlines=False)

    def _call(self, start: int, name: str) -> Node:
        arguments, spread = [], False
        while self._peek().text != ")":
            arguments.append(self.expression())
            spread = self._is("...")
            if spread or not self._is(","):
                break
        self._close(")")
        return Call(self._spanned(start), name, tuple(arguments), spread)

    def _tuple(self, start: int) -> Node:
        if self._peek().text == "for" and self._peek().kind == "name":
            return self._for(start, "]")
        items = []
        while self._peek().text != "]":
            items.append(self.expression())
            if not self._is(","):
                break
        self._close("]")
        return Tuple(self._spanned(start), tuple(items))

    def _object(self, start: int) -> Node:
        self._skip_newlines()
        if self._peek().text == "for" and self._peek().kind == "name":
            self._newlines[-1] = False
            return self._for(start, "}")
        items = []
        while self._peek().text != "}":
            key = self._key()
            if not self._is("="):
                self._expect(":")
            items.append((key, self.expression()))
            if not self._is(",") and self._peek().kind != "newline":
                break
            self._skip_newlines()
        self._close("}")
        return Object(self._spanned(start), tuple(items))

    def _skip_newlines(self) -> None:
        while self._token.kind == "newline":
            self._advance()

    def _key(self) -> Node:
        token = self._peek()
        key = self._binary(1)
        if token.kind == "name" and isinstance(key, Variable | Literal):
            return Literal(key.span, token.text)
        return key

    def _for(self, start: int, closing: str) -> Node:
        self._next()
        key_name, value_name = "", self._name()
        if self._is(","):
            key_name, value_name = value_name, self._name()
        self._expect("in")
        over = self.expression()
        self._expect(":")
        key, value, grouped = None, self.expression(), False
        if closing == "}":
            self._expect("=>")
            key, value = value, self.expression()
            grouped = self._is("...")
        condition = self.expression() if self._is("if") else None
        self._close(closing)
        return For(self._spanned(start), key_name, value_name, over, key, value, condition, grouped)

    # Templates.

    def template(self, closing: str, start: int = 0, by_lines: bool = False, flush: bool = False) -> Node:
        """Read a template to the token that closes it; one that is a single ``${x}`` is ``x`` itself."""
        parts = self._parts(by_lines)
        if closing != "end":
            self._close(closing)
        elif self._token.kind != "end":
            self._refuse()
        todo = [part for part in reversed(_flushed(parts) if flush else parts) if part != ""]
        found = self._built(todo, self._spanned(start), 0)
        if todo:
            raise SyntaxProblem(f"line {line_at(self._text, start)}: unexpected %{{ {todo[-1]} }}")
        return found

    def _parts(self, by_lines: bool) -> list[_Part]:
        """Read to what closes a template.

        A "~" in a bracket takes off the white space beside it: of one line, where the text is of lines.
        """
        parts: list[_Part] = []
        strip = False
        while (token := self._token).kind in ("text", "escape", "open"):
            before = parts[-1] if parts else None
            text = before if isinstance(before, _Text) else None
            self._advance()
            if token.kind != "open":
                found = _unescaped(token)
                if text is not None and not (by_lines and text.endswith("\n")):
                    parts[-1] = _Text(text + found)
                else:
                    parts.append(_Text(found.lstrip() if strip else found))
                    strip = False
                continue
            if text is not None and token.text.endswith("~"):
                parts[-1] = _Text(text.rstrip())
            read = self.expression if token.text[0] == "$" else self._directive
            parts.append(self._nested(read, newlines=False))
            strip = self._end_of_bracket()
        return parts

    def _end_of_bracket(self) -> bool:
        """Read the end of ``${…}`` or ``%{…}``; return whether it strips what follows."""
        while self._token.kind == "newline":
            self._advance()
        text = self._token.text
        self._close("~}" if text == "~}" else "}")
        return text == "~}"

    def _directive(self) -> _Part:
        word = self._name()
        if word == "if":
            return _Directive(word, over=self.expression())
        if word == "for":
            key, value = "", self._name()
            if self._is(","):
                key, value = value, self._name()
            self._expect("in")
            return _Directive(word, key, value, self.expression())
        return _Directive(word)

    def _built(self, todo: list[_Part], span: Span, depth: int) -> Node:
        """Return the template of parts, the first one last, to a directive such as ``%{ else }``."""
        if depth > MAX_DEPTH:
            raise SyntaxProblem(f"line {line_at(self._text, span[0])}: it is nested too deeply")
        if depth == 0 and len(todo) == 1 and isinstance(todo[0], Node):
            return todo.pop()  # type: ignore[return-value] # it was just seen to be a node
        nodes: list[Node] = []
        while todo and not (isinstance(todo[-1], _Directive) and todo[-1].word not in ("if", "for")):
            part = todo.pop()
            if isinstance(part, _Text):
                nodes.append(Literal(span, _normal(part)))
            elif isinstance(part, Node):
                nodes.append(part)
            elif part.word == "for":
                body = self._built(todo, span, depth + 1)
                nodes.append(Repeat(span, part.key, part.value, self._over(part), body))
                self._ends(todo, "endfor", span)
            else:
                yes = self._built(todo, span, depth + 1)
                no: Node = Literal(span, "")
                if todo and isinstance(todo[-1], _Directive) and todo[-1].word == "else":
                    todo.pop()
                    no = self._built(todo, span, depth + 1)
                self._ends(todo, "endif", span)
                nodes.append(Conditional(span, self._over(part), yes, no))
        if all(isinstance(node, Literal) and isinstance(node.value, str) for node in nodes):
            return Literal(span, "".join(node.value for node in nodes if isinstance(node, Literal)))
        return Template(span, tuple(nodes))

    @staticmethod
    def _over(part: _Directive) -> Node:
        if part.over is None:
            raise SyntaxProblem(f"unexpected %{{ {part.word} }}")
        return part.over

    def _ends(self, todo: list[_Part], word: str, span: Span) -> None:
        last = todo.pop() if todo else None
        if not (isinstance(last, _Directive) and last.word == word):
            raise SyntaxProblem(f"line {line_at(self._text, span[0])}: %{{ {word} }} is missing")


class _Text(str):
    """A part of a template that is text."""


@dataclass(frozen=True)
class _Directive:
    """``%{ word … }``; ``over`` is the expression of ``if`` and ``for``."""

    word: str
    key: str = ""
    value: str = ""
    over: Node | None = None


_Part = _Text | Node | _Directive


def number(text: str) -> int | Fraction:
    """Return the number that a text is; raises SyntaxProblem for one that nobody writes."""
    if len(text) > 200 or ("e" in text.lower() and len(text.lower().partition("e")[2]) > 4):
        raise SyntaxProblem(f"the number {text[:20]}… is too long")
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def _normal(text: str) -> str:
    """Return a text as Terraform keeps it: in the normal form C of Unicode."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _unescaped(token: Token) -> str:
    if token.kind == "text":
        return token.text
    if token.text in _ESCAPES:
        return _ESCAPES[token.text]
    if token.text[0] != "\\":
        return token.text[1:]
    code = int(token.text[2:], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise SyntaxProblem(f"{token.text} is not a character")
    return chr(code)


def _flushed(parts: list[_Part]) -> list[_Part]:
    """Take off the indentation that all lines of a heredoc have; blank lines do not count and keep theirs."""
    starts = [
        number
        for number, line in enumerate(parts)
        if (number == 0 or (isinstance(before := parts[number - 1], _Text) and before.endswith("\n")))
        and not (isinstance(line, _Text) and line.endswith("\n") and not line.strip())
    ]
    spaces = min((_indentation(parts[number]) for number in starts), default=0)
    for number in starts:
        line = parts[number]
        if isinstance(line, _Text):
            parts[number] = _Text(line[spaces:])
    return parts


def _indentation(line: _Part) -> int:
    return len(line) - len(line.lstrip()) if isinstance(line, _Text) else 0
