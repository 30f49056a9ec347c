"""A page of the handbook at a terminal: Markdown as a manual page, ready to be copied from."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

_INDENT = "  "


def print_page(markdown: str, console: Console) -> None:
    """Print titles at the margin and everything else indented; code is as long as it is, never wrapped."""
    for line in _lines(markdown):
        console.print(line)


def _lines(markdown: str) -> Iterator[Text]:
    in_code = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            yield Text(f"{_INDENT * 2}{line}".rstrip(), "cyan")
        elif line.startswith("#"):
            yield Text(line.lstrip("# ").upper(), "bold")
        else:
            yield Text(f"{_INDENT}{line}".rstrip())
