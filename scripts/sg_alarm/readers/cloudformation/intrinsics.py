"""CloudFormation's parameters, conditions and intrinsic functions.

A value that only a deployment knows is a placeholder in ``${…}`` where it is handed on as a text, so that the
same topic in an action and in a policy are equal texts; where it is looked at, it is ``Unknown``. What
depends on parameters is judged with their defaults.

Source: AWS CloudFormation Template Reference, "Intrinsic functions", "Condition functions", "Pseudo
parameters", "Parameters", "Dynamic references", transform "AWS::LanguageExtensions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sg_alarm.readers.cloudformation.document import is_secret
from sg_alarm.readers.secret import Secret
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.truth import Truth, every, negate, some
from sg_alarm.unknown import Outside, Unknown

Node = Any
"""A part of a template: mapping, list, text, number or boolean."""


def without_marks(node: Node) -> Node:
    """Return a node without the keys, such as ``__startline__``, by which parsers say where it stands."""
    if isinstance(node, Mapping):
        return {
            key: without_marks(value)
            for key, value in node.items()
            if not (isinstance(key, str) and key.startswith("__") and key.endswith("__"))
        }
    return [without_marks(one) for one in node] if isinstance(node, list) else node


class NoValue:
    """What ``AWS::NoValue`` leaves behind: a property or element that is not there."""


NO_VALUE = NoValue()


class References(Protocol):
    """What references to resources return."""

    def ref(self, name: str) -> Any:
        """Return what ``Ref`` returns for the resource of that logical id; raises KeyError for none."""

    def attribute(self, name: str, attribute: str) -> Any:
        """Return what ``Fn::GetAtt`` returns; raises KeyError where there is no such resource."""


class Intrinsics:
    """Evaluates the nodes of one template.

    ``given`` are values of parameters that take the place of their defaults, and of conditions, as
    ``Condition:…``; ``constants`` those of pseudo parameters. ``references`` answers for resources; set it
    before anything refers to one. ``undecided`` are the parameters and conditions that were asked for and
    depend on the deployment, each with the values that it may have there.
    """

    references: References

    def __init__(
        self, template: Mapping[str, Node], given: Mapping[str, Any], constants: Mapping[str, Any]
    ) -> None:
        self._parameters = _section(template, "Parameters")
        self._mappings = _section(template, "Mappings")
        self._conditions = _section(template, "Conditions")
        self._given = given
        self._constants = constants
        self._asked: list[str] = []
        self.undecided: dict[str, Sequence[Any]] = {}

    def value(self, node: Node) -> Any:
        """Return a node's value: plain, ``Unknown``, or ``NO_VALUE``; parts of it may be ``Unknown``."""
        if isinstance(node, str):
            return _resolved_later(node)
        if isinstance(node, Mapping):
            if len(node) == 1:
                name, argument = next(iter(node.items()))
                if name == "Ref":
                    return self._ref(argument)
                if name == "Condition" and isinstance(argument, str):
                    return self.holds(argument)
                if isinstance(name, str) and name.startswith("Fn::"):
                    return self._call(name, argument)
            if any(isinstance(name, str) and name.startswith("Fn::") for name in node):
                return Unknown("it is made by a transform, which runs at deployment")
            found = {str(name): self.value(one) for name, one in node.items()}
            return {name: one for name, one in found.items() if one is not NO_VALUE}
        if isinstance(node, Sequence):
            return [one for one in map(self.value, node) if one is not NO_VALUE]
        return node

    def _ref(self, name: Node) -> Any:
        if not isinstance(name, str):
            return Unknown("Ref names nothing")
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._constants:
            return self._constants[name]
        if name in self._parameters:
            return self._parameter(name)
        if name.startswith("AWS::"):
            return f"${{{name.replace('::', '.')}}}"
        try:
            return self.references.ref(name)
        except KeyError:
            return Unknown(f"it refers to {name}, which is not in the template")

    def _parameter(self, name: str) -> Any:
        declared = self._parameters[name]
        declared = declared if isinstance(declared, Mapping) else {}
        kind = str(declared.get("Type", "String"))
        is_list = kind == "CommaDelimitedList" or "List<" in kind
        allowed = declared.get("AllowedValues")
        if name in self._given:
            found = self._given[name]
            if found and isinstance(found, str) and is_secret(declared):
                found = Secret.of(found, list(self._parameters).index(name) + 1)
        elif "Default" in declared and ":SSM:" not in kind:
            found = declared["Default"]
        elif isinstance(allowed, list) and len(allowed) == 1:
            found = allowed[0]
        else:
            if isinstance(allowed, list) and allowed:
                self.undecided[name] = allowed
            is_text = not is_list and kind != "Number"
            return f"${{{name}}}" if is_text else Outside(f"the parameter {name} has no value here")
        if is_list and isinstance(found, str):
            return [one.strip() for one in found.split(",")] if found else []
        return found

    def _call(self, name: str, argument: Node) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return Unknown(f"what {name} returns is not known")
        try:
            return function(self, argument)
        except _UnknownPartError as error:
            return error.unknown
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            return Unknown(f"{name} could not be evaluated: {error}")

    def _known(self, node: Node) -> Any:
        """Return a node's value. Raises :class:`_UnknownPartError`."""
        value = self.value(node)
        if isinstance(value, Unknown):
            raise _UnknownPartError(value)
        return value

    # Conditions

    def holds(self, name: str) -> bool | Unknown:
        """Return whether a condition holds, by the defaults of the parameters."""
        if name not in self._conditions:
            return Unknown(f"there is no condition {name}")
        case = f"Condition:{name}"
        if case in self._given:
            return bool(self._given[case])
        if name in self._asked:
            return Unknown(f"the condition {name} depends on itself")
        self._asked.append(name)
        try:
            truth = self._truth(self._conditions[name])
        finally:
            self._asked.pop()
        if truth is not None:
            return truth
        self.undecided[case] = (True, False)
        return Unknown(f"whether the condition {name} holds depends on the deployment")

    def _truth(self, node: Node) -> Truth:
        found = self.value(node)
        if isinstance(found, bool):
            return found
        return {"true": True, "false": False}.get(found) if isinstance(found, str) else None

    def _equals(self, argument: Node) -> bool | Unknown:
        one, other = (_text(self._known(part)) for part in argument)
        if one == other:
            return True
        unsure = next((found for found in (one, other) if isinstance(found, str) and is_opaque(found)), None)
        return False if unsure is None else Unknown(f"{unsure} is known at deployment only")

    def _if(self, argument: Node) -> Any:
        name, then, otherwise = argument
        holds = self.holds(name)
        if isinstance(holds, bool):
            return self.value(then if holds else otherwise)
        one, other = self.value(then), self.value(otherwise)
        return one if one == other else holds

    # Texts and lists

    def _sub(self, argument: Node) -> Any:
        text, further = (argument, {}) if isinstance(argument, str) else argument

        def replaced(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in further:
                value = self.value(further[name])
            elif "." in name:
                value = self._get_att(name)
            else:
                value = self._ref(name)
            return _part(value)

        return _resolved_later(re.sub(r"\$\{([^{}]*)\}", replaced, text))

    def _join(self, argument: Node) -> Any:
        separator, parts = argument
        values = self._known(parts)
        if isinstance(values, str):
            raise ValueError("what it joins is not a list")
        return _resolved_later(str(separator).join(map(_part, values)))

    def _split(self, argument: Node) -> Any:
        separator, text = map(self._known, argument)
        # The parts of an ARN hold no colon, whatever they are.
        by_parts = separator == ":" and text.startswith("arn:")
        placeholders = re.findall(r"\$\{([^{}]*)\}", text)
        if not by_parts and any(self._may_hold(one, separator) for one in placeholders):
            raise ValueError("it splits a value that is not known")
        return text.split(separator)

    def _may_hold(self, placeholder: str, separator: str) -> bool:
        """Whether a separator may be part of what a placeholder stands for, or is part of the placeholder."""
        from_outside = placeholder in self._parameters or placeholder.startswith(("import ", "resolve "))
        return from_outside or separator in placeholder

    def _select(self, argument: Node) -> Any:
        index, values = map(self._known, argument)
        if isinstance(values, str):
            raise ValueError("what it selects from is not a list")
        return values[int(index)]

    def _find_in_map(self, argument: Node) -> Any:
        name, first, second, *further = (self.value(part) for part in argument)
        default = further[0].get("DefaultValue") if further and isinstance(further[0], Mapping) else None
        try:
            found = [
                self.value(inner[two])
                for inner in _chosen(self._mappings[name], first)
                for two in ([second] if _is_known(second) else inner)
            ]
        except KeyError as error:
            if default is not None:
                return default
            raise ValueError(f"{name} has no key {error}") from None
        if found and all(one == found[0] for one in found):
            return found[0]
        return Unknown(f"which value of the mapping {name} it takes is known at deployment only")

    def _get_att(self, argument: Node) -> Any:
        if isinstance(argument, str):
            name, _, attribute = argument.partition(".")
        else:
            name, attribute = argument[0], self._join([".", argument[1:]])
        try:
            return self.references.attribute(name, attribute)
        except KeyError:
            return Unknown(f"it refers to {name}, which is not in the template")

    def _import(self, argument: Node) -> Any:
        # What another stack exports is outside, and the same wherever it is imported.
        return f"${{import {_bare(str(self._known(argument)))}}}"

    def _json(self, argument: Node) -> Any:
        found = self.value(argument)
        # A text of JSON is only ever read again; as a mapping it keeps what is unknown in it.
        return found if isinstance(found, Mapping | Unknown) else json.dumps(found)


_FUNCTIONS: Mapping[str, Callable[[Intrinsics, Node], Any]] = {
    "Fn::Equals": Intrinsics._equals,
    "Fn::And": lambda self, parts: _or_unknown(every([self._truth(one) for one in parts])),
    "Fn::Or": lambda self, parts: _or_unknown(some([self._truth(one) for one in parts])),
    "Fn::Not": lambda self, parts: _or_unknown(negate(self._truth(parts[0]))),
    "Fn::If": Intrinsics._if,
    "Fn::Sub": Intrinsics._sub,
    "Fn::Join": Intrinsics._join,
    "Fn::Split": Intrinsics._split,
    "Fn::Select": Intrinsics._select,
    "Fn::FindInMap": Intrinsics._find_in_map,
    "Fn::GetAtt": Intrinsics._get_att,
    "Fn::ImportValue": Intrinsics._import,
    "Fn::ToJsonString": Intrinsics._json,
    "Fn::Length": lambda self, argument: len(self._known(argument)),
}


class _UnknownPartError(Exception):
    """A function needs a value that is ``Unknown``."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


def _section(template: Mapping[str, Node], name: str) -> Mapping[str, Node]:
    found = template.get(name)
    return found if isinstance(found, Mapping) else {}


def _part(value: Any) -> str:
    """Return a value as a part of a text."""
    if isinstance(value, Unknown):
        raise _UnknownPartError(value)
    if isinstance(value, Mapping | list | NoValue):
        raise ValueError("a part of the text is not a text")
    return str(_text(value))


def _text(value: Any) -> Any:
    """Return a scalar as CloudFormation writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _or_unknown(truth: Truth) -> bool | Unknown:
    return Unknown("it depends on the deployment") if truth is None else truth


def _is_known(key: Any) -> bool:
    return not isinstance(key, Unknown) and not is_opaque(str(key))


def _chosen(mapping: Mapping[str, Node], key: Any) -> Sequence[Mapping[str, Node]]:
    by_text = {str(name): one for name, one in mapping.items()}
    return [by_text[str(key)]] if _is_known(key) else list(by_text.values())


def _bare(text: str) -> str:
    return re.sub(r"[${}:]+", " ", text).strip()


def _resolved_later(text: str) -> str:
    """Put placeholders for dynamic references, which CloudFormation looks up at deployment."""
    return re.sub(r"\{\{resolve:([^{}]*)\}\}", lambda found: f"${{resolve {_bare(found[1])}}}", text)
