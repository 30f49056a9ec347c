"""Reads the JSON of a Terraform plan, or of a state.

A plan does not hold the text of expressions, only what they refer to. A value that is known only after apply
is therefore followed to what it refers to, and taken to be that where it can be one thing only; otherwise it
is ``Unknown``. See :mod:`sg_alarm.readers.plan.references`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from sg_alarm.readers.plan.deployment import PlanReading, reading
from sg_alarm.readers.plan.document import load
from sg_alarm.rule.model import Deployment

__all__ = ["PlanReading", "read_plan", "read_plan_and_addresses"]


def read_plan(
    source: str | PathLike[str] | Mapping[str, Any],
    *,
    account: str | None = None,
    regions: Sequence[str] = (),
) -> tuple[Deployment, ...]:
    """Return what the plan would leave behind, one ``Deployment`` for each account that has any of the chain.

    ``source`` is the output of ``terraform show -json``, as a file or read already. ``account`` is that of
    the credentials, where the plan does not say; without it policies that name an account cannot be judged.
    ``regions`` are those whose changes must be notified: unset, those of the plan and every other.

    Raises ``UserError`` for any other file.

    Source: Terraform documentation, "JSON Output Format", format version 1.
    """
    return reading(load(source), account, regions).deployments


def read_plan_and_addresses(source: str | PathLike[str] | Mapping[str, Any]) -> PlanReading:
    """Return what :func:`read_plan` does, and the addresses in the plan of what the deployments name."""
    return reading(load(source), None, ())
