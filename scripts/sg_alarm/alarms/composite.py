"""Rule expressions of composite alarms: parser, printer, evaluation.

Source: CloudWatch User Guide, "Composite alarms"; API Reference, PutCompositeAlarm, AlarmRule. The precedence
of the operators is not documented and taken as usual: ``NOT``, ``AND``, ``OR``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sg_alarm.alarms.model import AlarmState
from sg_alarm.alarms.tokens import Tokens

MAX_LENGTH = 10240  # PutCompositeAlarm, AlarmRule: at most 10,240 characters
MAX_DEPTH = 100  # ours: keeps hostile input from exhausting the stack


class RuleError(ValueError):
    """A rule expression that CloudWatch does not accept; the message says what is wrong and where."""


@dataclass(frozen=True)
class Constant:
    """``TRUE`` or ``FALSE``."""

    value: bool


@dataclass(frozen=True)
class InState:
    """``ALARM("x")``, ``OK("x")`` or ``INSUFFICIENT_DATA("x")``; ``alarm`` is a name or an ARN."""

    state: AlarmState
    alarm: str


@dataclass(frozen=True)
class Not:
    """``NOT …``."""

    operand: Rule


@dataclass(frozen=True)
class And:
    """``… AND …``, two operands or more."""

    operands: tuple[Rule, ...]


@dataclass(frozen=True)
class Or:
    """``… OR …``, two operands or more."""

    operands: tuple[Rule, ...]


@dataclass(frozen=True)
class AtLeast:
    """``AT_LEAST(threshold, state, (alarms))``: the threshold is a count, or per cent of the alarms."""

    threshold: int
    percent: bool
    negated: bool
    state: AlarmState
    alarms: tuple[str, ...]

    @property
    def needed(self) -> int:
        """How many of the alarms are needed."""
        return math.ceil(self.threshold * len(self.alarms) / 100) if self.percent else self.threshold


Rule = Constant | InState | Not | And | Or | AtLeast

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<symbol>[(),])
      | (?P<quoted>"[^"]*")
      | (?P<word>[^\s(),"]+)
    )""",
    re.VERBOSE,
)


def parse(rule: str) -> Rule:
    """Parse a rule expression. Raises :class:`RuleError`."""
    if len(rule) > MAX_LENGTH:
        raise RuleError(f"the rule is longer than {MAX_LENGTH} characters")
    return _Parser(rule).parse()


def unparse(rule: Rule) -> str:
    """Return a rule expression that parses to the same tree."""
    if isinstance(rule, Constant):
        return "TRUE" if rule.value else "FALSE"
    if isinstance(rule, InState):
        return f'{rule.state.value}("{rule.alarm}")'
    if isinstance(rule, Not):
        return f"NOT ({unparse(rule.operand)})"
    if isinstance(rule, AtLeast):
        state = f"{'NOT ' if rule.negated else ''}{rule.state.value}"
        alarms = ", ".join(f'"{alarm}"' for alarm in rule.alarms)
        return f"AT_LEAST({rule.threshold}{'%' if rule.percent else ''}, {state}, ({alarms}))"
    word = " AND " if isinstance(rule, And) else " OR "
    return word.join(f"({unparse(operand)})" for operand in rule.operands)


def _references(rule: Rule) -> Iterator[str]:
    """Yield the names and ARNs that the rule refers to, in order, as often as it does."""
    pending = [rule]
    while pending:
        current = pending.pop()
        if isinstance(current, InState):
            yield current.alarm
        elif isinstance(current, AtLeast):
            yield from current.alarms
        elif isinstance(current, Not):
            pending.append(current.operand)
        elif isinstance(current, And | Or):
            pending.extend(reversed(current.operands))


def alarms_in(rule: Rule) -> tuple[str, ...]:
    """Return the names and ARNs that the rule refers to, each once, in order."""
    return tuple(dict.fromkeys(_references(rule)))


def size(rule: Rule) -> int:
    """Return how many references to alarms the rule has."""
    return sum(1 for _ in _references(rule))


def evaluate(rule: Rule, states: Mapping[str, AlarmState]) -> bool:
    """Return whether the rule holds: the composite alarm is then in ALARM, otherwise in OK.

    ``states`` maps each name or ARN of :func:`alarms_in` to the state of that alarm; ``KeyError`` where one
    is missing.
    """
    if isinstance(rule, Constant):
        return rule.value
    if isinstance(rule, InState):
        return states[rule.alarm] == rule.state
    if isinstance(rule, Not):
        return not evaluate(rule.operand, states)
    if isinstance(rule, AtLeast):
        count = sum((states[alarm] == rule.state) is not rule.negated for alarm in rule.alarms)
        return count >= rule.needed
    results = (evaluate(operand, states) for operand in rule.operands)
    return all(results) if isinstance(rule, And) else any(results)


class _Parser:
    def __init__(self, rule: str) -> None:
        self._tokens = Tokens(rule, _TOKEN, RuleError)
        self._depth = 0

    def parse(self) -> Rule:
        rule = self._or()
        if self._tokens.peek().kind != "end":
            raise self._tokens.unexpected()
        return rule

    def _take_word(self, keyword: str) -> bool:
        """Go on if the token in hand is this word, in any case: the guide itself writes ``False``."""
        token = self._tokens.peek()
        taken = token.kind == "word" and token.text.upper() == keyword
        if taken:
            self._tokens.advance()
        return taken

    def _or(self) -> Rule:
        operands = [self._and()]
        while self._take_word("OR"):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _and(self) -> Rule:
        operands = [self._not()]
        while self._take_word("AND"):
            operands.append(self._not())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _not(self) -> Rule:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RuleError(f"the rule is nested deeper than {MAX_DEPTH} levels")
        rule: Rule
        if self._take_word("NOT"):
            rule = Not(self._not())
        elif self._tokens.take("("):
            rule = self._or()
            self._tokens.expect(")")
        else:
            rule = self._function()
        self._depth -= 1
        return rule

    def _function(self) -> Rule:
        if self._take_word("TRUE"):
            return Constant(True)
        if self._take_word("FALSE"):
            return Constant(False)
        if self._take_word("AT_LEAST"):
            return self._at_least()
        state = self._state()
        self._tokens.expect("(")
        alarm = self._alarm()
        self._tokens.expect(")")
        return InState(state, alarm)

    def _state(self) -> AlarmState:
        for state in AlarmState:
            if self._take_word(state.value):
                return state
        raise self._tokens.unexpected(", expected ALARM, OK, INSUFFICIENT_DATA, TRUE or FALSE")

    def _alarm(self) -> str:
        token = self._tokens.peek()
        name = token.text[1:-1] if token.kind == "quoted" else token.text if token.kind == "word" else ""
        if not name:
            raise self._tokens.unexpected(", expected the name or ARN of an alarm")
        self._tokens.advance()
        # A name without quotes may hold spaces; quotes are needed only for brackets, commas and quotes.
        while token.kind == "word" and self._tokens.peek().kind == "word":
            name += f" {self._tokens.peek().text}"
            self._tokens.advance()
        return name

    def _at_least(self) -> Rule:
        self._tokens.expect("(")
        token = self._tokens.peek()
        match = re.fullmatch(r"([0-9]{1,4})(%?)", token.text) if token.kind == "word" else None
        if match is None or int(match[1]) == 0:
            raise self._tokens.unexpected(", expected a count or a percentage")
        self._tokens.advance()
        self._tokens.expect(",")
        negated = self._take_word("NOT")
        state = self._state()
        self._tokens.expect(",")
        self._tokens.expect("(")
        alarms = [self._alarm()]
        while self._tokens.take(","):
            alarms.append(self._alarm())
        self._tokens.expect(")")
        self._tokens.expect(")")
        return AtLeast(int(match[1]), bool(match[2]), negated, state, tuple(alarms))
