"""Measure and print; judges nothing. `make bench` runs what needs no download, `ARGS=peers` a part."""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

PARTS = ("startup", "patterns", "rule", "audit", "code", "checkov", "organization")
DOWNLOADING = ("peers", "reviewers")
"""Run when named only: they install other tools."""


def main(parts: list[str]) -> int:
    """Run the named parts, or all that need no download."""
    if unknown := set(parts) - {*PARTS, *DOWNLOADING}:
        known = ", ".join(PARTS + DOWNLOADING)
        sys.stderr.write(f"error: no benchmark called {', '.join(unknown)}\nhint: {known}\n")
        return 2
    console = Console()
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
    for part in parts or PARTS:
        table = Table("what", "figure", title=part, title_justify="left", box=None, padding=(0, 2, 0, 0))
        for what, figure in import_module(f"benchmarks.{part}").rows():
            table.add_row(what, figure)
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
