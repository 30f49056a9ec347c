"""Resource policies: whether an AWS service, acting for one of its resources, may perform an action.

A service principal has no identity policy, so the resource's policy alone decides. What depends on a
condition key that is not known here is ``None``: an absent key cannot be distinguished from an unknown one.

Sources: IAM User Guide, "Policy evaluation logic", "AWS JSON policy elements: Principal", "Condition
operators", "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.rule.arn import arn_like, is_opaque, like
from sg_alarm.rule.truth import Truth, every, negate, some
from sg_alarm.unknown import Unknown

_UNKNOWN = "(unknown)"
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


@dataclass(frozen=True)
class Condition:
    """One line of a statement's condition block: operator, key, and the values that it compares with.

    ``actual`` is the value that the key has for the service's call, empty where it is not known.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    actual: str


@dataclass(frozen=True)
class Decision:
    """Whether a policy lets a service act, and what decides that.

    ``answer`` is ``None`` where it depends on something that is not known. Otherwise, where it is not
    allowed, ``denied`` says that a statement denies it. ``statement`` names the statement that decides, and
    ``condition`` is the line of it that does; either is empty where there is none in particular. ``outside``:
    nothing else is unclear than whether placeholders stand for the right account or region.
    """

    answer: Truth
    denied: bool = False
    statement: str = ""
    condition: Condition | None = None
    outside: bool = False


def decide(policy: Mapping[str, Any], asked: Request) -> Decision:
    """Decide whether the policy lets the service do that.

    Source: IAM User Guide, "Policy evaluation logic": one statement that denies outweighs all that allow.
    """
    statements = policy.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list | tuple):
        return Decision(None)
    allowing: list[Decision] = []
    denying: list[Decision] = []
    for number, statement in enumerate(statements, 1):
        one = _decision(statement, asked, number)
        effect = statement.get("Effect") if isinstance(statement, Mapping) else None
        if effect == "Allow":
            allowing.append(one)
        elif effect == "Deny":
            denying.append(replace(one, denied=True))
        elif one.answer is not False:  # an effect, or a whole statement, that is not known
            allowing.append(replace(one, answer=None))
            denying.append(replace(one, answer=None))
    if denies := [one for one in denying if one.answer is True]:
        return replace(denies[0], answer=False)
    allowed = some(one.answer for one in allowing)
    if allowed is False:
        # The statement that would allow it but for a condition is the one to look at.
        return next((one for one in allowing if one.condition), Decision(False))
    unclear: list[Decision] = [
        one for one in (*denying, *(allowing if allowed is None else ())) if one.answer is None
    ]
    if not unclear:
        return Decision(True)
    first: Decision = unclear[0]
    return replace(first, denied=False, outside=all(one.outside for one in unclear))


def _decision(statement: Any, asked: Request, number: int) -> Decision:
    """Return whether a statement applies; with a condition only where nothing else speaks against it."""
    if not isinstance(statement, Mapping):
        return Decision(None)
    sid = statement.get("Sid")
    name = f'the statement "{sid}"' if isinstance(sid, str) and sid else f"statement {number}"
    principal, action, resource = _scope(statement, asked)
    applies = every((principal, action, resource))
    if applies is False:
        return Decision(False)
    lines = list(_conditions(statement.get("Condition", {}), asked.context))
    answer = every((applies, *(truth for _, truth in lines)))
    decisive = [line for line, truth in lines if truth is answer]
    outside = (
        answer is None
        and principal is not None
        and action is not None
        and (resource is not None or _is_known_text(statement.get("Resource")))
        and all(map(_is_outside, (line for line, truth in lines if truth is None)))
    )
    condition = next(iter(decisive), None) if applies is True else None
    return Decision(answer, statement=name, condition=condition, outside=outside)


def _is_known_text(value: Any) -> bool:
    return all(isinstance(one, str) for one in _texts(value))


def _is_outside(line: Condition | None) -> bool:
    """Whether a condition compares values that are known but for their placeholders."""
    if line is None or not line.actual or _UNKNOWN in line.values:
        return False
    return any(map(is_opaque, (line.actual, *line.values)))


def _scope(statement: Mapping[str, Any], asked: Request) -> tuple[Truth, Truth, Truth]:
    """Whether principal, action and resource of a statement are those that are asked for."""

    def is_meant(text: str) -> Truth:
        return like(text, asked.resource) if text.startswith(("arn:", "*")) else _same(text, asked.resource)

    return (
        _element(statement, "Principal", lambda principal: _is_principal(principal, asked.source)),
        _element(statement, "Action", lambda action: _any(action, lambda text: _is_action(text, asked))),
        _element(statement, "Resource", lambda resource: _any(resource, is_meant)),
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


def _conditions(block: Any, context: Mapping[str, str]) -> Iterator[tuple[Condition | None, Truth]]:
    """Yield each line of a condition block, and whether it holds; without a line what is not known."""
    if not isinstance(block, Mapping):
        yield None, None
        return
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            yield None, None
            continue
        for key, values in keys.items():
            shown = tuple(_shown(value) for value in _texts(values))
            line = Condition(operator, key, shown, context.get(key.lower(), ""))
            yield line, _condition(operator, key, values, context)


def _shown(value: Any) -> str:
    if isinstance(value, Unknown | Mapping):
        return _UNKNOWN
    return str(value).lower() if isinstance(value, bool) else str(value)


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
        answers.append(None if isinstance(one, Unknown | Mapping) else test(_shown(one)))
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
