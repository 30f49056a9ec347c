"""The report of ``--format json``: stable and versioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sg_alarm.rule.verdict import Finding, Judgement, OperationVerdict, Verdict, worst

SCHEMA_VERSION = "1.0"


def overall(judgements: Iterable[Judgement]) -> Verdict:
    """Return the verdict over several accounts; UNKNOWN over none."""
    verdicts = [one.verdict for one in judgements]
    return worst(verdicts) if verdicts else Verdict.UNKNOWN


def to_json(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Return the judgements of several accounts under one profile, as JSON has them."""
    return {
        "schema_version": SCHEMA_VERSION,
        "profile": judgements[0].profile if judgements else "",
        "verdict": overall(judgements).value,
        "accounts": [one.account for one in judgements],
        "operations": [
            _operation([one.operations[index] for one in judgements])
            for index in range(len(judgements[0].operations) if judgements else 0)
        ],
        "findings": [_finding(one.account, finding) for one in judgements for finding in one.findings],
        "chains": [
            {
                "account": one.account,
                "alarm": chain.alarm,
                "verdict": chain.verdict.value,
                "operations": list(chain.operations),
                "regions": list(chain.regions),
                "links": [_finding(one.account, finding) for finding in chain.findings],
            }
            for one in judgements
            for chain in one.chains
        ],
        "notes": [
            {
                "account": one.account,
                "kind": note.kind.value,
                "resource": note.resource,
                "text": note.text,
                "operations": list(note.operations),
            }
            for one in judgements
            for note in one.notes
        ],
    }


def _operation(in_accounts: Sequence[OperationVerdict]) -> dict[str, Any]:
    first = in_accounts[0]
    return {
        "name": first.name,
        "verdict": worst(one.verdict for one in in_accounts).value,
        "in_profile": first.in_profile,
        "regions": sorted({region for one in in_accounts for region in one.regions}),
    }


def _finding(account: str, finding: Finding) -> dict[str, Any]:
    return {
        "link": finding.link.value,
        "resource": finding.resource,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "account": account,
        "operations": list(finding.operations),
        "regions": list(finding.regions),
        "assumed": finding.assumed,
    }
