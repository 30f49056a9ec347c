"""Resource policies: whether an AWS service, acting for one of its resources, may perform an action.

A service principal has no identity policy, so the resource's policy alone decides. What hangs on a condition
key that nobody here knows is ``None``: an absent key is not told from an unknown one.

Sources: IAM User Guide, "Policy evaluation logic", "AWS JSON policy elements: Principal", "Condition
operators", "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sg_alarm.rule.arn import arn_like, is_opaque, like
from sg_alarm.rule.truth import Truth, every, negate, some
from sg_alarm.unknown import Unknown

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTBRIDGE = "events.amazonaws.com"
SNS = "sns.amazonaws.com"


@dataclass(frozen=True)
class Source:
    """A service, and the resource for which it calls: an alarm, a rule."""

    service: str
    account: str
    arn: str

    def context(self) -> dict[str, str]:
        """Return the condition keys that are known of its calls, in lower case.

        ``aws:SourceOwner`` is SNS's older name of ``aws:SourceAccount`` (SNS Developer Guide, "Example cases
        for Amazon SNS access control"). Services call each other by TLS.
        """
        return {
            "aws:sourceaccount": self.account,
            "aws:sourceowner": self.account,
            "aws:sourcearn": self.arn,
            "aws:securetransport": "true",
            "aws:principalisawsservice": "true",
            "aws:principalservicename": self.service,
        }


@dataclass(frozen=True)
class Request:
    """One action of a service on a resource; ``context`` adds to what is known of the source."""

    source: Source
    action: str
    resource: str
    context: Mapping[str, str]


def request(source: Source, action: str, resource: str, further: Mapping[str, str] | None = None) -> Request:
    """Make a request; ``further`` are condition keys in lower case that are known besides the source's."""
    return Request(source, action, resource, {**source.context(), **(further or {})})


def allows(policy: Mapping[str, Any], asked: Request) -> Truth:
    """Whether the policy lets the service do that."""
    statements = policy.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list | tuple):
        return None
    allowed: list[Truth] = []
    denied: list[Truth] = []
    for statement in statements:
        effect = statement.get("Effect") if isinstance(statement, Mapping) else None
        applies = _applies(statement, asked) if isinstance(statement, Mapping) else None
        if effect == "Allow":
            allowed.append(applies)
        elif effect == "Deny":
            denied.append(applies)
        elif applies is not False:  # an effect, or a whole statement, that nobody knows
            allowed.append(None)
            denied.append(None)
    return every((some(allowed), negate(some(denied))))


def _applies(statement: Mapping[str, Any], asked: Request) -> Truth:
    def is_meant(text: str) -> Truth:
        return like(text, asked.resource) if text.startswith(("arn:", "*")) else _same(text, asked.resource)

    return every(
        (
            _element(statement, "Principal", lambda principal: _is_principal(principal, asked.source)),
            _element(statement, "Action", lambda action: _any(action, lambda text: _is_action(text, asked))),
            _element(statement, "Resource", lambda resource: _any(resource, is_meant)),
            _conditions(statement.get("Condition", {}), asked.context),
        )
    )


def _element(statement: Mapping[str, Any], name: str, test: Callable[[Any], Truth]) -> Truth:
    if name in statement:
        return test(statement[name])
    if f"Not{name}" in statement:
        return negate(test(statement[f"Not{name}"]))
    return None  # the policy would not be accepted


def _texts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _any(values: Any, test: Callable[[str], Truth]) -> Truth:
    return some(test(value) if isinstance(value, str) else None for value in _texts(values))


def _same(one: str, other: str) -> Truth:
    """Whether two texts of which one may be an address are the same."""
    if one == other:
        return True
    return None if is_opaque(one) or one.startswith("arn:") != other.startswith("arn:") else False


def _is_action(text: str, asked: Request) -> Truth:
    return like(text.lower(), asked.action.lower())


def _is_principal(principal: Any, source: Source) -> Truth:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return None
    answers: list[Truth] = []
    for kind, names in principal.items():
        for name in _texts(names):
            if kind == "AWS" and isinstance(name, str) and name.startswith("arn:"):
                answers.append(False)  # an account, user or role, whichever
            elif not isinstance(name, str) or is_opaque(name):
                answers.append(None)
            elif kind == "AWS":
                # {"AWS": "*"} is everybody, services included; an account's root is not.
                answers.append(name == "*")
            elif kind == "Service":
                answers.append(_is_service(name, source.service))
            else:
                answers.append(False)
    return some(answers)


def _is_service(name: str, service: str) -> Truth:
    if name == service:
        return True
    # Whether a wildcard, or the suffix of the Chinese partition, means the service is not documented.
    return None if name in ("*", f"{service}.cn") else False


def _conditions(block: Any, context: Mapping[str, str]) -> Truth:
    if not isinstance(block, Mapping):
        return None
    answers: list[Truth] = []
    for operator, keys in block.items():
        if isinstance(keys, Mapping):
            answers.extend(_condition(operator, key, values, context) for key, values in keys.items())
        else:
            answers.append(None)
    return every(answers)


def _condition(operator: str, key: str, wanted: Any, context: Mapping[str, str]) -> Truth:
    value = context.get(key.lower())
    if value is None:
        return None
    # Every known key has exactly one value, so that "for any" and "for all" mean the same.
    name = operator.split(":", 1)[-1].removesuffix("IfExists")
    if name == "Null":
        return _any_condition(wanted, lambda text: text.lower() == "false")
    test = _OPERATORS.get(name.replace("Not", ""))
    if test is None:
        return None
    answer = _any_condition(wanted, lambda text: test(text, value))
    return negate(answer) if "Not" in name else answer


def _any_condition(wanted: Any, test: Callable[[str], Truth]) -> Truth:
    answers: list[Truth] = []
    for one in _texts(wanted):
        if isinstance(one, Unknown | Mapping):
            answers.append(None)
        else:
            answers.append(test(str(one).lower() if isinstance(one, bool) else str(one)))
    return some(answers)


def _equal(wanted: str, value: str) -> Truth:
    if wanted == value:
        return True
    return None if is_opaque(wanted) or is_opaque(value) else False


def _equal_but_for_case(wanted: str, value: str) -> Truth:
    return _equal(wanted.lower(), value.lower())


_OPERATORS: Mapping[str, Callable[[str, str], Truth]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_but_for_case,
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": _equal_but_for_case,
}
