"""One template read into a deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sg_alarm.readers.assembly import Resource, Scope, deployment_of
from sg_alarm.readers.cloudformation.intrinsics import Node
from sg_alarm.readers.cloudformation.stack import Load, Stack
from sg_alarm.readers.reading import OWN_REGION, Position, Reading, account_of, addresses_of, unread

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
    scope = Scope(account_of(name), OWN_REGION, view="template")
    stack = Stack(template, scope, load, parameters)
    resources = list(stack.resources())
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
