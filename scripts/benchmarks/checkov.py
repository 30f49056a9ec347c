"""What the check adds to Checkov's own time and memory, and how long `sg-alarm audit --code` takes instead.

Runs are interleaved, with and without the check, and medians compared, so that what else the machine does
falls on both alike. Memory is the greatest sum, over all processes of a run, of what each has to itself and
its share of the rest (Pss), looked at every 20 ms.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.code import write_codebase

CHECKS = Path(__file__).parents[1] / "sg_alarm" / "checkov_checks"
_CHECKOV = (sys.executable, "-m", "checkov.main", "--framework", "terraform", "--skip-download", "--quiet")
_SIZES = ((2, 9), (100, 5), (1_000, 3))
"""Files in one root module, and how often each is run."""


@dataclass(frozen=True)
class Figures:
    """Of one run: seconds of wall time, seconds of processor time, bytes."""

    wall: float
    processor: float
    memory: float


def rows() -> Iterator[tuple[str, str]]:
    """Yield Checkov's own figures, what the check adds, and those of `sg-alarm audit --code`."""
    with tempfile.TemporaryDirectory() as folder:
        for files, times in _SIZES:
            code = write_codebase(Path(folder) / str(files), 1, files)
            alone = [*_CHECKOV, "-d", str(code)]
            checked = [*alone, "--external-checks-dir", str(CHECKS)]
            ours = [sys.executable, "-m", "sg_alarm", "--quiet", "audit", "--code", str(code)]
            runs = [[_run(command) for command in (alone, checked, ours)] for _ in range(times)]
            own, both, audit = (_median([run[index] for run in runs]) for index in range(3))
            yield f"{files:,} files, Checkov alone", _shown(own)
            yield "  with the check", f"{_shown(both)}: {_more(own, both)}"
            yield "  sg-alarm audit --code", f"{_shown(audit)}: {own.wall / audit.wall:.0f} times as fast"


def _run(command: Sequence[str]) -> Figures:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
    assert process.returncode in (0, 1, 4), command
    return Figures(wall, usage.ru_utime + usage.ru_stime, greatest)


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


def _median(runs: Sequence[Figures]) -> Figures:
    return Figures(
        statistics.median(run.wall for run in runs),
        statistics.median(run.processor for run in runs),
        statistics.median(run.memory for run in runs),
    )


def _shown(figures: Figures) -> str:
    return f"{figures.wall:.2f} s, processor {figures.processor:.2f} s, {figures.memory / 1e6:.0f} MB"


def _more(own: Figures, both: Figures) -> str:
    more = {name: getattr(both, name) / getattr(own, name) - 1 for name in ("wall", "processor", "memory")}
    return ", ".join(f"{share:+.1%} {name}" for name, share in more.items())
