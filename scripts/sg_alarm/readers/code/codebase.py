"""All root modules below a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sg_alarm.readers.code.folders import roots_below
from sg_alarm.readers.code.pool import read_all
from sg_alarm.readers.reading import Reading


def read_code(
    directory: Path,
    variable_files: Sequence[Path] = (),
    begun: Callable[[int], None] = lambda count: None,
    done: Callable[[], None] = lambda: None,
) -> list[Reading]:
    """Read every root module below a folder; ``begun`` is told their number, ``done`` called after each.

    What cannot be read is in the deployments as ``Unknown``. Raises UserError without tfparse.
    """
    roots = roots_below(directory)
    begun(len(roots))
    return read_all([(root, _name(root, directory)) for root in roots], variable_files, done)


def _name(root: Path, directory: Path) -> str:
    """Return the root's path as the user would write it."""
    return str(directory / root.relative_to(directory))
