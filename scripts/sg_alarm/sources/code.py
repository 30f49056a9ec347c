"""Terraform code: every root module below a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from sg_alarm.readers.terraform import Files, Loader, read_roots, roots_below
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.rule.scan import CODEBASE, Expect
from sg_alarm.sources.configuration import Folders
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class CodeSource:
    """The root modules below a folder, with further files of variables.

    ``exclude`` are root modules not to read; paths are relative to ``base``, the working directory unless it
    is given.
    """

    path: Path
    var_file: tuple[Path, ...] = ()
    exclude: Folders | None = None
    base: Path | None = None

    def read(self, progress: Progress) -> Readings:
        """Read every root module; what cannot be read is in the deployments as ``Unknown``."""
        loader = Loader(Files(self.path))
        with progress.step("reading Terraform code") as step:
            excluded = self.exclude or Folders()
            roots = [one for one in roots_below(self.path, loader) if not excluded.hold(one)]
            step.expect(len(roots))
            named = [(root, self.name_of(root)) for root in roots]
            found = read_roots(named, self.var_file, step.advance, loader)
        return Readings(tuple(map(self._placed, found)), f"Terraform code: {self.path}")

    def name_of(self, root: Path) -> str:
        """Return a root's path as seen from the base, in full where it is not below that.

        The ids of findings hold it: they do not depend on how somebody wrote the path.
        """
        here, there = self.base or Path.cwd(), root.resolve()
        if self.base is None and not there.is_relative_to(here):
            return str(there)
        return os.path.relpath(there, here)

    def expected(self, expect: str | Folders | None) -> Expect:
        """Return where the alarm is expected, with the names that the root modules have here."""
        if not isinstance(expect, Folders):
            return expect or CODEBASE
        return tuple(self.name_of(expect.base / one) for one in expect.named)

    def _placed(self, reading: Reading) -> Reading:
        """Return a reading whose positions are as seen from the base."""
        here = self.base or Path.cwd()
        positions = {
            address: Position(os.path.relpath(one.file, here), one.line)
            for address, one in reading.positions.items()
        }
        return replace(reading, positions=positions)
