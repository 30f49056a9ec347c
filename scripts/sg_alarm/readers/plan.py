"""A Terraform plan or state, as ``terraform show -json`` gives it.

What a plan does not know before apply is ``Unknown``, unless the configuration in the plan tells exactly
which resource it comes from. References through a local value are not shown in a plan: they are followed only
where the module holds a single resource that can be meant, and nothing else in it is unknown.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.readers import terraform_shapes as shapes
from sg_alarm.readers.terraform_shapes import Resource, Scope, arn_of
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.model import Deployment, Place, Topic
from sg_alarm.unknown import Unknown

AFTER_APPLY = Unknown("known after apply")

_REFERENCES = {
    (shapes.TRAIL, "cloud_watch_logs_group_arn"): shapes.LOG_GROUP,
    (shapes.TRAIL, "cloud_watch_logs_role_arn"): shapes.ROLE,
    (shapes.METRIC_FILTER, "log_group_name"): shapes.LOG_GROUP,
    (shapes.METRIC_ALARM, "alarm_actions"): shapes.TOPIC,
    (shapes.COMPOSITE_ALARM, "alarm_actions"): shapes.TOPIC,
    (shapes.TOPIC, "kms_master_key_id"): shapes.KEY,
    (shapes.TOPIC_POLICY, "arn"): shapes.TOPIC,
    (shapes.SUBSCRIPTION, "topic_arn"): shapes.TOPIC,
    (shapes.KEY_POLICY, "key_id"): shapes.KEY,
    (shapes.ALIAS, "target_key_id"): shapes.KEY,
    (shapes.TARGET, "arn"): shapes.TOPIC,
    (shapes.ROLE_POLICY, "role"): shapes.ROLE,
    (shapes.ROLE_ATTACHMENT, "role"): shapes.ROLE,
}
"""Attributes that name another resource, and of which type it is."""

_LISTS = {"alarm_actions"}
_STEP = re.compile(r'module\.([\w-]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?')
_RESOURCE = re.compile(r'((?:data\.)?\w+\.[\w-]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.(\w+))?')


def read_plan(source: Path | Mapping[str, Any]) -> Deployment:
    """Read a plan or state; raises UserError where it is neither."""
    content = _load(source) if isinstance(source, Path) else source
    if "planned_values" not in content and "values" not in content:
        raise UserError(
            "this is no plan: it holds no planned values", "make one with: terraform show -json PLANFILE"
        )
    version = str(content.get("format_version", ""))
    if not version.startswith("1."):
        raise UserError(
            f"plans of format {version or 'unknown'} cannot be read",
            "use the sg-alarm of that Terraform's time",
        )
    return _Plan(content).deployment()


def _load(path: Path) -> Mapping[str, Any]:
    hint = "make one with: terraform show -json PLANFILE"
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", hint) from error
    except ValueError as error:
        raise UserError(f"{path} is no JSON: {error}", hint) from error
    if not isinstance(content, dict):
        raise UserError(f"{path} is no plan", hint)
    return content


@dataclass(frozen=True)
class _Planned:
    """A resource of the plan in its module instance."""

    module: str
    key: str
    """``type.name`` with the index, if any: the address within the module."""
    resource: Resource


class _Plan:
    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._values = content.get("planned_values") or content.get("values") or {}
        self._configuration = content.get("configuration", {}).get("root_module", {})
        changes = content.get("resource_changes", [])
        self._unknown = {one["address"]: one["change"].get("after_unknown", {}) for one in changes}

    def deployment(self) -> Deployment:
        resources = [self._resolved(one) for one in self._planned]
        scope = Scope(self._account, self._region_of_root, self._partition)
        return _with_topics_outside(shapes.deployment_of(resources, scope))

    # The resources

    @cached_property
    def _planned(self) -> list[_Planned]:
        return list(self._walk(self._values.get("root_module", {}), ""))

    def _walk(self, module: Mapping[str, Any], address: str) -> Iterator[_Planned]:
        for one in module.get("resources", []):
            if one["mode"] == "managed" and one["type"] in shapes.TYPES:
                values = self._evaluated(address, one)
                region = self._region_of(address, one)
                key = one["address"].removeprefix(f"{address}.") if address else one["address"]
                resource = Resource(
                    one["type"], one["address"], values, region, self._account, self._partition
                )
                yield _Planned(address, key, resource)
        for child in module.get("child_modules", []):
            yield from self._walk(child, child["address"])

    def _evaluated(self, module: str, one: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes; one that the code does not set has the provider's default."""
        found = _overlaid(one.get("values", {}), self._unknown.get(one["address"], {}))
        declared = self._declared(module, f"{one['type']}.{one['name']}")
        return {name: value for name, value in found.items() if value is not AFTER_APPLY or name in declared}

    def _resolved(self, one: _Planned) -> Resource:
        """Put the names of other resources in the place of what is unknown, where they are certain."""
        values = dict(one.resource.values)
        for (kind, attribute), target in _REFERENCES.items():
            if kind != one.resource.type:
                continue
            if values.get(attribute) is AFTER_APPLY:
                found = self._target(one, attribute, target)
                values[attribute] = [found] if attribute in _LISTS and isinstance(found, str) else found
            else:
                values[attribute] = self._renamed(values.get(attribute), target)
        return replace(one.resource, values=values)

    def _renamed(self, value: Any, kind: str) -> Any:
        """Name a key that stands already, and is named by its ARN or id, as ``arn_of`` does."""
        if kind != shapes.KEY or not isinstance(value, str):
            return value
        for other in self._planned:
            if other.resource.type == kind and value in (
                other.resource.get("arn"),
                other.resource.get("key_id"),
            ):
                return arn_of(other.resource)
        return value

    # References

    def _target(self, one: _Planned, attribute: str, kind: str) -> str | Unknown:
        expression = self._declared(one.module, one.key.partition("[")[0]).get(attribute, {})
        named = _Named()
        self._follow(expression, one.module, named)
        found = {other.resource.address: other for other in named.resources if other.resource.type == kind}
        if len(found) == 1 and not named.opaque and len(named.resources) == 1:
            return arn_of(next(iter(found.values())).resource)
        sole = [
            other for other in self._planned if other.module == one.module and other.resource.type == kind
        ]
        if len(sole) == 1 and found.keys() <= {sole[0].resource.address} and self._is_closed(one.module):
            return arn_of(sole[0].resource)
        return Unknown("known after apply, and the plan does not show which resource it names")

    def _declared(self, module: str, name: str) -> Mapping[str, Any]:
        """Return the expressions of a resource in the configuration."""
        for declared in self._module(module).get("resources", []):
            if declared["address"] == name:
                found: Mapping[str, Any] = declared.get("expressions", {})
                return found
        return {}

    def _module(self, address: str) -> Mapping[str, Any]:
        """Return the configuration of a module instance."""
        module: Mapping[str, Any] = self._configuration
        for name, _ in _STEP.findall(address):
            module = module.get("module_calls", {}).get(name, {}).get("module", {})
        return module

    def _follow(self, expression: Any, module: str, named: _Named) -> None:
        """Collect the resources that an expression names, through variables and outputs."""
        if not isinstance(expression, Mapping):
            named.opaque = True
            return
        references = expression.get("references", [])
        for reference in references:
            # "a.b[0].c" is followed by "a.b[0]" and "a.b", which say the same less exactly.
            if any(other != reference and _is_longer(other, reference) for other in references):
                continue
            kind, _, rest = reference.partition(".")
            if kind == "var":
                self._follow_variable(rest.partition(".")[0].partition("[")[0], module, named)
            elif kind == "module":
                self._follow_output(reference, module, named)
            elif kind in ("each", "count", "path", "terraform"):
                continue
            elif kind in ("local", "self"):
                named.opaque = True
            else:
                self._name(reference, module, named)

    def _follow_variable(self, name: str, module: str, named: _Named) -> None:
        if not module:
            return  # a variable of the root is known
        parent, call = _parent(module)
        expression = self._module(parent).get("module_calls", {}).get(call, {}).get("expressions", {})
        if name in expression and "constant_value" not in expression[name]:
            self._follow(expression[name], parent, named)

    def _follow_output(self, reference: str, module: str, named: _Named) -> None:
        step = _STEP.match(reference)
        output = reference[step.end() :].lstrip(".").partition(".")[0].partition("[")[0] if step else ""
        if not step or not output:
            named.opaque = True
            return
        child = f"{module}.{step[0]}" if module else step[0]
        declared = self._module(child).get("outputs", {}).get(output)
        self._follow(declared.get("expression") if declared else None, child, named)

    def _name(self, reference: str, module: str, named: _Named) -> None:
        match = _RESOURCE.match(reference)
        if not match:
            named.opaque = True
            return
        key, index, attribute = match[1], match[2], match[3]
        if key.startswith("data."):
            named.opaque |= self._is_deferred(module, key)
            return
        instances = [
            other
            for other in self._planned
            if other.module == module
            and (other.key == key + index if index else other.key.partition("[")[0] == key)
        ]
        unknown = [other for other in instances if _is_unknown(other.resource, attribute)]
        if not instances and self._is_changing(module, key):
            named.opaque = True  # a type that the rule does not know
        named.resources += unknown

    def _is_deferred(self, module: str, key: str) -> bool:
        """Whether a data source is read only during apply."""
        start = f"{module}.{key}" if module else key
        return any(address.partition("[")[0] == start.partition("[")[0] for address in self._unknown)

    def _is_changing(self, module: str, key: str) -> bool:
        start = f"{module}.{key}" if module else key
        return any(
            address == start or address.startswith(f"{start}[")
            for address, unknown in self._unknown.items()
            if unknown
        )

    def _is_closed(self, module: str) -> bool:
        """Whether nothing unknown comes into a module: its inputs are known, and it reads nothing later."""
        if not module:
            inputs: Mapping[str, Any] = {}
        else:
            parent, call = _parent(module)
            inputs = self._module(parent).get("module_calls", {}).get(call, {}).get("expressions", {})
            for expression in inputs.values():
                named = _Named()
                if "constant_value" not in expression:
                    self._follow(expression, parent, named)
                if named.opaque or named.resources:
                    return False
        configuration = self._module(module)
        if configuration.get("module_calls"):
            return False
        managed = [one for one in configuration.get("resources", []) if one["mode"] == "managed"]
        later = [one for one in configuration.get("resources", []) if one["mode"] == "data"]
        return all(one["type"].startswith("aws_") for one in managed) and not any(
            self._is_deferred(module, one["address"]) for one in later
        )

    # Account, region, partition

    @cached_property
    def _data(self) -> list[Mapping[str, Any]]:
        root = self._content.get("prior_state", {}).get("values", {}).get("root_module", {})
        return [one for one in _all_resources(root) if one["mode"] == "data"]

    def _told(self, kind: str, attribute: str) -> str | None:
        found = {str(one["values"][attribute]) for one in self._data if one["type"] == kind}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _partition(self) -> str:
        return self._told("aws_partition", "partition") or "aws"

    @cached_property
    def _account(self) -> str:
        told = self._told("aws_caller_identity", "account_id")
        if told:
            return told
        # Policies and existing things name the account, mostly all the same.
        text = json.dumps(self._values)
        found = set(re.findall(r"arn:[\w-]+:iam::(\d{12}):root", text)) or set(
            re.findall(r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):", text)
        )
        return found.pop() if len(found) == 1 else "${account}"

    @cached_property
    def _region_of_root(self) -> str:
        told = self._region_of_provider("aws") or self._told("aws_region", "id")
        if told:
            return told
        # A state says nothing of providers, but what stands already has its region in its ARN.
        found = {one["values"].get("arn") for one in _all_resources(self._values.get("root_module", {}))}
        parsed = [Arn.parse(arn) for arn in found if isinstance(arn, str)]
        regions = {arn.region for arn in parsed if arn and arn.region}
        return regions.pop() if len(regions) == 1 else "${region}"

    def _region_of(self, module: str, one: Mapping[str, Any]) -> str:
        values = one.get("values", {})
        existing = Arn.parse(values.get("arn") or "")
        if existing and existing.region:
            return existing.region
        if isinstance(values.get("region"), str):  # provider 6 knows a region of each resource
            return str(values["region"])
        for declared in self._module(module).get("resources", []):
            if declared["type"] == one["type"] and declared["name"] == one["name"]:
                key = declared.get("provider_config_key", "aws")
                return self._region_of_provider(key) or (
                    self._region_of_root if key == "aws" else f"${{region of {key}}}"
                )
        return self._region_of_root

    def _region_of_provider(self, key: str) -> str | None:
        providers = self._content.get("configuration", {}).get("provider_config", {})
        expression = providers.get(key, {}).get("expressions", {}).get("region", {})
        if "constant_value" in expression:
            return str(expression["constant_value"])
        for reference in expression.get("references", []):
            variable = self._content.get("variables", {}).get(reference.removeprefix("var."))
            if reference.startswith("var.") and variable is not None:
                return str(variable.get("value"))
        return None


class _Named:
    """What an expression names; ``opaque`` where part of it cannot be followed."""

    def __init__(self) -> None:
        self.resources: list[_Planned] = []
        self.opaque = False


def _overlaid(values: Any, unknown: Any) -> Any:
    """Put AFTER_APPLY where the plan says so; ``unknown`` has the values' shape, with true for unknown."""
    if unknown is True:
        return AFTER_APPLY
    if isinstance(unknown, Mapping):
        known = values if isinstance(values, Mapping) else {}
        return {name: _overlaid(known.get(name), unknown.get(name, False)) for name in {**known, **unknown}}
    if isinstance(unknown, list) and isinstance(values, list):
        more = [False] * (len(values) - len(unknown))
        return [_overlaid(*pair) for pair in zip(values, [*unknown, *more], strict=False)]
    return values


def _is_unknown(resource: Resource, attribute: str | None) -> bool:
    if attribute is None:
        return True
    return resource.values.get(attribute) is AFTER_APPLY


def _is_longer(other: str, reference: str) -> bool:
    return other.startswith((f"{reference}.", f"{reference}["))


def _parent(module: str) -> tuple[str, str]:
    """Return the module instance that calls this one, and the name of the call."""
    steps = list(_STEP.finditer(module))
    return module[: steps[-1].start()].rstrip("."), steps[-1][1]


def _all_resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _all_resources(child)


def _with_topics_outside(deployment: Deployment) -> Deployment:
    """Add the topics that alarms notify and that are no part of the plan: they exist, but were not read."""
    reason = Unknown("the topic is not part of this plan")
    declared = {
        topic.arn
        for place in deployment.places
        for topic in (place.topics if isinstance(place.topics, tuple) else ())
    }
    outside: dict[tuple[str, str], dict[str, Topic]] = {}
    for place in deployment.places:
        for alarm in place.alarms if isinstance(place.alarms, tuple) else ():
            for action in alarm.alarm_actions if isinstance(alarm.alarm_actions, tuple) else ():
                arn = Arn.parse(action) if isinstance(action, str) and action not in declared else None
                if arn and arn.service == "sns":
                    topic = Topic(str(arn), reason, reason, reason)
                    outside.setdefault((arn.account, arn.region), {})[topic.arn] = topic
    places = {(place.account, place.region): place for place in deployment.places}
    for where, topics in outside.items():
        place = places.get(where) or Place(*where)
        known = place.topics if isinstance(place.topics, tuple) else ()
        places[where] = replace(place, topics=(*known, *topics.values()))
    return replace(deployment, places=tuple(places.values()))
