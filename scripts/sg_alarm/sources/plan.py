"""A Terraform plan, as ``terraform show -json`` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sg_alarm.readers.plan.deployment import reading
from sg_alarm.readers.plan.document import load
from sg_alarm.rule.reading import Reading
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class PlanSource:
    """A plan in a file, or its ``document`` where that was read already.

    ``by_address`` calls the resources by their addresses rather than by ARNs. The ids of findings are made of
    what the resources are called, so they would change with it. ``account`` is that of the credentials, where
    the plan does not say, ``regions`` those whose changes must be notified.
    """

    path: Path
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    by_address: bool = False
    account: str = ""
    regions: Sequence[str] = ()

    def read(self, progress: Progress) -> Readings:
        """Read the plan; ``UserError`` for a file that holds something else, such as a state."""
        origin = f"a Terraform plan: {self.path}"
        document = load(self.path if self.document is None else self.document, str(self.path))
        if not any(map(_is_of_aws, _names(document))):
            return Readings((), origin)
        plan = reading(document, self.account or None, self.regions)
        addresses = plan.addresses if self.by_address else {}
        readings = (Reading(str(self.path), one, addresses) for one in plan.deployments)
        return Readings(tuple(readings), origin)


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the types of a plan's resources, and the names of its providers."""
    providers = _object(_object(document.get("configuration")).get("provider_config"))
    yield from (f"{_object(one).get('name')}_" for one in providers.values())
    yield from (str(_object(one).get("type")) for one in _list(document.get("resource_changes")))
    modules = [_object(document.get("planned_values")).get("root_module")]
    while modules:
        module = _object(modules.pop())
        yield from (str(_object(one).get("type")) for one in _list(module.get("resources")))
        modules += _list(module.get("child_modules"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_of_aws(name: str) -> bool:
    return name.startswith("aws_")
