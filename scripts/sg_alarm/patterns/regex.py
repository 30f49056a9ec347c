r"""Regular expressions of filter patterns: the restricted dialect.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions.
The dialect has no groups, so an expression is a list of alternatives, each a sequence of repeated
character sets between optional anchors.

Undocumented, and decided here: a space is allowed (an example of the documentation has one); an anchor stands
at the edge of an alternative only; ``.`` matches every character, line ends too; a bound is at most 1000.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

_SYMBOLS = frozenset(string.ascii_letters + string.digits + ":_#=@/;,- ")
_OPERATORS = frozenset("^$?[]{}|\\*+.")
_MAX_BOUND = 1000
_MAX_POSITIONS = 4000


class RegexError(ValueError):
    """An expression outside the dialect; ``position`` counts from its first character."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


@dataclass(frozen=True)
class CharSet:
    """Some characters, or all but some."""

    chars: frozenset[str]
    negated: bool = False

    def __contains__(self, char: str) -> bool:
        return (char in self.chars) != self.negated

    def union(self, other: CharSet) -> CharSet:
        """Every character that is in one of both."""
        if self.negated and other.negated:
            return CharSet(self.chars & other.chars, True)
        if self.negated:
            return CharSet(self.chars - other.chars, True)
        if other.negated:
            return CharSet(other.chars - self.chars, True)
        return CharSet(self.chars | other.chars)

    def complement(self) -> CharSet:
        """Every other character."""
        return CharSet(self.chars, not self.negated)


ANY = CharSet(frozenset(), True)
_CLASSES = {
    "d": CharSet(frozenset(string.digits)),
    "s": CharSet(frozenset(" \t\n\r\f\v")),
    "w": CharSet(frozenset(string.ascii_letters + string.digits + "_")),
}


@dataclass(frozen=True)
class Repeat:
    """A character set, from ``least`` to ``most`` times (None: any number)."""

    chars: CharSet
    least: int = 1
    most: int | None = 1


@dataclass(frozen=True)
class Alternative:
    """A sequence, perhaps tied to the start or the end of the text."""

    parts: tuple[Repeat, ...]
    at_start: bool = False
    at_end: bool = False


def literal(text: str, *, at_start: bool = True, at_end: bool = True) -> Alternative:
    """Make the text itself: alone, or (without anchors) anywhere."""
    return Alternative(tuple(Repeat(CharSet(frozenset(char))) for char in text), at_start, at_end)


def parse_regex(text: str) -> list[Alternative]:
    """Read an expression of the dialect (without its percent signs).

    Raises RegexError for anything outside the dialect.
    """
    if not text:
        raise RegexError(0, "the regular expression is empty")
    return _Reader(text).alternatives()


@dataclass
class _Reader:
    text: str
    at: int = 0

    def alternatives(self) -> list[Alternative]:
        found = [self._alternative()]
        while self.at < len(self.text):
            self.at += 1  # the | that ended the alternative before
            found.append(self._alternative())
        if sum(repeat.most or repeat.least + 1 for one in found for repeat in one.parts) > _MAX_POSITIONS:
            raise RegexError(0, "the regular expression repeats too much")
        return found

    def _alternative(self) -> Alternative:
        begin = self.at
        at_start = self._take("^")
        parts: list[Repeat] = []
        at_end = False
        while self.at < len(self.text) and self.text[self.at] != "|":
            if at_end:
                raise RegexError(self.at - 1, "$ is allowed at the end of an alternative only")
            if self._take("$"):
                at_end = True
                continue
            chars = self._atom()
            parts.append(self._repeat(chars))
        if not parts and not at_start and not at_end:
            raise RegexError(begin, "an alternative is empty")
        return Alternative(tuple(parts), at_start, at_end)

    def _take(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False

    def _atom(self) -> CharSet:
        char = self.text[self.at]
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char == ".":
            self.at += 1
            return ANY
        if char in "*+?{":
            raise RegexError(self.at, f"{char} has nothing to repeat")
        if char == "^":
            raise RegexError(self.at, "^ is allowed at the start of an alternative only")
        if char not in _SYMBOLS:
            raise RegexError(self.at, f"{char!r} is not supported in a regular expression")
        self.at += 1
        return CharSet(frozenset(char))

    def _escape(self) -> CharSet:
        begin = self.at
        char = self.text[begin + 1 : begin + 2]
        self.at += 2
        if char.lower() in _CLASSES and char:
            chars = _CLASSES[char.lower()]
            return chars if char.islower() else chars.complement()
        if char == "x":
            digits = self.text[self.at : self.at + 2]
            if len(digits) < 2 or any(digit not in string.hexdigits for digit in digits):
                raise RegexError(begin, "\\x needs two hexadecimal digits")
            self.at += 2
            return CharSet(frozenset(chr(int(digits, 16))))
        if not char:
            raise RegexError(begin, "\\ has nothing to escape")
        if char not in _OPERATORS and (char not in _SYMBOLS or char.isalnum()):
            raise RegexError(begin, f"\\{char} is not supported in a regular expression")
        return CharSet(frozenset(char))

    def _class(self) -> CharSet:
        begin = self.at
        self.at += 1
        negated = self._take("^")
        chars = CharSet(frozenset())
        empty = True
        while not self._take("]"):
            if self.at >= len(self.text):
                raise RegexError(begin, "[ is never closed")
            chars = chars.union(self._range())
            empty = False
        if empty:
            raise RegexError(begin, "the character class is empty")
        return chars.complement() if negated else chars

    def _range(self) -> CharSet:
        begin = self.at
        first = self._member()
        if not (self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("]", "")):
            return first
        self.at += 1
        last = self._member()
        if first.negated or last.negated or len(first.chars) != 1 or len(last.chars) != 1:
            raise RegexError(begin, "a range needs one character on each side")
        (low,), (high,) = first.chars, last.chars
        if low > high:
            raise RegexError(begin, "the range is upside down")
        return CharSet(frozenset(map(chr, range(ord(low), ord(high) + 1))))

    def _member(self) -> CharSet:
        char = self.text[self.at]
        if char == "\\":
            return self._escape()
        if char not in _SYMBOLS and char not in _OPERATORS:
            raise RegexError(self.at, f"{char!r} is not supported in a regular expression")
        self.at += 1
        return CharSet(frozenset(char))

    def _repeat(self, chars: CharSet) -> Repeat:
        if self.at >= len(self.text) or self.text[self.at] not in "*+?{":
            return Repeat(chars)
        begin = self.at
        char = self.text[self.at]
        self.at += 1
        if char == "{":
            least, most = self._bounds(begin)
        else:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if self.at < len(self.text) and self.text[self.at] in "*+?{":
            raise RegexError(self.at, f"{self.text[self.at]} has nothing to repeat")
        return Repeat(chars, least, most)

    def _bounds(self, begin: int) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        low, comma, high = (self.text[self.at : end] if end > 0 else "?").partition(",")
        low, high = low.strip(" "), high.strip(" ")
        if (
            not all(not bound or (bound.isascii() and bound.isdigit()) for bound in (low, high))
            or not low + high
        ):
            raise RegexError(begin, "{ needs one or two bounds, as in {2}, {2,}, {,5} or {2,5}")
        self.at = end + 1
        least = int(low or 0)
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise RegexError(begin, "the upper bound is below the lower one")
        if max(least, most or 0) > _MAX_BOUND:
            raise RegexError(begin, f"a bound is above {_MAX_BOUND}")
        return least, most
