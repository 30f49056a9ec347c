"""Where text goes: results on standard output, everything about the work on standard error."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from sg_alarm.errors import UserError
from sg_alarm.sources import SILENT, Step

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

_PLAIN_EVERY = 10.0
"""Seconds between two lines about the progress of long work, where there is no terminal to draw a bar on."""


class Terminal:
    """The two streams of a command. NO_COLOR and a missing TTY are respected by rich itself."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.out = Console(soft_wrap=True, highlight=False)
        self.err = Console(stderr=True, soft_wrap=True, highlight=False)

    def say(self, text: str | Text = "") -> None:
        """Tell about the work, unless quiet."""
        if not self.quiet:
            self.err.print(text, markup=False)

    def lines(self, lines: Iterable[str | Text]) -> None:
        """Tell several lines."""
        for line in lines:
            self.say(line)

    @staticmethod
    def write(data: bytes) -> None:
        """Write a result as it is, whatever characters the terminal has."""
        click.echo(data, nl=False)

    def error(self, error: UserError) -> None:
        """Tell an error in a line, and what to do in another."""
        from sg_alarm.rule.cleaning import one_line

        self.err.print(Text.assemble(("error: ", "bold red"), one_line(error.message)))
        if error.hint:
            self.err.print(Text.assemble(("hint: ", "bold cyan"), one_line(error.hint)))

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Step]:
        """Show one piece of long work: a bar or spinner on a terminal, plain lines elsewhere."""
        if self.quiet:
            yield SILENT
        elif self.err.is_terminal:
            # Only where a bar is drawn: its import is a tenth of a short run.
            from rich import progress as bars

            columns: list[ProgressColumn] = [
                bars.SpinnerColumn(),
                bars.TextColumn("{task.description}"),
                bars.BarColumn(),
            ]
            if total is not None:
                columns += [bars.MofNCompleteColumn(), bars.TimeRemainingColumn()]
            columns.append(bars.TimeElapsedColumn())
            with bars.Progress(*columns, console=self.err, transient=True) as progress:
                yield _Bar(progress, title, total)
        else:
            self.say(f"{title} …")
            yield _Plain(self, total)


class _Plain:
    def __init__(self, terminal: Terminal, total: int | None) -> None:
        self._terminal = terminal
        self._total = total
        self._done = 0
        self._started = self._shown = time.monotonic()

    def advance(self) -> None:
        self._done += 1
        now = time.monotonic()
        if self._total and now - self._shown >= _PLAIN_EVERY:
            self._shown = now
            left = (now - self._started) / self._done * (self._total - self._done)
            minutes, seconds = divmod(round(left), 60)
            self.say(f"{self._done:,} of {self._total:,}, {minutes}:{seconds:02d} min left")

    def expect(self, total: int) -> None:
        """Leave the number: work whose length was not known beforehand is short."""

    def say(self, text: str) -> None:
        self._terminal.say(f"  {text}")


class _Bar:
    def __init__(self, progress: Progress, title: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total)

    def say(self, text: str) -> None:
        self._progress.console.print(f"  {text}", markup=False)

    def expect(self, total: int) -> None:
        self._progress.update(self._task, total=total)

    def advance(self) -> None:
        self._progress.advance(self._task)
