"""The values of a field that the conditions of a pattern can tell apart.

A condition looks at one value. Of all values a field can hold, only finitely many kinds give different
answers; each kind is one *choice* here: an example value, and which conditions it makes true. The conditions
are known by their index; a set of them is the bits of an integer.

Where AWS's behaviour is undocumented or observations contradict the documentation, the answer of a
condition is *open*: a proof must hold both ways.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from sg_alarm.patterns.automaton import Automaton, distinguishable
from sg_alarm.patterns.cloudtrail import Field, Path, Presence, Shape
from sg_alarm.patterns.regex import literal
from sg_alarm.patterns.syntax import (
    NUMBER,
    Comparison,
    Condition,
    Number,
    Operand,
    Operator,
    Text,
    Wildcard,
)
from sg_alarm.patterns.values import ABSENT, Test, automaton, number_text, split_wildcards, value_test
from sg_alarm.steps import OutOfStepsError, Steps

BUDGET = 600  # choices of one place
_WALK = 100_000  # steps to tell the texts of one place apart
_COMBINATIONS = 100_000  # looked at for one pattern
DEPTH = 40  # steps of a selector; published events nest less than ten deep
_MAX_INDEX = 100  # of an array in an example
_LARGE = 10**300  # beyond which Python does not divide
FILLER = "other"  # the name and the value of what a pattern does not mention


@dataclass(frozen=True)
class Choice:
    """One kind of value: an example, the conditions that are true of it, and those whose answer is open."""

    value: Any
    true: int = 0
    open: int = 0

    @property
    def possible(self) -> int:
        """The conditions that may be true of it."""
        return self.true | self.open


@dataclass(frozen=True)
class Judge:
    """One condition, ready to be asked about a value."""

    bit: int
    condition: Condition
    test: Test

    def ask(self, value: Any) -> Choice:
        """Ask about one value; only the bits of the answer matter."""
        holds = self.test(value)
        if self._is_open(value, holds):
            return Choice(value, 0, self.bit)
        return Choice(value, self.bit) if holds else Choice(value)

    def _is_open(self, value: Any, holds: bool) -> bool:
        """Whether AWS may answer otherwise than we do."""
        condition = self.condition
        if not isinstance(condition, Comparison):
            return condition.selector.has_wildcard
        operand, equal, kind = condition.operand, condition.operator is Operator.EQ, type(value)
        if condition.selector.has_wildcard and condition.operator is Operator.NE:
            # That one value is enough is the meaning of a wildcard selector; but of which one is != asked?
            return True
        if value is None or kind is bool:
            # Documented is only that a selector points at a string or a number; does it read true as "true"?
            return self.test(json.dumps(value)) is not holds
        if kind is str and isinstance(operand, Number) and NUMBER.fullmatch(value):
            return self.test(Number(value).value) is not holds
        if isinstance(operand, Text) and kind in (str, int, float):
            text = value if kind is str else number_text(value)
            return (leftmost(operand.text, text) is equal) is not holds
        return False


def judge(index: int, condition: Condition) -> Judge:
    """Prepare the condition with this index."""
    return Judge(1 << index, condition, value_test(condition))


def leftmost(glob: str, text: str) -> bool:
    """Match as TestMetricFilter was seen to: a star anywhere, each part at its first place, no second try.

    Observed: ``*111.111.111`` misses "111.111.111.111", and ``1*3`` matches 123. The documentation knows no
    such thing: there a star is a wildcard at the ends only, and ``*Event`` is any text that ends so.
    """
    parts = glob.split("*")
    if len(parts) == 1:
        return text == glob
    if not text.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        if not part:
            continue
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return parts[-1] == "" or at == len(text)


@dataclass
class Node:
    """The conditions on a place in the event, and the places below it; complete before it is asked."""

    judges: list[Judge] = field(default_factory=list)
    below: dict[str | int | Wildcard, Node] = field(default_factory=dict)

    def add(self, new: Judge) -> None:
        """Hang a condition where its selector points."""
        node = self
        for step in new.condition.selector.steps:
            node = node.below.setdefault(step, Node())
        node.judges.append(new)

    def merged(self, other: Node | None) -> Node:
        """Both at one place: what a wildcard says of a field that is also named."""
        if other is None:
            return self
        both = Node(self.judges + other.judges, dict(self.below))
        for step, node in other.below.items():
            both.below[step] = both.below[step].merged(node) if step in both.below else node
        return both

    @cached_property
    def absent(self) -> Choice:
        """Give the answers when there is nothing at this place."""
        answers = [one.ask(ABSENT) for one in self._all_judges()]
        return Choice(ABSENT, _union(a.true for a in answers), _union(a.open for a in answers))

    @cached_property
    def size(self) -> int:
        """Count the conditions here and below."""
        return sum(1 for _ in self._all_judges())

    def _all_judges(self) -> Iterator[Judge]:
        yield from self.judges
        for node in self.below.values():
            yield from node._all_judges()

    def ask(self, value: Any) -> Choice:
        """Give the answers of the conditions at this place and, as there is nothing below, of those below."""
        answers = [one.ask(value) for one in self.judges]
        nothing = [node.absent for node in self.below.values()]
        return Choice(
            value,
            _union(a.true for a in [*answers, *nothing]),
            _union(a.open for a in [*answers, *nothing]),
        )


def _union(masks: Iterable[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


@dataclass
class Chooser:
    """Lists the choices at a place. ``complete`` turns false when a budget cut some off."""

    fields: Mapping[Path, Field]
    steps: Steps
    complete: bool = True
    _combinations: int = _COMBINATIONS

    def objects(self, node: Node, path: Path) -> list[Choice]:
        """Give the choices of an object that is always there."""
        return self._reduced(self._objects(node, path))

    def choices(self, node: Node, path: Path | None) -> list[Choice]:
        """Give the choices at a place; ``path`` is None where nothing is known."""
        known = self.fields.get(path) if path is not None else None
        if known is None:
            return self._reduced(self._anything(node, path))
        found: list[Choice] = []
        if known.presence is not Presence.ALWAYS:
            found.append(node.absent)
        if known.presence is not Presence.NEVER:
            if known.shape is Shape.CONSTANT:
                found += [self._ask(node, value) for value in known.values]
            elif known.shape is Shape.STRING:
                found += [self._ask(node, text) for text in self._strings(node, known)]
            else:
                found += self._objects(node, path)
        return self._reduced(found)

    def _reduced(self, found: Iterable[Choice]) -> list[Choice]:
        """Keep one choice for each set of answers, the first."""
        first: dict[tuple[int, int], Choice] = {}
        for choice in found:
            first.setdefault((choice.true, choice.open), choice)
        return list(first.values())

    def _anything(self, node: Node, path: Path | None) -> Iterator[Choice]:
        yield node.absent
        for text in [*self._strings(node, Field(Presence.SOMETIMES, sample=FILLER)), ""]:
            yield self._ask(node, text)
        for number in self._numbers(node):
            yield self._ask(node, number)
        for constant in (None, True, False):
            yield self._ask(node, constant)
        yield from self._objects(node, path)
        yield from self._arrays(node)

    def _strings(self, node: Node, known: Field) -> list[str]:
        """Texts (not empty) that the conditions of a place can tell apart, the field's sample first."""
        operands = list(
            dict.fromkeys(
                one.condition.operand for one in node.judges if isinstance(one.condition, Comparison)
            )
        )
        found = [known.sample]
        patterns = [operand for operand in operands if not _is_plain(operand)]
        if not patterns:
            found += [operand.text for operand in operands]
            found.append(_fresh(known.sample, set(found) | known.excluded))
        else:
            texts, cost = _told_apart(tuple(operands), known.excluded)
            self.steps.take(cost)
            self.complete = self.complete and texts is not None
            found += [operand.text.strip("*") for operand in operands] if texts is None else texts
            found += [
                text for operand in operands if isinstance(operand, Text) for text in _odd_texts(operand)
            ]
        found += [f"{operand.text}.0" for operand in operands if isinstance(operand, Number)]
        found += [number_text(number) for number in _numbers_around(operands)]
        return [text for text in dict.fromkeys(found) if text and text not in known.excluded]

    def _ask(self, node: Node, value: Any) -> Choice:
        self.steps.take(node.size * (1 + (len(value) // 8 if isinstance(value, str) else 0)))
        return node.ask(value)

    def _numbers(self, node: Node) -> list[int | float]:
        """Numbers that the conditions of a place can tell apart."""
        operands = [one.condition.operand for one in node.judges if isinstance(one.condition, Comparison)]
        found = _numbers_around(operands)
        # Without numbers to compare with, a number answers what its text answers as a string.
        if found and not all(isinstance(operand, Number) for operand in operands):
            self.complete = False  # a number between two others whose text matches a wildcard: not searched
            cores = [operand.text.strip("*") for operand in operands]
            found += [Number(core).value for core in cores if NUMBER.fullmatch(core)]
        return [number for number in found if abs(number) != float("inf")]

    def _objects(self, node: Node, path: Path | None) -> Iterator[Choice]:
        """Objects: every combination of the choices of the fields below."""
        itself = _only_judges(node).ask({})
        every = node.below.get(Wildcard.FIELD)
        named = {step: below for step, below in node.below.items() if isinstance(step, str)}
        if every is not None and path is not None:
            named = {**{step: Node() for step in self._known_below(path)}, **named}
        elsewhere = [below for step, below in node.below.items() if isinstance(step, int)]
        if Wildcard.ELEMENT in node.below:
            elsewhere.append(node.below[Wildcard.ELEMENT])
        start = _joined(itself, [below.absent for below in elsewhere], {})
        combined = [start]
        for step, below in named.items():
            inner = self.choices(below.merged(every), None if path is None else (*path, step))
            combined = self._product(combined, inner, lambda value, part, step=step: {**value, step: part})
        if every is not None:
            # Conditions may hold of one field each, so as many fields more may be needed.
            extra = [Choice(ABSENT), *self._anything(every, None)]
            for number in range(every.size):
                name = f"{FILLER}{number}"
                combined = self._product(
                    combined, extra, lambda value, part, name=name: {**value, name: part}
                )
            # An object without any field: what NOT EXISTS says of a wildcard is open anyway.
            none = [Choice(None, 0, every.absent.open)]
            combined = [_joined(choice, none, choice.value) for choice in combined]
        yield from combined

    def _known_below(self, path: Path) -> list[str]:
        return [
            known[len(path)]
            for known, fact in self.fields.items()
            if len(known) == len(path) + 1 and known[: len(path)] == path and fact.presence is Presence.ALWAYS
        ]

    def _arrays(self, node: Node) -> Iterator[Choice]:
        """Arrays of every length that the indices can tell apart, with every combination of elements."""
        itself = _only_judges(node).ask([])
        every = node.below.get(Wildcard.ELEMENT)
        named = {step: below for step, below in node.below.items() if isinstance(step, int)}
        elsewhere = [below for step, below in node.below.items() if isinstance(step, str)]
        if Wildcard.FIELD in node.below:
            elsewhere.append(node.below[Wildcard.FIELD])
        if any(index > _MAX_INDEX for index in named):
            self.complete = False
            named = {index: below for index, below in named.items() if index <= _MAX_INDEX}
        start = _joined(itself, [below.absent for below in elsewhere], [])
        begun = [start]
        yield from self._ended(begun, named, every, after=-1)
        for index in sorted(named):
            inner = self.choices(named[index].merged(every), None)
            inner = [choice for choice in inner if choice.value is not ABSENT]
            begun = self._product(
                begun, inner, lambda value, part, index=index: [*value, *[{}] * (index - len(value)), part]
            )
            yield from self._ended(begun, named, every, after=index)
        if every is not None:
            extra = [Choice(ABSENT), *self._anything(every, None)]
            for _ in range(every.size):
                begun = self._product(begun, extra, lambda value, part: [*value, part])
            yield from self._ended(begun, {}, every, after=-1)

    def _ended(
        self, choices: list[Choice], named: dict[int, Node], every: Node | None, after: int
    ) -> Iterator[Choice]:
        """Yield arrays that end here: there is nothing at the indices after."""
        rest = [below.absent for index, below in named.items() if index > after]
        if every is not None:
            rest.append(Choice(None, 0, every.absent.open))
        end = _joined(Choice(None), rest, None)
        self.steps.take(len(choices))
        for choice in choices:
            yield _joined(choice, [end], choice.value)

    def _product(self, left: list[Choice], right: Sequence[Choice], build: Any) -> list[Choice]:
        found: dict[tuple[int, int], Choice] = {}
        for choice in left:
            self.steps.take(len(right))
            for part in right:
                true, maybe = choice.true | part.true, choice.open | part.open
                if (true, maybe) in found:
                    continue
                self._combinations -= 1
                if len(found) >= BUDGET or (found and self._combinations < 0):
                    self.complete = False
                    return list(found.values())
                value = choice.value if part.value is ABSENT else build(choice.value, part.value)
                found[true, maybe] = Choice(value, true, maybe)
        return list(found.values())


@lru_cache(maxsize=64)
def _told_apart(operands: tuple[Operand, ...], excluded: frozenset[str]) -> tuple[list[str] | None, int]:
    """Give the texts that operands can tell apart, None where there are too many, and the steps it took."""
    automata = [automaton(operand) for operand in operands]
    if excluded:
        automata.append(_one_of(excluded))
    steps = Steps(_WALK)
    try:
        return list(distinguishable(automata, steps).values()), _WALK - steps.left
    except OutOfStepsError:
        return None, _WALK


@lru_cache(maxsize=8)
def _one_of(texts: frozenset[str]) -> Automaton:
    return Automaton([literal(text) for text in sorted(texts)])


def _only_judges(node: Node) -> Node:
    return Node(node.judges)


def _joined(choice: Choice, others: Iterable[Choice], value: Any) -> Choice:
    every = [choice, *others]
    return Choice(value, _union(one.true for one in every), _union(one.open for one in every))


def _numbers_around(operands: Iterable[Operand]) -> list[int | float]:
    """Below, at, between and above the numbers among the operands."""
    bounds = sorted({operand.value for operand in operands if isinstance(operand, Number)})
    bounds = [bound for bound in bounds if abs(bound) != float("inf")]
    if not bounds:
        return []
    far = 2 * max(abs(int(bound)) for bound in bounds) + 1
    return [-far, far, *bounds, *(_between(low, high) for low, high in pairwise(bounds))]


def _between(low: float, high: float) -> int | float:
    if abs(low) < _LARGE and abs(high) < _LARGE:
        return low + (high - low) / 2
    return (int(low) + int(high)) // 2


def _is_plain(operand: Any) -> bool:
    if isinstance(operand, Text):
        open_start, _, open_end = split_wildcards(operand.text)
        return not open_start and not open_end and "*" not in operand.text
    return isinstance(operand, Number)


def _odd_texts(operand: Text) -> list[str]:
    """Texts on which documentation and observation of a star differ."""
    core = operand.text.strip("*")
    parts = operand.text.split("*")
    return [core + core, core + FILLER + core, "".join(parts), FILLER.join(parts), operand.text]


def _fresh(sample: str, taken: set[str]) -> str:
    text = sample
    while text in taken:
        text += "x"
    return text
