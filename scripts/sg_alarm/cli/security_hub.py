"""Send the findings of an audit to Security Hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sg_alarm.aws import DENIED, Aws, as_user_error
from sg_alarm.errors import UserError
from sg_alarm.reports.asff import findings
from sg_alarm.reports.report import Report

_BATCH = 100
"""How many findings BatchImportFindings takes at once."""


@dataclass(frozen=True)
class _Refusal:
    """Why findings were not taken, and what to do."""

    reason: str
    hint: str


def send(aws: Aws, report: Report) -> int:
    """Import the findings, each in its region, and return how many there were.

    They must be of the caller's account. A region that takes none does not keep the others from theirs.
    Raises UserError where the audit knows no account, where AWS cannot be asked, and where a finding was not
    taken.
    """
    regions: dict[str, list[dict[str, Any]]] = {}
    for one in findings(report):
        regions.setdefault(one["ProductArn"].split(":")[3], []).append(one)
    imported, refusals = 0, list[_Refusal]()
    for region, found in regions.items():
        for batch in _batches(found):
            count, refused = _import(aws, region, batch)
            imported += count
            refusals += refused
    if refusals:
        total = sum(map(len, regions.values()))
        reasons = "; ".join(dict.fromkeys(one.reason for one in refusals))
        hints = "; ".join(dict.fromkeys(one.hint for one in refusals))
        raise UserError(f"Security Hub took {imported} of {total} findings: {reasons}", hints)
    return imported


def _import(aws: Aws, region: str, batch: Sequence[dict[str, Any]]) -> tuple[int, list[_Refusal]]:
    from botocore.exceptions import ClientError

    with as_user_error():
        try:
            answer = aws.client("securityhub", region).batch_import_findings(Findings=batch)
        except ClientError as error:
            refusal = _refusal(region, error.response.get("Error", {}).get("Code", ""))
            if refusal is None:
                raise
            return 0, [refusal]
    return int(answer["SuccessCount"]), [
        _Refusal(
            f"{one['Id']} in {region}: {one['ErrorCode']} {one['ErrorMessage']}",
            "look at what --format asff prints",
        )
        for one in answer.get("FailedFindings", ())
    ]


def _refusal(region: str, code: str) -> _Refusal | None:
    """Return why a region takes nothing; ``None`` for what is no matter of Security Hub."""
    if code == "InvalidAccessException":
        return _Refusal(
            f"it is not enabled in {region}",
            f"enable it: aws securityhub enable-security-hub --region {region}",
        )
    if code in DENIED:
        return _Refusal(
            f"no permission for BatchImportFindings in {region}",
            "allow securityhub:BatchImportFindings to the caller",
        )
    return None


def _batches(found: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]
