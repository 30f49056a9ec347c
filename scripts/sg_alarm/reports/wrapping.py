"""Text beside a label, wrapped so that it never runs below the label."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from sg_alarm.rule.cleaning import lines

_LEAST = 20


def hanging(label: Text, body: Text, console: Console) -> Iterator[Text]:
    """Yield the lines of a body beside its label, no wider than the console; nothing stands behind them.

    A word that is too long for a line is folded; a console that is too narrow is overrun.
    """
    room = max(console.width - label.cell_len, _LEAST)
    head = label
    for paragraph in body.split("\n", allow_blank=True):
        for line in paragraph.wrap(console, room, overflow="fold"):
            shown = head + line
            shown.rstrip()
            harmless = lines(shown.plain)
            yield shown if harmless == shown.plain else Text(harmless)
            head = Text(" " * label.cell_len)
