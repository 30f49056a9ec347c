"""Words of JSON and space-delimited filter patterns, each with its position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sg_alarm.patterns.syntax import BARE, PLAIN_KEY, PatternError, Selector, Step, Wildcard


class Kind(Enum):
    """What a token is, as an error message calls it."""

    SELECTOR = "a selector"
    OPERATOR = "an operator"
    WORD = "a word"
    STRING = "a quoted string"
    REGEX = "a regular expression"
    MARK = "punctuation"
    END = "the end of the pattern"


@dataclass(frozen=True)
class Token:
    """A token; ``text`` is unquoted, ``selector`` is set for selectors."""

    kind: Kind
    text: str
    position: int
    selector: Selector | None = None

    def __str__(self) -> str:
        return self.kind.value if self.kind is Kind.END else f"{self.text!r}"


_SPACE = re.compile(r"\s*")
_MARK = re.compile(r"&&|\|\||[(){}\[\],]")
_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_INDEX = re.compile(r"\[([0-9]+)\]")
_QUOTED_KEY = re.compile(r"\.\['([^']+)'\]")


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a pattern, the last one of kind END.

    Raises PatternError at the first character that begins no token.
    """
    at = 0
    while True:
        at = _end(_SPACE, text, at)
        if at == len(text):
            yield Token(Kind.END, "", at)
            return
        token, at = _token(text, at)
        yield token


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _token(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char == "$":
        return _selector(text, at)
    if char == '"':
        return _string(text, at)
    if char == "%":
        return _regex(text, at)
    for kind, pattern in ((Kind.MARK, _MARK), (Kind.OPERATOR, _OPERATOR), (Kind.WORD, BARE)):
        found = pattern.match(text, at)
        if found:
            return Token(kind, found[0], at), found.end()
    raise PatternError(text, at, f"{char!r} is not allowed here; put special characters in double quotes")


def _string(text: str, begin: int) -> tuple[Token, int]:
    chars = []
    at = begin + 1
    while at < len(text) and text[at] != '"':
        # Undocumented: a backslash escapes a quote or a backslash and otherwise stands for itself.
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        chars.append(text[at])
        at += 1
    if at >= len(text):
        raise PatternError(text, begin, "the double quote is never closed")
    return Token(Kind.STRING, "".join(chars), begin), at + 1


def _regex(text: str, begin: int) -> tuple[Token, int]:
    end = text.find("%", begin + 1)
    if end < 0:
        raise PatternError(text, begin, "the regular expression is never closed with %")
    return Token(Kind.REGEX, text[begin + 1 : end], begin), end + 1


def _selector(text: str, begin: int) -> tuple[Token, int]:
    steps: list[Step] = []
    at = begin + 1
    while at < len(text) and text[at] in ".[":
        step, at = _step(text, at)
        if not steps and not isinstance(step, str) and step is not Wildcard.FIELD:
            raise PatternError(text, begin + 1, "an array element must follow a property, as in $.a[0]")
        steps.append(step)
    if not steps:
        raise PatternError(text, begin, "a selector is $. and the name of a property")
    selector = Selector(tuple(steps))
    if sum(isinstance(step, Wildcard) for step in steps) > 1:
        raise PatternError(text, begin, "a selector may contain one wildcard only")
    return Token(Kind.SELECTOR, text[begin:at], begin, selector), at


def _step(text: str, at: int) -> tuple[Step, int]:
    for wildcard in Wildcard:
        if text.startswith(wildcard.value, at):
            return wildcard, at + len(wildcard.value)
    if found := _INDEX.match(text, at):
        return int(found[1]), found.end()
    if found := _QUOTED_KEY.match(text, at):
        return found[1], found.end()
    if text[at] == "." and (found := PLAIN_KEY.match(text, at + 1)):
        return found[0], found.end()
    reason = (
        "an index is a number or *, as in [0]"
        if text[at] == "["
        else "a property is letters, digits, - and _; write others as .['a.b']"
    )
    raise PatternError(text, at, reason)
