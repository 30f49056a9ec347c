"""The resource instances of a plan, each with its values, what is unknown of them, and its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sg_alarm.unknown import Unknown

KNOWN_AFTER_APPLY = Unknown("known after apply")

_STEP = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]|[^.\[\]]+')

Step = str | int


def steps(address: str) -> list[str]:
    """Split an address: ``module.a["b.c"].x[0]`` has the steps module, a, ["b.c"], x, [0]."""
    return _STEP.findall(address)


def join(tokens: Sequence[str]) -> str:
    """Put steps together again."""
    return "".join(token if token.startswith("[") else f".{token}" for token in tokens).removeprefix(".")


@dataclass(frozen=True, eq=False)
class Instance:
    """A resource, or data that Terraform reads.

    ``module`` is the address of its module's instance, empty for the root. ``expressions`` are those of the
    configuration; each is ``{"constant_value": …}``, ``{"references": […]}`` or, for a block, a mapping or a
    list of mappings of such. ``provider`` is the key of the provider's configuration; empty in a state, which
    does not say.
    """

    address: str
    module: str
    mode: str
    type: str
    name: str
    values: Mapping[str, Any] = field(repr=False)
    unknown: Any = field(repr=False, default=False)
    configuration: Mapping[str, Any] = field(repr=False, default_factory=dict)
    provider: str = ""

    @property
    def expressions(self) -> Mapping[str, Any]:
        """The configured arguments."""
        found: Mapping[str, Any] = self.configuration.get("expressions", {})
        return found

    @property
    def resource(self) -> str:
        """The address of the whole resource, without ``[key]``."""
        data = "data." if self.mode == "data" else ""
        return f"{self.module}.{data}{self.type}.{self.name}".removeprefix(".")

    def get(self, *path: Step) -> Any:
        """Return a value, ``Unknown`` where it is known only after apply; ``None`` is not set."""
        value: Any = self.values
        unknown = self.unknown
        for step in path:
            if unknown is True:
                return KNOWN_AFTER_APPLY
            unknown = _child(unknown, step)
            value = _child(value, step)
        return KNOWN_AFTER_APPLY if unknown is True else value

    def names(self, *path: Step) -> list[str]:
        """Return the names in a mapping, also of what is known only after apply."""
        value, unknown = self.values, self.unknown
        for step in path:
            value, unknown = _child(value, step), _child(unknown, step)
        return list({**(value or {}), **(unknown if isinstance(unknown, Mapping) else {})})

    def blocks(self, *path: Step) -> list[tuple[Step, ...]] | Unknown:
        """Return the paths of the blocks of one kind."""
        found = self.get(*path)
        if isinstance(found, Unknown):
            return found
        return [(*path, index) for index in range(len(found or ()))]


def _child(parent: Any, step: Step) -> Any:
    if isinstance(parent, Mapping):
        return parent.get(str(step))
    if isinstance(parent, list) and isinstance(step, int) and step < len(parent):
        return parent[step]
    return None


class Plan:
    """The instances that will be there after apply, and the configuration that they come from."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.is_state = "planned_values" not in document
        self._configuration = document.get("configuration", {})
        self.relevant_attributes: Sequence[Mapping[str, Any]] | None = document.get("relevant_attributes")
        changes = {one.get("address"): one.get("change", {}) for one in document.get("resource_changes", ())}
        self.changes: Mapping[str, Mapping[str, Any]] = changes
        after = document["values" if self.is_state else "planned_values"]
        found = {one.address: one for one in self._instances(after.get("root_module", {}), "")}
        # Data that was read while planning is in the prior state only. Nothing else there will remain.
        prior = document.get("prior_state", {}).get("values", {}).get("root_module", {})
        for one in self._instances(prior, ""):
            if one.mode == "data":
                found.setdefault(one.address, one)
        self.instances: tuple[Instance, ...] = tuple(found.values())

    def _instances(self, module: Mapping[str, Any], address: str) -> Iterator[Instance]:
        configurations = self.module(address).get("resources", ())
        for one in module.get("resources", ()):
            key = (one.get("mode"), one.get("type"), one.get("name"))
            configuration: Mapping[str, Any] = next(
                (it for it in configurations if (it.get("mode"), it.get("type"), it.get("name")) == key), {}
            )
            yield Instance(
                one["address"],
                address,
                *key,
                values=one.get("values", {}),
                unknown=self.changes.get(one["address"], {}).get("after_unknown", False),
                configuration=configuration,
                provider=self._provider(str(configuration.get("provider_config_key", ""))),
            )
        for child in module.get("child_modules", ()):
            yield from self._instances(child, child["address"])

    def module(self, address: str) -> Mapping[str, Any]:
        """Return the configuration of a module by the address of any instance of it."""
        found: Mapping[str, Any] = self._configuration.get("root_module", {})
        for name in _calls(address):
            found = found.get("module_calls", {}).get(name, {}).get("module", {})
        return found

    def call(self, address: str) -> Mapping[str, Any]:
        """Return the call of a module, as its parent writes it."""
        *_, name = _calls(address)
        found: Mapping[str, Any] = self.module(parent(address)).get("module_calls", {}).get(name, {})
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """The addresses of all module instances that hold anything, and of those around them."""
        found = set()
        for one in self.instances:
            address = one.module
            while address:
                found.add(address)
                address = parent(address)
        return frozenset(found)

    def _provider(self, key: str) -> str:
        """Return the key of the provider that is inherited where Terraform names one that is not configured.

        It does so for a module in a module that has nothing of the provider itself. A provider there with an
        empty block looks alike; modules of modules hardly have one.
        """
        module, _, name = key.rpartition(":")
        calls = module.split(".module.")
        if len(calls) < 2 or "." in name or "expressions" in self.providers.get(key, {}):
            return key
        above = (f"{'.module.'.join(calls[:depth])}:{name}" for depth in range(len(calls) - 1, 0, -1))
        return next((one for one in above if one in self.providers), name)

    @property
    def providers(self) -> Mapping[str, Mapping[str, Any]]:
        """The configurations of the providers, by key."""
        found: Mapping[str, Mapping[str, Any]] = self._configuration.get("provider_config", {})
        return found

    def of_type(self, *types: str, mode: str = "managed") -> list[Instance]:
        """Return the instances of some types."""
        return [one for one in self.instances if one.type in types and one.mode == mode]

    def constant(self, expression: Any, module: str = "") -> Any:
        """Return what an expression of the configuration says for sure, ``None`` where that is not known.

        Besides constants that is an input variable alone, whose value the plan records.
        """
        if not isinstance(expression, Mapping):
            return None
        if "constant_value" in expression:
            return expression["constant_value"]
        references = expression.get("references", [])
        if len(references) != 1 or not references[0].startswith("var."):
            return None
        return self.variable(references[0].removeprefix("var."), module)

    def variable(self, name: str, module: str) -> Any:
        """Return the value of a module's input variable, ``None`` where it is not known or null."""
        if not module:
            return self.document.get("variables", {}).get(name, {}).get("value")
        passed = self.call(module).get("expressions", {})
        if name in passed:
            return self.constant(passed[name], parent(module))
        return self.module(module).get("variables", {}).get(name, {}).get("default")


def parent(module: str) -> str:
    """Return the address of the module around a module's instance."""
    tokens = steps(module)
    return join(tokens[: -3 if tokens[-1].startswith("[") else -2])


def _calls(module: str) -> list[str]:
    """Return the names of the calls that lead to a module."""
    return [token for token in steps(module) if not token.startswith("[")][1::2]
