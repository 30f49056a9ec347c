"""Which filter patterns are for changes of security groups, and which belong to another control."""

from __future__ import annotations

import pytest

from sg_alarm.rule.operations import PATTERN_OF_ELEVEN, PATTERN_OF_SECURITY_HUB, PATTERN_OF_SIX
from sg_alarm.rule.parts import is_for_changes

UNAUTHORIZED = '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
ROOT = '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "X" }'
LOGIN = '{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != "Yes") }'
IAM = "{ ($.eventName = DeleteGroupPolicy) || ($.eventName = PutGroupPolicy) }"
VPC = "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) }"
DATABASE = "{ $.eventName = AuthorizeDBSecurityGroupIngress }"


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(PATTERN_OF_SIX, id="the six"),
        pytest.param(PATTERN_OF_ELEVEN, id="the eleven"),
        pytest.param(PATTERN_OF_SECURITY_HUB, id="as Security Hub has them"),
        pytest.param("{ $.eventName = AuthorizeSecurityGroupIngress }", id="one operation"),
        pytest.param(
            "{ $.EventName = DeleteSecurityGroup }", id="one operation, in a field that there is not"
        ),
        pytest.param("{ $.eventName = DeleteSecurityGroup", id="one operation, in an invalid pattern"),
        pytest.param("DeleteSecurityGroup", id="one operation, as a term"),
        pytest.param('{ $.eventName = "*SecurityGroup*" }', id="a wildcard"),
        pytest.param(
            '{ $.eventName = "*SecurityGroup*" && $.userIdentity.type != "AWSService" }', id="narrowed"
        ),
        pytest.param('{ $.eventSource = "ec2.amazonaws.com" }', id="all calls of EC2"),
    ],
)
def test_a_pattern_for_changes_of_security_groups(pattern):
    assert is_for_changes(pattern)


@pytest.mark.parametrize("pattern", [UNAUTHORIZED, ROOT, LOGIN, IAM, VPC, DATABASE, "ERROR", "?ERROR ?WARN"])
def test_a_pattern_of_another_control(pattern):
    assert is_for_changes(pattern) is False
    assert is_for_changes(pattern, on_trail=True) is False


def test_an_invalid_pattern_that_names_no_operation_says_nothing():
    assert is_for_changes("{ $.eventName = }") is None


@pytest.mark.parametrize("pattern", ["", " "])
def test_what_matches_everything_counts_on_the_log_group_of_a_trail(pattern):
    assert not is_for_changes(pattern)
    assert is_for_changes(pattern, on_trail=True)
