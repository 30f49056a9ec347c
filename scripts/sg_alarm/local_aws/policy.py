"""Whether a resource's policy lets an AWS service in, or a role's lets another account.

Services have no identity policy, so the resource's policy alone decides.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sg_alarm.rule.arn import fits

Json = dict[str, Any]


def allows(policy: Json, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether ``service`` may do ``action``: some statement allows it and none denies it.

    ``context`` holds the condition keys of the request; names in any case.
    """
    known = {name.lower(): value for name, value in context.items()}
    effects = {
        statement.get("Effect")
        for statement in _listed(policy.get("Statement"))
        if _names(statement, service)
        and _covers(statement, "Action", action.lower(), str.lower)
        and _covers(statement, "Resource", resource, str)
        and _holds(statement.get("Condition") or {}, known)
    }
    return "Allow" in effects and "Deny" not in effects


def trusts(policy: Json | str, account: str, external_id: str | None) -> bool:
    """Whether a role's trust policy lets an account assume it with that external id, if any."""
    context = {} if external_id is None else {"sts:externalid": external_id}
    found = json.loads(policy) if isinstance(policy, str) else policy
    effects = {
        statement.get("Effect")
        for statement in _listed(found.get("Statement"))
        if _names_account(statement, account)
        and _covers(statement, "Action", "sts:assumerole", str.lower)
        and _holds(statement.get("Condition") or {}, context)
    }
    return "Allow" in effects and "Deny" not in effects


def _names_account(statement: Json, account: str) -> bool:
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS")) if isinstance(principal, dict) else _listed(principal)
    return any(each in ("*", account) or f"::{account}:" in each for each in named)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _names(statement: Json, service: str) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(statement["NotPrincipal"], service)
    return _is_named(statement.get("Principal"), service)


def _is_named(principal: Any, service: str) -> bool:
    if not isinstance(principal, dict):
        return bool(principal == "*")
    return "*" in _listed(principal.get("AWS")) or bool(
        {"*", service}.intersection(_listed(principal.get("Service")))
    )


def _covers(statement: Json, element: str, value: str, fold: Callable[[str], str]) -> bool:
    if f"Not{element}" in statement:
        return not any(_like(value, fold(each)) for each in _listed(statement[f"Not{element}"]))
    return any(_like(value, fold(each)) for each in _listed(statement.get(element)))


def _like(value: str, pattern: str) -> bool:
    """Compare with ``*`` and ``?``."""
    return fits(pattern, value)


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
}


def _holds(condition: Json, context: Mapping[str, str]) -> bool:
    return all(
        _operator_holds(operator.lower(), context.get(key.lower()), [str(each) for each in _listed(wanted)])
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _operator_holds(operator: str, value: str | None, wanted: Iterable[str]) -> bool:
    if operator == "null":
        return any((value is None) == (each.lower() == "true") for each in wanted)
    operator = operator.removeprefix("forallvalues:").removeprefix("foranyvalue:")
    optional = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    negated = "not" in operator
    compare = _COMPARISONS.get(operator.replace("not", "", 1))
    if compare is None:
        return False  # dates, numbers, addresses: a service sends none of them
    if value is None:
        return optional or negated
    return any(compare(value, each) for each in wanted) is not negated
