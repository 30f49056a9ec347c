"""A template as the stack that it makes, with the stacks that it nests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sg_alarm.readers.assembly import (
    LOG_GROUP,
    NAMES,
    TOPIC,
    TOPIC_POLICY,
    Resource,
    Scope,
    unseen,
)
from sg_alarm.readers.cloudformation.intrinsics import NO_VALUE, Intrinsics, Node, without_marks
from sg_alarm.readers.reading import says_alarm
from sg_alarm.rule.arn import is_opaque
from sg_alarm.unknown import Unknown

Load = Callable[[str], Mapping[str, Node] | None]
"""Returns the template that a path names, ``None`` where there is none."""

_STACKS: Mapping[str, str] = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
# Transforms that make nothing of the alarm's chain. Any other may make anything.
_HARMLESS = re.compile(
    r"AWS::(Serverless|LanguageExtensions|CodeDeployBlueGreen|SecretsManager|ServiceCatalog)\b"
)
# Types that the rule takes for one of the others.
_LIKE: Mapping[str, str] = {
    "AWS::SNS::TopicInlinePolicy": TOPIC_POLICY,
}
_LOOPS = "AWS::LanguageExtensions"
_DEEPEST = 10


class Stack:
    """The resources of one template. ``address`` is that of a nested stack, empty for the outermost."""

    def __init__(
        self,
        template: Mapping[str, Node],
        scope: Scope,
        load: Load,
        given: Mapping[str, Any] | None = None,
        address: str = "",
        depth: int = 0,
    ) -> None:
        self._scope, self._load, self._address, self._depth = scope, load, address, depth
        self._place = (scope.region, scope.account, scope.partition)
        constants = {
            "AWS::AccountId": scope.account,
            "AWS::Region": scope.region,
            "AWS::Partition": scope.partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com",
        }
        self._template = template = without_marks(template)
        self._intrinsics = Intrinsics(template, given or {}, constants)
        self._intrinsics.references = self
        self._loops: dict[str, Unknown] = {}
        self._declared = dict(self._expanded(template.get("Resources") or {}))
        self._nested: dict[str, Stack | None] = {}
        self._naming: set[str] = set()

    # What there is

    def resources(self) -> Iterator[Resource]:
        """Yield what bears on the rule; of what could not be read, nothing is known."""
        for name, declared in self._declared.items():
            doubt = self._doubt(declared)
            if doubt is False:
                continue
            if _kind(declared) in NAMES:
                yield self._resource(name, declared, doubt)
            elif nested := self._stack(name):
                for one in nested.resources():
                    yield replace(one, existence=one.existence or doubt)
        for name, reason in self._unread():
            yield from unseen(self._addressed(name), reason, *self._place)

    @property
    def undecided(self) -> Mapping[str, Sequence[Any]]:
        """What decides the stack, as far as it was asked for, and the values that each may have."""
        return self._intrinsics.undecided

    @property
    def types(self) -> Mapping[str, str]:
        """The types of the template's own resources by logical id, whether they come to be or not."""
        return {name: str(declared.get("Type")) for name, declared in self._declared.items()}

    def elsewhere(self) -> Unknown | None:
        """Return why something that may hold a trail could not be read; ``None`` where all was."""
        nested = [stack for name in self._declared if (stack := self._stack(name))]
        reasons = [reason for _, reason in self._unread()] + [one.elsewhere() for one in nested]
        return next(filter(None, reasons), None)

    def _unread(self) -> Iterator[tuple[str, Unknown]]:
        """Yield what may make further parts of the chain and could not be read, and why."""
        yield from self._loops.items()
        for transform in _transforms(self._template.get("Transform")):
            if not _HARMLESS.match(transform):
                yield "Transform", Unknown(f"the transform {transform} runs at deployment")
        for name, declared in self._declared.items():
            type_ = str(declared.get("Type"))
            is_stack = (
                type_ in _STACKS or type_.endswith("::MODULE") or type_ == "AWS::CloudFormation::StackSet"
            )
            if not is_stack or self._doubt(declared) is False or self._stack(name):
                continue
            location = self._location(declared)
            if _is_local(location) or says_alarm(_written_of(name, declared)):
                what = f"the template {location}" if isinstance(location, str) else f"the template of {name}"
                yield name, Unknown(f"{what} is not here to be read")

    # What references return

    def ref(self, name: str) -> Any:
        """Return what ``Ref`` returns: of a topic its ARN, of a key its id, else the name."""
        declared = self._declared[name]
        if self._doubt(declared) is False:
            return Unknown(f"it refers to {name}, which its condition leaves out")
        named = self._only_named(name, declared) if _kind(declared) == TOPIC else None
        return named.arn if named else self._name(name, declared)

    def attribute(self, name: str, attribute: str) -> Any:
        """Return what ``Fn::GetAtt`` returns: ARNs as the rule compares them, else a placeholder."""
        declared = self._declared[name]
        if self._doubt(declared) is False:
            return Unknown(f"it refers to {name}, which its condition leaves out")
        if (nested := self._stack(name)) and attribute.startswith("Outputs."):
            return nested.output(attribute.removeprefix("Outputs."))
        kind = _kind(declared)
        if kind in NAMES and attribute in ("Arn", "TopicArn"):
            arn = self._only_named(name, declared).arn
            return f"{arn}:*" if kind == LOG_GROUP else arn
        if kind in NAMES and attribute in (NAMES[kind], "QueueUrl"):
            return self._name(name, declared)
        return f"${{{self._addressed(name)}.{attribute}}}"

    def output(self, name: str) -> Any:
        """Return the value of an output."""
        outputs = self._template.get("Outputs")
        declared = outputs.get(name) if isinstance(outputs, Mapping) else None
        if not isinstance(declared, Mapping):
            return Unknown(f"{self._address} has no output {name}")
        found = self._intrinsics.value(declared.get("Value"))
        return Unknown(f"the output {name} has no value") if found is NO_VALUE else found

    def _name(self, name: str, declared: Mapping[str, Node]) -> str:
        """Return the name that a resource gets; a placeholder where CloudFormation makes one up."""
        made_up = f"${{{self._addressed(name)}}}"
        kind = _kind(declared)
        named, properties = NAMES.get(kind), declared.get("Properties")
        if not named or not isinstance(properties, Mapping):
            return made_up
        if kind == TOPIC and named not in properties and "FifoTopic" in properties:
            return f"{made_up}.fifo"
        if name in self._naming or named not in properties:
            return made_up
        self._naming.add(name)
        try:
            found = self._intrinsics.value(properties[named])
        finally:
            self._naming.discard(name)
        return str(found) if isinstance(found, str | int) else made_up

    def _only_named(self, name: str, declared: Mapping[str, Node]) -> Resource:
        kind = _kind(declared)
        return Resource(kind, self._addressed(name), {NAMES[kind]: self._name(name, declared)}, *self._place)

    def _resource(self, name: str, declared: Mapping[str, Node], doubt: Unknown | None) -> Resource:
        kind, properties = _kind(declared), self._intrinsics.value(declared.get("Properties") or {})
        if not isinstance(properties, Mapping):
            what = (
                properties if isinstance(properties, Unknown) else Unknown("its properties are not a mapping")
            )
            return Resource(kind, self._addressed(name), what, *self._place, existence=doubt or what)
        policy = properties.get("KeyPolicy") or properties.get("PolicyDocument")
        values = {**properties, "Policy": policy, NAMES[kind]: self._name(name, declared)}
        return Resource(kind, self._addressed(name), values, *self._place, existence=doubt)

    def _doubt(self, declared: Mapping[str, Node]) -> Unknown | Literal[False] | None:
        """Return ``False`` where its condition leaves it out, why where that is unknown, else ``None``."""
        condition = declared.get("Condition")
        if not isinstance(condition, str):
            return None
        holds = self._intrinsics.holds(condition)
        if isinstance(holds, Unknown):
            return holds
        return None if holds else False

    def _addressed(self, name: str) -> str:
        return f"{self._address}.{name}" if self._address else name

    # Nested stacks

    def _stack(self, name: str) -> Stack | None:
        if name not in self._nested:
            self._nested[name] = None  # should it ask for its own outputs
            self._nested[name] = self._opened(name)
        return self._nested[name]

    def _opened(self, name: str) -> Stack | None:
        declared = self._declared[name]
        location = self._location(declared)
        if str(declared.get("Type")) not in _STACKS or not _is_local(location) or self._depth > _DEEPEST:
            return None
        template = self._load(location)
        if template is None:
            return None
        properties = declared.get("Properties")
        given = (
            self._intrinsics.value(properties.get("Parameters") or {})
            if isinstance(properties, Mapping)
            else {}
        )
        return Stack(
            template,
            self._scope,
            self._load,
            given if isinstance(given, Mapping) else {},
            self._addressed(name),
            self._depth + 1,
        )

    def _location(self, declared: Mapping[str, Node]) -> Any:
        properties = declared.get("Properties")
        key = _STACKS.get(str(declared.get("Type")), "TemplateURL")
        return self._intrinsics.value(properties.get(key)) if isinstance(properties, Mapping) else None

    # Loops of the transform AWS::LanguageExtensions

    def _expanded(self, resources: Node) -> Iterator[tuple[str, Mapping[str, Node]]]:
        if not isinstance(resources, Mapping):
            return
        for name, declared in resources.items():
            if str(name).startswith("Fn::ForEach::"):
                yield from self._repeated(str(name), declared)
            elif str(name).startswith("Fn::"):
                self._loops[str(name)] = Unknown(
                    f"what {name} adds to the template is known at deployment only"
                )
            elif isinstance(declared, Mapping):
                yield str(name), declared

    def _repeated(self, name: str, loop: Node) -> Iterator[tuple[str, Mapping[str, Node]]]:
        if _LOOPS not in _transforms(self._template.get("Transform")):
            reason = f"{name} needs the transform {_LOOPS}, which the template does not name"
            self._loops[name] = Unknown(reason, f"add `Transform: {_LOOPS}` to the template")
            return
        values = self._intrinsics.value(loop[1]) if isinstance(loop, list) and len(loop) == 3 else None
        if not isinstance(values, list) or any(not isinstance(one, str) or is_opaque(one) for one in values):
            self._loops[name] = Unknown(f"what {name} runs over is known at deployment only")
            return
        for value in values:
            yield from self._expanded(_replaced(loop[2], str(loop[0]), value))


def _kind(declared: Mapping[str, Node]) -> str:
    type_ = str(declared.get("Type"))
    return _LIKE.get(type_, type_)


def _replaced(node: Node, name: str, value: str) -> Node:
    """Return a node with the variable of a loop replaced; ``&{…}`` leaves letters and digits."""
    if isinstance(node, str):
        bare = re.sub(r"[^A-Za-z0-9]", "", value)
        return node.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", bare)
    if isinstance(node, Mapping):
        if node == {"Ref": name}:
            return value
        return {_replaced(key, name, value): _replaced(one, name, value) for key, one in node.items()}
    return [_replaced(one, name, value) for one in node] if isinstance(node, list) else node


def _transforms(found: Node) -> list[str]:
    names = found if isinstance(found, list) else [] if found is None else [found]
    return [str(one.get("Name")) if isinstance(one, Mapping) else str(one) for one in names]


def _is_local(location: Any) -> bool:
    return isinstance(location, str) and not is_opaque(location) and "://" not in location


def _written_of(name: str, declared: Mapping[str, Node]) -> str:
    """Return how a nested stack is written; its names are in one word here, and with hyphens elsewhere."""
    text = f"{name} {json.dumps(declared, default=str)}"
    return text + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
