"""The JSON that the data source ``aws_iam_policy_document`` makes of its arguments.

Source: AWS provider documentation, data source aws_iam_policy_document. Statements of the source documents
come first, then the document's own, then those of the overriding documents; one with a ``sid`` takes the
place of an earlier one with the same. Several conditions for one test and variable are one with all values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sg_alarm.readers.settings import json_object
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.model import Json
from sg_alarm.rule.truth import Truth
from sg_alarm.unknown import Unknown

POLICY_DOCUMENT = "aws_iam_policy_document"

_ELEMENTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_of(values: Mapping[str, Any]) -> Json | Unknown:
    """Return the policy; what is not known of it is ``Unknown``, or all of it if it cannot be put together.

    ``values`` are the evaluated arguments; nested blocks are lists of mappings.
    """
    merged: list[Any] = []
    for statements in (
        *_documents(values, "source_json", "source_policy_documents"),
        [_statement(block) for block in _listed(values.get("statement"))],
        *_documents(values, "override_json", "override_policy_documents"),
    ):
        if isinstance(statements, Unknown):
            return statements
        earlier = len(merged)
        for statement in statements:
            overrides = [_have_one_sid(one, statement) for one in merged[:earlier]]
            if True in overrides:
                merged[overrides.index(True)] = statement
            elif None in overrides:
                return Unknown("which statements of the policy override others is not known")
            else:
                merged.append(statement)
    return {"Statement": merged}


def _documents(values: Mapping[str, Any], *names: str) -> Iterator[Sequence[Any] | Unknown]:
    """Yield the statements of each of the documents that are merged in."""
    for name in names:
        for document in _listed(values.get(name)):
            policy = json_object(document) or Unknown("a document of the policy is empty")
            yield policy if isinstance(policy, Unknown) else _listed(policy.get("Statement"))


def _have_one_sid(one: Any, other: Any) -> Truth:
    sids = [it.get("Sid") if isinstance(it, Mapping) else it for it in (one, other)]
    if not all(sids):
        return False
    if any(isinstance(sid, Unknown) or is_opaque(str(sid)) for sid in sids):
        return True if sids[0] == sids[1] and isinstance(sids[0], str) else None
    return bool(sids[0] == sids[1])


def _statement(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return block if isinstance(block, Unknown) else Unknown("it is not a statement")
    statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        statement["Sid"] = block["sid"]
    for name, element in _ELEMENTS.items():
        if block.get(name):
            statement[element] = _with_variables(block[name])
    for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if block.get(name):
            statement[element] = _principals(_listed(block[name]))
    if block.get("condition"):
        statement["Condition"] = _conditions(_listed(block["condition"]))
    return statement


def _principals(blocks: Sequence[Any]) -> Any:
    principals: dict[str, list[Any]] = {}
    for block in blocks:
        kind = block.get("type") if isinstance(block, Mapping) else None
        if not isinstance(kind, str):
            return Unknown("the type of a principal is not known")
        principals.setdefault(kind, []).extend(_with_variables(_listed(block.get("identifiers"))))
    return "*" if principals == {"*": ["*"]} else principals


def _conditions(blocks: Sequence[Any]) -> Any:
    conditions: dict[str, dict[str, list[Any]]] = {}
    for block in blocks:
        test, variable = (
            (block.get("test"), block.get("variable")) if isinstance(block, Mapping) else (None, None)
        )
        if not isinstance(test, str) or not isinstance(variable, str):
            return Unknown("the test or the variable of a condition is not known")
        values = conditions.setdefault(test, {}).setdefault(variable, [])
        values.extend(_with_variables(_listed(block.get("values"))))
    return conditions


def _with_variables(values: Any) -> Any:
    """Return values with IAM's variables as IAM writes them; ``${`` would be Terraform's."""
    if isinstance(values, str):
        return values.replace("&{", "${")
    return list(map(_with_variables, values)) if isinstance(values, list | tuple) else values


def _listed(found: Any) -> Sequence[Any]:
    return () if found is None else found if isinstance(found, list | tuple) else (found,)
