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
        "accounts": [_account(one) for one in judgements],
        "operations": [
            _operation([(one.account, one.operations[index]) for one in judgements])
            for index in range(len(judgements[0].operations) if judgements else 0)
        ],
        "findings": [_finding(one.account, finding) for one in judgements for finding in one.findings],
    }


def _account(one: Judgement) -> dict[str, Any]:
    return {
        "account": one.account,
        "regions": list(one.regions),
        "verdict": one.verdict.value,
        "chains": [
            {
                "alarm": chain.alarm,
                "verdict": chain.verdict.value,
                "operations": list(chain.operations),
                "regions": list(chain.regions),
                "links": [_finding(one.account, finding) for finding in chain.findings],
            }
            for chain in one.chains
        ],
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


def _operation(in_accounts: Sequence[tuple[str, OperationVerdict]]) -> dict[str, Any]:
    """Put the accounts together: an operation is as well told as in the worst of them."""
    first = in_accounts[0][1]
    return {
        "name": first.name,
        "verdict": worst(one.verdict for _, one in in_accounts).value,
        "in_profile": first.in_profile,
        "untold": [
            {"account": account, "regions": list(one.regions)} for account, one in in_accounts if one.regions
        ],
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
