"""One template read into a deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sg_alarm.readers.cloudformation.intrinsics import Node
from sg_alarm.readers.cloudformation.stack import Load, Stack
from sg_alarm.readers.reading import OWN_REGION, Position, Reading, account_of, addresses_of, unread
from sg_alarm.readers.terraform_shapes import (
    COMPOSITE_ALARM,
    METRIC_ALARM,
    METRIC_FILTER,
    Resource,
    Scope,
    Unread,
    deployment_of,
)
from sg_alarm.rule.arn import is_opaque
from sg_alarm.unknown import Unknown

_ANCHORS = ("AWS::CloudTrail::Trail", "AWS::Logs::MetricFilter", "AWS::")


def read_template(
    template: Mapping[str, Node],
    name: str,
    lines: Mapping[str, int] | None = None,
    load: Load = lambda path: None,
    parameters: Mapping[str, str] | None = None,
) -> Reading:
    """Read a template that is parsed already, with short forms of functions written out.

    ``name`` is what it is called, ``lines`` tells where in it a logical id stands, and ``load`` opens the
    template of a nested stack by its path as written; ``parameters`` take the place of their defaults.
    ``deployment`` of the answer is ``None`` for a template
    without resources of AWS. Mappings and texts may be subclasses.
    """
    try:
        return _reading(template, name, lines or {}, load, parameters or {})
    except RecursionError:
        return unread(name, "it is nested too deeply to be read")


def _reading(
    template: Mapping[str, Node],
    name: str,
    lines: Mapping[str, int],
    load: Load,
    parameters: Mapping[str, str],
) -> Reading:
    scope = Scope(account_of(name), OWN_REGION)
    stack = Stack(template, scope, load, parameters)
    resources = list(_settled(list(stack.resources())))
    anchors = (id_ for kind in _ANCHORS for id_, type_ in stack.types.items() if type_.startswith(kind))
    anchor = next(anchors, "")
    if not anchor and not resources:
        return Reading(name, None)
    deployment = deployment_of(resources, replace(scope, elsewhere=stack.elsewhere()))
    return Reading(
        name,
        deployment,
        addresses_of(deployment, resources, anchor),
        dict(_positions(resources, name, lines)),
        anchor,
    )


def _positions(
    resources: Iterable[Resource], file: str, lines: Mapping[str, int]
) -> Iterator[tuple[str, Position]]:
    """Yield where resources stand; what a nested stack has stands where the stack does."""
    for address in (*lines, *(one.address for one in resources)):
        line = lines.get(address.partition(".")[0])
        if line is not None:
            yield address, Position(file, line)


def _settled(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the resources; names that nobody could compare are ``Unknown``.

    A placeholder names the same metric wherever it stands. What stands on one side only may be the name of
    any metric.
    """
    filters = [one for one in resources if one.type == METRIC_FILTER]
    alarms = [one for one in resources if one.type == METRIC_ALARM]
    published = {text for one in filters for text in _metric_names(one.values)}
    read = {text for one in alarms for text in _metric_names(one.values)}
    names = {str(one.get("alarm_name")) for one in resources if one.type in (METRIC_ALARM, COMPOSITE_ALARM)}
    for one in resources:
        if isinstance(one.values, Unread):
            yield one
        elif one.type == METRIC_FILTER:
            yield replace(one, values=_comparable(one.values, read))
        elif one.type == METRIC_ALARM:
            yield replace(one, values=_comparable(one.values, published))
        elif one.type == COMPOSITE_ALARM:
            yield replace(one, values={**one.values, "alarm_rule": _rule(one.get("alarm_rule"), names)})
        else:
            yield one


_METRICS = ("metric_transformation", "metric_query", "metric")
_METRIC_NAMES = ("name", "metric_name", "namespace")


def _metric_names(values: Mapping[str, Any], inner: bool = False) -> Iterator[str]:
    for name, value in values.items():
        if name in _METRICS and isinstance(value, list):
            for block in value:
                yield from _metric_names(block, inner=True)
        elif name in _METRIC_NAMES and isinstance(value, str) and (inner or name != "name"):
            yield value


def _comparable(values: Mapping[str, Any], others: set[str], inner: bool = False) -> dict[str, Any]:
    found = dict(values)
    for name, value in values.items():
        if name in _METRICS and isinstance(value, list):
            found[name] = [_comparable(block, others, inner=True) for block in value]
        elif name in _METRIC_NAMES and isinstance(value, str) and (inner or name != "name"):
            found[name] = _known_or_among(value, others)
    return found


def _known_or_among(text: str, others: set[str]) -> str | Unknown:
    return Unknown(f"{text} is known at deployment only") if is_opaque(text) and text not in others else text


def _rule(rule: Any, names: set[str]) -> Any:
    """Return the rule of a composite alarm, if all alarms in it are known by their names."""
    if not isinstance(rule, str):
        return rule
    rest = rule
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, "")
    return Unknown("it names alarms that are known at deployment only") if is_opaque(rest) else rule
