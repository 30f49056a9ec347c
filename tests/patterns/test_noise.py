"""Whether a pattern matches events that are no changes."""

from __future__ import annotations

import pytest

from sg_alarm.patterns import Noise, compile_pattern, find_noise

CHANGES = frozenset({"CreateSecurityGroup", "DeleteSecurityGroup"})
OTHERS = [("DescribeSecurityGroups", "ec2.amazonaws.com"), ("CreateDBSecurityGroup", "rds.amazonaws.com")]


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventName = CreateSecurityGroup }",
        "{ $.eventName = CreateSecurityGroup || $.eventName = DeleteSecurityGroup }",
        "{ $.eventName = *SecurityGroup && $.eventName = %^CreateS% && $.eventName = %^.{19}$% }",
        "{ $.eventName = CreateSecurityGroup && $.x = y }",
        "{ $.eventName = Describe* && $.eventName = Create* }",
        "{ $.eventName NOT EXISTS }",
    ],
)
def test_quiet(pattern: str) -> None:
    assert find_noise(pattern, CHANGES, OTHERS).noise is Noise.QUIET


@pytest.mark.parametrize(
    ("pattern", "example", "known"),
    [
        ("{ $.eventName = *SecurityGroup* }", "DescribeSecurityGroups", True),
        ("{ $.eventName = Create* }", "CreateDBSecurityGroup", True),
        ("{ $.eventName = CreateSecurityGroup || $.eventName = CreateTags }", "CreateTags", True),
        ("{ $.eventName != DescribeSecurityGroups }", "CreateDBSecurityGroup", True),
        ("{ $.eventSource = ec2.amazonaws.com }", "DescribeSecurityGroups", True),
        ("{ $.eventSource = rds.amazonaws.com }", "CreateDBSecurityGroup", True),
        ("{ $.errorCode = *UnauthorizedOperation }", "DescribeSecurityGroups", True),
        ("{ $.* = *SecurityGroups }", "DescribeSecurityGroups", True),
        ("{ $.eventName = %^Create[S-T]% }", None, False),
        ("SecurityGroup", "DescribeSecurityGroups", True),
        ("", "DescribeSecurityGroups", True),
    ],
)
def test_noisy_with_an_example(pattern: str, example: str | None, known: bool) -> None:
    proof = find_noise(pattern, CHANGES, OTHERS)
    assert (proof.noise, proof.known) == (Noise.NOISY, known)
    assert proof.example
    assert proof.example["eventName"] not in CHANGES
    assert compile_pattern(pattern).matches(proof.example)
    if example:
        assert proof.example["eventName"] == example


def test_a_read_call_is_never_a_write() -> None:
    proof = find_noise("{ $.eventSource = ec2.amazonaws.com && $.readOnly IS FALSE }", CHANGES, OTHERS)
    assert proof.noise is Noise.NOISY
    assert proof.example
    assert proof.example["eventName"] == "RunInstances"


@pytest.mark.parametrize(
    "pattern",
    [
        "CreateSecurityGroup",
        "[a, b = x]",
        "{ $.x > 5 && $.x[*] NOT EXISTS }",
        "{ $.eventName = %a.{30}b% && $.eventName = %c.{30}d% && $.eventName = 1 }",
    ],
)
def test_cannot_tell_with_a_reason(pattern: str) -> None:
    proof = find_noise(pattern, CHANGES, OTHERS)
    assert proof.noise is Noise.CANNOT_TELL
    assert proof.reason
