"""The module's CloudFormation template: well-formed, with the module's inputs and their defaults."""

from __future__ import annotations

import re

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from sg_alarm.readers.cloudformation import read_template
from sg_alarm.readers.cloudformation.document import load
from sg_alarm.readers.terraform.evaluator import constant
from sg_alarm.readers.terraform.parser import parse
from sg_alarm.rule.operations import ELEVEN, PROFILES
from sg_alarm.rule.verdict import Verdict
from stacks import OBJECTS, TEMPLATE, pascal_case
from template_builder import judged

FURTHER = {"SubscriptionProtocol", "SubscriptionEndpoint"}
"""What stands for ``subscriptions``: one of them."""
OF_EACH_CHANGE = {"NotifyEachChange", "NotifyEachChangeTopicArn"}
WITHOUT_PARAMETER = {"account_id", "enabled", "tags"}
"""A stack knows its account, is deleted where nothing shall be, and has tags of its own."""


@pytest.fixture(scope="module")
def parameters():
    return load(TEMPLATE).template["Parameters"]


@pytest.fixture(scope="module")
def variables(repository):
    text = (repository / "modules/security-group-changes-alarm/variables.tf").read_text("utf-8")
    return {block.labels[0]: block for block in parse(text).blocks}


def as_parameter(default):
    """The default of a parameter that says what the default of a variable says."""
    value = constant(default.node)
    if value in (None, []):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_cfn_lint_finds_nothing():
    assert lint_file(TEMPLATE, config=ManualArgs(include_checks=["I"])) == []


def test_every_variable_has_its_parameter_and_every_parameter_its_variable(parameters, variables):
    expected = {
        OBJECTS.get(name) or pascal_case(name)
        for name in variables.keys() - WITHOUT_PARAMETER - {"subscriptions", "notify_each_change"}
    }
    assert set(parameters) == expected | FURTHER | OF_EACH_CHANGE


def test_parameters_have_the_defaults_of_the_variables(parameters, variables):
    named = {name: parameters.get(pascal_case(name)) for name in variables.keys() - {"notify_each_change"}}
    found = {name: str(one["Default"]) for name, one in named.items() if one and "Default" in one}
    wanted = {name: as_parameter(variables[name].attributes["default"]) for name in found}
    assert found == wanted
    assert "Default" not in parameters["LogGroupName"]
    assert "default" not in variables["log_group_name"].attributes


def test_each_change_is_reported_on_demand_only_and_objects_are_empty_by_default(parameters):
    assert parameters["NotifyEachChange"]["Default"] == "false"
    assert {
        parameters[name]["Default"] for name in (*OBJECTS.values(), "NotifyEachChangeTopicArn", *FURTHER)
    } == {""}


def test_the_standards_are_those_of_the_module(parameters, variables):
    [validation] = variables["standard"].blocks
    names = re.findall(r'"([^"]+)"', validation.attributes["condition"].text)
    assert parameters["Standard"]["AllowedValues"] == names


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("EmailAddresses", "", True),
        ("EmailAddresses", "a@example.com", True),
        ("EmailAddresses", ",".join(["a@example.com"] * 5), True),
        ("EmailAddresses", ",".join(["a@example.com"] * 6), False),
        ("EmailAddresses", "a@example.com, b@example.com", False),
        ("EmailAddresses", "a@example.com,", False),
        ("EmailAddresses", "somebody", False),
        ("AdditionalOperations", "", True),
        ("AdditionalOperations", "ModifyNetworkInterfaceAttribute,SetSecurityGroups", True),
        ("AdditionalOperations", "CreateSecurityGroupOfAnotherKind", True),
        *(("AdditionalOperations", name, False) for name in ELEVEN),
        *(("AdditionalOperations", f"SetSecurityGroups,{name}", False) for name in ELEVEN),
        *(("AdditionalOperations", f"{name},SetSecurityGroups", False) for name in ELEVEN),
        ("AdditionalOperations", "ec2:Something", False),
        ("LogGroupName", "CloudTrail/logs", True),
        ("LogGroupName", "arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/logs:*", False),
        ("MetricNamespace", "AWS/Events", False),
        ("MetricNamespace", "Security", True),
        ("ExistingTopicArn", "arn:aws:sns:eu-west-1:111122223333:mine", True),
        ("ExistingTopicArn", "arn:aws:sns:eu-west-1:111122223333:mine.fifo", False),
        ("ExistingKmsKeyArn", "alias/aws/sns", False),
        ("AlarmName", "Changes of groups", True),
    ],
)
def test_parameters_take_what_the_variables_take(name, value, accepted, parameters):
    """CloudFormation matches the whole value."""
    assert bool(re.fullmatch(parameters[name]["AllowedPattern"], value)) is accepted


def test_the_key_can_be_restored_as_long_as_the_parameter_says():
    key = load(TEMPLATE).template["Resources"]["Key"]["Properties"]
    assert key["PendingWindowInDays"] == {"Ref": "KmsKeyDeletionWindowInDays"}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_reader_passes_the_template_with_an_address(profile):
    """By the standard of the profile, where that is one for auditors."""
    given = {"EmailAddresses": "security@example.com"}
    if profile in load(TEMPLATE).template["Parameters"]["Standard"]["AllowedValues"]:
        given["Standard"] = profile
    reading = read_template(load(TEMPLATE).template, "template", parameters=given)
    assert judged(reading, profile).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("given", "resource", "verdict"),
    [
        pytest.param({}, "Topic", Verdict.FAIL, id="nobody subscribed"),
        pytest.param(
            {"WatchRemainingOperations": "false", "EmailAddresses": "a@example.com"},
            "StandardFilter",
            Verdict.FAIL,
            id="the standard's operations only",
        ),
        pytest.param(
            {"ExistingTopicArn": "arn:aws:sns:eu-west-1:111122223333:mine"},
            "Alarm",
            Verdict.PASS,
            id="own topic",
        ),
    ],
)
def test_the_reader_says_what_parameters_take_away(given, resource, verdict):
    reading = read_template(load(TEMPLATE).template, "template", parameters=given)
    judgement = judged(reading, "effective")
    assert judgement.verdict is verdict
    open_points = [one for one in judgement.findings if one.verdict is not Verdict.PASS or one.assumed]
    assert resource in {one.resource for one in open_points}
