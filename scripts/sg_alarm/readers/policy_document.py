"""The JSON that ``data.aws_iam_policy_document`` makes of its statements.

Source: AWS provider documentation, data source aws_iam_policy_document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sg_alarm.readers.terraform_shapes import blocks_of, json_object
from sg_alarm.rule.model import Json
from sg_alarm.unknown import Unknown

_ELEMENTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_of(values: Mapping[str, Any]) -> Json | Unknown:
    """Return the policy; ``Unknown`` where what it consists of could not be told."""
    statements: list[Any] = []
    for name in ("source_policy_documents", "source_json"):
        sources = values.get(name) or ()
        for source in [sources] if isinstance(sources, Unknown | str | Mapping) else sources:
            policy = _parsed(source)
            if isinstance(policy, Unknown):
                return policy
            found = policy.get("Statement", ())
            statements += found if isinstance(found, list | tuple) else [found]
    for name in ("override_policy_documents", "override_json"):
        if values.get(name):
            return Unknown("other documents override parts of the policy")
    blocks = blocks_of(values, "statement")
    if isinstance(blocks, Unknown):
        return blocks
    return {"Statement": [*statements, *(_statement(block) for block in blocks)]}


def _parsed(source: Any) -> Json | Unknown:
    return json_object(source) or Unknown("a document of the policy is empty")


def _statement(block: Mapping[str, Any]) -> Any:
    statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    for name, element in _ELEMENTS.items():
        if block.get(name):
            statement[element] = block[name]
    for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found = blocks_of(block, name)
        if found:
            statement[element] = found if isinstance(found, Unknown) else _principals(found)
    conditions = blocks_of(block, "condition")
    if conditions:
        statement["Condition"] = conditions if isinstance(conditions, Unknown) else _conditions(conditions)
    if any(isinstance(part, Unknown) for part in statement.values()):
        return next(part for part in statement.values() if isinstance(part, Unknown))
    return statement


def _principals(blocks: Any) -> Any:
    principals: dict[str, list[Any]] = {}
    for block in blocks:
        kind, identifiers = block.get("type"), block.get("identifiers")
        if not isinstance(kind, str) or not isinstance(identifiers, list | tuple):
            return Unknown("a principal could not be told")
        principals.setdefault(kind, []).extend(identifiers)
    return "*" if principals == {"*": ["*"]} else principals


def _conditions(blocks: Any) -> Any:
    conditions: dict[str, dict[str, Any]] = {}
    for block in blocks:
        test, variable, values = block.get("test"), block.get("variable"), block.get("values")
        if not isinstance(test, str) or not isinstance(variable, str) or not isinstance(values, list | tuple):
            return Unknown("a condition could not be told")
        keys = conditions.setdefault(test, {})
        if variable in keys:
            return Unknown("two conditions on one key")
        keys[variable] = values
    return conditions
