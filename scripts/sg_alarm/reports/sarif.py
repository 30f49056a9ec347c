"""The audit as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html

FAIL is a result of level ``error``, UNKNOWN one of level ``warning``, PASS one of kind ``pass``. Audits of
code leave PASS out: GitHub shows results of kind ``pass`` as alerts
(https://github.com/microsoft/PSRule/issues/955), and lets an alert end when its result is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sg_alarm.reports.names import account_name, short_name
from sg_alarm.reports.results import Result, results_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.audit import Audit
from sg_alarm.rule.standards import HELP_URL, RULE_ID, TITLE, controls_of
from sg_alarm.rule.verdict import Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Verdict.PASS: "none", Verdict.FAIL: "error", Verdict.UNKNOWN: "warning"}
_HELP = (
    "Between a change of a security group and a person stand a CloudTrail trail, a log group, a metric "
    "filter, a metric, an alarm, its action, an SNS topic with its key, and a confirmed subscription. One "
    "broken link silences them all. Fix the resource that the result names."
)


def to_sarif(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
    """Return a log of one run with a result for each link; ``file:line`` positions become locations."""
    results = []
    for number, judgement in enumerate(audit.described):
        places = positions[number] if positions else {}
        for one in results_of(judgement):
            if not (positions and one.verdict is Verdict.PASS):
                results.append(_result(one, places))
    run = {
        "tool": {
            "driver": {"name": "sg-alarm", "semanticVersion": run_metadata.version, "rules": [_rule(audit)]}
        },
        "invocations": [_invocation(run_metadata)],
        "automationDetails": {"id": f"sg-alarm/{audit.profile.name}/"},
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


def _rule(audit: Audit) -> dict[str, Any]:
    controls = [one.reference for one in controls_of(audit.profile.name) if one.id]
    return {
        "id": RULE_ID,
        "name": "SecurityGroupChangesAlarm",
        "shortDescription": {"text": TITLE},
        "fullDescription": {"text": f"{audit.profile.title}."},
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


def _result(one: Result, positions: Mapping[str, str]) -> dict[str, Any]:
    text = f"{one.summary}. To fix it: {one.remedy}." if one.remedy else f"{one.summary}."
    location: dict[str, Any] = {
        "logicalLocations": [
            {"name": short_name(one.resource), "fullyQualifiedName": one.resource, "kind": "resource"}
        ]
    }
    if one.resource in positions:
        location = {"physicalLocation": _physical(positions[one.resource]), **location}
    return {
        "ruleId": RULE_ID,
        "ruleIndex": 0,
        "kind": "pass" if one.verdict is Verdict.PASS else "fail",
        "level": _LEVELS[one.verdict],
        "message": {"text": _plain(text)},
        "locations": [location],
        "partialFingerprints": {"sgAlarmFinding/v1": one.id},
        "properties": {
            "account": account_name(one.account),
            "verdict": one.verdict.value,
            "messages": list(one.messages),
            "operations": list(one.operations),
            "regions": list(one.regions),
        },
    }


def _physical(position: str) -> dict[str, Any]:
    path, _, line = position.rpartition(":")
    file = Path(path)
    if file.is_absolute() or ".." in file.parts:
        artifact = {"uri": file.resolve().as_uri()}
    else:
        artifact = {"uri": quote(file.as_posix()), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, "region": {"startLine": int(line)}}


def _plain(text: str) -> str:
    """Return a text in which no name reads as a link or as a placeholder (SARIF 3.11.5, 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", text.replace("](", "] ("))
