"""The syntax tree of a CloudWatch Logs filter pattern, and its way back to text.

Source: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail",
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

``str(tree)`` is a pattern that parses to an equal tree. Formatting is not in the tree: white space,
quotes that change nothing and parentheses that change nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from sg_alarm.errors import UserError

MAX_LENGTH = 1024  # botocore, logs service model: FilterPattern, max 1024
MAX_REGEXES = 2  # "a limit of 2 regex for each filter pattern" (delimited or JSON)
MAX_WILDCARD_SELECTORS = 3  # "up to three wildcard selectors in a filter pattern"

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
PLAIN_WORD = re.compile(r"[A-Za-z0-9_]+")
# The documentation wants quotes around anything but letters, digits and underscores. AWS takes more without
# (observed: dots and stars), and published patterns rely on more (hyphens, colons, slashes).
BARE = re.compile(r"[A-Za-z0-9_.*+:/-]+")


class PatternError(UserError):
    """A text that AWS would not take as a filter pattern.

    ``position`` counts characters from 0, ``reason`` is one line.
    """

    def __init__(self, text: str, position: int, reason: str) -> None:
        excerpt = text[max(0, position - 20) : position + 20]
        super().__init__(
            f"invalid filter pattern at character {position}: {reason}",
            hint=f"near {excerpt!r}" if excerpt else "",
        )
        self.position = position
        self.reason = reason


class Wildcard(Enum):
    """A step of a selector that stands for any element of an array or any field of an object."""

    ELEMENT = "[*]"
    FIELD = ".*"


Step = str | int | Wildcard


@dataclass(frozen=True)
class Selector:
    """``$.a.b[0].*``: the way from the root of the event to a value."""

    steps: tuple[Step, ...]

    @property
    def has_wildcard(self) -> bool:
        """Whether this can point at more than one value."""
        return any(isinstance(step, Wildcard) for step in self.steps)

    def __str__(self) -> str:
        return "$" + "".join(_step_text(step) for step in self.steps)


def _step_text(step: Step) -> str:
    if isinstance(step, Wildcard):
        return step.value
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if PLAIN_KEY.fullmatch(step) else f".['{step}']"


@dataclass(frozen=True)
class Text:
    """A string to compare with; ``*`` at its start or end is a wildcard."""

    text: str

    def __str__(self) -> str:
        if PLAIN_WORD.fullmatch(self.text) and not NUMBER.fullmatch(self.text):
            return self.text
        return quote(self.text)


@dataclass(frozen=True)
class Number:
    """A bare number; it compares numerically with numbers and as text with strings."""

    text: str

    @property
    def value(self) -> int | float:
        """The number itself."""
        return float(self.text) if any(c in self.text for c in ".eE") else int(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Regex:
    """A regular expression, without its percent signs."""

    text: str

    def __str__(self) -> str:
        return f"%{self.text}%"


Operand = Text | Number | Regex


class Operator(str, Enum):
    """The comparisons."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="

    @property
    def is_order(self) -> bool:
        """Whether this needs a number on its right."""
        return self not in (Operator.EQ, Operator.NE)


class Constant(str, Enum):
    """What may follow ``IS``."""

    NULL = "NULL"
    TRUE = "TRUE"
    FALSE = "FALSE"


@dataclass(frozen=True)
class Comparison:
    """``$.eventName = CreateSecurityGroup``."""

    selector: Selector
    operator: Operator
    operand: Operand

    def __str__(self) -> str:
        return f"{self.selector} {self.operator.value} {self.operand}"


@dataclass(frozen=True)
class Is:
    """``$.readOnly IS FALSE``."""

    selector: Selector
    constant: Constant

    def __str__(self) -> str:
        return f"{self.selector} IS {self.constant.value}"


@dataclass(frozen=True)
class NotExists:
    """``$.errorCode NOT EXISTS``."""

    selector: Selector

    def __str__(self) -> str:
        return f"{self.selector} NOT EXISTS"


@dataclass(frozen=True)
class And:
    """Two or more expressions of which each must hold."""

    terms: tuple[Expression, ...]

    def __str__(self) -> str:
        return " && ".join(f"({term})" for term in self.terms)


@dataclass(frozen=True)
class Or:
    """Two or more expressions of which one must hold."""

    terms: tuple[Expression, ...]

    def __str__(self) -> str:
        return " || ".join(f"({term})" for term in self.terms)


Condition = Comparison | Is | NotExists
Expression = Comparison | Is | NotExists | And | Or


@dataclass(frozen=True)
class JsonPattern:
    """``{ … }``: a condition on the fields of a JSON event."""

    expression: Expression

    def __str__(self) -> str:
        spacious = f"{{ {self.expression} }}"
        return spacious if len(spacious) <= MAX_LENGTH else f"{{{_dense(self.expression)}}}"


@dataclass(frozen=True)
class TextPattern:
    """Terms of the raw message: all of ``include``, none of ``exclude``; alone, one of ``optional``.

    With neither (the empty pattern) every message matches.
    """

    include: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [_term_text(term) for term in self.include]
        parts += ["?" + _term_text(term) for term in self.optional]
        parts += ["-" + _term_text(term) for term in self.exclude]
        return " ".join(parts)


def _term_text(term: str) -> str:
    return term if PLAIN_WORD.fullmatch(term) else quote(term)


@dataclass(frozen=True)
class RegexPattern:
    """``%…%`` alone: a regular expression that is searched in the raw message."""

    regex: Regex

    def __str__(self) -> str:
        return str(self.regex)


@dataclass(frozen=True)
class FieldTest:
    """``status_code = 4*`` in a space-delimited pattern; the name is the field's."""

    operator: Operator
    operand: Operand


@dataclass(frozen=True)
class Column:
    """One named field of a space-delimited pattern: alternatives (``||``) of tests that all hold (``&&``)."""

    name: str
    alternatives: tuple[tuple[FieldTest, ...], ...] = ()

    def __str__(self) -> str:
        if not self.alternatives:
            return self.name
        return " || ".join(
            " && ".join(f"{self.name} {test.operator.value} {test.operand}" for test in tests)
            for tests in self.alternatives
        )


@dataclass(frozen=True)
class Gap:
    """``...``: any number of unnamed fields."""

    def __str__(self) -> str:
        return "..."


@dataclass(frozen=True)
class SpacePattern:
    """``[ip, ..., status = 4*]``: conditions on the fields of a space-delimited message."""

    fields: tuple[Column | Gap, ...]

    def __str__(self) -> str:
        spacious = "[" + ", ".join(str(field) for field in self.fields) + "]"
        if len(spacious) <= MAX_LENGTH:
            return spacious
        return "[" + ",".join(_dense_field(field) for field in self.fields) + "]"


Tree = JsonPattern | TextPattern | RegexPattern | SpacePattern


def quote(text: str) -> str:
    """Put text between double quotes, so that it reads back as itself."""
    return '"' + re.sub(r'\\(?=["\\]|$)|"', lambda found: "\\" + found[0], text) + '"'


def _dense(expression: Expression) -> str:
    """Write an expression in as few characters as any text of it has, to keep within the length limit."""
    if isinstance(expression, Or):
        return "||".join(_dense(term) for term in expression.terms)
    if isinstance(expression, And):
        return "&&".join(
            f"({_dense(term)})" if isinstance(term, Or) else _dense(term) for term in expression.terms
        )
    if isinstance(expression, Comparison):
        return f"{expression.selector}{expression.operator.value}{_dense_operand(expression.operand)}"
    return str(expression)


def _dense_operand(operand: Operand) -> str:
    if isinstance(operand, Text) and BARE.fullmatch(operand.text) and not NUMBER.fullmatch(operand.text):
        return operand.text
    return str(operand)


def _dense_field(field: Column | Gap) -> str:
    if isinstance(field, Gap) or not field.alternatives:
        return str(field)
    return "||".join(
        "&&".join(f"{field.name}{test.operator.value}{_dense_operand(test.operand)}" for test in tests)
        for tests in field.alternatives
    )


def conditions(expression: Expression) -> list[Condition]:
    """Every condition of an expression, in the order of the text."""
    if isinstance(expression, (And, Or)):
        return [found for term in expression.terms for found in conditions(term)]
    return [expression]
