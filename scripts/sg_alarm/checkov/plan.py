"""Plans in Checkov: each is answered at one of its resources."""

from __future__ import annotations

from pathlib import Path

from sg_alarm.checkov.anchor import in_sight, wanted
from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, unread_outcome
from sg_alarm.checkov.visit import Block, Visit, blocks
from sg_alarm.errors import UserError
from sg_alarm.reports.report import judge
from sg_alarm.rule.verdict import Verdict
from sg_alarm.sources import SILENT
from sg_alarm.sources.plan import PlanSource

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


class PlanScan:
    """The plans of one scan, judged."""

    def __init__(self, visit: Visit, settings: Settings) -> None:
        seen: dict[Path, dict[str, Path]] = {}
        for block in blocks(visit.definitions):
            seen.setdefault(block.source.file, {})[block.exact_address] = block.source.file
        self._outcomes = {
            (file, found[0]): found[1]
            for file, addresses in seen.items()
            if (found := _outcome(file, addresses, settings))
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.file, block.exact_address), None)


def _outcome(file: Path, seen: dict[str, Path], settings: Settings) -> tuple[str, Outcome] | None:
    """Judge a plan by the worst of its accounts; ``None`` where it has nothing of AWS."""
    try:
        readings = PlanSource(file, by_address=True).read(SILENT).readings
    except UserError as error:
        # One plan that cannot be read is no verdict on the others.
        anchor = next(in_sight((), seen), "")
        return (anchor, unread_outcome(f"{error.message}; {error.hint}", settings)) if anchor else None
    subjects = judge(readings, settings.profile).subjects
    if not subjects:
        return None
    subject = min(subjects, key=lambda one: _WORST_FIRST.index(one.judgement.verdict))
    anchor = next(in_sight(wanted(subject), seen), "")
    return (anchor, outcome_of(subject, settings, str)) if anchor else None
