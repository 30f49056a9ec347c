"""The words of Terraform code, each with its place: of blocks, expressions, templates and heredocs.

White space and comments are left out. Source: HCL Native Syntax Specification, "Lexical Elements",
"Templates".
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import NamedTuple

from sg_alarm.readers.terraform.syntax import SyntaxProblem

_CODE = re.compile(
    r"""[ \t\r]*(?:(?:\#|//)[^\n]*)?
    (?:(?P<newline>\n)
    |(?P<name>[^\W\d][\w-]*)
    |(?P<string>"[^"\\$%\n]*")
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<heredoc><<-?[^\W\d][\w-]*[ \t]*\r?\n)
    |(?P<sign>==|!=|<=|>=|&&|\|\||=>|\.\.\.|::|[=:?,.+\-*%<>!]|/(?![*/]))
    |(?P<open>[{(\["])
    |(?P<close>~?\}|[\])])
    |(?P<comment>/\*)
    |(?P<end>\Z))""",
    re.VERBOSE,
)
# The same where only brackets and the end of the line matter; what is between them is one token's space.
BRACKETS = re.compile(
    r"""[^"{}()\[\]\n\#/<~]*(?:(?:"[^"\\$%\n]*"|/(?![/*])|<(?!<)|~(?!\}))[^"{}()\[\]\n\#/<~]*)*
    (?:(?:\#|//)[^\n]*)?
    (?:(?P<newline>\n)
    |(?P<heredoc><<-?[^\W\d][\w-]*[ \t]*\r?\n)
    |(?P<open>[{(\["])
    |(?P<close>~?\}|[\])])
    |(?P<comment>/\*)
    |(?P<end>\Z))""",
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""(?P<escape>\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt"\\])|\$\$\{|%%\{)
    |(?P<text>[^"\\$%\n]+|[$%](?!\{))
    |(?P<open>[$%]\{~?)
    |(?P<close>")""",
    re.VERBOSE,
)
_UNQUOTED = re.compile(
    r"(?P<escape>\$\$\{|%%\{)|(?P<open>[$%]\{~?)|(?P<text>[^$%\n]*\n|[^$%\n]+|[$%](?!\{))",
)
_CLOSING = {"{": "}", "(": ")", "[": "]", "$": "}", "%": "}"}


class Token(NamedTuple):
    """A word. ``kind`` is newline, name, string, number, sign, text, escape, open, close or end.

    ``string`` is a text in quotation marks without anything special in it. Any other template is a token
    ``open``, tokens ``text`` and ``escape``, templates and directives from ``open`` to ``close``, and a token
    ``close``.
    """

    kind: str
    text: str
    start: int
    end: int


Plain = tuple[str, str, int, int]
"""A token before it is one: most of them are only counted."""
Tokens = Generator[Plain, re.Pattern[str] | None, None]
_SIMPLE = frozenset({"newline", "name", "string", "number", "sign"})


def tokens(text: str, start: int = 0, template: bool = False) -> Tokens:
    """Yield the tokens of a text from a position on, the last one of kind ``end``; raises SyntaxProblem.

    With ``template`` the text is that of a template, not code. Who sends ``BRACKETS`` gets the next bracket,
    or the end of the line.
    """
    # What is open, innermost last: a bracket, "$" or "%" for that of a template, '"', or that of a heredoc.
    within: list[str] = ["<<"] if template else []
    mode = within[-1] if within else ""
    at = start
    code = _CODE
    while True:
        if mode == '"':
            found = _QUOTED.match(text, at)
        elif mode[:2] == "<<":
            if (end := _end_of_heredoc(text, at, mode[2:])) >= 0:
                code = (yield "close" if mode[2:] else "end", "", at, end) or _CODE
                if mode == "<<":
                    return
                at = end
                within.pop()
                mode = within[-1] if within else ""
                continue
            found = _UNQUOTED.match(text, at)
        else:
            found = code.match(text, at)
        if found is None:
            raise SyntaxProblem(f"line {line_at(text, at)}: {_unexpected(text, at, mode)}")
        kind = found.lastgroup or ""
        begin, at = found.span(found.lastindex or 0)
        word = text[begin:at]
        if kind in _SIMPLE:
            code = (yield kind, word, begin, at) or _CODE
            continue
        if kind == "comment":
            at = text.find("*/", at) + 2
            if at < 2:
                raise SyntaxProblem(f"line {line_at(text, begin)}: a comment is not closed")
            continue
        if kind == "heredoc":
            within.append(f"<<{word.lstrip('<-').strip()}")
            kind = "open"
        elif kind == "open":
            within.append(word[0])
        elif kind == "close" and within:
            if mode != '"' and (word[-1] != _CLOSING.get(mode) or (word[0] == "~" and mode not in "$%")):
                raise SyntaxProblem(f"line {line_at(text, begin)}: unexpected {word!r}")
            within.pop()
        elif kind == "end":
            yield kind, word, begin, at
            return
        mode = within[-1] if within else ""
        code = (yield kind, word, begin, at) or _CODE


def _end_of_heredoc(text: str, at: int, mark: str) -> int:
    """Return where the line ends that ends a heredoc, -1 if that is not the next one."""
    if at >= len(text):
        if mark:
            raise SyntaxProblem(f"line {line_at(text, at)}: a heredoc is not closed")
        return at
    if not mark or text[at - 1] != "\n":
        return -1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end if text[at:end].strip() == mark else -1


def line_at(text: str, position: int) -> int:
    """Return the number of the line, counted from 1, that a position is in."""
    return text.count("\n", 0, position) + 1


def _unexpected(text: str, at: int, mode: str) -> str:
    if mode == '"':
        return (
            "a text is not closed" if text[at : at + 1] in ("\n", "") else f"the escape {text[at : at + 2]!r}"
        )
    return f"unexpected {text[at:].lstrip()[:1]!r}"
