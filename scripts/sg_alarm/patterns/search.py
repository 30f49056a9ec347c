"""The search for an event that a pattern matches, or misses, over the choices of every field."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sg_alarm.patterns.choices import DEPTH, Choice, Chooser, Node, judge
from sg_alarm.patterns.cloudtrail import Domain, Path, Presence, Shape
from sg_alarm.patterns.syntax import And, Expression, Or, Wildcard, conditions
from sg_alarm.patterns.values import ABSENT
from sg_alarm.steps import OutOfStepsError, Steps

TOO_MANY = "too many combinations of values"

_SEARCH = 100_000  # steps of one search


@dataclass(frozen=True)
class _Part:
    """Choices that depend on no others: the value at ``path``, or (merged) fields of the object there."""

    path: Path
    choices: list[Choice]
    merged: bool = False


class Search:
    """The choices of every independent part of the event, and the searches over their combinations."""

    def __init__(self, expression: Expression, domain: Domain, steps: Steps) -> None:
        """List the choices. Raises OutOfStepsError where that alone exceeds the budget."""
        self.expression = expression
        self.domain = domain
        self.steps = steps
        self.bits = {one: 1 << index for index, one in enumerate(dict.fromkeys(conditions(expression)))}
        if max(len(one.selector.steps) for one in self.bits) > DEPTH:
            raise OutOfStepsError
        root = Node()
        for index, condition in enumerate(self.bits):
            root.add(judge(index, condition))
        self._chooser = Chooser(domain.fields, steps)
        self._holds = _mask_test(expression, self.bits)
        self._out_of_steps = False
        self._parts: list[_Part] = []
        self._split(root, ())

    @property
    def complete(self) -> bool:
        """Whether the searches so far have looked everywhere."""
        return self._chooser.complete and not self._out_of_steps

    def why(self) -> str:
        """Say what kept the searches from an answer."""
        if not self.complete:
            return TOO_MANY
        return "the answer depends on behaviour that AWS does not document"

    def slip(self, *, certain: bool) -> dict[str, Any] | None:
        """Find an event that does not match; with ``certain``, however AWS settles what is undocumented."""
        return self._search(False, _possible if certain else _true)

    def match(self, *, certain: bool) -> dict[str, Any] | None:
        """Find an event that matches; ``certain`` as above."""
        return self._search(True, _true if certain else _possible)

    def residue(self) -> str:
        """Write what is left of the expression without the conditions that the domain settles."""
        always = possible = 0
        for part in self._parts:
            common = -1
            for choice in part.choices:
                common &= choice.true
                possible |= choice.possible
            always |= common
        left = _simplified(self.expression, self.bits, always, ~possible)
        return "" if isinstance(left, bool) else str(left)

    def _split(self, node: Node, path: Path) -> None:
        """List the choices below an object that is always there, field by field if no wildcard ties them."""
        if Wildcard.FIELD in node.below:
            self._parts.append(_Part(path, self._chooser.objects(node, path), merged=True))
            return
        for step, below in node.below.items():
            known = self.domain.fields.get((*path, step)) if isinstance(step, str) else None
            if not isinstance(step, str):
                # An object is no array.
                self._parts.append(_Part(path, [_nothing(below.absent)], merged=True))
            elif known and known.shape is Shape.OBJECT and known.presence is Presence.ALWAYS:
                itself = Node(below.judges).ask({})
                self._parts.append(_Part(path, [_nothing(itself)], merged=True))
                self._split(Node([], below.below), (*path, step))
            else:
                self._parts.append(_Part((*path, step), self._chooser.choices(below, (*path, step))))

    def _search(self, wanted: bool, answers: Callable[[Choice], int]) -> dict[str, Any] | None:
        with self.steps.share(_SEARCH) as steps, suppress(OutOfStepsError):
            return self._found(wanted, answers, steps)
        self._out_of_steps = True
        return None

    def _found(self, wanted: bool, answers: Callable[[Choice], int], steps: Steps) -> dict[str, Any] | None:
        parts = [(part, _extreme(part.choices, answers, wanted, steps)) for part in self._parts]
        parts.sort(key=lambda pair: len(pair[1]))
        ahead = [0] * (len(parts) + 1)  # what the parts from here on can make true
        if wanted:
            for index in range(len(parts) - 1, -1, -1):
                ahead[index] = ahead[index + 1]
                for choice in parts[index][1]:
                    ahead[index] |= answers(choice)
        cost = 1 + len(self.bits) // 8
        stack: list[tuple[int, int, tuple[Choice, ...]]] = [(0, 0, ())]
        while stack:
            index, mask, chosen = stack.pop()
            steps.take(cost)
            if self._holds(mask | ahead[index]) is not wanted:
                continue
            if index == len(parts):
                return self._event([part for part, _ in parts], chosen)
            steps.take(len(parts[index][1]))
            # The last pushed is looked at first: the first choice, the most ordinary one.
            for choice in reversed(parts[index][1]):
                stack.append((index + 1, mask | answers(choice), (*chosen, choice)))
        return None

    def _event(self, parts: Sequence[_Part], chosen: Sequence[Choice]) -> dict[str, Any]:
        event: dict[str, Any] = copy.deepcopy(dict(self.domain.base))
        for part, choice in zip(parts, chosen, strict=True):
            inner = event
            for key in part.path if part.merged else part.path[:-1]:
                inner = inner.setdefault(key, {})
            if part.merged:
                _merge(inner, choice.value)
            elif choice.value is ABSENT:
                inner.pop(part.path[-1], None)
            else:
                inner[part.path[-1]] = copy.deepcopy(choice.value)
        return event


def _true(choice: Choice) -> int:
    return choice.true


def _possible(choice: Choice) -> int:
    return choice.possible


def _nothing(answers: Choice) -> Choice:
    return Choice({}, answers.true, answers.open)


def _extreme(
    choices: list[Choice], answers: Callable[[Choice], int], most: bool, steps: Steps
) -> list[Choice]:
    """Keep the choices of which no other makes more (or fewer) conditions true, the first of equals."""
    masks: dict[int, Choice] = {}
    for choice in choices:
        masks.setdefault(answers(choice), choice)
    steps.take(len(choices) + len(masks) ** 2 // 16)
    if most:
        return [c for mask, c in masks.items() if not any(o & mask == mask and o != mask for o in masks)]
    return [c for mask, c in masks.items() if not any(o & mask == o and o != mask for o in masks)]


def _merge(into: dict[str, Any], value: Mapping[str, Any]) -> None:
    for key, inner in value.items():
        if isinstance(inner, dict) and isinstance(into.get(key), dict):
            _merge(into[key], inner)
        else:
            into[key] = copy.deepcopy(inner)


def _mask_test(expression: Expression, bits: Mapping[Any, int]) -> Callable[[int], bool]:
    """Compile an expression into a test of a set of true conditions."""
    if isinstance(expression, (And, Or)):
        leaves = 0
        deeper = []
        for term in expression.terms:
            if isinstance(term, (And, Or)):
                deeper.append(_mask_test(term, bits))
            else:
                leaves |= bits[term]
        if isinstance(expression, Or):
            return lambda mask: bool(mask & leaves) or any(test(mask) for test in deeper)
        return lambda mask: mask & leaves == leaves and all(test(mask) for test in deeper)
    bit = bits[expression]
    return lambda mask: bool(mask & bit)


def _simplified(
    expression: Expression, bits: Mapping[Any, int], always: int, never: int
) -> Expression | bool:
    if not isinstance(expression, (And, Or)):
        bit = bits[expression]
        return True if always & bit else False if never & bit else expression
    absorbing = isinstance(expression, Or)
    left: list[Expression] = []
    for term in expression.terms:
        simple = _simplified(term, bits, always, never)
        if simple is absorbing:
            return absorbing
        if not isinstance(simple, bool):
            left.append(simple)
    if not left:
        return not absorbing
    return left[0] if len(left) == 1 else type(expression)(tuple(left))
