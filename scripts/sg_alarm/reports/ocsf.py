"""The audit as OCSF Compliance Findings (class 2003), by the models of py-ocsf-models.

https://schema.ocsf.io/1.5.0/classes/compliance_finding. A finding for each account or root module and region;
each link is a check of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.reports.names import account_name, short_name, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import RegionResult, Result, regions_of, results_of, waived_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.standards import HELP_URL, RULE_ID, TITLE, controls_of
from sg_alarm.rule.verdict import Verdict


def to_ocsf(report: Report) -> str:
    """Return the findings as a JSON array; raises UserError without py-ocsf-models."""
    try:
        from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
    except ImportError as error:
        raise UserError("--format ocsf needs py-ocsf-models", "pip install 'sg-alarm[ocsf]'") from error
    events = [
        ComplianceFinding.model_validate(_event(subject, one, _checks(subject), report.run_metadata))
        for subject in report.subjects
        for one in regions_of(subject.judgement)
    ]
    shown = [event.model_dump(mode="json", exclude_none=True) for event in events]
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _checks(subject: Subject) -> tuple[Result, ...]:
    return (*results_of(subject.judgement), *waived_of(subject.judgement))


def _event(
    subject: Subject, one: RegionResult, results: Sequence[Result], made: RunMetadata
) -> dict[str, Any]:
    """Return the attributes; the models check them."""
    profile, milliseconds = subject.profile, made.milliseconds
    partition = one_line(subject.deployment.partition)
    controls = [control for control in controls_of(profile.name) if control.id]
    # Severities and states of the schema, "severity_id", "compliance.status_id".
    severity, severity_id = ("Medium", 3) if one.verdict is Verdict.FAIL else ("Informational", 1)
    seen = f": {one.summary}" if one.broken else ""
    return {
        "activity_id": 1,
        "activity_name": "Create",
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "time": milliseconds,
        "severity": severity,
        "severity_id": severity_id,
        "status": "Suppressed" if one.is_waived else "New",
        "status_id": 3 if one.is_waived else 1,
        "status_code": one.verdict.value,
        "message": f"{account_name(one.account)}, {one.region}: {one.verdict.value}{seen}",
        "metadata": {
            "event_code": RULE_ID,
            "product": {"name": "sg-alarm", "vendor_name": "sg-alarm", "version": made.version},
            "profiles": ["cloud"],
        },
        "finding_info": {
            "uid": f"sg-alarm/{RULE_ID}/{profile.name}/{one.account}/{one.region}",
            "title": f"{RULE_ID} {TITLE}",
            "created_time": milliseconds,
            "src_url": HELP_URL,
            "types": ["Software and Configuration Checks"],
        },
        "compliance": {
            "control": f"{RULE_ID} {TITLE}",
            "desc": profile.title,
            "standards": list(dict.fromkeys(f"{each.standard} {each.version}".rstrip() for each in controls)),
            "requirements": [each.reference for each in controls],
            "status_id": _status(one.before_waivers)[1],
            "checks": [
                {
                    "uid": each.id,
                    "name": f"{each.link.value} {short_name(each.resource)}",
                    "desc": f"{each.evidence} ({waiver_text(each.waived)})" if each.waived else each.evidence,
                    "status": _status(each.verdict)[0],
                    "status_id": _status(each.verdict)[1],
                }
                for each in results
                if one.region in each.regions
            ],
        },
        "resources": [
            _resource(resource, one, partition)
            for resource in dict.fromkeys([one.account, *(each.resource for each in one.broken)])
        ],
        "unmapped": {
            "messages": {each.id: list(each.messages) for each in results if one.region in each.regions}
        },
        **({"remediation": {"desc": one.remedy, "references": [HELP_URL]}} if one.remedy else {}),
    }


def _resource(resource: str, one: RegionResult, partition: str) -> dict[str, Any]:
    known = {"cloud_partition": partition, "region": one.region}
    return {
        "uid": resource,
        "name": account_name(resource) if resource == one.account else short_name(resource),
        "type": "account" if resource == one.account else "resource",
        **{key: value for key, value in known.items() if not is_opaque(value)},
    }


def _status(verdict: Verdict) -> tuple[str, int]:
    """Return caption and number: a check that "did not yield a result due to missing information" warns."""
    return {Verdict.PASS: ("Pass", 1), Verdict.FAIL: ("Fail", 3), Verdict.UNKNOWN: ("Warning", 2)}[verdict]
