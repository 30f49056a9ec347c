"""How long the command line and the embedded AWS take to start."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from sg_alarm.local_aws import LocalAws

_RUNS = 5


def rows() -> Iterator[tuple[str, str]]:
    """Yield medians of several runs."""
    for arguments in (["--version"], ["pattern", "explain", "{ $.eventName = CreateSecurityGroup }"]):
        command = [sys.executable, "-m", "sg_alarm", *arguments]

        def run(command: list[str] = command) -> None:
            subprocess.run(command, check=True, capture_output=True)

        yield f"sg-alarm {' '.join(arguments[:2])}", _median(run)
    yield "embedded AWS, start to first answer", _median(_start_and_stop)


def _start_and_stop() -> None:
    with LocalAws():
        pass


def _median(run: Callable[[], None]) -> str:
    run()
    seconds = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return f"{statistics.median(seconds) * 1000:.0f} ms (median of {_RUNS}, least {min(seconds) * 1000:.0f})"
