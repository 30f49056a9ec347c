"""The JSON document: loaded, known to be a plan or a state of a supported format, and without its secrets.

Source: Terraform, "JSON Output Format", https://developer.hashicorp.com/terraform/internals/json-format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError

_HINT = "write one with: terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json"
_SUPPORTED = "1"

# What the readers rely on. Arguments of resources are whatever their providers say.
_EXPRESSION: dict[str, Any] = {"?references": [str], "*": object}
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
    "?child_modules": [lambda: _MODULE],
}
_CONFIGURED: dict[str, Any] = {
    "?resources": [
        {
            "address": str,
            "?mode": ("managed", "data"),
            "type": str,
            "?name": str,
            "?provider_config_key": str,
            "?expressions": dict,
            "?count_expression": _EXPRESSION,
            "?for_each_expression": _EXPRESSION,
            "?depends_on": [str],
        }
    ],
    "?module_calls": {
        "*": {
            "?source": str,
            "?expressions": {"*": object},
            "?count_expression": _EXPRESSION,
            "?for_each_expression": _EXPRESSION,
            "?module": lambda: _CONFIGURED,
        }
    },
    "?variables": {"*": {"*": object}},
    "?outputs": {"*": {"?expression": _EXPRESSION, "?sensitive": bool, "*": object}},
}
_SHAPE: dict[str, Any] = {
    "format_version": str,
    "?terraform_version": str,
    "?variables": {"*": {"*": object}},
    "?planned_values": {"?root_module": _MODULE},
    "?values": {"?root_module": _MODULE},
    "?prior_state": {"?values": {"?root_module": _MODULE}},
    "?configuration": {
        "?provider_config": {
            "*": {
                "?name": str,
                "?full_name": str,
                "?alias": str,
                "?module_address": str,
                "?expressions": {"*": object},
            }
        },
        "?root_module": _CONFIGURED,
    },
    "?resource_changes": [
        {
            "address": str,
            "?module_address": str,
            "?mode": ("managed", "data"),
            "?type": str,
            "?name": str,
            "?change": {"?actions": [str], "*": object},
        }
    ],
    "?relevant_attributes": [{"?resource": str, "?attribute": list}],
}


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
    where = documents.misfit(document, _SHAPE) or next(_not_expressions(document), None)
    if where is not None:
        raise UserError(f"{name} is not a Terraform plan: {where[:200]} is not what it should be", _HINT)
    return _without_secrets(document)


def no_plan(name: str) -> UserError:
    """Return the error for JSON of something else."""
    return UserError(f"{name} is not a Terraform plan in JSON", _HINT)


def _not_expressions(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what should be the expressions of a resource, a provider or a module call, and is not."""
    configuration = document.get("configuration") or {}
    for name, provider in (configuration.get("provider_config") or {}).items():
        if not _are_expressions(provider.get("expressions") or {}):
            yield f"the provider {name}"
    pending = [configuration.get("root_module") or {}]
    while pending:
        module = pending.pop()
        for resource in module.get("resources") or ():
            if not _are_expressions(resource.get("expressions") or {}):
                yield str(resource["address"])
        for name, call in (module.get("module_calls") or {}).items():
            if not _are_expressions(call.get("expressions") or {}):
                yield f"the call of module {name}"
            pending.append(call.get("module") or {})


def _are_expressions(found: Mapping[str, Any]) -> bool:
    return all(isinstance(one, dict | list) and _is_expression(one) for one in found.values())


def _is_expression(found: Any) -> bool:
    """Whether what an expression refers to is named by texts, however deep it stands."""
    if isinstance(found, list):
        return all(map(_is_expression, found))
    if not isinstance(found, dict):
        return True
    named = found.get("references")
    return (not isinstance(named, list) or all(isinstance(one, str) for one in named)) and all(
        _is_expression(inner) for name, inner in found.items() if name != "constant_value"
    )


def _without_secrets(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put placeholders in the place of texts that Terraform marks as sensitive: nothing may print them."""
    found = dict(document)
    for part in ("planned_values", "values"):
        if isinstance(found.get(part), dict):
            found[part] = _state_without_secrets(found[part])
    if isinstance(found.get("prior_state"), dict) and isinstance(found["prior_state"].get("values"), dict):
        found["prior_state"] = {
            **found["prior_state"],
            "values": _state_without_secrets(found["prior_state"]["values"]),
        }
    declared = ((document.get("configuration") or {}).get("root_module") or {}).get("variables") or {}
    secret = {name for name, one in declared.items() if one.get("sensitive") is True}
    if secret:
        found["variables"] = {
            name: {**one, "value": _masked(one.get("value"), True, f"var.{name}")} if name in secret else one
            for name, one in (document.get("variables") or {}).items()
        }
    return found


def _state_without_secrets(state: Mapping[str, Any]) -> dict[str, Any]:
    module = state.get("root_module")
    return (
        {**state, "root_module": _module_without_secrets(module)} if isinstance(module, dict) else dict(state)
    )


def _module_without_secrets(module: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(module)
    if found.get("resources"):
        found["resources"] = [
            {**one, "values": _masked(one["values"], one["sensitive_values"], one["address"])}
            if one.get("values") and one.get("sensitive_values")
            else one
            for one in found["resources"]
        ]
    if found.get("child_modules"):
        found["child_modules"] = list(map(_module_without_secrets, found["child_modules"]))
    return found


def _masked(value: Any, marks: Any, where: str) -> Any:
    """Return a value with a placeholder for each text that is marked, which is equal to nothing else."""
    if isinstance(value, dict) and (marks is True or isinstance(marks, dict)):
        return {
            name: _masked(one, marks is True or marks.get(name), f"{where}.{name}")
            for name, one in value.items()
        }
    if isinstance(value, list) and (marks is True or isinstance(marks, list)):
        return [
            _masked(one, marks is True or (index < len(marks) and marks[index]), f"{where}[{index}]")
            for index, one in enumerate(value)
        ]
    return f"${{sensitive value of {where}}}" if isinstance(value, str) and marks is True else value
