"""The control numbers under which standards ask for this alarm, each with the page that says so.

One table for all reports. A control without an ``id`` is of a standard that the source names without number.
"""

from __future__ import annotations

from dataclasses import dataclass

from sg_alarm.rule.operations import PROFILES

RULE_ID = "CWL-004"
"""What Conformity calls this rule, and what our reports call it."""

TITLE = "Somebody is told of each change of a security group"


@dataclass(frozen=True)
class Control:
    """What a standard calls this alarm.

    ``profile`` is the one that judges what the control asks for, by name. ``source`` is where the number, or
    the standard's name, was read.
    """

    standard: str
    version: str
    id: str
    title: str
    source: str
    profile: str

    @property
    def reference(self) -> str:
        """Return the control in one line, as Security Hub writes it: ``CIS … Benchmark v1.2.0/3.10``."""
        named = f"{self.standard} {self.version}".rstrip()
        return f"{named}/{self.id}" if self.id else named


_CONFORMITY = (
    "https://www.trendmicro.com/cloudoneconformity/knowledge-base/aws/CloudWatchLogs/"
    "securitygroup-changes-alarm.html"
)
_SECURITY_HUB = (
    "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-10"
)
_WELL_ARCHITECTED = "https://docs.aws.amazon.com/wellarchitected/2023-04-10/framework/sec-detection.html"
_TENABLE = (
    "https://www.tenable.com/audits/items/"
    "CIS_Amazon_Web_Services_Foundations_v1.5.0_L2.audit:a2f690c7922f37b7cbdbfe6895450d07"
)
_CIS = "https://www.cisecurity.org/benchmark/amazon_web_services"

_ALARM_EXISTS = "Ensure a log metric filter and alarm exist for security group changes"
_MONITORED = "Ensure security group changes are monitored"


def _cis(version: str, section: str, title: str, source: str = "") -> Control:
    """Return a recommendation of CIS; without a source, as Turbot's compliance mod lists it."""
    profile = f"cis-v{version.rpartition('.')[0]}"
    source = source or (
        "https://github.com/turbot/steampipe-mod-aws-compliance/blob/main/"
        f"cis_v{version.replace('.', '')}/section_{section.partition('.')[0]}.pp"
    )
    return Control("CIS AWS Foundations Benchmark", f"v{version}", section, title, source, profile)


def _named_by_conformity(standard: str, version: str = "") -> Control:
    return Control(standard, version, "", "Security Group Changes Alarm", _CONFORMITY, "conformity")


HELP_URL = _CONFORMITY
"""The page that says what to do."""

CONTROLS: tuple[Control, ...] = (
    Control("Trend Micro Conformity", "", RULE_ID, "Security Group Changes Alarm", _CONFORMITY, "conformity"),
    _cis("1.2.0", "3.10", _ALARM_EXISTS, _SECURITY_HUB),
    _cis("1.3.0", "4.10", _ALARM_EXISTS),
    _cis("1.4.0", "4.10", _ALARM_EXISTS, _SECURITY_HUB),
    _cis("1.5.0", "4.10", _ALARM_EXISTS, _TENABLE),
    _cis("2.0.0", "4.10", _MONITORED),
    _cis("3.0.0", "4.10", _MONITORED),
    _cis("4.0.0", "4.10", _MONITORED),
    _cis("5.0.0", "4.10", _MONITORED),
    _cis("6.0.0", "5.10", _MONITORED),
    _cis("7.0.0", "5.10", _MONITORED, _CIS),
    Control("AWS Security Hub", "", "CloudWatch.10", _ALARM_EXISTS, _SECURITY_HUB, "securityhub"),
    # "Related requirements" of CloudWatch.10.
    Control("NIST SP 800-171", "r2", "3.14.6", _ALARM_EXISTS, _SECURITY_HUB, "securityhub"),
    Control("NIST SP 800-171", "r2", "3.14.7", _ALARM_EXISTS, _SECURITY_HUB, "securityhub"),
    # The page of the question names CloudTrail, API calls and CloudWatch alarms; it numbers no such practice.
    Control(
        "AWS Well-Architected Framework",
        "2023-04-10",
        "SEC 4",
        "How do you detect and investigate security events?",
        _WELL_ARCHITECTED,
        "conformity",
    ),
    # "This rule can help you with the following compliance standards": names, no numbers.
    _named_by_conformity("PCI DSS"),
    _named_by_conformity("APRA"),
    _named_by_conformity("MAS"),
    _named_by_conformity("NIST SP 800-53", "r4"),
)
"""All controls, in the order in which to list them."""


def controls_of(profile: str) -> tuple[Control, ...]:
    """Return the controls that a verdict under this profile answers: those that ask for the same, no other.

    So a PASS under ``conformity`` answers CIS v1.2 to v4.0 too, but not Security Hub, which accepts no other
    filter than its own.
    """
    asked = _asked(profile)
    return tuple(control for control in CONTROLS if _asked(control.profile) == asked)


def _asked(profile: str) -> tuple[tuple[str, ...], bool]:
    return PROFILES[profile].operations, PROFILES[profile].exact
