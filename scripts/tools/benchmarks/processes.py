"""Run a command and measure it with everything that it starts.

Memory is the greatest sum, over all processes of a run, of what each has to itself and its share of the rest
(Pss), looked at every 20 ms.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figures:
    """Of one run: seconds of wall time, seconds of processor time, bytes."""

    wall: float
    processor: float
    memory: float


def run(
    command: Sequence[str | Path], environment: Mapping[str, str] = os.environ, log: Path = Path(os.devnull)
) -> tuple[int, Figures]:
    """Return the exit code and what it took; all that the command says goes to ``log``."""
    # As installed: with the compiled modules kept, which some environments switch off.
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=kept, stdout=said, stderr=subprocess.STDOUT)
        greatest = 0
        done = threading.Event()

        def look() -> None:
            nonlocal greatest
            while not done.wait(0.02):
                greatest = max(greatest, _memory(process.pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        done.set()
        watcher.join()
    return process.returncode, Figures(wall, usage.ru_utime + usage.ru_stime, greatest)


def median(runs: Sequence[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(
        statistics.median(run.wall for run in runs),
        statistics.median(run.processor for run in runs),
        statistics.median(run.memory for run in runs),
    )


def _memory(pid: int) -> int:
    """Return the bytes that a process and all below it hold; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total = next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, StopIteration):
        return 0
    return total + sum(map(_memory, children))
