"""How the progress of long work is shown where there is no terminal to draw on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sg_alarm.cli.console import Terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr("sg_alarm.cli.console.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def reported() -> io.StringIO:
    return io.StringIO()


def terminal(reported: io.StringIO, quiet: bool = False) -> Terminal:
    made = Terminal(quiet)
    made.err = Console(file=reported, soft_wrap=True, highlight=False)
    return made


def test_what_is_left_is_shown_every_ten_seconds(clock: list[float], reported: io.StringIO) -> None:
    with terminal(reported).step("auditing accounts", 1_000) as step:
        for _ in range(300):
            clock[0] += 0.1
            step.advance()
    lines = [line.strip() for line in reported.getvalue().splitlines()]
    assert lines[0] == "auditing accounts …"
    assert len(lines) in (3, 4)  # the tenths of a second do not add up exactly
    assert lines[1].endswith("of 1,000, 1:30 min left")


@pytest.mark.parametrize("total", [None, 5])
def test_short_work_and_work_of_unknown_length_show_nothing_between(
    clock: list[float], reported: io.StringIO, total: int | None
) -> None:
    with terminal(reported).step("audit", total) as step:
        for _ in range(5):
            clock[0] += 1 if total else 100
            step.advance()
    assert reported.getvalue() == "audit …\n"


def test_quiet_work_shows_nothing(clock: list[float], reported: io.StringIO) -> None:
    with terminal(reported, quiet=True).step("audit", 10) as step:
        clock[0] += 100
        step.advance()
    assert reported.getvalue() == ""


def test_a_terminal_shows_a_bar_with_the_time_that_is_left(reported: io.StringIO) -> None:
    made = Terminal()
    made.err = Console(file=reported, force_terminal=True, width=120)
    with made.step("auditing accounts", 4) as step:
        step.advance()
    assert "1/4" in reported.getvalue()
