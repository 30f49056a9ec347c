"""Alternatives of repeated character sets, matched in linear time and walked several at once.

Each set is a position; the positions that have just matched are the bits of an integer, and steps from one
such integer to the next are remembered. So a long message costs one look-up a character, whatever the
expression: there is nothing to backtrack.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sg_alarm.patterns.regex import Alternative, CharSet

_MAX_REMEMBERED = 10_000

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
