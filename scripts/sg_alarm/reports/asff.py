"""The audit in the AWS Security Finding Format, as Security Hub's BatchImportFindings takes it.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html

A finding for each account and region, as Security Hub's own CloudWatch.10 has it, so that the same finding
passes once the chain is whole; the broken links are its resources. UNKNOWN is ``WARNING``: "some information
is missing". Severity and types stand in ``FindingProviderFields``, where AWS asks providers to put them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import timezone
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.reports.names import shortened, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import RegionResult, regions_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.arn import Arn, is_opaque
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.reviewers.security_hub import status_in
from sg_alarm.rule.standards import HELP_URL, RULE_ID, TITLE, controls_of
from sg_alarm.rule.verdict import Verdict

_REGION = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_STATUS = {Verdict.PASS: "PASSED", Verdict.FAIL: "FAILED", Verdict.UNKNOWN: "WARNING"}
# Conformity's risk level of the rule is medium; for what did not fail, ASFF advises INFORMATIONAL.
_SEVERITY = {Verdict.PASS: "INFORMATIONAL", Verdict.FAIL: "MEDIUM", Verdict.UNKNOWN: "INFORMATIONAL"}
_SUMMARIES = {
    Verdict.PASS: "Every security group change that the profile asks for notifies somebody.",
    Verdict.FAIL: "Security group changes notify nobody",
    Verdict.UNKNOWN: "Cannot tell whether security group changes notify anybody",
}
# Resource types of ASFF by service of the ARN.
_TYPES = {
    "cloudtrail": "AwsCloudTrailTrail",
    "cloudwatch": "AwsCloudWatchAlarm",
    "sns": "AwsSnsTopic",
    "kms": "AwsKmsKey",
}
# Limits of the API Reference: AwsSecurityFinding, Recommendation, Compliance; ASFF: resources.
_MOST_DESCRIPTION, _MOST_TEXT, _MOST_ID, _MOST_VALUE = 1024, 512, 512, 2048
_MOST_RESOURCES, _MOST_REQUIREMENTS = 32, 32


def to_asff(report: Report) -> str:
    """Return the findings as a JSON array; raises UserError where the account or a region is not known."""
    return json.dumps(findings(report), indent=2, ensure_ascii=False) + "\n"


def findings(report: Report) -> list[dict[str, Any]]:
    """Return a finding for each account and region; raises UserError as ``to_asff``."""
    return [
        _finding(subject, one, report.run_metadata)
        for subject in report.subjects
        for one in regions_of(subject.judgement)
    ]


def _finding(subject: Subject, one: RegionResult, made: RunMetadata) -> dict[str, Any]:
    partition = one_line(subject.deployment.partition)
    if not re.fullmatch(r"\d{12}", one.account) or not _REGION.fullmatch(one.region) or is_opaque(partition):
        raise UserError(
            "a finding of Security Hub belongs to an account and a region, and this audit does not know them",
            "audit the deployed state; for code and plans take sarif, junit or markdown",
        )
    stamp = made.made_at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    profile = subject.profile.name
    requirements = [control.reference for control in controls_of(profile) if control.id]
    product = f"arn:{partition}:securityhub:{one.region}:{one.account}:product/{one.account}/default"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"sg-alarm/{RULE_ID}/{profile}/{one.account}/{one.region}",
        "ProductArn": product,
        "GeneratorId": f"sg-alarm/{RULE_ID}/{profile}",
        "AwsAccountId": one.account,
        "CreatedAt": stamp,
        "UpdatedAt": stamp,
        "Title": f"{RULE_ID} {TITLE}",
        "Description": shortened(_description(one), _MOST_DESCRIPTION),
        "Remediation": {
            "Recommendation": {
                "Text": shortened(one.remedy or "Nothing is to be done.", _MOST_TEXT),
                "Url": HELP_URL,
            }
        },
        "ProductFields": {
            key: shortened(value, _MOST_VALUE)
            for key, value in (
                ("sg-alarm/profile", profile),
                ("sg-alarm/version", made.version),
                ("sg-alarm/gaps", ", ".join(one.gaps) or "none"),
                ("sg-alarm/messages", ", ".join(_messages(one)) or "none"),
            )
        },
        "Resources": list(_resources(one, partition))[:_MOST_RESOURCES],
        "Compliance": {
            **_status(one, subject.deployment, profile),
            **({"RelatedRequirements": requirements[:_MOST_REQUIREMENTS]} if requirements else {}),
        },
        "FindingProviderFields": {
            "Severity": {"Label": _SEVERITY[one.verdict], "Original": one.verdict.value},
            "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        },
        **({"Workflow": {"Status": "SUPPRESSED"}} if one.is_waived else {}),
        "RecordState": "ACTIVE",
    }


def _status(one: RegionResult, deployment: Deployment, profile: str) -> dict[str, Any]:
    """Return the status; by the profile of Security Hub's own control as that has it, with its reason.

    Where the profile passes, that control passes, or cannot see the region's trail or the topic.
    """
    if profile != "securityhub":
        return {"Status": _STATUS[one.before_waivers]}
    own = status_in(deployment, one.region)
    status = own.of_asff if one.before_waivers is Verdict.PASS else _STATUS[one.before_waivers]
    if not own.code or own.of_asff != status:
        return {"Status": status}
    return {"Status": status, "StatusReasons": [{"ReasonCode": own.code, "Description": own.reason}]}


def _description(one: RegionResult) -> str:
    if one.is_waived:
        seen = (f"{each.summary} ({waiver_text(each.waived)})" for each in one.waived if each.waived)
        return f"{_SUMMARIES[one.before_waivers]}: {'; '.join(seen)}"
    if one.verdict is Verdict.PASS:
        return _SUMMARIES[one.verdict]
    summary = (
        _SUMMARIES[one.verdict]
        if one.gaps
        else "Every change notifies somebody, but the standard asks for more"
    )
    return f"{summary}: {one.summary}" if one.broken else f"{summary}."


def _messages(one: RegionResult) -> Iterable[str]:
    return dict.fromkeys(message for each in one.broken for message in each.messages)


def _resources(one: RegionResult, partition: str) -> Iterator[dict[str, Any]]:
    yield {
        "Type": "AwsAccount",
        "Id": f"AWS::::Account:{one.account}",
        "Partition": partition,
        "Region": one.region,
    }
    for resource in dict.fromkeys(each.resource for each in one.broken):
        arn = Arn.parse(resource)
        if resource != one.account and resource.strip():
            yield {
                "Type": _TYPES.get(arn.service, "Other") if arn else "Other",
                "Id": shortened(resource, _MOST_ID),
                "Partition": partition,
                "Region": (arn.region if arn else "") or one.region,
            }
