"""One scan of Checkov: every root module, plan and template judged once, each answered at one block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sg_alarm.checkov.code import CodeScan
from sg_alarm.checkov.outcome import Outcome, Settings
from sg_alarm.checkov.plan import PlanScan
from sg_alarm.checkov.template import TemplateScan
from sg_alarm.checkov.visit import Block, Definitions, Visit, here


class Scan(Protocol):
    """What one run of a runner comes to."""

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""


_SCANS: Mapping[str, Callable[[Visit, Settings], Scan]] = {
    "terraform": CodeScan,
    "terraform_json": CodeScan,
    "terraform_plan": PlanScan,
    "cloudformation": TemplateScan,
}
_last: tuple[Definitions, Scan | None] | None = None


def outcome_at(kind: str, name: str, configuration: Mapping[str, Any]) -> Outcome | None:
    """Return what Checkov is to show at the block that it is at, ``None`` for nothing.

    ``kind`` is a resource's type, ``module`` or ``provider``. Raises whatever goes wrong, once for each scan.
    """
    global _last
    visit = here(_SCANS)
    if visit is None:
        return None
    if _last is None or _last[0] is not visit.definitions:
        _last = (visit.definitions, None)  # should the next line raise, it does so once
        _last = (visit.definitions, _SCANS[visit.framework](visit, Settings.of()))
    scan = _last[1]
    return None if scan is None else scan.take(visit.block(kind, name, configuration))
