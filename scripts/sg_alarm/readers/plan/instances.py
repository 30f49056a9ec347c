"""The resource instances of a plan, each with its values, what is unknown of them, and its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


def key_of(address: str) -> str:
    """Return the instance key that an address ends with, in brackets; empty for none."""
    last = (steps(address) or [""])[-1]
    return last if last.startswith("[") else ""


@dataclass(frozen=True, eq=False)
class Instance:
    """A resource, or data that Terraform reads.

    ``module`` is the address of its module's instance, empty for the root. ``expressions`` are those of the
    configuration; each is ``{"constant_value": …}``, ``{"references": […]}`` or, for a block, a mapping or a
    list of mappings of such. ``provider`` is the key of the provider's configuration. ``existence`` is set
    where the plan does not say whether there will be such a resource.
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
    existence: Unknown | None = None

    @property
    def expressions(self) -> Mapping[str, Any]:
        """The configured arguments."""
        found: Mapping[str, Any] = self.configuration.get("expressions", {})
        return found

    @property
    def resource(self) -> str:
        """The address of the whole resource, without ``[key]``."""
        return self.address.removesuffix(key_of(self.address))

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


def _child(parent: Any, step: Step) -> Any:
    if isinstance(parent, Mapping):
        return parent.get(str(step))
    if isinstance(parent, list) and isinstance(step, int) and step < len(parent):
        return parent[step]
    return None


class Plan:
    """The instances that will be there after apply, and the configuration that they come from."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._configuration = document.get("configuration", {})
        self._configured: dict[str, dict[tuple[str, str, str], Mapping[str, Any]]] = {}
        self.relevant_attributes: Sequence[Mapping[str, Any]] | None = document.get("relevant_attributes")
        changes = {one.get("address"): one.get("change", {}) for one in document.get("resource_changes", ())}
        self.changes: Mapping[str, Mapping[str, Any]] = changes
        found = {one.address: one for one in self._instances(_root(document.get("planned_values")), "")}
        # Data that was read while planning is in the prior state only. Nothing else there will remain.
        for one in self._instances(_root(document.get("prior_state", {}).get("values")), ""):
            if one.mode == "data":
                found.setdefault(one.address, one)
        for one in document.get("deferred_changes", ()):
            deferred = self._deferred(one.get("resource_change", {}), str(one.get("reason")))
            found[deferred.address] = deferred
        self.instances: tuple[Instance, ...] = tuple(found.values())

    @property
    def is_complete(self) -> bool:
        """Whether the plan shows all that the code declares; one with ``-target`` does not."""
        return self._document.get("complete") is not False

    def _instances(self, module: Mapping[str, Any], address: str) -> Iterator[Instance]:
        for one in module.get("resources", ()):
            change = self.changes.get(one["address"], {})
            # What Terraform forgets remains as it is.
            values = change.get("before") if change.get("actions") == ["forget"] else one.get("values")
            marks = change.get("before_sensitive") if "values" not in one else one.get("sensitive_values")
            yield self._instance(one, address, values, marks, change)
        for child in module.get("child_modules", ()):
            yield from self._instances(child, child["address"])

    def _deferred(self, one: Mapping[str, Any], reason: str) -> Instance:
        change = one.get("change", {})
        existence = Unknown(f"Terraform defers it to a later run: {reason.replace('_', ' ')}")
        values, marks = change.get("after"), change.get("after_sensitive")
        return self._instance(one, one.get("module_address", ""), values, marks, change, existence)

    def _instance(
        self,
        one: Mapping[str, Any],
        module: str,
        values: Any,
        marks: Any,
        change: Mapping[str, Any],
        existence: Unknown | None = None,
    ) -> Instance:
        if module not in self._configured:
            listed = self.module(module).get("resources", ())
            self._configured[module] = {_key(it): it for it in listed}
        configuration = self._configured[module].get(_key(one), {})
        return Instance(
            one["address"],
            module,
            *_key(one),
            _masked(values, marks, one["address"]) if isinstance(values, Mapping) else {},
            change.get("after_unknown", False),
            configuration,
            self._provider(str(configuration.get("provider_config_key", ""))),
            existence,
        )

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
            declared = self.module("").get("variables", {}).get(name, {})
            value = self._document.get("variables", {}).get(name, {}).get("value")
            return _masked(value, declared.get("sensitive") is True, f"var.{name}")
        passed = self.call(module).get("expressions", {})
        if name in passed:
            return self.constant(passed[name], parent(module))
        return self.module(module).get("variables", {}).get(name, {}).get("default")


def parent(module: str) -> str:
    """Return the address of the module around a module's instance."""
    return join(steps(module.removesuffix(key_of(module)))[:-2])


def _calls(module: str) -> list[str]:
    """Return the names of the calls that lead to a module."""
    return [token for token in steps(module) if not token.startswith("[")][1::2]


def _key(resource: Mapping[str, Any]) -> tuple[str, str, str]:
    mode, type_, name = (str(resource.get(part, "")) for part in ("mode", "type", "name"))
    return mode, type_, name


def _root(state: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (state or {}).get("root_module") or {}
    return found


def _masked(value: Any, marks: Any, where: str) -> Any:
    """Return a value with a placeholder for each text that is marked as sensitive: nothing may print those.

    The placeholder is equal to nothing else.
    """
    if isinstance(value, dict) and (marks is True or isinstance(marks, dict)):
        return {
            name: _masked(one, marks is True or marks.get(name), f"{where}.{name}")
            for name, one in value.items()
        }
    if isinstance(value, list) and (marks is True or isinstance(marks, list)):
        return [
            _masked(one, marks is True or (index < len(marks) and marks[index]), f"{where}[{index}]")
            for index, one in enumerate(value)
        ]
    return f"${{sensitive value of {where}}}" if isinstance(value, str) and marks is True else value
