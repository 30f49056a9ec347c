"""Terraform code: every root module below a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from sg_alarm.readers.code import read_roots, roots_below
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class CodeSource:
    """The root modules below a folder, with further files of variables.

    ``roots`` are the only ones of interest, where they are known; paths are told as seen from ``base``, the
    working directory unless it is given. ``in_process`` reads all of them in this process.
    """

    path: Path
    var_file: tuple[Path, ...] = ()
    roots: tuple[Path, ...] | None = None
    base: Path | None = None
    in_process: bool = False

    def read(self, progress: Progress) -> Readings:
        """Read every root module; what cannot be read is in the deployments as ``Unknown``."""
        with progress.step("reading Terraform code") as step:
            roots = roots_below(self.path) if self.roots is None else self.roots
            step.expect(len(roots))
            named = [(root, self._name(root)) for root in roots]
            few = {"processes": 0} if self.in_process else {}
            found = read_roots(named, self.var_file, step.advance, **few)
        return Readings(tuple(map(self._placed, found)), f"Terraform code: {self.path}")

    def _name(self, root: Path) -> str:
        """Return a root's path as seen from the base, in full where it is not below that.

        The ids of findings hold it: they do not depend on how somebody wrote the path.
        """
        here, there = self.base or Path.cwd(), root.resolve()
        if self.base is None and not there.is_relative_to(here):
            return str(there)
        return os.path.relpath(there, here)

    def _placed(self, reading: Reading) -> Reading:
        """Return a reading whose positions are as seen from the base."""
        here = self.base or Path.cwd()
        positions = {
            address: Position(os.path.relpath(one.file, here), one.line)
            for address, one in reading.positions.items()
        }
        return replace(reading, positions=positions)
