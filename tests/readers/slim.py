"""Makes a plan under plans/ from a real one, without what the reader does not look at.

    terraform plan -out plan.tfplan && terraform show -json plan.tfplan | python slim.py > plans/NAME.json

Roots of plans that no example stands for are under roots/.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_TOP = (
    "format_version",
    "planned_values",
    "prior_state",
    "resource_changes",
    "configuration",
    "relevant_attributes",
    "variables",
)
_DROPPED = frozenset(
    {
        "descriptions",
        "description",
        "alarm_description",
        "outputs",
        "provider_name",
        "schema_version",
        "sensitive_values",
        "source",
        "tags",
        "tags_all",
        "terraform_version",
        "timeouts",
        "version_constraint",
    }
)


def slim(document: dict[str, Any]) -> dict[str, Any]:
    """Return the plan without what is not looked at; nothing is made up or changed."""
    kept = {name: document[name] for name in _TOP if name in document}
    kept["resource_changes"] = [_change(one) for one in document.get("resource_changes", [])]
    outputs = _without(kept, keep_outputs=False)
    if "configuration" in document:
        outputs["configuration"] = _without(document["configuration"], keep_outputs=True)
    return outputs


def _change(one: dict[str, Any]) -> dict[str, Any]:
    change = {name: one["change"][name] for name in ("actions", "after_unknown") if name in one["change"]}
    if change["actions"] == ["delete"]:
        before = one["change"]["before"]
        change["before"] = {name: before[name] for name in ("arn", "key_id") if name in before}
    return {"address": one["address"], "change": change}


def _without(value: Any, keep_outputs: bool) -> Any:
    if isinstance(value, list):
        return [_without(one, keep_outputs) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without(one, keep_outputs)
        for name, one in value.items()
        if (name not in _DROPPED or (keep_outputs and name == "outputs")) and one is not None
    }


if __name__ == "__main__":
    json.dump(slim(json.load(sys.stdin)), sys.stdout, indent=1)
    sys.stdout.write("\n")
