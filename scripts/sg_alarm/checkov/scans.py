"""One scan of Checkov: every root module, plan and template judged once, each answered at one block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

from sg_alarm.checkov.outcome import Outcome, Settings
from sg_alarm.checkov.visit import Block, Definitions, Visit, here
from sg_alarm.sources.configuration import find


class Scan(Protocol):
    """What one run of a runner comes to."""

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""


_SCANS = {
    "terraform": "code:CodeScan",
    "terraform_json": "code:CodeScan",
    "terraform_plan": "plan:PlanScan",
    "cloudformation": "template:TemplateScan",
}
"""The frameworks that are judged; each scan is imported where it is needed, as this counts in small scans."""

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
        _last = (visit.definitions, _scan(visit))
    scan = _last[1]
    return None if scan is None else scan.take(visit.block(kind, name, configuration))


def _scan(visit: Visit) -> Scan:
    module, _, name = _SCANS[visit.framework].partition(":")
    scan: Callable[[Visit, Settings], Scan] = getattr(import_module(f"sg_alarm.checkov.{module}"), name)
    return scan(visit, Settings.of(find(visit.folder)))
