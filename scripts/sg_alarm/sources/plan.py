"""A Terraform plan, as ``terraform show -json`` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.readers.plan import read_plan_and_addresses
from sg_alarm.readers.plan.document import load
from sg_alarm.rule.reading import Reading
from sg_alarm.sources.source import Progress, Readings

_HINT = "write the plan: terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json"


@dataclass(frozen=True)
class PlanSource:
    """A plan in a file, or its ``document`` where that was read already."""

    path: Path
    document: Mapping[str, Any] | None = field(default=None, repr=False)

    def read(self, progress: Progress) -> Readings:
        """Read the plan; ``UserError`` for a file that holds something else, such as a state."""
        origin = f"a Terraform plan: {self.path}"
        refuse_state(self.document, self.path)
        document = load(self.document or self.path)
        refuse_state(document, self.path)
        if not any(map(_is_of_aws, _names(document))):
            return Readings((), origin)
        found = read_plan_and_addresses(document)
        readings = (Reading(str(self.path), one, found.addresses) for one in found.deployments)
        return Readings(tuple(readings), origin)


def refuse_state(document: Any, path: Path) -> None:
    """Raise UserError for a state: Terraform's own file, or what ``terraform show -json`` makes of it."""
    if not isinstance(document, Mapping):
        return
    is_file = isinstance(document.get("version"), int) and "terraform_version" in document
    if is_file or ("values" in document and "planned_values" not in document):
        raise UserError(f"{path} is a Terraform state, not a plan", _HINT)


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the types of a plan's resources, and the names of its providers."""
    configuration = document.get("configuration")
    providers = configuration.get("provider_config") if isinstance(configuration, Mapping) else None
    for one in providers.values() if isinstance(providers, Mapping) else ():
        if isinstance(one, Mapping):
            yield f"{one.get('name')}_"
    for change in document.get("resource_changes") or ():
        if isinstance(change, Mapping):
            yield str(change.get("type"))
    planned = document.get("planned_values")
    modules = [planned.get("root_module")] if isinstance(planned, Mapping) else []
    while modules:
        module = modules.pop()
        if isinstance(module, Mapping):
            resources = module.get("resources") or ()
            yield from (str(one.get("type")) for one in resources if isinstance(one, Mapping))
            modules += module.get("child_modules") or ()


def _is_of_aws(name: str) -> bool:
    return name.startswith("aws_")
