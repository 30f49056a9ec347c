"""Small damages to documents and texts, by a random number generator that can be wound back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

HOSTILE_TEXTS = (
    "",
    "x" * 3000,
    "\x00\x1b[2J\x1b]0;title\x07",
    "a\n::error file=a.tf,line=1::injected\n##[error]injected",
    "\u202egnp.exe\u2066 \u200b\ufeff\u2028",
    "\ud800",
    "=cmd|' /C calc'!A0",
    "</script><script>alert(1)</script>",
    "`|*_[]<>@everyone #1 $(id)",
    "${x}",
    "${" * 40,
    "arn:aws:sns:eu-west-1:111122223333:" + "*" * 200,
    "*a" * 300,
    "arn:::::",
    "{ $.eventName = %[a-z]*a[a-z]{900}|b.{700}% }",
    "{" + "&&".join(f"($.a{n}=1||$.b{n}=2)" for n in range(45)) + "}",
    "1e999",
    "NaN",
    "-1",
    "true",
    "null",
    "ALARM(" * 50,
    "file:///etc/passwd",
    "/proc/self/environ",
    "../" * 30 + "etc/passwd",
)
HOSTILE_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    10**18,
    10**400,
    1.5,
    1e308,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": None},
    {"a": {"a": {"a": []}}},
)


def hostile(random: Random) -> Any:
    """Return a value that has no business to be anywhere."""
    if random.random() < 0.5:
        return random.choice(HOSTILE_TEXTS)
    if random.random() < 0.05:
        deep: Any = "end"
        for _ in range(random.choice([20, 120, 250])):
            deep = [deep] if random.random() < 0.5 else {"a": deep}
        return deep
    return deepcopy(random.choice(HOSTILE_VALUES))  # which further damages change


def damaged(document: Any, random: Random) -> Any:
    """Return a copy of a JSON document with one to four damages."""
    document = json.loads(json.dumps(document))
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        places = list(_places(document))
        if not places:
            return hostile(random)
        holder, key = random.choice(places)
        kind = random.random()
        if kind < 0.55:
            holder[key] = hostile(random)
        elif kind < 0.75:
            del holder[key]
        elif kind < 0.85:
            other_holder, other = random.choice(places)
            if other in other_holder if isinstance(other_holder, dict) else other < len(other_holder):
                holder[key] = json.loads(json.dumps(other_holder[other]))
        elif isinstance(holder, list):
            holder.extend(json.loads(json.dumps(holder)))
        else:
            holder[str(random.choice(HOSTILE_TEXTS))] = hostile(random)
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Return every place in a document: the dict or list that holds it, and its key there."""
    found: list[tuple[Any, Any]] = []
    pending = [document]
    while pending:
        one = pending.pop()
        if isinstance(one, dict | list):
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            found += [(one, key) for key in keys]
            pending += [one[key] for key in keys]
    return found


def torn(content: bytes, random: Random) -> bytes:
    """Return bytes as a disk or a network may damage them."""
    kind, at = random.random(), random.randrange(len(content) + 1)
    if kind < 0.4:
        return content[:at]
    if kind < 0.7:
        return content[:at] + bytes(random.choices(range(256), k=random.randint(1, 20))) + content[at + 1 :]
    return content[:at] + content[random.randrange(len(content) + 1) :]


def edited(text: str, random: Random, snippets: Sequence[str]) -> str:
    """Return a text with one to four edits: pieces cut, moved or repeated, and snippets put in."""
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        lines = text.splitlines(keepends=True) or [""]
        at = random.randrange(len(lines))
        kind = random.random()
        if kind < 0.2:
            del lines[at : at + random.randint(1, 3)]
        elif kind < 0.35:
            lines.insert(random.randrange(len(lines) + 1), lines[at])
        elif kind < 0.5:
            column = random.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:column] + lines[at][column + random.randint(1, 8) :]
        elif kind < 0.75:
            column = random.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:column] + random.choice(snippets) + lines[at][column:]
        else:
            head, sign, _ = lines[at].partition(random.choice(["=", ":"]))
            lines[at] = f"{head}{sign} {random.choice(snippets)}\n"
        text = "".join(lines)
    return text
