"""One template read into a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sg_alarm.readers.assembly import Resource, Scope, deployment_of
from sg_alarm.readers.cloudformation.intrinsics import Node
from sg_alarm.readers.cloudformation.stack import Load, Stack
from sg_alarm.readers.reading import OWN_REGION, Position, Reading, account_of, addresses_of, unread
from sg_alarm.rule.arn import partition_of
from sg_alarm.rule.model import Deployment

_MOST_CASES = 16
_ANCHORS = ("AWS::CloudTrail::Trail", "AWS::Logs::MetricFilter", "AWS::")


def read_template(
    template: Mapping[str, Node],
    name: str,
    lines: Mapping[str, int] | None = None,
    load: Load = lambda path: None,
    parameters: Mapping[str, str] | None = None,
    region: str = "",
    account: str = "",
) -> Reading:
    """Read a template that is parsed already, with short forms of functions written out.

    ``name`` is what it is called, ``lines`` says where in it a logical id stands, and ``load`` opens the
    template of a nested stack by its path as written; ``parameters`` take the place of their defaults, and
    ``region`` and ``account`` are those it is deployed to, as far as known. ``deployment`` of the answer is
    ``None`` for a template without resources of AWS. Mappings and texts may be subclasses.
    """
    partition = partition_of(region) if region else "aws"
    scope = Scope(account or account_of(name), region or OWN_REGION, partition, view="template")

    def stack(decided: Mapping[str, Any]) -> Stack:
        return Stack(template, scope, load, {**(parameters or {}), **decided})

    try:
        return _reading(stack, scope, name, lines or {})
    except RecursionError:
        return unread(name, "it is nested too deeply to be read")


def _reading(
    stack_of: Callable[[Mapping[str, Any]], Stack], scope: Scope, name: str, lines: Mapping[str, int]
) -> Reading:
    stack = stack_of({})
    deployment, resources = _made(stack, scope)
    anchors = (id_ for kind in _ANCHORS for id_, type_ in stack.types.items() if type_.startswith(kind))
    anchor = next(anchors, "")
    if not anchor and not resources:
        return Reading(name, None)
    return Reading(
        name,
        deployment,
        addresses_of(deployment, resources, anchor),
        dict(_positions(resources, name, lines)),
        anchor,
        alternatives=tuple(_alternatives(stack_of, scope, stack.undecided)),
    )


def _made(stack: Stack, scope: Scope) -> tuple[Deployment, list[Resource]]:
    resources = list(stack.resources())
    return deployment_of(resources, replace(scope, elsewhere=stack.elsewhere())), resources


def _alternatives(
    stack_of: Callable[[Mapping[str, Any]], Stack], scope: Scope, undecided: Mapping[str, Sequence[Any]]
) -> list[Deployment]:
    """Return what the template makes in each case that it leaves open; nothing where there are too many."""
    found: list[Deployment] = []
    pending = [{name: value} for name, values in [*undecided.items()][:1] for value in values]
    while pending:
        decided = pending.pop()
        stack = stack_of(decided)
        deployment, _ = _made(stack, scope)
        open_ = next(iter(stack.undecided.items()), None)
        if open_ is None:
            found.append(deployment)
        else:
            pending += [{**decided, open_[0]: value} for value in open_[1]]
        if len(found) + len(pending) > _MOST_CASES:
            return []
    return found


def _positions(
    resources: Iterable[Resource], file: str, lines: Mapping[str, int]
) -> Iterator[tuple[str, Position]]:
    """Yield where resources stand; what a nested stack has stands where the stack does."""
    for address in (*lines, *(one.address for one in resources)):
        line = lines.get(address.partition(".")[0])
        if line is not None:
            yield address, Position(file, line)
