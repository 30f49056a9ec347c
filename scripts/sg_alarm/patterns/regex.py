r"""Regular expressions of filter patterns: the restricted dialect, matched in linear time.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions.
The dialect has no groups, so an expression is a list of alternatives, each a sequence of repeated
character sets between optional anchors. That is a position automaton; its set of states fits in an integer,
and steps are remembered, so that a long message costs one look-up a character whatever the expression.

Undocumented, and decided here: a space is allowed (an example of the documentation has one); an anchor stands
at the edge of an alternative only; ``.`` matches every character, line ends too; a bound is at most 1000.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_SYMBOLS = frozenset(string.ascii_letters + string.digits + ":_#=@/;,- ")
_OPERATORS = frozenset("^$?[]{}|\\*+.")
_MAX_BOUND = 1000
_MAX_POSITIONS = 4000
_MAX_REMEMBERED = 10_000


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


State = int
ACCEPTED: State = -1  # found, whatever follows


@dataclass
class Automaton:
    """A position automaton for alternatives, searched in a text.

    A state is the set of positions that have just matched, as the bits of an integer; one bit more says
    "nothing read yet". ``step`` and ``accepts`` let a prover walk several automata at once.
    """

    alternatives: Sequence[Alternative]
    sets: list[CharSet] = field(default_factory=list, init=False)
    _follow: list[int] = field(default_factory=list, init=False)
    _free: int = field(default=0, init=False)  # where a match may begin anywhere
    _anchored: int = field(default=0, init=False)  # where a match may begin at the start
    _last: int = field(default=0, init=False)  # where a match may be complete
    _last_at_end: int = field(default=0, init=False)  # where it is complete if the text ends
    _always: bool = field(default=False, init=False)
    _empty: bool = field(default=False, init=False)
    _steps: dict[State, dict[str, State]] = field(default_factory=dict, init=False)
    _remembered: int = field(default=0, init=False)
    _masks: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for alternative in self.alternatives:
            self._add(alternative)
        self._virgin = 1 << len(self.sets)
        self._where: dict[CharSet, int] = {}
        for index, chars in enumerate(self.sets):
            self._where[chars] = self._where.get(chars, 0) | 1 << index

    def _add(self, alternative: Alternative) -> None:
        positions: list[tuple[CharSet, bool, bool]] = []  # set, may be skipped, may repeat
        for part in alternative.parts:
            positions += [(part.chars, False, False)] * part.least
            if part.most is not None:
                positions += [(part.chars, True, False)] * (part.most - part.least)
            elif part.least:
                positions[-1] = (part.chars, False, True)
            else:
                positions.append((part.chars, True, True))
        base, count = len(self.sets), len(positions)
        # reach[i]: one past the last position that may come first when reading from position i on.
        reach = [count] * (count + 1)
        for index in range(count - 1, -1, -1):
            reach[index] = reach[index + 1] if positions[index][1] else index + 1
        skippable_from = count
        while skippable_from and positions[skippable_from - 1][1]:
            skippable_from -= 1

        def span(begin: int, end: int) -> int:
            return ((1 << (end - begin)) - 1) << (base + begin)

        for index, (chars, _, repeats) in enumerate(positions):
            self.sets.append(chars)
            self._follow.append(span(index + (not repeats), max(reach[index + 1], index + 1)))
        first = span(0, reach[0])
        last = span(max(skippable_from - 1, 0), count)
        if alternative.at_start:
            self._anchored |= first
        else:
            self._free |= first
        if alternative.at_end:
            self._last_at_end |= last
        else:
            self._last |= last
        if skippable_from == 0:
            self._empty = True
            self._always = self._always or not (alternative.at_start and alternative.at_end)

    @property
    def start(self) -> State:
        """The state before the first character."""
        return ACCEPTED if self._always else self._virgin

    def step(self, state: State, char: str) -> State:
        """Give the state after one more character."""
        if state == ACCEPTED:
            return ACCEPTED
        known = self._steps.get(state)
        if known is not None and (after := known.get(char)) is not None:
            return after
        return self._remember(state, char)

    def _remember(self, state: State, char: str) -> State:
        if self._remembered >= _MAX_REMEMBERED:
            self._steps.clear()
            self._remembered = 0
        reach = self._free
        if state & self._virgin:
            reach |= self._anchored
        rest = state & ~self._virgin
        while rest:
            bit = rest & -rest
            reach |= self._follow[bit.bit_length() - 1]
            rest ^= bit
        mask = self._masks.get(char)
        if mask is None:
            mask = 0
            for chars, where in self._where.items():
                if char in chars:
                    mask |= where
            if len(self._masks) < _MAX_REMEMBERED:
                self._masks[char] = mask
        after = reach & mask
        if after & self._last:
            after = ACCEPTED
        self._steps.setdefault(state, {})[char] = after
        self._remembered += 1
        return after

    def accepts(self, state: State) -> bool:
        """Whether a text that ends in this state matches."""
        return (
            state == ACCEPTED
            or bool(state & self._last_at_end)
            or (self._empty and bool(state & self._virgin))
        )

    def matches(self, text: str) -> bool:
        """Whether the expression is found in the text."""
        state = self.start
        step = self.step
        for char in text:
            if state == ACCEPTED:
                return True
            state = step(state, char)
        return self.accepts(state)


class TooManyStates(Exception):  # noqa: N818 - control flow, not an error of the user
    """The combinations exceed the budget of a walk."""


def distinguishable(automata: Sequence[Automaton], budget: int = 300_000) -> dict[tuple[bool, ...], str]:
    """Every combination of answers that one text can get from the automata, each with a shortest such text.

    The empty text stands for a combination only if no other text does. Raises TooManyStates when the walk
    needs more than ``budget`` steps of one automaton.
    """
    letters = _representatives([chars for one in automata for chars in one.sets])
    start = tuple(one.start for one in automata)
    found: dict[tuple[bool, ...], str] = {}
    seen = {start}
    frontier = [(start, "")]
    while frontier:
        following = []
        for states, text in frontier:
            answer = tuple(one.accepts(state) for one, state in zip(automata, states, strict=True))
            if not found.get(answer):
                found[answer] = text
            budget -= len(letters) * len(automata)
            if budget < 0:
                raise TooManyStates
            for letter in letters:
                after = tuple(one.step(state, letter) for one, state in zip(automata, states, strict=True))
                if after not in seen:
                    seen.add(after)
                    following.append((after, text + letter))
        frontier = following
    return found


def _representatives(sets: Iterable[CharSet]) -> list[str]:
    """One character for each way in which the sets can be told apart, readable ones first."""
    distinct = list(dict.fromkeys(sets))
    named = set().union(*(chars.chars for chars in distinct)) if distinct else set()
    fresh = next((char for char in string.ascii_lowercase if char not in named), "\u2026")
    readable = string.ascii_letters + string.digits
    chosen: dict[tuple[bool, ...], str] = {}
    for char in [fresh, *sorted(named, key=lambda char: (char not in readable, char)), "\u2026"]:
        chosen.setdefault(tuple(char in chars for chars in distinct), char)
    return list(chosen.values())
