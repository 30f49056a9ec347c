"""The operations that change a security group, and the standards that name them.

Data with sources. EC2 operations: Amazon EC2 API Reference,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-ec2.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from sg_alarm.errors import UserError
from sg_alarm.patterns import NoiseProof, Pattern, Proof, compile_pattern, find_noise, prove
from sg_alarm.patterns.cloudtrail import EC2
from sg_alarm.rule.clauses import Clause, exact_text, metric_alarm, multi_region, reads_and_writes


@dataclass(frozen=True)
class Operation:
    """An API operation: its CloudTrail event name, the service that writes the event, and what it does."""

    name: str
    does: str
    event_source: str = EC2


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        operation.name: operation
        for operation in (
            Operation("AuthorizeSecurityGroupIngress", "adds inbound rules"),
            Operation("AuthorizeSecurityGroupEgress", "adds outbound rules"),
            Operation("RevokeSecurityGroupIngress", "removes inbound rules"),
            Operation("RevokeSecurityGroupEgress", "removes outbound rules"),
            Operation("CreateSecurityGroup", "creates a group"),
            Operation("DeleteSecurityGroup", "deletes a group"),
            Operation("ModifySecurityGroupRules", "edits rules in place: can open one to 0.0.0.0/0"),
            Operation("UpdateSecurityGroupRuleDescriptionsIngress", "rewrites descriptions of inbound rules"),
            Operation("UpdateSecurityGroupRuleDescriptionsEgress", "rewrites descriptions of outbound rules"),
            Operation("AssociateSecurityGroupVpc", "makes a group usable in another VPC"),
            Operation("DisassociateSecurityGroupVpc", "withdraws a group from another VPC"),
        )
    }
)
"""Every operation that changes a security group."""

SIX = tuple(OPERATIONS)[:6]
SEVEN = tuple(OPERATIONS)[:7]
ELEVEN = tuple(OPERATIONS)

RELATED: tuple[Operation, ...] = (
    Operation("ModifyNetworkInterfaceAttribute", "changes which groups an interface has"),
    Operation("ModifyInstanceAttribute", "changes which groups an instance has"),
    Operation(
        "SetSecurityGroups", "changes which groups a load balancer has", "elasticloadbalancing.amazonaws.com"
    ),
    Operation(
        "ApplySecurityGroupsToLoadBalancer",
        "changes which groups a classic load balancer has",
        "elasticloadbalancing.amazonaws.com",
    ),
    Operation("ModifyManagedPrefixList", "changes the addresses that rules refer to"),
    Operation("RestoreManagedPrefixListVersion", "changes the addresses that rules refer to"),
)
"""Operations that change what a group protects or admits, but not the group: information, never a gap."""

READS: tuple[Operation, ...] = (
    Operation("DescribeSecurityGroups", "lists groups"),
    Operation("DescribeSecurityGroupRules", "lists rules"),
    Operation("DescribeSecurityGroupReferences", "lists references from peered VPCs"),
    Operation("DescribeSecurityGroupVpcAssociations", "lists VPCs that a group is usable in"),
    Operation("DescribeStaleSecurityGroups", "lists rules that refer to what is gone"),
    Operation("GetSecurityGroupsForVpc", "lists groups usable in a VPC"),
)
"""Calls that only read groups."""

ROUTINE_READS: tuple[Operation, ...] = (
    READS[0],
    READS[1],
    Operation("DescribeInstances", "lists instances"),
    Operation("DescribeNetworkInterfaces", "lists interfaces"),
)
"""Calls that consoles, Terraform and monitoring make all the time in an account that uses EC2."""

OTHERS: tuple[Operation, ...] = (
    Operation("AuthorizeDBSecurityGroupIngress", "admits to a classic database group", "rds.amazonaws.com"),
    Operation("CreateDBSecurityGroup", "creates a classic database group", "rds.amazonaws.com"),
    Operation("RevokeDBSecurityGroupIngress", "removes from a classic database group", "rds.amazonaws.com"),
    Operation("DeleteDBSecurityGroup", "deletes a classic database group", "rds.amazonaws.com"),
    Operation("AuthorizeClusterSecurityGroupIngress", "admits to a cluster group", "redshift.amazonaws.com"),
    Operation("RevokeClusterSecurityGroupIngress", "removes from a cluster group", "redshift.amazonaws.com"),
    Operation("AuthorizeCacheSecurityGroupIngress", "admits to a cache group", "elasticache.amazonaws.com"),
    Operation("CreateVpc", "creates a VPC"),
    Operation("DeleteVpc", "deletes a VPC"),
    Operation("CreateNetworkAclEntry", "adds an entry to a network ACL"),
    Operation("ModifyVpcAttribute", "changes a VPC"),
    Operation("AssociateRouteTable", "associates a route table"),
    Operation("DisassociateRouteTable", "disassociates a route table"),
    Operation("UpdateTrail", "changes a trail", "cloudtrail.amazonaws.com"),
    Operation("RunInstances", "starts instances"),
    Operation("ConsoleLogin", "signs in to the console", "signin.amazonaws.com"),
    Operation("AssumeRole", "assumes a role", "sts.amazonaws.com"),
    Operation("PutObject", "stores an object", "s3.amazonaws.com"),
)
"""Calls with similar names, and common ones: to show what else a pattern matches."""


def _published(names: tuple[str, ...]) -> str:
    return "{ " + " || ".join(f"($.eventName = {name})" for name in names) + " }"


PATTERN_OF_SIX = _published(SIX)
"""The filter of Conformity's CloudWatchLogs-004 remediation, to the letter."""

PATTERN_OF_SEVEN = _published(SEVEN)
"""The filter of the CIS benchmark since v5.0, to the letter."""

PATTERN_OF_SECURITY_HUB = "{" + " || ".join(f"($.eventName={name})" for name in SIX) + "}"
"""The filter that the remediation of Security Hub CloudWatch.10 prints; the six again, spaced otherwise."""

PATTERN_OF_ELEVEN = _published(ELEVEN)
"""A filter for everything that changes a group."""


class Sameness(str, Enum):
    """How a pattern compares with a published one."""

    TEXT = "same text"
    MEANING = "same but for formatting"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Profile:
    """All that one standard asks for.

    ``operations`` must be covered. ``texts`` are the filter as published, the one to deploy first.
    ``clauses`` are what its audit procedure asks for besides. ``strict``: nothing is assumed that code could
    show.
    """

    name: str
    title: str
    source: str
    operations: tuple[str, ...]
    texts: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    strict: bool = False

    @property
    def exact(self) -> bool:
        """Whether no filter but the published one satisfies the standard, however much more it catches."""
        return any(clause.id == "exact-pattern" for clause in self.clauses)

    @property
    def asks(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The operations and the ids of the clauses: profiles that are equal here judge the same."""
        return self.operations, tuple(clause.id for clause in self.clauses)

    def compare(self, pattern: Pattern) -> Sameness:
        """Compare a pattern with the published ones."""
        if any(pattern.has_text(text) for text in self.texts):
            return Sameness.TEXT
        if any(pattern.equals(compile_pattern(text)) for text in self.texts):
            return Sameness.MEANING
        return Sameness.DIFFERENT


_CIS = "CIS Amazon Web Services Foundations Benchmark"
_CIS_SOURCE = "https://www.cisecurity.org/benchmark/amazon_web_services"
_SECURITY_HUB = (
    "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-10"
)
_OF_SECURITY_HUB = (PATTERN_OF_SECURITY_HUB, PATTERN_OF_SIX)
"""The control asks for "the exact metric filters prescribed by CIS": that spacing is as good."""


def _cis(version: str, section: str) -> Profile:
    seven = int(version.partition(".")[0]) >= 5
    procedure = f"{_CIS_SOURCE}, the recommendation's audit procedure"
    # Step 1 asks for reads and writes since v1.4. Step 5 finds MetricAlarms by their MetricName.
    both = () if version in ("1.2", "1.3") else (reads_and_writes(f"{procedure}, step 1"),)
    return Profile(
        f"cis-v{version}",
        f"{_CIS} v{version}, {section}",
        _CIS_SOURCE,
        SEVEN if seven else SIX,
        (PATTERN_OF_SEVEN if seven else PATTERN_OF_SIX,),
        (multi_region(f"{procedure}, step 1"), *both, metric_alarm(f"{procedure}, step 5")),
    )


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                "conformity",
                "Trend Micro Conformity, CloudWatchLogs-004: Security Group Changes Alarm",
                "https://www.trendmicro.com/cloudoneconformity/knowledge-base/aws/CloudWatchLogs/security-group-changes-alarm.html",
                SIX,
                (PATTERN_OF_SIX,),
            ),
            _cis("1.2", "3.10"),
            _cis("1.3", "4.10"),
            _cis("1.4", "4.10"),
            _cis("1.5", "4.10"),
            _cis("2.0", "4.10"),
            _cis("3.0", "4.10"),
            _cis("4.0", "4.10"),
            _cis("5.0", "4.10"),
            _cis("6.0", "5.10"),
            _cis("7.0", "5.10"),
            Profile(
                "securityhub",
                "AWS Security Hub, CloudWatch.10",
                _SECURITY_HUB,
                SIX,
                _OF_SECURITY_HUB,
                # It follows the audit steps of CIS v1.4.0, 4.10, with the text compared to the letter.
                (
                    multi_region(_SECURITY_HUB),
                    reads_and_writes(_SECURITY_HUB),
                    exact_text(_OF_SECURITY_HUB, _SECURITY_HUB),
                    metric_alarm(_SECURITY_HUB),
                ),
            ),
            Profile(
                "effective",
                "Every operation that changes a security group",
                "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-ec2.html",
                ELEVEN,
                (PATTERN_OF_ELEVEN,),
            ),
        )
    }
)
"""The profiles by name, in the order in which to list them."""


def find_profile(name: str) -> Profile:
    """Return the standard of that name; raises UserError where there is none."""
    if name not in PROFILES:
        raise UserError(f"there is no standard {name!r}", f"choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def coverage(pattern: Pattern | str, account: str = "") -> dict[str, Proof]:
    """Prove what a pattern does with each of the eleven operations, in one account or in any.

    Raises PatternError.
    """
    compiled = compile_pattern(pattern) if isinstance(pattern, str) else pattern
    return {
        operation.name: prove(compiled, operation.name, operation.event_source, account)
        for operation in OPERATIONS.values()
    }


@lru_cache(maxsize=1024)
def noise(pattern: Pattern | str) -> NoiseProof:
    """Prove whether a pattern matches calls that change no security group; raises PatternError."""
    others = [(other.name, other.event_source) for other in (*READS, *RELATED, *OTHERS)]
    return find_noise(pattern, ELEVEN, others)
