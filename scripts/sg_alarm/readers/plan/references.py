"""What a value that is known only after apply refers to.

A plan lists for each argument what its expression refers to, not how: ``x.arn`` and ``"${x.arn}-count"`` look
alike. So a value is taken to be what it refers to only where that is one attribute of one resource, and that
resource is what the argument takes; the reader lists it as an assumption. Of everything else it is unknown
what it will be. Beside the one reference may stand what cannot add to a text: indices, empty inputs, numbers
and booleans, which choose whether there is anything.

References lead on through the inputs and outputs of modules. Local values are not in the JSON. What they can
refer to is, though: ``relevant_attributes`` names every attribute, of whatever module, that anything in the
plan draws on, through local values, too. A local value of a module can draw on those in the module, in the
modules below, and on what is passed to the module. If only one of them can be the thing wanted, it is that.

Source: Terraform documentation, "JSON Output Format", Expression Representation; ``relevant_attributes``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.readers.plan.instances import Instance, Plan, Step, join, key_of, parent, steps
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Source:
    """An attribute of a resource that a value comes from; without ``attribute`` the resource itself."""

    instance: Instance
    attribute: tuple[Step, ...] = ()

    @property
    def address(self) -> str:
        """The attribute's address."""
        tokens = [f"[{step}]" if isinstance(step, int) else step for step in self.attribute]
        return join([self.instance.address, *tokens])


class UntraceableError(Exception):
    """A value's source is unknown; the message says why."""


# All that they export besides their arguments is their own identity, which therefore can be nothing else.
_NOTHING_BUT_THEMSELVES = re.compile(
    r"aws_(caller_identity|cloudtrail|cloudwatch_\w+|iam_\w+|kms_(alias|key|key_policy)|lambda_function|partition"
    r"|region|s3_bucket(_\w+)?|sns_topic\w*|sqs_queue\w*)"
)
_IDENTITIES = ("arn", "id", "name", "key_id", "alarm_name", "json")

_SCOPES = ("count", "each", "local", "path", "self", "terraform", "var")

# Blocks that keep their order.
_ORDERED = frozenset({"statement"})

# Attributes that stand for what an argument names; an empty one is the whole resource.
_STANDS_FOR: Mapping[str, Mapping[Step, str]] = {
    "aws_kms_alias": dict.fromkeys(("", "arn", "id", "target_key_arn"), "target_key_id"),
    "aws_sns_topic_policy": dict.fromkeys(("", "id"), "arn"),
}


def source_of(
    plan: Plan, instance: Instance, path: Sequence[Step], types: frozenset[str]
) -> tuple[Source, bool] | Unknown:
    """Return the one thing that an unknown argument comes from, and whether others may stand beside it."""
    trace = _Trace(plan, types)
    try:
        trace.of(instance, path)
    except UntraceableError as error:
        return Unknown(f"known after apply: {error}")
    found = list(trace.sources.values())
    if not found:
        return Unknown("known after apply")
    if len(found) > 1 or trace.shaping:
        addresses = [*(one.address for one in found), *trace.shaping]
        several = (
            " or ".join(addresses) if len(addresses) < 4 else f"{addresses[0]} or {len(addresses) - 1} more"
        )
        return Unknown(f"known after apply: it comes from {several}")
    return found[0], trace.others


def references(expression: Any) -> list[str]:
    """Return what an expression refers to, each as it is written: Terraform lists its prefixes behind it."""
    found: list[str] = []
    last = ""
    for one in _references(expression):
        if not last.startswith((f"{one}.", f"{one}[")):
            found.append(one)
            last = one
    return list(dict.fromkeys(found))


def _references(expression: Any) -> Iterator[str]:
    if isinstance(expression, Mapping):
        if isinstance(expression.get("references"), list):
            yield from expression["references"]
        for name, value in expression.items():
            if name not in ("references", "constant_value"):
                yield from _references(value)
    elif isinstance(expression, list):
        for one in expression:
            yield from _references(one)


def expressions_at(instance: Instance, path: Sequence[Step]) -> list[Any]:
    """Return the expressions for an argument.

    Blocks are a set in most cases: then all of one kind, as a plan has them in another order.
    """
    found: list[Any] = [instance.expressions]
    for depth, step in enumerate(path):
        below: list[Any] = []
        for one in found:
            if isinstance(step, int):
                below.append(one)
            elif isinstance(one, Mapping) and "references" in one:
                below.append(one)  # an argument written as an expression: no arguments of its own
            elif isinstance(one, Mapping) and step in one:
                value = one[step]
                blocks = value if isinstance(value, list) else [value]
                index = path[depth + 1] if len(path) > depth + 1 else None
                planned = instance.get(*path[: depth + 1])
                if step in _ORDERED and isinstance(index, int) and len(blocks) == len(planned):
                    blocks = [blocks[index]]
                below.extend(blocks)
        found = below
    return found


@dataclass(frozen=True)
class _Scope:
    """Where references stand: in a module, in a block with this instance key and ``for_each``.

    In a local value nobody knows how many of them count.
    """

    module: str
    key: str = ""
    for_each: tuple[str, ...] = ()
    is_local: bool = False


class _Trace:
    """Follows references for one thing wanted.

    ``sources`` are what it may come from, ``shaping`` what else has to do with it. ``others`` says that
    something known may stand beside the one source, or in its place.
    """

    def __init__(self, plan: Plan, types: frozenset[str]) -> None:
        self._plan = plan
        self._types = types
        self._seen: set[tuple[object, ...]] = set()
        self.sources: dict[str, Source] = {}
        self.shaping: list[str] = []
        self.others = False

    def of(self, instance: Instance, path: Sequence[Step], is_local: bool = False) -> None:
        """Follow what an argument refers to."""
        for_each = references(instance.configuration.get("for_each_expression"))
        scope = _Scope(instance.module, key_of(instance.address), tuple(for_each), is_local)
        self._follow(references(expressions_at(instance, path)), scope)

    def _follow(self, named: Sequence[str], scope: _Scope) -> None:
        self.others |= sum(one.startswith("local.") for one in named) > 1
        picks = any(map(_is_whole, named))
        key = scope.key if picks and {"each.key", "count.index"} & {*named} else ""
        for reference in named:
            kind, *rest = steps(reference)
            if not rest or self._is_seen(reference, scope):
                continue
            if kind == "var":
                self._input(rest[0], scope)
            elif kind == "local":
                self._local(scope)
            elif kind == "module":
                self._output(rest, scope, key)
            elif kind == "each" and rest[0] == "value" and scope.for_each:
                self._follow(scope.for_each, replace(scope, key="", for_each=()))
            elif kind in ("count", "each", "path", "self", "terraform"):
                if not (picks and kind in ("count", "each")):
                    self._shape(reference, scope)
            else:
                size = 3 if kind == "data" else 2
                size += len(rest) >= size and rest[size - 1].startswith("[")
                tokens = [kind, *rest]
                self._resource([*steps(scope.module), *tokens[:size]], tokens[size:], replace(scope, key=key))

    def _is_seen(self, *what: object) -> bool:
        is_seen = what in self._seen
        self._seen.add(what)
        return is_seen

    def _shape(self, what: str, scope: _Scope) -> None:
        if not scope.is_local:
            self.shaping.append(what)

    def _input(self, name: str, scope: _Scope) -> None:
        module = scope.module
        call = self._plan.call(module) if module else {}
        passed = call.get("expressions", {}).get(name)
        if passed is not None and "constant_value" not in passed:
            for_each = tuple(references(call.get("for_each_expression")))
            self._follow(references(passed), _Scope(parent(module), key_of(module), for_each, scope.is_local))
            return
        value = self._plan.variable(name, module)
        if "arn:" in json.dumps(value, default=str):
            self.others |= not scope.is_local
        elif _has_text(value):
            self._shape(f"var.{name}", scope)

    def _output(self, rest: Sequence[str], scope: _Scope, key: str) -> None:
        name, *further = rest
        prefix = join([*steps(scope.module), "module", name])
        if further and further[0].startswith("["):
            key = further.pop(0)
        around = {found for one in self._plan.instances for found in _around(one.module)}
        instances = {one for one in around if one.removesuffix(key_of(one)) == prefix}
        for child in sorted(instances & {prefix + key} or instances):
            for output, value in self._plan.module(child).get("outputs", {}).items():
                if further[:1] in ([], [output]):
                    inner = _Scope(child, is_local=scope.is_local or not further)
                    self._follow(references(value.get("expression")), inner)

    def _local(self, scope: _Scope) -> None:
        relevant = self._plan.relevant_attributes
        if relevant is None:
            raise UntraceableError("it comes from a local value, which this plan does not show")
        if self._is_seen("local", scope.module):
            return
        inner = _Scope(scope.module, is_local=True)
        for one in relevant:
            attribute = [f"[{it}]" if isinstance(it, int) else str(it) for it in one.get("attribute", ())]
            self._resource(steps(str(one.get("resource", ""))), attribute, inner)
        for name in self._plan.call(scope.module).get("expressions", {}) if scope.module else ():
            self._input(name, inner)

    def _resource(self, tokens: Sequence[str], attribute: Sequence[str], scope: _Scope) -> None:
        """Follow an attribute of a resource, in every instance that may be meant."""
        address = join(tokens)
        path = tuple(int(it[1:-1]) if it[1:-1].isdigit() else it.strip('[]"') for it in attribute)
        meant = [one for one in self._plan.instances if address in (one.address, one.resource)]
        same = [one for one in meant if scope.key and one.address == address + scope.key]
        for instance in same or meant:
            if not scope.is_local or scope.module in ("", *_around(instance.module)):
                self._attribute(instance, path, scope)

    def _attribute(self, instance: Instance, path: tuple[Step, ...], scope: _Scope) -> None:
        if instance.type in self._types and (not path or path[0] in _IDENTITIES):
            if any(isinstance(instance.get(one), Unknown) for one in path[:1] or _IDENTITIES):
                self.sources.setdefault(instance.address, Source(instance, path))
            elif isinstance(instance.get("arn"), Unknown):
                self._shape(join([instance.address, *map(str, path)]), scope)
            else:
                self.others |= not scope.is_local
            return
        if path and not isinstance(instance.get(*path), Unknown):
            self._shape(join([instance.address, *map(str, path)]), scope)
            return
        argument = _STANDS_FOR.get(instance.type, {}).get(path[0] if path else "")
        if argument is None and path and path[0] in instance.expressions:
            argument = str(path[0])
        if argument is not None and isinstance(instance.get(argument), Unknown):
            if not self._is_seen(instance.address, argument):
                self.of(instance, path if path[:1] == (argument,) else (argument,), scope.is_local)
            return
        is_written = path and not scope.is_local
        if is_written or ((path or instance.unknown) and _may_hold_anything(instance, path)):
            self.sources.setdefault(join([instance.address, *map(str, path)]), Source(instance, path))


def _may_hold_anything(instance: Instance, path: tuple[Step, ...]) -> bool:
    """Whether something not wanted may have the text of what is wanted, and not only its own identity."""
    if _NOTHING_BUT_THEMSELVES.fullmatch(instance.type):
        return False
    return not (instance.type.startswith("aws_") and path[-1:] in (("arn",), ("id",), ("name",)))


def _is_whole(reference: str) -> bool:
    """Whether a reference is to a resource or module as a whole, of which an index picks an instance."""
    kind, *rest = steps(reference)
    return kind not in _SCOPES and len(rest) == (2 if kind == "data" else 1)


def _has_text(value: Any) -> bool:
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return (isinstance(value, str) and value != "") or any(map(_has_text, parts))


def _around(module: str) -> Iterator[str]:
    """Yield the address of a module's instance and of those around it, bar the root."""
    while module:
        yield module
        module = parent(module)
