"""What a value that is known only after apply refers to.

The configuration part of a plan lists for each argument what its expression refers to, not how. So a single
reference to something unknown is taken for the value itself, be it through a template such as
``"${aws_cloudwatch_log_group.this.arn}:*"``, and with several the value is unknown.

References lead on through the inputs and outputs of modules. Local values are not in the JSON. What they can
refer to is, though: ``relevant_attributes`` names every attribute, of whatever module, that anything in the
plan draws on, through local values, too. A local value of a module can draw on those in the module, in the
modules below, and on what is passed to the module. If only one of them can be the thing wanted, it is that.

Source: Terraform documentation, "JSON Output Format", Expression Representation; ``relevant_attributes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sg_alarm.readers.plan.instances import Instance, Plan, Step, join, parent, steps
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Source:
    """An attribute of a resource that a value comes from; without ``attribute`` any of it."""

    instance: Instance
    attribute: tuple[Step, ...] = ()

    @property
    def address(self) -> str:
        """The attribute's address."""
        tokens = [f"[{step}]" if isinstance(step, int) else step for step in self.attribute]
        return join([self.instance.address, *tokens])


@dataclass(frozen=True)
class Wanted:
    """What an argument takes: types of resources, and the attribute that is meant by a whole resource."""

    types: frozenset[str]
    attribute: str


def wanted(attribute: str, *types: str) -> Wanted:
    """Say what an argument takes."""
    return Wanted(frozenset(types), attribute)


class UntraceableError(Exception):
    """A value's source is unknown; the message says why."""


# All that they export besides their arguments is their own identity, which therefore can be nothing else.
_NOTHING_BUT_THEMSELVES = frozenset(
    {
        "aws_caller_identity",
        "aws_cloudtrail",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_iam_policy",
        "aws_iam_policy_document",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_kms_alias",
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_lambda_function",
        "aws_partition",
        "aws_region",
        "aws_s3_bucket",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_versioning",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue",
        "aws_sqs_queue_policy",
    }
)
_IDENTITIES = frozenset({"arn", "id", "name"})

# What means the whole resource: with one of them known, so are the others.
_WHOLE = frozenset({(), ("arn",), ("id",), ("key_id",), ("name",), ("alarm_name",), ("json",)})

# Blocks that keep their order.
_ORDERED = frozenset({"statement"})

# Attributes that stand for what an argument names; an empty one is the whole resource.
_STANDS_FOR: Mapping[str, Mapping[Step, str]] = {
    "aws_kms_alias": dict.fromkeys(("", "arn", "id", "target_key_arn"), "target_key_id"),
    "aws_sns_topic_policy": dict.fromkeys(("", "id"), "arn"),
}


def sources(plan: Plan, instance: Instance, path: Sequence[Step], what: Wanted) -> list[Source]:
    """Return what an unknown argument may come from.

    Raises :class:`UntraceableError` where that is unknown.
    """
    tracer = _Tracer(plan, what)
    return list(dict.fromkeys(tracer.of_instance(instance, path)))


def single_source(plan: Plan, instance: Instance, path: Sequence[Step], what: Wanted) -> Source | Unknown:
    """Return the one thing that an unknown argument comes from."""
    try:
        found = sources(plan, instance, path, what)
    except UntraceableError as error:
        return Unknown(f"known after apply: {error}")
    if len(found) > 1:
        several = " or ".join(one.address for one in found)
        return Unknown(f"known after apply: it comes from {several}")
    return found[0] if found else Unknown("known after apply")


def maximal_references(expression: Any) -> list[str]:
    """Return what an expression refers to, without the wholes whose parts are named, too."""
    found = list(dict.fromkeys(_references(expression)))
    return [
        one
        for one in found
        if not any(other.startswith((f"{one}.", f"{one}[")) for other in found if other is not one)
    ]


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


class _Tracer:
    """Follows references for one thing wanted."""

    def __init__(self, plan: Plan, what: Wanted) -> None:
        self._plan = plan
        self._what = what
        self._seen: set[tuple[str, str]] = set()

    def of_instance(self, instance: Instance, path: Sequence[Step]) -> Iterator[Source]:
        for_each = maximal_references(instance.configuration.get("for_each_expression"))
        references = maximal_references(expressions_at(instance, path))
        yield from self._follow(references, instance.module, for_each)

    def _follow(self, references: Iterable[str], module: str, for_each: Sequence[str]) -> Iterator[Source]:
        for reference in references:
            kind, *rest = steps(reference)
            if (module, reference) in self._seen or not rest:
                continue
            if kind == "each":
                if rest[0] == "value":
                    yield from self._follow(for_each, module, ())
                continue
            self._seen.add((module, reference))
            if kind == "var":
                yield from self._input(rest[0], module)
            elif kind == "local":
                yield from self._local(module)
            elif kind == "module":
                yield from self._output(rest, module)
            elif kind not in ("count", "path", "self", "terraform"):
                yield from self._resource([kind, *rest], module)

    def _input(self, name: str, module: str) -> Iterator[Source]:
        if not module:
            return  # given when planning, so known
        call = self._plan.call(module)
        for_each = maximal_references(call.get("for_each_expression"))
        references = maximal_references(call.get("expressions", {}).get(name))
        yield from self._follow(references, parent(module), for_each)

    def _output(self, rest: Sequence[str], module: str) -> Iterator[Source]:
        name, *further = rest
        prefix = join([*steps(module), "module", name])
        if further and further[0].startswith("["):
            prefix += further.pop(0)
        output = further[0] if further else None
        children = [
            child
            for child in sorted(self._plan.modules)
            if child == prefix or (child.startswith(f"{prefix}[") and parent(child) == module)
        ]
        for child in children:
            outputs = self._plan.module(child).get("outputs", {})
            for key, value in outputs.items():
                if output in (None, key):
                    yield from self._follow(maximal_references(value.get("expression")), child, ())

    def _local(self, module: str) -> Iterator[Source]:
        relevant = self._plan.relevant_attributes
        if relevant is None:
            raise UntraceableError("it comes from a local value, which this plan does not show")
        if (module, "local") in self._seen:
            return
        self._seen.add((module, "local"))
        for one in relevant:
            tokens = steps(str(one.get("resource", "")))
            attribute = [f"[{it}]" if isinstance(it, int) else str(it) for it in one.get("attribute", ())]
            yield from (
                source
                for source in self._named(tokens, attribute)
                if _is_within(source.instance.module, module) and not self._is_impossible(source)
            )
        if module:
            for name in self._plan.call(module).get("expressions", {}):
                yield from (source for source in self._input(name, module) if not self._is_impossible(source))

    def _resource(self, tokens: Sequence[str], module: str) -> Iterator[Source]:
        size = 3 if tokens[0] == "data" else 2
        if len(tokens) > size and tokens[size].startswith("["):
            size += 1
        for source in self._named([*steps(module), *tokens[:size]], tokens[size:]):
            # A whole resource may be there to be counted only.
            if source.attribute or not self._is_impossible(source):
                yield source

    def _named(self, resource: Sequence[str], attribute: Sequence[str]) -> Iterator[Source]:
        """Yield what an attribute of every instance of a resource comes from, where it is unknown."""
        address = join(resource)
        path = tuple(int(it[1:-1]) if it[1:-1].isdigit() else it.strip('[]"') for it in attribute)
        for instance in self._plan.instances:
            if address in (instance.address, instance.resource):
                yield from self._attribute(instance, path)

    def _attribute(self, instance: Instance, path: tuple[Step, ...]) -> Iterator[Source]:
        is_meant = instance.type in self._what.types
        if is_meant and path[:1] in _WHOLE:
            if isinstance(instance.get(*(path or (self._what.attribute,))), Unknown):
                yield Source(instance, (self._what.attribute,))
            return
        if path and not isinstance(instance.get(*path), Unknown):
            return
        argument = _STANDS_FOR.get(instance.type, {}).get(path[0] if path else "")
        if argument is None and path and path[0] in instance.expressions:
            argument = str(path[0])
        if argument is not None and isinstance(instance.get(argument), Unknown):
            yield from self._argument(instance, argument if path[:1] != (argument,) else path)
        elif path or instance.unknown:
            yield Source(instance, path)

    def _argument(self, instance: Instance, path: str | tuple[Step, ...]) -> Iterator[Source]:
        seen = (instance.address, str(path))
        if seen not in self._seen:
            self._seen.add(seen)
            yield from self.of_instance(instance, (path,) if isinstance(path, str) else path)

    def _is_impossible(self, source: Source) -> bool:
        """Whether a source cannot be what is wanted, but only its own identity."""
        one = source.instance
        if one.type in self._what.types:
            return False
        if one.type in _NOTHING_BUT_THEMSELVES:
            return True
        return one.type.startswith("aws_") and source.attribute[-1:] in {(it,) for it in _IDENTITIES}


def _is_within(module: str, around: str) -> bool:
    return not around or module == around or module.startswith(f"{around}.")
