"""Whether a resource's policy lets a service in."""

from __future__ import annotations

from typing import Any

import pytest

from sg_alarm.local_aws.policy import allows

SERVICE, ACTION, RESOURCE = "cloudwatch.amazonaws.com", "sns:Publish", "arn:aws:sns:eu-west-1:123456789012:t"
SOURCE = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"
CONTEXT = {"aws:SourceAccount": "123456789012", "aws:SourceArn": SOURCE}
ALLOWED = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": ACTION, "Resource": RESOURCE}


def decide(*statements: Any) -> bool:
    return allows({"Statement": list(statements)}, SERVICE, ACTION, RESOURCE, CONTEXT)


def without(name: str, **instead: Any) -> dict[str, Any]:
    return {**{key: value for key, value in ALLOWED.items() if key != name}, **instead}


def test_nothing_is_allowed_unless_a_statement_says_so() -> None:
    assert not decide()
    assert not allows({}, SERVICE, ACTION, RESOURCE, CONTEXT)
    assert decide(ALLOWED)


def test_one_statement_need_not_be_a_list() -> None:
    assert allows({"Statement": ALLOWED}, SERVICE, ACTION, RESOURCE, CONTEXT)


def test_a_denial_outweighs_whatever_allows() -> None:
    assert not decide(ALLOWED, {**ALLOWED, "Effect": "Deny"})
    assert decide(ALLOWED, {**ALLOWED, "Effect": "Deny", "Action": "sns:Subscribe"})


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Principal": {"Service": ["events.amazonaws.com", SERVICE]}}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({"Action": ["sns:Get*", "SNS:Publish"]}, True),
        ({"Action": "sns:Pub?ish"}, True),
        ({"Resource": "arn:aws:sns:*:123456789012:*"}, True),
        ({"Resource": RESOURCE.upper()}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ["1", "123456789012"]}}}, True),
        ({"Condition": {"StringNotLike": {"aws:SourceAccount": "1*"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:Missing": "x"}}}, True),
        (
            {"Condition": {"StringEqualsIgnoreCase": {"aws:SourceArn": SOURCE.upper()}}},
            True,
        ),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({"Condition": {"ForAnyValue:StringLike": {"aws:SourceArn": "arn:*"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
        (
            {
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                    "ArnLike": {"aws:SourceArn": SOURCE + "-other"},
                }
            },
            False,
        ),
    ],
)
def test_principal_action_resource_and_condition_must_all_fit(statement: Any, allowed: bool) -> None:
    assert decide({**ALLOWED, **statement}) is allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [("Principal", {"Service": SERVICE}), ("Action", "sns:*"), ("Resource", "*")],
)
def test_the_negated_elements_leave_out_what_they_name(name: str, value: Any) -> None:
    assert not decide(without(name, **{f"Not{name}": value}))
    others: dict[str, Any] = {"Principal": {"Service": "x"}, "Action": "kms:*", "Resource": "arn:aws:x"}
    assert decide(without(name, **{f"Not{name}": others[name]}))
