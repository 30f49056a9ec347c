"""Alternatives of repeated character sets, matched in linear time and walked several at once.

Each set is a position; the positions that may match the next character are the bits of an integer, so that
one character costs a handful of operations on integers, whatever the expression: there is nothing to
backtrack. Steps from one such integer to the next are remembered.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sg_alarm.patterns.regex import Alternative, CharSet
from sg_alarm.steps import Steps

_MAX_REMEMBERED = 10_000
_BITS_OF_A_STEP = 256  # that one step of the budget pays for

State = int
ACCEPTED: State = -1  # found, whatever follows


@dataclass
class Automaton:
    """A position automaton for alternatives, searched in a text.

    A state is the set of positions that may match the next character, as the bits of an integer. Behind the
    positions of each alternative stands one bit more, which no character matches: reached, the alternative
    is complete. ``step`` and ``accepts`` let a prover walk several automata at once.
    """

    alternatives: Sequence[Alternative]
    sets: list[CharSet] = field(default_factory=list, init=False)
    start: State = field(default=0, init=False)
    _free: State = field(default=0, init=False)  # what may match whenever a match may begin anywhere
    _optional: int = field(default=0, init=False)  # positions that may be skipped
    _repeats: int = field(default=0, init=False)  # positions that may match again
    _ends: int = field(default=0, init=False)  # complete, whatever follows
    _ends_at_end: int = field(default=0, init=False)  # complete if the text ends here
    _size: int = field(default=0, init=False)
    _where: dict[CharSet, int] = field(default_factory=dict, init=False)
    _masks: dict[str, int] = field(default_factory=dict, init=False)
    _steps: dict[State, dict[str, State]] = field(default_factory=dict, init=False)
    _remembered: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        begins = begins_anywhere = 0
        for alternative in self.alternatives:
            begins |= 1 << self._size
            if not alternative.at_start:
                begins_anywhere |= 1 << self._size
            self._add(alternative)
        self.sets = list(self._where)
        self.start = self._settled(begins)
        self._free = self._with_skipped(begins_anywhere)

    def _add(self, alternative: Alternative) -> None:
        for part in alternative.parts:
            for copy in range(part.least if part.most is None else part.most):
                self._add_position(part.chars, optional=copy >= part.least)
            if part.most is None:
                if not part.least:
                    self._add_position(part.chars, optional=True)
                self._repeats |= 1 << (self._size - 1)
        if alternative.at_end:
            self._ends_at_end |= 1 << self._size
        else:
            self._ends |= 1 << self._size
        self._size += 1

    def _add_position(self, chars: CharSet, *, optional: bool) -> None:
        bit = 1 << self._size
        self._where[chars] = self._where.get(chars, 0) | bit
        self._optional |= bit if optional else 0
        self._size += 1

    def _with_skipped(self, state: State) -> State:
        """Add what comes behind positions that may be skipped: a carry runs through them."""
        optional = self._optional
        return state | (optional ^ (optional + (state & optional)))

    def _settled(self, state: State) -> State:
        state = self._with_skipped(state)
        return ACCEPTED if state & self._ends else state

    @property
    def cost(self) -> int:
        """What a step of this costs in steps of a budget."""
        return 1 + self._size // _BITS_OF_A_STEP

    def step(self, state: State, char: str) -> State:
        """Give the state after one more character."""
        if state == ACCEPTED:
            return ACCEPTED
        known = self._steps.get(state)
        if known is not None and (after := known.get(char)) is not None:
            return after
        return self._remember(state, char)

    def _remember(self, state: State, char: str) -> State:
        if self._remembered >= _MAX_REMEMBERED // self.cost:  # large states take memory, too
            self._steps.clear()
            self._remembered = 0
        mask = self._masks.get(char)
        if mask is None:
            mask = 0
            for chars, where in self._where.items():
                if char in chars:
                    mask |= where
            if len(self._masks) < _MAX_REMEMBERED:
                self._masks[char] = mask
        matched = state & mask
        after = self._settled((matched << 1) | (matched & self._repeats) | self._free)
        self._steps.setdefault(state, {})[char] = after
        self._remembered += 1
        return after

    def accepts(self, state: State) -> bool:
        """Whether a text that ends in this state matches."""
        return state == ACCEPTED or bool(state & self._ends_at_end)

    def matches(self, text: str) -> bool:
        """Whether the expression is found in the text."""
        state = self.start
        step = self.step
        for char in text:
            if state == ACCEPTED:
                return True
            state = step(state, char)
        return self.accepts(state)


def distinguishable(automata: Sequence[Automaton], steps: Steps) -> dict[tuple[bool, ...], str]:
    """Every combination of answers that one text can get from the automata, each with a shortest such text.

    The empty text stands for a combination only if no other text does. Raises OutOfStepsError where the
    budget does not pay for the walk.
    """
    letters = _representatives([chars for one in automata for chars in one.sets], steps)
    start = tuple(one.start for one in automata)
    cost = len(letters) * sum(one.cost for one in automata)
    nodes: list[tuple[tuple[State, ...], int, str]] = [(start, 0, "")]  # states, the node before, the letter
    seen: set[tuple[State, ...]] = set()
    found: dict[tuple[bool, ...], int] = {}
    for index, (states, _, _) in enumerate(nodes):  # which grow as the walk goes on
        answer = tuple(one.accepts(state) for one, state in zip(automata, states, strict=True))
        found[answer] = found.get(answer) or index
        steps.take(cost)
        for letter in letters:
            after = tuple(one.step(state, letter) for one, state in zip(automata, states, strict=True))
            if after not in seen:
                seen.add(after)
                nodes.append((after, index, letter))
    return {answer: _text(nodes, index, steps) for answer, index in found.items()}


def _text(nodes: Sequence[tuple[tuple[State, ...], int, str]], index: int, steps: Steps) -> str:
    letters = []
    while index:
        _, index, letter = nodes[index]
        letters.append(letter)
    steps.take(len(letters))
    return "".join(reversed(letters))


def _representatives(sets: Iterable[CharSet], steps: Steps) -> list[str]:
    """One character for each way in which the sets can be distinguished, readable ones first."""
    distinct = list(dict.fromkeys(sets))
    named = set().union(*(chars.chars for chars in distinct)) if distinct else set()
    fresh = next((char for char in string.ascii_lowercase if char not in named), "\u2026")
    readable = string.ascii_letters + string.digits
    steps.take(len(named) * len(distinct) // 16)
    chosen: dict[tuple[bool, ...], str] = {}
    for char in [fresh, *sorted(named, key=lambda char: (char not in readable, char)), "\u2026"]:
        chosen.setdefault(tuple(char in chars for chars in distinct), char)
    return list(chosen.values())
