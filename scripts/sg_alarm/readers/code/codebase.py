"""All root modules below a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sg_alarm.readers.code.expressions import REMEDY
from sg_alarm.readers.code.folders import roots_below
from sg_alarm.readers.code.pool import read_roots
from sg_alarm.readers.reading import Reading
from sg_alarm.rule.verdict import Judgement


def read_code(
    directory: Path,
    variable_files: Sequence[Path] = (),
    begun: Callable[[int], None] = lambda count: None,
    done: Callable[[], None] = lambda: None,
) -> list[Reading]:
    """Read every root module below a folder; ``begun`` is told their number, ``done`` called after each.

    What cannot be read is in the deployments as ``Unknown``; without tfparse that is more than with it.
    """
    roots = roots_below(directory)
    begun(len(roots))
    return read_roots([(root, _name(root, directory)) for root in roots], variable_files, done)


def _name(root: Path, directory: Path) -> str:
    """Return the root's path as the user would write it."""
    return str(directory / root.relative_to(directory))


def needs_tfparse(judgement: Judgement) -> bool:
    """Whether a finding hangs on an expression that was left aside because tfparse is not installed."""
    return any(REMEDY in str(one.evidence) for one in judgement.findings)
