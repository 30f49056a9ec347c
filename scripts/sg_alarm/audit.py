"""The audit of CWL-004: an alarm on the metric of security-group changes in every enabled region.

Source of the steps: Trend Conformity, CWL-004 "AWS Security Group Changes Alarm", section Audit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from .aws import DENIED, Aws, told_in_one_line
from .errors import ExitCode

METRIC_NAMESPACE = "CloudTrailMetrics"
METRIC_NAME = "SecurityGroupEventCount"

_CONCURRENT_REGIONS = 16


class Verdict(Enum):
    """What an audit says; UNKNOWN is its own answer, never a PASS."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of ``sg-alarm audit``."""
        return {"PASS": ExitCode.OK, "FAIL": ExitCode.FAIL}.get(self.value, ExitCode.UNKNOWN)


@dataclass(frozen=True)
class Finding:
    """What was seen at one link of the chain in one region."""

    region: str
    link: str
    resource: str
    verdict: Verdict
    evidence: str
    remedy: str = ""


@dataclass(frozen=True)
class Audit:
    """The answer for one account."""

    account: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """FAIL if any region fails, else UNKNOWN if any could not be looked at, else PASS."""
        verdicts = {finding.verdict for finding in self.findings}
        if Verdict.FAIL in verdicts:
            return Verdict.FAIL
        return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.UNKNOWN

    def to_json(self) -> dict[str, Any]:
        """Return the report of ``--format json``."""
        return {
            "schema_version": "0.1",
            "profile": "conformity",
            "verdict": self.verdict.value,
            "accounts": [self.account],
            "operations": [],
            "findings": [{**asdict(finding), "verdict": finding.verdict.value} for finding in self.findings],
        }


def audit(
    aws: Aws, regions: Sequence[str] = (), on_region: Callable[[str], None] = lambda region: None
) -> Audit:
    """Audit ``regions``, or every enabled one.

    A region that could not be looked at is UNKNOWN with the reason; the others go on. Raises ``UserError``
    where nothing at all can be asked.
    """
    with told_in_one_line():
        # The first call tells a wrong endpoint or region: few attempts, so that it is told soon.
        account = aws.client("sts", attempts=2).get_caller_identity()["Account"]
        wanted = list(regions) or _enabled_regions(aws)

    def look(region: str) -> Finding:
        finding = _audit_region(aws, region)
        on_region(region)
        return finding

    with ThreadPoolExecutor(_CONCURRENT_REGIONS) as pool:
        return Audit(account, tuple(pool.map(look, wanted)))


def _enabled_regions(aws: Aws) -> list[str]:
    # Without AllRegions, AWS answers with those that are enabled for the account.
    return sorted(region["RegionName"] for region in aws.client("ec2").describe_regions()["Regions"])


def _audit_region(aws: Aws, region: str) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError

    metric = f"{METRIC_NAMESPACE}/{METRIC_NAME}"
    try:
        alarms = aws.client("cloudwatch", region).describe_alarms_for_metric(
            Namespace=METRIC_NAMESPACE, MetricName=METRIC_NAME
        )["MetricAlarms"]
    except (ClientError, BotoCoreError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        remedy = "allow cloudwatch:DescribeAlarmsForMetric to the caller" if code in DENIED else "try again"
        return Finding(region, "alarm", metric, Verdict.UNKNOWN, f"could not look: {error}", remedy)
    if not alarms:
        return Finding(
            region,
            "alarm",
            metric,
            Verdict.FAIL,
            f"no alarm watches {metric}",
            "deploy modules/security-group-changes-alarm",
        )
    telling = [alarm for alarm in alarms if alarm["ActionsEnabled"] and alarm["AlarmActions"]]
    if not telling:
        alarm = alarms[0]
        silent = "its actions are disabled" if not alarm["ActionsEnabled"] else "it has no alarm action"
        return Finding(
            region,
            "alarm",
            alarm["AlarmArn"],
            Verdict.FAIL,
            f"alarm {alarm['AlarmName']} tells nobody: {silent}",
            "enable its actions and name a topic",
        )
    alarm = telling[0]
    return Finding(
        region, "alarm", alarm["AlarmArn"], Verdict.PASS, f"alarm {alarm['AlarmName']} watches {metric}"
    )
