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


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int

    @property
    def keyword(self) -> str:
        """The word in capitals: the guide itself writes ``False`` beside ``FALSE``."""
        return self.text.upper() if self.kind == "word" else ""


class _Parser:
    def __init__(self, rule: str) -> None:
        self._tokens = list(_tokens(rule))
        self._next = 0
        self._depth = 0

    def parse(self) -> Rule:
        rule = self._or()
        if self._peek().kind != "end":
            raise self._unexpected()
        return rule

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, symbol_or_keyword: str) -> bool:
        token = self._peek()
        if symbol_or_keyword in (token.keyword, token.text if token.kind == "symbol" else ""):
            self._next += 1
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise self._unexpected(f", expected {symbol!r}")

    def _unexpected(self, hint: str = "") -> RuleError:
        token = self._peek()
        what = "the end" if token.kind == "end" else repr(token.text)
        return RuleError(f"unexpected {what} at character {token.position + 1}{hint}")

    def _or(self) -> Rule:
        operands = [self._and()]
        while self._take("OR"):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _and(self) -> Rule:
        operands = [self._not()]
        while self._take("AND"):
            operands.append(self._not())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _not(self) -> Rule:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RuleError(f"the rule is nested deeper than {MAX_DEPTH} levels")
        rule: Rule
        if self._take("NOT"):
            rule = Not(self._not())
        elif self._take("("):
            rule = self._or()
            self._expect(")")
        else:
            rule = self._function()
        self._depth -= 1
        return rule

    def _function(self) -> Rule:
        if self._take("TRUE"):
            return Constant(True)
        if self._take("FALSE"):
            return Constant(False)
        if self._take("AT_LEAST"):
            return self._at_least()
        state = self._state()
        self._expect("(")
        alarm = self._alarm()
        self._expect(")")
        return InState(state, alarm)

    def _state(self) -> AlarmState:
        for state in AlarmState:
            if self._take(state.value):
                return state
        raise self._unexpected(", expected ALARM, OK, INSUFFICIENT_DATA, TRUE or FALSE")

    def _alarm(self) -> str:
        token = self._peek()
        name = token.text[1:-1] if token.kind == "quoted" else token.text if token.kind == "word" else ""
        if not name:
            raise self._unexpected(", expected the name or ARN of an alarm")
        self._next += 1
        # A name without quotes may hold spaces; quotes are needed only for brackets, commas and quotes.
        while token.kind == "word" and self._peek().kind == "word":
            name += f" {self._peek().text}"
            self._next += 1
        return name

    def _at_least(self) -> Rule:
        self._expect("(")
        token = self._peek()
        match = re.fullmatch(r"([0-9]{1,4})(%?)", token.text) if token.kind == "word" else None
        if match is None or int(match[1]) == 0:
            raise self._unexpected(", expected a count or a percentage")
        self._next += 1
        self._expect(",")
        negated = self._take("NOT")
        state = self._state()
        self._expect(",")
        self._expect("(")
        alarms = [self._alarm()]
        while self._take(","):
            alarms.append(self._alarm())
        self._expect(")")
        self._expect(")")
        return AtLeast(int(match[1]), bool(match[2]), negated, state, tuple(alarms))


def _tokens(rule: str) -> Iterator[_Token]:
    position = 0
    end = len(rule.rstrip())
    while position < end:
        match = _TOKEN.match(rule, position)
        if match is None:
            raise RuleError(f"a quote is never closed after character {position + 1}")
        kind = match.lastgroup or ""
        yield _Token(kind, match[kind], match.start(kind))
        position = match.end()
    yield _Token("end", "", end)
