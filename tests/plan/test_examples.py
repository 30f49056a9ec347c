"""Every example, planned by tftest, is exactly what its inventory says.

An inventory (expected/<example>.yaml) lists every resource with every value that is known before apply.
After a wanted change: SG_ALARM_UPDATE=1 make test, then read the difference.
"""

from __future__ import annotations

import json
import os

import pytest
import yaml

from deployments import EXAMPLES


def known(value):
    """Leave out what is unset: null, and empty lists, maps and texts that the provider fills in."""
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items() if item not in (None, [], {}, "")}
    if isinstance(value, list):
        return [known(item) for item in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        try:
            return json.loads(value)
        except ValueError:  # a filter pattern looks like JSON and is none
            return value
    return value


def inventory_of(module):
    found = {
        resource["address"]: known(resource.get("values", {}))
        for resource in module.get("resources", [])
        if resource["mode"] == "managed"
    }
    for child in module.get("child_modules", []):
        found |= inventory_of(child)
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_plan_is_the_inventory(name, examples, repository):
    inventory = inventory_of(examples[name].first_plan["planned_values"]["root_module"])
    path = repository / f"tests/plan/expected/{name}.yaml"
    if os.environ.get("SG_ALARM_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(inventory, width=110), "utf-8")
    expected = yaml.safe_load(path.read_text("utf-8"))
    assert inventory == expected, "if this change is meant: SG_ALARM_UPDATE=1 make test"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plan_only_creates(name, examples):
    actions = [tuple(change["change"]["actions"]) for change in examples[name].first_plan["resource_changes"]]
    assert set(actions) <= {("create",), ("read",)}
