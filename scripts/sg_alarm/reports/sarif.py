"""The audit as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html

FAIL is a result of level ``error``, UNKNOWN one of level ``warning``, PASS one of kind ``pass``. Audits of
code leave PASS out: GitHub shows results of kind ``pass`` as alerts
(https://github.com/microsoft/PSRule/issues/955), and lets an alert end when its result is gone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sg_alarm.fixes import Code
from sg_alarm.reports.names import account_name, short_name, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import Result, results_of, waived_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.reading import Language, Position
from sg_alarm.rule.standards import HELP_URL, RULE_ID, TITLE, controls_of
from sg_alarm.rule.verdict import Verdict, Waiver

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Verdict.PASS: "none", Verdict.FAIL: "error", Verdict.UNKNOWN: "warning"}
_HELP = (
    "Between a change of a security group and a person stand a CloudTrail trail, a log group, a metric "
    "filter, a metric, an alarm, its action, an SNS topic with its key, and a confirmed subscription. One "
    "broken link silences them all. Fix the resource that the result names."
)


def to_sarif(report: Report) -> str:
    """Return a log of one run with a result for each link; positions become locations."""
    run_metadata = report.run_metadata
    results = [
        _result(one, subject)
        for subject in report.subjects
        for one in (*results_of(subject.judgement), *waived_of(subject.judgement))
        if not (report.is_of_code and one.verdict is Verdict.PASS)
    ]
    run = {
        "tool": {
            "driver": {"name": "sg-alarm", "semanticVersion": run_metadata.version, "rules": [_rule(report)]}
        },
        "invocations": [_invocation(run_metadata)],
        "automationDetails": {"id": f"sg-alarm/{report.profile.name}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _invocation(made: RunMetadata) -> dict[str, Any]:
    known = {"account": made.caller} if made.caller else {}
    about = {"source": made.source, "scope": made.scope}
    return {
        "executionSuccessful": True,
        "endTimeUtc": made.moment,
        **known,
        "properties": {key: value for key, value in about.items() if value},
    }


def _rule(report: Report) -> dict[str, Any]:
    controls = [one.reference for one in controls_of(report.profile.name) if one.id]
    return {
        "id": RULE_ID,
        "name": "SecurityGroupChangesAlarm",
        "shortDescription": {"text": TITLE},
        "fullDescription": {"text": f"{report.profile.title}."},
        "help": {"text": _HELP},
        "helpUri": HELP_URL,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "aws", *controls],
            "precision": "very-high",
            # Conformity's risk level is medium, which GitHub reads from 4.0 to 6.9.
            "security-severity": "5.0",
        },
    }


def _result(one: Result, subject: Subject) -> dict[str, Any]:
    text = f"{one.summary}. To fix it: {one.remedy}." if one.remedy else f"{one.summary}."
    location: dict[str, Any] = {
        "logicalLocations": [
            {"name": short_name(one.resource), "fullyQualifiedName": one.resource, "kind": "resource"}
        ]
    }
    position = subject.positions.get(one.resource)
    if position:
        location = {"physicalLocation": _physical(position), **location}
    code = subject.fix_of(one.findings)
    return {
        "ruleId": RULE_ID,
        "ruleIndex": 0,
        "kind": "pass" if one.verdict is Verdict.PASS else "fail",
        "level": _LEVELS[one.verdict],
        "message": {"text": _plain(text)},
        "locations": [location],
        **({"suppressions": [_suppression(one.waived)]} if one.waived else {}),
        "partialFingerprints": {"sgAlarmFinding/v1": one.id},
        "properties": {
            "account": account_name(one.account),
            "verdict": one.verdict.value,
            "messages": list(one.messages),
            "operations": list(one.operations),
            "regions": list(one.regions),
            **({"fix": code.text} if code else {}),
        },
        **({"fixes": [_fix(code, position)]} if code and position and _can_stand_at(code, position) else {}),
    }


def _suppression(waiver: Waiver) -> dict[str, Any]:
    """Return what says that somebody accepted the result (SARIF 3.35): in a file, or beside the block."""
    kind = "external" if waiver.expires else "inSource"
    return {"kind": kind, "status": "accepted", "justification": _plain(waiver_text(waiver))}


def _can_stand_at(code: Code, position: Position) -> bool:
    """Whether the code can be put in as it is: whole blocks of Terraform, into a file of the user's own."""
    path = Path(position.file)
    return (
        code.adds
        and code.language is Language.TERRAFORM
        and path.suffix == ".tf"
        and ".terraform" not in path.parts
    )


def _fix(code: Code, position: Position) -> dict[str, Any]:
    """Return the fix that puts new blocks before the block in question (SARIF 3.55 to 3.57)."""
    replacement = {
        "deletedRegion": {"startLine": position.line, "startColumn": 1, "endColumn": 1},
        "insertedContent": {"text": f"{code.text}\n"},
    }
    return {
        "description": {"text": "Add what is missing."},
        "artifactChanges": [
            {"artifactLocation": _artifact(position), "replacements": [replacement]},
        ],
    }


def _physical(position: Position) -> dict[str, Any]:
    return {"artifactLocation": _artifact(position), "region": {"startLine": position.line}}


def _artifact(position: Position) -> dict[str, str]:
    file = Path(position.file)
    if file.is_absolute() or ".." in file.parts:
        return {"uri": file.resolve().as_uri()}
    return {"uri": quote(file.as_posix()), "uriBaseId": "%SRCROOT%"}


def _plain(text: str) -> str:
    """Return a text in which no name reads as a link or as a placeholder (SARIF 3.11.5, 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", text.replace("](", "] ("))
