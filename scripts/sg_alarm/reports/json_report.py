"""The audit for programs: JSON, stable and versioned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files

from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule import contract
from sg_alarm.rule.audit import Audit


def to_json(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
    """Return the report of ``sg_alarm.rule.contract`` as text, with what the audit was made of, and when."""
    report = {
        **contract.to_json(audit.described, audit.profile.name),
        "audit": run_metadata.to_json(),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def schema() -> str:
    """Return the JSON Schema of the report."""
    return files("sg_alarm.reports").joinpath("report.schema.json").read_text("utf-8")
