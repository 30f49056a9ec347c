"""The skeleton of a parser by recursive descent: tokens by one regular expression, looked at one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """A token; ``kind`` is the name of its group in the regular expression, ``end`` behind the last one."""

    kind: str
    text: str
    position: int


class Tokens:
    """The tokens of a text; ``pattern`` has a named group for each kind, white space before it.

    Raises ``error`` for a character that begins no token.
    """

    def __init__(self, text: str, pattern: re.Pattern[str], error: type[ValueError]) -> None:
        self._error = error
        self._tokens = list(self._read(text, pattern))
        self._next = 0

    def _read(self, text: str, pattern: re.Pattern[str]) -> Iterator[Token]:
        position, end = 0, len(text.rstrip())
        while position < end:
            match = pattern.match(text, position)
            if match is None:
                position += len(text[position:]) - len(text[position:].lstrip())
                raise self._error(f"unexpected {text[position]!r} at character {position + 1}")
            kind = match.lastgroup or ""
            yield Token(kind, match[kind], match.start(kind))
            position = match.end()
        yield Token("end", "", end)

    def peek(self) -> Token:
        """Return the token in hand."""
        return self._tokens[self._next]

    def advance(self) -> Token:
        """Return the token in hand, and go on to the next."""
        token = self.peek()
        self._next += token.kind != "end"
        return token

    def take(self, symbol: str) -> bool:
        """Go on if the token in hand is this symbol."""
        token = self.peek()
        taken = token.kind == "symbol" and token.text == symbol
        self._next += taken
        return taken

    def expect(self, symbol: str) -> None:
        """Go on past this symbol; raises where something else stands."""
        if not self.take(symbol):
            raise self.unexpected(f", expected {symbol!r}")

    def unexpected(self, hint: str = "") -> ValueError:
        """Return the error about the token in hand."""
        token = self.peek()
        what = "the end" if token.kind == "end" else repr(token.text)
        return self._error(f"unexpected {what} at character {token.position + 1}{hint}")
