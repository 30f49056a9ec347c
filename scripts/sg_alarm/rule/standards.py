"""The control numbers under which standards ask for this alarm, each with the page that says so.

One table for all reports. A control without an ``id`` is of a standard that the source names without number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sg_alarm.rule.operations import PROFILES

RULE_ID = "CWL-004"
"""What Conformity calls this rule, and what our reports call it."""

TITLE = "Every security group change notifies somebody"


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

    So a PASS under ``cis-v4.0`` answers CIS v1.4 to v3.0 too, whose procedure is the same; not Conformity,
    which does not ask about the trail, nor Security Hub, which accepts no other filter than its own.
    """
    asked = PROFILES[profile].asks
    return tuple(control for control in CONTROLS if PROFILES[control.profile].asks == asked)


class Strength(str, Enum):
    """How closely a requirement of another standard has to do with this alarm."""

    BY_NAME = "names the change itself"
    STRONG = "mapped to this check, strong"
    MAPPED = "mapped to this check"


@dataclass(frozen=True)
class Mapped:
    """Requirements of a standard that ``by`` maps to its check for this alarm.

    They have no procedure of their own for it: no verdict claims them.
    """

    standard: str
    ids: tuple[str, ...]
    by: str
    strength: Strength
    source: str


_MITRE = "https://github.com/mitre/aws-foundations-cis-baseline"
_POWERPIPE = (
    "https://hub.powerpipe.io/mods/turbot/aws_compliance/controls/control.log_metric_filter_security_group"
)
_PROWLER = "https://hub.prowler.com/check/cloudwatch_log_metric_filter_security_group_changes"


def _by_mitre(standard: str, *ids: str) -> Mapped:
    return Mapped(standard, ids, "MITRE InSpec", Strength.STRONG, _MITRE)


def _by_powerpipe(standard: str, *ids: str) -> Mapped:
    return Mapped(standard, ids, "Powerpipe", Strength.MAPPED, _POWERPIPE)


def _by_prowler(standard: str, *ids: str, strength: Strength = Strength.MAPPED) -> Mapped:
    return Mapped(standard, ids, "Prowler", strength, _PROWLER)


MAPPINGS: tuple[Mapped, ...] = (
    # MITRE's InSpec profile tags its control for the alarm.
    _by_mitre("CIS Controls v8", "8.11"),
    _by_mitre("NIST SP 800-53 r4", "AU-6", "AU-6(1)", "AU-7(1)"),
    # Powerpipe lists the control in these benchmarks.
    _by_powerpipe(
        "PCI DSS v4.0",
        *("10.2.1.1", "10.4.1", "10.4.1.1", "10.4.2", "10.6.3", "10.7.1", "10.7.2", "A3.3.1", "A3.5.1"),
    ),
    _by_powerpipe("NIST SP 800-171 r2", "3.12.1", "3.12.3", "3.12.4"),
    # Prowler 5.46 writes them into each finding of the check, the first four into its universal frameworks.
    _by_prowler("CIS Controls v8.1", "8.11", strength=Strength.STRONG),
    _by_prowler("FedRAMP 20x", "KSI-CMT-LMC", strength=Strength.STRONG),
    _by_prowler("CSA CCM v4.0", "LOG-05"),
    _by_prowler("DORA (EU 2022/2554)", "Art. 19"),
    _by_prowler("NIST CSF v1.1", "DE.CM-2", "ID.RA-5", "ID.SC-4"),
    _by_prowler("ISO/IEC 27001:2013", "A.12.4"),
    _by_prowler("ISO/IEC 27001:2022", "A.8.15", "A.8.16"),
    _by_prowler("SOC 2", "CC5.2"),
    _by_prowler("NIS2", "2.2.3", "3.2.2", "3.2.3.b", "3.2.3.c", "3.2.3.f", "3.2.3.g", "3.5.4", "11.5.2.d"),
    _by_prowler("BSI C5:2025", "OPS-11.02AC", "OPS-26.01AS", "OPS-26.05B", "OPS-26.06B"),
    _by_prowler("SecNumCloud 3.2", "12.9"),
    _by_prowler("KISA ISMS-P 2023", "2.10.1", "2.10.2", "2.11.3"),
    _by_prowler("FINOS CCC v2025.10", "CCC.Core.CN04.AR01"),
    _by_prowler("AWS Well-Architected Framework", "SEC04-BP04"),
    Mapped(
        "MITRE ATT&CK",
        ("T1562.007",),
        "MITRE",
        Strength.BY_NAME,
        "https://attack.mitre.org/techniques/T1562/007/",
    ),
)
"""What tools map to their check for this alarm, in the order in which to list it."""
