"""What the check adds to Checkov's own time and memory, and how long `sg-alarm audit --code` takes instead.

Runs are interleaved, with and without the check, and medians compared, so that what else the machine does
falls on both alike.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.code import write_codebase
from benchmarks.processes import Figures, median, run

ROOT = Path(__file__).parents[3]
CHECKS = ROOT / "scripts/sg_alarm/checkov_checks"
_CHECKOV = (
    str(ROOT / ".venv-checkov/bin/python"),
    "-m",
    "checkov.main",
    "--framework",
    "terraform",
    "--skip-download",
    "--quiet",
)
_SIZES = ((2, 9), (100, 5), (1_000, 3))
"""Files in one root module, and how often each is run."""


def rows() -> Iterator[tuple[str, str]]:
    """Yield Checkov's own figures, what the check adds, and those of `sg-alarm audit --code`."""
    with tempfile.TemporaryDirectory() as folder:
        for files, times in _SIZES:
            code = write_codebase(Path(folder) / str(files), 1, files)
            alone = [*_CHECKOV, "-d", str(code)]
            checked = [*alone, "--external-checks-dir", str(CHECKS)]
            ours = [sys.executable, "-m", "sg_alarm", "--quiet", "audit", "--code", str(code)]
            runs = [[_run(command) for command in (alone, checked, ours)] for _ in range(times)]
            own, both, audit = (median([each[index] for each in runs]) for index in range(3))
            yield f"{files:,} files, Checkov alone", _shown(own)
            yield "  with the check", f"{_shown(both)}: {_more(own, both)}"
            yield "  sg-alarm audit --code", f"{_shown(audit)}: {own.wall / audit.wall:.0f} times as fast"


def _run(command: Sequence[str]) -> Figures:
    code, figures = run(command)
    assert code in (0, 1, 4), command
    return figures


def _shown(figures: Figures) -> str:
    return f"{figures.wall:.2f} s, processor {figures.processor:.2f} s, {figures.memory / 1e6:.0f} MB"


def _more(own: Figures, both: Figures) -> str:
    more = {name: getattr(both, name) / getattr(own, name) - 1 for name in ("wall", "processor", "memory")}
    return ", ".join(f"{share:+.1%} {name}" for name, share in more.items())
