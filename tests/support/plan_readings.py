"""What a plan would leave behind, by the reader of plans alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from sg_alarm.readers.plan.deployment import reading
from sg_alarm.readers.plan.document import load
from sg_alarm.rule.model import Deployment


def read_plan(
    source: str | PathLike[str] | Mapping[str, Any],
    *,
    account: str | None = None,
    regions: Sequence[str] = (),
) -> tuple[Deployment, ...]:
    """Return one deployment for each account that has any of the chain; a file, or read already."""
    return reading(load(source), account, regions).deployments
