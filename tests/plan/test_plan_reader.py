"""The audit of plans: real plans of the examples, whole and with one thing missing or unknown."""

from __future__ import annotations

import copy
import json

import pytest

from deployments import ACCOUNT, EXAMPLES
from plan_readings import read_plan
from sg_alarm.errors import UserError
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.verdict import Link, Verdict

# A topic that is no part of the plan may be silent: that is UNKNOWN.
NEEDED = (  # the trail may lie elsewhere
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_metric_alarm",
    "aws_sns_topic",
    "aws_sns_topic_subscription",
)


@pytest.fixture
def plan(examples):
    """Return a copy of an example's plan, to be altered."""
    return lambda name: copy.deepcopy(examples[name].first_plan._raw)


def judge(plan, profile="conformity"):
    [judgement] = [evaluate(one, find_profile(profile)) for one in read_plan(plan, account=ACCOUNT)]
    return judgement


def modules_of(module):
    yield module
    for child in module.get("child_modules", []):
        yield from modules_of(child)


def without(plan, kind):
    """Take every resource of a type out of what is planned."""
    taken = 0
    for module in modules_of(plan["planned_values"]["root_module"]):
        kept = [one for one in module.get("resources", []) if one["type"] != kind]
        taken += len(module.get("resources", [])) - len(kept)
        module["resources"] = kept
    return taken


def values_of(plan, kind):
    for module in modules_of(plan["planned_values"]["root_module"]):
        for one in module.get("resources", []):
            if one["type"] == kind:
                yield one["values"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_pass_before_they_are_applied(name, plan):
    judgement = judge(plan(name), "effective")
    assert judgement.verdict is Verdict.PASS, judgement.findings
    assert EXAMPLES[name].region in judgement.regions


def test_an_existing_topic_is_assumed_to_notify_somebody(plan):
    assumed = {finding.link for finding in judge(plan("existing-topic")).findings if finding.assumed}
    assert assumed & {Link.ACTION, Link.TOPIC}


@pytest.mark.parametrize("kind", NEEDED)
@pytest.mark.parametrize("name", ["minimal", "complete", "new-trail", "organization"])
def test_without_any_one_resource_nothing_passes(name, kind, plan):
    altered = plan(name)
    assert without(altered, kind)
    assert judge(altered).verdict is not Verdict.PASS


@pytest.mark.parametrize(
    ("kind", "change", "link"),
    [
        ("aws_cloudtrail", {"enable_logging": False}, Link.TRAIL),
        ("aws_cloudwatch_log_metric_filter", {"pattern": "{ $.eventName = Nothing }"}, Link.METRIC_FILTER),
        ("aws_cloudwatch_metric_alarm", {"threshold": 5}, Link.ALARM),
        ("aws_cloudwatch_metric_alarm", {"actions_enabled": False}, Link.ACTION),
        ("aws_cloudwatch_metric_alarm", {"metric_name": "Another"}, Link.METRIC),
        ("aws_kms_key", {"policy": '{"Version": "2012-10-17", "Statement": []}'}, Link.KEY),
        ("aws_sns_topic_policy", {"policy": '{"Version": "2012-10-17", "Statement": []}'}, Link.TOPIC),
    ],
)
def test_a_broken_link_is_named(kind, change, link, plan):
    altered = plan("new-trail")
    touched = [values.update(change) for values in values_of(altered, kind)]
    assert touched
    judgement = judge(altered)
    assert judgement.verdict is Verdict.FAIL
    broken = {finding.link for finding in judgement.findings if finding.verdict is Verdict.FAIL}
    assert link in broken or (link is Link.METRIC and Link.ALARM in broken), judgement.findings


def test_a_pattern_that_is_known_after_apply_is_unknown(plan):
    altered = plan("minimal")
    for one in altered["resource_changes"]:
        if one["type"] == "aws_cloudwatch_log_metric_filter":
            one["change"]["after_unknown"]["pattern"] = True
    for values in values_of(altered, "aws_cloudwatch_log_metric_filter"):
        values.pop("pattern")
    assert judge(altered).verdict is Verdict.UNKNOWN


def test_the_command_judges_a_plan(examples, sg_alarm, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(examples["minimal"].first_plan._raw))
    done = sg_alarm("audit", "--plan", str(path), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "PASS"


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a Terraform plan"),
        ("{}", "is not a Terraform plan"),
        ('{"planned_values": {}, "format_version": "9.0"}', "the format version 9.0, which is not supported"),
    ],
)
def test_a_malformed_plan_is_reported_in_one_line(sg_alarm, tmp_path, content, reported):
    path = tmp_path / "plan.json"
    path.write_text(content)
    refused = sg_alarm("--quiet", "audit", "--plan", str(path))
    assert refused.returncode == 2
    assert reported in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_a_missing_plan_is_reported(tmp_path):
    with pytest.raises(UserError, match="cannot read"):
        read_plan(tmp_path / "none.json")


def test_a_plan_without_anything_fails():
    judgement = judge({"format_version": "1.2", "planned_values": {"root_module": {}}})
    assert judgement.verdict is Verdict.FAIL
