"""The JSON document: loaded, and known to be a plan or a state of a supported format."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError

_HINT = "write one with: terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json"
_SUPPORTED = "1"


def load(source: str | PathLike[str] | Mapping[str, Any], name: str = "this") -> Mapping[str, Any]:
    """Return the document; raises ``UserError`` for what is not a plan or state of format version 1.

    ``name`` is what the error calls a document that was read already.
    """
    if isinstance(source, Mapping):
        document: Any = dict(source)
    else:
        name, document = str(source), documents.load(source, _HINT)
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), str):
        raise no_plan(name)
    version = document["format_version"]
    if version.partition(".")[0] != _SUPPORTED:
        raise UserError(
            f"{name} has the format version {version}, which is not supported",
            f"format versions {_SUPPORTED}.x are, as Terraform 1.1 and later write them",
        )
    if document.get("errored") is True:
        raise UserError(f"{name} is the plan of a run that failed", "plan again until Terraform succeeds")
    if not any(isinstance(document.get(part), dict) for part in ("planned_values", "values")):
        raise UserError(f"{name} holds neither planned values nor a state", _HINT)
    return document


def no_plan(name: str) -> UserError:
    """Return the error for JSON of something else."""
    return UserError(f"{name} is not a Terraform plan in JSON", _HINT)
