"""The module's CloudFormation template on the embedded AWS: it works, and is what the Terraform module is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import tftest

from chains import GROUP, make_trail
from deployments import ACCOUNT
from sg_alarm.local_aws import LocalAws
from stacks import create_stack, described, parameters_of

LOG_GROUP = "CloudTrail/logs"


def arn(region: str, name: str) -> str:
    return f"arn:aws:sns:{region}:{ACCOUNT}:{name}"


def own_topic(aws: LocalAws, region: str) -> dict[str, Any]:
    for name in ("mine", "changes"):
        aws.client("sns", region).create_topic(Name=name)
    return {
        "existing_topic": {"arn": arn(region, "mine")},
        "notify_each_change": {"topic_arn": arn(region, "changes")},
    }


def own_key(aws: LocalAws, region: str) -> dict[str, Any]:
    kms = aws.client("kms", region)
    key = kms.create_key(Description="mine")["KeyMetadata"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key["KeyId"])
    return {"existing_kms_key": {"arn": key["Arn"]}, "notify_each_change": {}}


def everything(aws: LocalAws, region: str) -> dict[str, Any]:
    return {
        "email_addresses": [
            "a@example.com",
            "b@example.com",
            "c@example.com",
            "d@example.com",
            "e@example.com",
        ],
        "standard": "cis-v6.0",
        "additional_operations": ["ModifyNetworkInterfaceAttribute", "SetSecurityGroups"],
        "name_prefix": "security-",
        "filter_name": "Filter",
        "metric_name": "Metric",
        "metric_namespace": "Namespace",
        "alarm_name": "Alarm of changes",
        "alarm_description": "Look at the history",
        "period": 60,
        "notify_ok": True,
        "additional_alarm_actions": [arn(region, "x"), arn(region, "y")],
        "ok_actions": [arn(region, "z")],
        "insufficient_data_actions": [arn(region, "z")],
        "topic_name": "topic",
        "topic_display_name": "AWS security",
        "kms_key_deletion_window_in_days": 7,
        "notify_each_change": {},
        "rule_name": "rule",
    }


VARIANTS: dict[str, tuple[str, Callable[[LocalAws, str], dict[str, Any]]]] = {
    "the defaults": ("eu-west-1", lambda aws, region: {}),
    "an address and a phone": (
        "eu-west-2",
        lambda aws, region: {
            "email_addresses": ["security@example.com"],
            "subscriptions": {"phone": {"protocol": "sms", "endpoint": "+4915112345678"}},
        },
    ),
    "everything": ("eu-central-1", everything),
    "a topic of one's own": ("eu-north-1", own_topic),
    "a key of one's own": ("us-east-1", own_key),
    "no encryption, and the standard's operations only": (
        "us-east-2",
        lambda aws, region: {"encrypt_topic": False, "watch_remaining_operations": False, "notify_ok": True},
    ),
    "other operations in the place of the remaining": (
        "us-west-2",
        lambda aws, region: {
            "standard": "cis-v5.0",
            "watch_remaining_operations": False,
            "additional_operations": ["ModifyNetworkInterfaceAttribute"],
            "ok_actions": [arn(region, "z")],
        },
    ),
}
"""Regions and variables of the module, and what must stand before."""


def prepared(aws: LocalAws) -> dict[str, dict[str, Any]]:
    """Make what must stand before; return the variables."""
    found = {}
    for name, (region, variables) in VARIANTS.items():
        aws.client("logs", region).create_log_group(logGroupName=LOG_GROUP)
        found[name] = {"log_group_name": LOG_GROUP, **variables(aws, region)}
    return found


@pytest.fixture(scope="module")
def by_terraform(workspace, terraform_binary, terraform_environment, tmp_path_factory):
    """An embedded AWS on which the module made every variant, in one apply."""
    folder = tmp_path_factory.mktemp("variants")
    with LocalAws() as aws:
        root: dict[str, Any] = {"provider": {"aws": []}, "module": {}}
        for number, (name, variables) in enumerate(prepared(aws).items()):
            region = VARIANTS[name][0]
            root["provider"]["aws"].append({"alias": f"of_{number}", "region": region})
            root["module"][f"variant_{number}"] = {
                "source": str(workspace / "modules/security-group-changes-alarm"),
                "providers": {"aws": f"aws.of_{number}"},
                **variables,
            }
        (folder / "main.tf.json").write_text(json.dumps(root), "utf-8")
        environment = {**aws.environment(), **terraform_environment}
        terraform = tftest.TerraformTest(str(folder), binary=terraform_binary, env=environment)
        terraform.setup(cleanup_on_exit=False)
        terraform.apply()
        yield aws


@pytest.fixture(scope="module")
def by_cloudformation():
    """An embedded AWS on which the template made every variant."""
    with LocalAws() as aws:
        for name, variables in prepared(aws).items():
            create_stack(aws, VARIANTS[name][0], parameters_of(variables))
        yield aws


@pytest.mark.parametrize("name", VARIANTS)
def test_the_template_makes_what_the_module_makes(name, by_terraform, by_cloudformation):
    region = VARIANTS[name][0]
    assert described(by_cloudformation, region) == described(by_terraform, region)


@pytest.fixture
def stack(server):
    """A trail, and a stack that watches its log group."""
    server.reset()
    make_trail(server, "eu-west-1")
    parameters = {"LogGroupName": GROUP, "EmailAddresses": "security@example.com"}
    return create_stack(server, "eu-west-1", parameters)


def confirm(server: LocalAws) -> None:
    [mail] = server.outbox("security@example.com")
    server.client("sns").confirm_subscription(TopicArn=mail.topic_arn, Token=mail.token)


@pytest.mark.parametrize("profile", ["conformity", "securityhub", "effective"])
def test_the_audit_passes_a_stack_whose_address_is_confirmed(profile, stack, server, sg_alarm):
    arguments = ("audit", "--profile", profile, "--format", "json")
    before = sg_alarm(*arguments, env=server.environment())
    confirm(server)
    after = sg_alarm(*arguments, env=server.environment())
    assert [json.loads(done.stdout)["verdict"] for done in (before, after)] == ["FAIL", "PASS"], after.stdout


def test_a_change_in_any_region_is_notified(stack, server):
    confirm(server)
    server.client("ec2", "ap-southeast-2").create_security_group(GroupName="changed", Description="changed")
    [mail] = [mail for mail in server.outbox("security@example.com") if mail.kind == "notification"]
    assert mail.topic_arn == stack["TopicArn"]
    assert mail.subject.startswith(f'ALARM: "{stack["AlarmName"]}" in ')


def test_a_stack_that_is_deleted_leaves_nothing(server):
    server.reset()
    make_trail(server, "eu-west-1")
    before = described(server, "eu-west-1")
    create_stack(server, "eu-west-1", {"LogGroupName": GROUP, "NotifyEachChange": "true"})
    server.client("cloudformation").delete_stack(StackName="alarm")
    assert described(server, "eu-west-1") == before
