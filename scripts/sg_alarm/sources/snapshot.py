"""A snapshot: what an earlier audit read, kept in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.rule.reading import Reading
from sg_alarm.snapshots.file import from_json, load_snapshot
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class SnapshotSource:
    """A snapshot in a file, or its ``document`` where that was read already."""

    path: Path
    document: Any = field(default=None, repr=False)

    def read(self, progress: Progress) -> Readings:
        """Read the snapshot; ``UserError`` for one without an account: that would be a PASS of nothing."""
        found = load_snapshot(self.path) if self.document is None else from_json(self.document, self.path)
        if not found:
            raise UserError(f"{self.path} holds no account", "take another snapshot")
        readings = (Reading(one.account, one) for one in found)
        return Readings(tuple(readings), f"a snapshot: {self.path}")
