"""What filter patterns mean, as a table: a second evaluator, which shares nothing with the product's.

A condition is made with its meaning at once, so that no pattern is parsed here.

Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters" (JSON log events).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from random import Random
from typing import Any

Meaning = Callable[[dict[str, Any]], bool]

WORDS = ("a", "ab", "aba", "b", "ba", "CreateSecurityGroup", "DeleteSecurityGroup")
NUMBERS = (-1, 0, 1, 1.5, 2, 100)
_OPERAND: dict[str, Callable[[str], bool]] = {
    **{f'"{word}"': word.__eq__ for word in WORDS},
    '"a*"': lambda value: value.startswith("a"),
    '"*a"': lambda value: value.endswith("a"),
    '"*b*"': lambda value: "b" in value,
    '"*"': lambda value: True,
    **{f"%{one}%": re.compile(one).search for one in ("^a", "b$", "^ab?a*$", "[A-Z]", "Group", "^[ab]+$")},
}
_TEXTS = {
    "$.a": lambda event: [event["a"]] if "a" in event else [],
    "$.o.a": lambda event: [event["o"]["a"]] if "a" in event.get("o", {}) else [],
    "$.l[0]": lambda event: event.get("l", [])[:1],
    "$.l[1]": lambda event: event.get("l", [])[1:2],
    "$.l[*]": lambda event: event.get("l", []),
}
_COMPARED = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = {"TRUE": True, "FALSE": False, "NULL": None}


def condition(random: Random) -> tuple[str, Meaning]:
    """Return a condition, and what it means."""
    kind = random.randrange(4)
    if kind == 0:
        sign, number = random.choice([*_COMPARED]), random.choice(NUMBERS)
        compare = _COMPARED[sign]
        return f"($.n {sign} {number})", lambda event: "n" in event and compare(event["n"], number)
    if kind == 1:
        word = random.choice([*_WORDS])
        wanted = _WORDS[word]
        return f"($.b IS {word})", lambda event: "b" in event and event["b"] is wanted
    if kind == 2:
        name = random.choice("anblo")
        return f"($.{name} NOT EXISTS)", lambda event: name not in event
    selector, operand, equal = random.choice([*_TEXTS]), random.choice([*_OPERAND]), random.random() < 0.6
    values, test = _TEXTS[selector], _OPERAND[operand]
    return (
        f"({selector} {'=' if equal else '!='} {operand})",
        lambda event: any(bool(test(value)) is equal for value in values(event)),
    )


def expression(random: Random, depth: int = 2) -> tuple[str, Meaning]:
    """Return conditions joined by AND and OR, and what they mean."""
    if not depth or random.random() < 0.3:
        return condition(random)
    parts = [expression(random, depth - 1) for _ in range(random.choice((2, 2, 3)))]
    sign, join = random.choice(((" && ", all), (" || ", any)))
    return f"({sign.join(text for text, _ in parts)})", lambda event: join(mean(event) for _, mean in parts)


def event(random: Random) -> dict[str, Any]:
    """Return an event, each field of which may be missing."""
    some = {
        "a": random.choice(WORDS),
        "n": random.choice(NUMBERS),
        "b": random.choice((True, False, None)),
        "l": random.choices(WORDS, k=random.randrange(4)),
        "o": random.choice(({}, {"a": random.choice(WORDS)})),
    }
    return {name: value for name, value in some.items() if random.random() < 0.8}


def pattern(random: Random) -> tuple[str, Meaning]:
    """Return a pattern of no more than two regular expressions and three wildcards, and what it means."""
    while True:
        text, meaning = expression(random)
        if text.count("%") <= 4 and text.count("[*]") <= 3:
            return f"{{ {text} }}", meaning
