"""The JSON document: loaded, and known to be a plan of a supported format.

Source: Terraform, "JSON Output Format", https://developer.hashicorp.com/terraform/internals/json-format.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError

_HINT = "write one with: terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json"
_SUPPORTED = "1"

# What the readers rely on. Arguments of resources are whatever their providers say.
_EXPRESSION: dict[str, Any] = {"?references": [str], "*": object}


def _within(value: Any) -> Any:
    """Return the shape of what stands in an expression: blocks nest, and may have any names."""
    if isinstance(value, list):
        return [_within]
    names = {"?constant_value": object, "?references": lambda it: [str] if isinstance(it, list) else _within}
    return {**names, "*": _within} if isinstance(value, dict) else object


_EXPRESSIONS = {"*": lambda value: _within if isinstance(value, dict | list) else dict}
_RESOURCE: dict[str, Any] = {
    "address": str,
    "?mode": ("managed", "data"),
    "type": str,
    "?name": str,
    "?provider_name": str,
    "?values": dict,
    "?sensitive_values": object,
}
_MODULE: dict[str, Any] = {
    "?address": str,
    "?resources": [_RESOURCE],
    "?child_modules": [lambda _: _MODULE],
}
_CONFIGURED: dict[str, Any] = {
    "?resources": [
        {
            "address": str,
            "?mode": ("managed", "data"),
            "type": str,
            "?name": str,
            "?provider_config_key": str,
            "?expressions": _EXPRESSIONS,
            "?count_expression": _EXPRESSION,
            "?for_each_expression": _EXPRESSION,
            "?depends_on": [str],
        }
    ],
    "?module_calls": {
        "*": {
            "?source": str,
            "?expressions": _EXPRESSIONS,
            "?count_expression": _EXPRESSION,
            "?for_each_expression": _EXPRESSION,
            "?module": lambda _: _CONFIGURED,
        }
    },
    "?variables": {"*": {"*": object}},
    "?outputs": {"*": {"?expression": _EXPRESSION, "?sensitive": bool, "*": object}},
}
_CHANGE: dict[str, Any] = {
    "address": str,
    "?module_address": str,
    "?mode": ("managed", "data"),
    "?type": str,
    "?name": str,
    "?change": {"?actions": [str], "*": object},
}
_SHAPE: dict[str, Any] = {
    "format_version": str,
    "?terraform_version": str,
    "?variables": {"*": {"*": object}},
    "?planned_values": {"?root_module": _MODULE},
    "?prior_state": {"?values": {"?root_module": _MODULE}},
    "?configuration": {
        "?provider_config": {
            "*": {
                "?name": str,
                "?full_name": str,
                "?alias": str,
                "?module_address": str,
                "?expressions": _EXPRESSIONS,
            }
        },
        "?root_module": _CONFIGURED,
    },
    "?resource_changes": [_CHANGE],
    "?deferred_changes": [{"resource_change": _CHANGE}],
    "?relevant_attributes": [{"?resource": str, "?attribute": list}],
}


def load(source: str | PathLike[str] | Mapping[str, Any], name: str = "this") -> Mapping[str, Any]:
    """Return the document; raises ``UserError`` for what is not a plan of format version 1.

    ``name`` is what the error calls a document that was read already.
    """
    if isinstance(source, Mapping):
        document: Any = dict(source)
    else:
        name, document = str(source), documents.load(source, _HINT)
    if not isinstance(document, dict):
        raise no_plan(name)
    # Terraform's own file has a version and resources; `terraform show -json` without a plan prints values.
    if "planned_values" not in document and document.keys() & {"values", "lineage", "serial"}:
        raise UserError(f"{name} is a Terraform state, not a plan", _HINT)
    version = document.get("format_version")
    if not isinstance(version, str) or not isinstance(document.get("planned_values"), dict):
        raise no_plan(name)
    if version.partition(".")[0] != _SUPPORTED:
        raise UserError(
            f"{name} has the format version {version}, which is not supported",
            f"format versions {_SUPPORTED}.x are, as Terraform 1.1 and later write them",
        )
    if document.get("errored") is True:
        raise UserError(f"{name} is the plan of a run that failed", "plan again until Terraform succeeds")
    where = documents.misfit(document, _SHAPE)
    if where is not None:
        raise UserError(f"{name} is not a Terraform plan: {where[:200]} is not what it should be", _HINT)
    return document


def no_plan(name: str) -> UserError:
    """Return the error for JSON of something else."""
    return UserError(f"{name} is not a Terraform plan in JSON", _HINT)
