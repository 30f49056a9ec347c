"""Text from code and accounts, made harmless for whatever shows it.

Names are whatever somebody chose. A terminal acts on control characters, a reader is misled by marks that
turn the direction of writing, a workflow takes lines that begin with ``::`` (and ``##[`` anywhere) for
commands, and half of a surrogate pair cannot be written at all. What cannot be seen is shown by its number,
such as ``⟨U+001B⟩``.

Sources: Unicode Standard Annex #9, explicit directional formatting characters; GitHub Docs, "Workflow
commands for GitHub Actions"; OWASP, "CSV Injection".
"""

from __future__ import annotations

import re
from typing import Any

_BREAKS = re.compile(r"[ \t\r\n\f\v]+")
_COMMAND = "##["
_BEGUN = re.compile(r"(?:^|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029])\s*::")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def one_line(text: str) -> str:
    """Return a text as one line in which every character can be seen, and no legacy workflow command."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else f"⟨U+{ord(one):04X}⟩" for one in _BREAKS.sub(" ", text))
    return text.replace(_COMMAND, "## [")


def lines(text: str) -> str:
    """Return a text of several lines, each of them made harmless; none begins a workflow command."""
    return "\n".join(no_command(_kept(line)) for line in text.split("\n"))


def no_command(line: str) -> str:
    """Return a line that no workflow takes for a command, wherever it was wrapped."""
    begun = line.lstrip()
    harmless = f"{line[: len(line) - len(begun)]}\\{begun}" if begun.startswith("::") else line
    return harmless.replace(_COMMAND, "## [")


def no_commands(text: str) -> str:
    """Return the text of a report with no line in it that a workflow takes for a command."""
    if _COMMAND not in text and not _BEGUN.search(text):
        return text
    return "".join(map(no_command, text.splitlines(keepends=True)))


def cell(value: Any) -> Any:
    """Return a value for a cell of a spreadsheet, which takes what begins so for a formula."""
    text = one_line(value) if isinstance(value, str) else value
    return f"'{text}" if isinstance(value, str) and value.startswith(_FORMULA) else text


def _kept(line: str) -> str:
    """Clean a line but for its indentation."""
    body = line.lstrip(" ")
    return line[: len(line) - len(body)] + one_line(body)
