"""Roles of the accounts of an organization."""

from __future__ import annotations

from typing import Any

import pytest

from organization_builder import Organization, make_organization
from sg_alarm.local_aws import LocalAws

STRANGER = "210987654321"


@pytest.fixture
def organization(aws: LocalAws) -> Organization:
    made = make_organization(aws, "eu-west-1")
    made.account("web")
    return made


def assume(aws: LocalAws, account: str, role: str, **options: str) -> Any:
    arn = f"arn:aws:iam::{account}:role/{role}"
    return aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test", **options)


def test_a_role_of_a_member_account_must_exist(
    aws: LocalAws, organization: Organization, refused: Any
) -> None:
    web = organization.accounts["web"]
    assert assume(aws, web, "sg-alarm-audit")["Credentials"]
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole"):
        assume(aws, web, "another")


def test_a_role_of_a_member_account_must_trust_the_caller(
    aws: LocalAws, organization: Organization, refused: Any
) -> None:
    organization.ask_for_external_id("web", "secret")
    web = organization.accounts["web"]
    assert assume(aws, web, "sg-alarm-audit", ExternalId="secret")["Credentials"]
    for options in ({}, {"ExternalId": "wrong"}):
        with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole"):
            assume(aws, web, "sg-alarm-audit", **options)


def test_any_role_of_an_account_outside_an_organization_can_be_assumed(aws: LocalAws) -> None:
    assert assume(aws, STRANGER, "whatever")["Credentials"]
