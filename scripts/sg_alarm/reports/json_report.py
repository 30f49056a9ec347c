"""The audit for programs: JSON, stable and versioned."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from sg_alarm.reports.report import Report, Subject
from sg_alarm.rule import contract
from sg_alarm.rule.wording import DescribedFinding


def to_json(report: Report) -> str:
    """Return the report of ``sg_alarm.rule.contract`` as text, with fixes, and what it is of and when."""
    document = contract.to_json(report.judgements, report.profile.name)
    findings = [(subject, finding) for subject in report.subjects for finding in subject.judgement.findings]
    for entry, (subject, finding) in zip(document["findings"], findings, strict=True):
        entry["fix"] = _fix(subject, finding)
    document["not_here"] = list(report.not_here)
    document["audit"] = report.run_metadata.to_json()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _fix(subject: Subject, finding: DescribedFinding) -> dict[str, Any] | None:
    code = subject.fix_of([finding])
    return {"language": code.language.value, "adds": code.adds, "code": code.text} if code else None


def schema() -> str:
    """Return the JSON Schema of the report."""
    return files("sg_alarm.reports").joinpath("report.schema.json").read_text("utf-8")
