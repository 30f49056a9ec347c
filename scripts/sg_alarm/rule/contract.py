"""The report of ``--format json``: stable and versioned.

The minor version grows with what is added, the major one with what is changed or taken away. The shape is
described in ``sg_alarm/reports/report.schema.json``, which ``sg-alarm schema`` prints. When, by whom and of
what the audit was made is not part of the rule: the report adds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sg_alarm.rule.standards import controls_of
from sg_alarm.rule.verdict import Message, OperationVerdict, Verdict, Waiver, worst
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement

SCHEMA_VERSION = "2.1"


def overall(judgements: Iterable[DescribedJudgement]) -> Verdict:
    """Return the verdict over several accounts; UNKNOWN over none."""
    verdicts = [one.verdict for one in judgements]
    return worst(verdicts) if verdicts else Verdict.UNKNOWN


def to_json(judgements: Sequence[DescribedJudgement], profile: str) -> dict[str, Any]:
    """Return the judgements of several accounts under the profile of that name, as JSON has them.

    Without any judgement the verdict is ``null``.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "profile": profile,
        "verdict": overall(judgements).value if judgements else None,
        "accounts": [_account(one) for one in judgements],
        "operations": [
            _operation([(one.account, one.operations[index]) for one in judgements])
            for index in range(len(judgements[0].operations) if judgements else 0)
        ],
        "findings": [_finding(one.account, finding) for one in judgements for finding in one.findings],
        "waived": [
            {**_finding(one.account, each.finding), "waiver": _waiver(each.waiver)}
            for one in judgements
            for each in one.waived
        ],
        "controls": controls(profile),
    }


def controls(profile: str) -> list[dict[str, Any]]:
    """Return the controls that a verdict by the profile of that name answers, as JSON has them."""
    return [
        {
            "standard": control.standard,
            "version": control.version,
            "id": control.id,
            "title": control.title,
            "source": control.source,
        }
        for control in controls_of(profile)
    ]


def _account(one: DescribedJudgement) -> dict[str, Any]:
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
                "messages": _messages(note.messages),
                "operations": list(note.operations),
            }
            for note in one.notes
        ],
    }


def _operation(in_accounts: Sequence[tuple[str, OperationVerdict]]) -> dict[str, Any]:
    """Put the accounts together: the verdict on an operation is that of the worst of them."""
    first = in_accounts[0][1]
    return {
        "name": first.name,
        "verdict": worst(one.verdict for _, one in in_accounts).value,
        "in_profile": first.in_profile,
        "gaps": [
            {"account": account, "regions": list(one.regions)} for account, one in in_accounts if one.regions
        ],
    }


def _finding(account: str, finding: DescribedFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "link": finding.link.value,
        "resource": finding.resource,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "messages": _messages(finding.messages),
        "account": account,
        "operations": list(finding.operations),
        "regions": list(finding.regions),
        "assumed": finding.assumed,
        "clause": finding.clause,
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    expires = waiver.expires.isoformat() if waiver.expires else None
    return {"id": waiver.id, "reason": waiver.reason, "expires": expires}


def _messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    return [{"id": one.id, "arguments": dict(one.arguments)} for one in messages]
