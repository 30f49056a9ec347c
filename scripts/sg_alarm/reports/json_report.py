"""The audit as JSON, stable and versioned, and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from sg_alarm.audit import Audit
from sg_alarm.rule.verdict import Chain, Finding, Judgement, worst

SCHEMA_VERSION = "1.0"

_COLUMNS = (
    "account",
    "profile",
    "link",
    "resource",
    "verdict",
    "evidence",
    "remedy",
    "operations",
    "regions",
)


def to_json(audit: Audit) -> str:
    """Return the report: the verdict, every account with its chains, every operation, every finding."""
    report = {
        "schema_version": SCHEMA_VERSION,
        "profile": audit.profile.name,
        "verdict": audit.verdict.value,
        "accounts": [_account(one) for one in audit.judgements],
        "operations": _operations(audit.judgements),
        "findings": [
            {"account": one.account, **_finding(finding)}
            for one in audit.judgements
            for finding in one.findings
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def to_csv(audit: Audit) -> str:
    """Return a row for each finding; several operations or regions in one cell are parted by blanks."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for one in audit.judgements:
        for finding in one.findings:
            row = {"account": one.account, "profile": one.profile, **_finding(finding)}
            writer.writerow(
                {key: " ".join(value) if isinstance(value, list) else value for key, value in row.items()}
            )
    return text.getvalue()


def _account(one: Judgement) -> dict[str, Any]:
    return {
        "account": one.account,
        "regions": list(one.regions),
        "verdict": one.verdict.value,
        "chains": [_chain(chain) for chain in one.chains],
        "notes": [
            {
                "kind": note.kind.value,
                "resource": note.resource,
                "text": note.text,
                "operations": list(note.operations),
            }
            for note in one.notes
        ],
    }


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "alarm": chain.alarm,
        "verdict": chain.verdict.value,
        "operations": list(chain.operations),
        "links": [_finding(finding) for finding in chain.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "link": finding.link.value,
        "resource": finding.resource,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "operations": list(finding.operations),
        "regions": list(finding.regions),
        "assumed": finding.assumed,
    }


def _operations(judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    """Put the accounts together: an operation is as well told as in the worst of them."""
    found: dict[str, list[Any]] = {}
    for one in judgements:
        for operation in one.operations:
            found.setdefault(operation.name, []).append((one.account, operation))
    return [
        {
            "name": name,
            "verdict": worst(operation.verdict for _, operation in each).value,
            "in_profile": each[0][1].in_profile,
            "untold": [
                {"account": account, "regions": list(operation.regions)}
                for account, operation in each
                if operation.regions
            ],
        }
        for name, each in found.items()
    ]
