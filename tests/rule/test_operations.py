"""The operations, the profiles, and what the published filters catch."""

from __future__ import annotations

import pytest

from sg_alarm.patterns import Coverage, Noise, compile_pattern
from sg_alarm.rule.operations import (
    ELEVEN,
    OPERATIONS,
    OTHERS,
    PATTERN_OF_ELEVEN,
    PATTERN_OF_SECURITY_HUB,
    PATTERN_OF_SEVEN,
    PATTERN_OF_SIX,
    PROFILES,
    READS,
    RELATED,
    SEVEN,
    SIX,
    Sameness,
    coverage,
    noise,
)

OLD_CIS = [f"cis-v{version}" for version in ("1.2", "1.3", "1.4", "1.5", "2.0", "3.0", "4.0")]
NEW_CIS = ["cis-v5.0", "cis-v6.0", "cis-v7.0"]


def test_the_eleven() -> None:
    assert SIX == (
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
    )
    assert (*SIX, "ModifySecurityGroupRules") == SEVEN
    assert ELEVEN[:7] == SEVEN
    assert ELEVEN[7:] == (
        "UpdateSecurityGroupRuleDescriptionsIngress",
        "UpdateSecurityGroupRuleDescriptionsEgress",
        "AssociateSecurityGroupVpc",
        "DisassociateSecurityGroupVpc",
    )


def test_no_operation_is_in_two_lists() -> None:
    names = [*OPERATIONS, *(one.name for one in (*READS, *RELATED, *OTHERS))]
    assert len(names) == len(set(names))


def test_the_profiles() -> None:
    assert list(PROFILES) == ["conformity", *OLD_CIS, *NEW_CIS, "securityhub", "effective"]
    assert all(profile.source.startswith("https://") and profile.title for profile in PROFILES.values())


@pytest.mark.parametrize(
    ("names", "operations"),
    [(["conformity", "securityhub", *OLD_CIS], SIX), (NEW_CIS, SEVEN), (["effective"], ELEVEN)],
)
def test_what_a_profile_asks_for_is_what_its_filter_covers(
    names: list[str], operations: tuple[str, ...]
) -> None:
    for name in names:
        profile = PROFILES[name]
        assert profile.operations == operations
        for text in profile.texts:
            proofs = coverage(text)
            covered = tuple(one for one, proof in proofs.items() if proof.coverage is Coverage.COVERED)
            missed = tuple(one for one, proof in proofs.items() if proof.coverage is Coverage.MISSED)
            assert covered == operations
            assert missed == ELEVEN[len(operations) :]


def test_the_published_texts_to_the_letter() -> None:
    assert PATTERN_OF_SIX == (
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || "
        "($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || "
        "($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
    )
    assert PATTERN_OF_SIX[:-2] + " || ($.eventName = ModifySecurityGroupRules) }" == PATTERN_OF_SEVEN
    assert PATTERN_OF_SIX.replace(" = ", "=").replace("{ ", "{").replace(" }", "}") == PATTERN_OF_SECURITY_HUB


@pytest.mark.parametrize(
    "text", [PATTERN_OF_SIX, PATTERN_OF_SEVEN, PATTERN_OF_ELEVEN, PATTERN_OF_SECURITY_HUB]
)
def test_the_published_filters_match_nothing_else(text: str) -> None:
    assert noise(text).noise is Noise.QUIET


class TestComparison:
    @pytest.mark.parametrize(
        ("profile", "text", "expected"),
        [
            ("conformity", PATTERN_OF_SIX, Sameness.TEXT),
            ("conformity", PATTERN_OF_SECURITY_HUB, Sameness.MEANING),
            ("conformity", PATTERN_OF_SEVEN, Sameness.DIFFERENT),
            ("cis-v5.0", PATTERN_OF_SEVEN, Sameness.TEXT),
            ("cis-v5.0", PATTERN_OF_SIX, Sameness.DIFFERENT),
            ("securityhub", PATTERN_OF_SIX, Sameness.TEXT),
            ("securityhub", PATTERN_OF_SECURITY_HUB, Sameness.TEXT),
            ("securityhub", PATTERN_OF_SIX + "\n", Sameness.MEANING),
            ("securityhub", PATTERN_OF_SEVEN, Sameness.DIFFERENT),
            ("securityhub", "{ $.eventName = *SecurityGroup* }", Sameness.DIFFERENT),
        ],
    )
    def test_with_the_published_text(self, profile: str, text: str, expected: Sameness) -> None:
        assert PROFILES[profile].compare(compile_pattern(text)) is expected

    def test_only_security_hub_wants_it_exact(self) -> None:
        assert [name for name, profile in PROFILES.items() if profile.exact] == ["securityhub"]


class TestNoise:
    @pytest.mark.parametrize(
        ("text", "example"),
        [
            ("{ $.eventName = *SecurityGroup* }", "DescribeSecurityGroups"),
            ("{ $.eventName = Authorize* }", "AuthorizeDBSecurityGroupIngress"),
            ("{ $.eventName = Modify* }", "ModifyNetworkInterfaceAttribute"),
            (
                "{ $.eventSource = ec2.amazonaws.com && $.readOnly IS FALSE }",
                "ModifyNetworkInterfaceAttribute",
            ),
            ("{ $.errorCode = *UnauthorizedOperation }", "DescribeSecurityGroups"),
        ],
    )
    def test_is_shown_by_a_call_that_exists(self, text: str, example: str) -> None:
        proof = noise(text)
        assert proof.noise is Noise.NOISY
        assert proof.known
        assert proof.example
        assert proof.example["eventName"] == example
