"""Plans in Checkov: each is answered at one of its resources."""

from __future__ import annotations

from pathlib import Path

from sg_alarm.checkov.anchor import first_seen, wanted
from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, unread_outcome
from sg_alarm.checkov.visit import Block, Visit, blocks
from sg_alarm.errors import UserError
from sg_alarm.fixes.module_block import module_block
from sg_alarm.readers.plan import read_plan_and_addresses
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.verdict import Verdict
from sg_alarm.rule.wording import Names, describe

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


class PlanScan:
    """The plans of one scan, judged."""

    def __init__(self, visit: Visit, settings: Settings) -> None:
        seen: dict[Path, list[str]] = {}
        for block in blocks(visit.definitions):
            seen.setdefault(block.source.file, []).append(block.exact_address)
        self._outcomes = {
            (file, found[0]): found[1]
            for file, addresses in seen.items()
            if (found := _outcome(file, addresses, settings))
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.file, block.exact_address), None)


def _outcome(file: Path, seen: list[str], settings: Settings) -> tuple[str, Outcome] | None:
    """Judge a plan by the worst of its accounts; ``None`` where it has nothing of AWS."""
    if not any("aws_" in one for one in seen):
        return None
    try:
        reading = read_plan_and_addresses(file)
    except UserError as error:
        # One plan that cannot be read is no verdict on the others.
        anchor = first_seen((), seen)
        return (anchor, unread_outcome(f"{error.message}; {error.hint}", settings)) if anchor else None
    judgements = [(one, evaluate(one, settings.profile)) for one in reading.deployments]
    deployment, judged = min(judgements, key=lambda pair: _WORST_FIRST.index(pair[1].verdict))
    names = Names(reading.addresses)
    judgement = describe(judged, names)
    anchor = first_seen(wanted(deployment, judgement, names), seen)
    return (anchor, outcome_of(judgement, settings, module_block(deployment, judged))) if anchor else None
