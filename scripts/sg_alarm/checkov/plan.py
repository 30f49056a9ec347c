"""Plans in Checkov: each is answered at one of its resources."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, unread_outcome
from sg_alarm.checkov.visit import Block, Visit, blocks
from sg_alarm.errors import UserError
from sg_alarm.reports.anchor import in_sight, wanted
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.verdict import Verdict
from sg_alarm.sources import SILENT
from sg_alarm.sources.plan import PlanSource

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


class PlanScan:
    """The plans of one scan, judged."""

    def __init__(self, visit: Visit, settings: Settings) -> None:
        seen: dict[Path, dict[str, Path]] = {}
        for block in blocks(visit.definitions):
            if settings.covers(file := block.source.file):
                seen.setdefault(file, {})[block.exact_address] = file
        readings: dict[Path, tuple[Reading, ...]] = {}
        self._outcomes: dict[tuple[Path, str], Outcome] = {}
        for file, addresses in seen.items():
            try:
                readings[file] = PlanSource(file, by_address=True).read(SILENT).readings
            except UserError as error:  # one plan that cannot be read is no verdict on the others
                outcome = unread_outcome(f"{error.message}; {error.hint}", settings)
                self._outcomes |= {(file, one): outcome for one in islice(in_sight((), addresses), 1)}
        subjects = settings.judge(chain.from_iterable(readings.values()), settings.scope).subjects
        for file, addresses in seen.items():
            # A plan is answered by the worst of its accounts.
            of_file = [one for one in subjects if one.reading.root == str(file)]
            of_file.sort(key=lambda one: _WORST_FIRST.index(one.judgement.verdict))
            for subject in of_file[:1]:
                anchors = in_sight(wanted(subject.reading, subject.judgement), addresses)
                outcome = outcome_of(subject, settings, str)
                self._outcomes |= {(file, one): outcome for one in islice(anchors, 1)}

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.file, block.exact_address), None)
