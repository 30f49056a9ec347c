"""Which root modules of a codebase are judged, and what is said where none of them holds the alarm."""

from __future__ import annotations

import re

import pytest

from code_builder import (
    ALARM,
    FILTER,
    LOG_GROUP,
    PROVIDER,
    SUBSCRIPTION,
    TOPIC,
    TRAIL,
    WHOLE,
    without,
    written,
)
from scans import scan, verdicts
from sg_alarm.errors import UserError
from sg_alarm.rule.verdict import Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN

VPC = PROVIDER + 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
OTHER_CONTROL = (
    FILTER[: FILTER.index("  pattern")]
    + '  pattern = "{ $.userIdentity.type = Root }"\n'
    + (FILTER[FILTER.index("\n\n  metric_trans") :])
)
BY_NAME = ALARM.replace(
    "aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].namespace", '"Security"'
).replace("aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name", '"Changes"')
ALARM_ALONE = BY_NAME + TOPIC + SUBSCRIPTION
FILTER_ALONE = PROVIDER + TRAIL + LOG_GROUP + FILTER
OF_A_PROCESSOR = BY_NAME.replace('"Changes"', '"CPUUtilization"').replace('"Security"', '"AWS/EC2"')
RULE = (
    PROVIDER
    + """
resource "aws_cloudwatch_event_rule" "sg" {
  event_pattern = jsonencode({
    source      = ["aws.ec2"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail      = { eventName = ["AuthorizeSecurityGroupIngress"] }
  })
}
"""
)


def files(**roots):
    return {f"{name}/main.tf": text for name, text in roots.items()}


def test_only_what_holds_a_part_of_the_chain_is_judged(tmp_path):
    report = scan(written(tmp_path, files(alarm=WHOLE, network=VPC, trail=PROVIDER + TRAIL + LOG_GROUP)))

    assert verdicts(report) == {"alarm": PASS}
    assert report.not_here == ("network", "trail")


def test_every_part_is_judged(tmp_path):
    report = scan(written(tmp_path, files(good=WHOLE, bad=without("alarm"), network=VPC)))

    assert verdicts(report) == {"good": PASS, "bad": FAIL}


def test_a_hundred_root_modules_with_one_alarm_give_no_finding(tmp_path):
    network = {f"network{number}": VPC for number in range(99)}

    report = scan(written(tmp_path, files(alarm=WHOLE, **network)))

    assert verdicts(report) == {"alarm": PASS}
    assert len(report.not_here) == 99


def test_a_hundred_root_modules_without_an_alarm_give_one_finding(tmp_path):
    report = scan(written(tmp_path, files(**{f"network{number}": VPC for number in range(100)})))

    (judged,) = report.subjects
    (finding,) = judged.judgement.findings
    assert finding.verdict is FAIL
    assert finding.resource == "provider.aws"
    assert "100" in finding.evidence


@pytest.mark.parametrize(
    ("roots", "root", "resource"),
    [
        pytest.param(
            {"a": VPC, "b": PROVIDER + TRAIL + LOG_GROUP}, "b", "aws_cloudtrail.main", id="at the trail"
        ),
        pytest.param({"a": VPC.removeprefix(PROVIDER), "b": VPC}, "b", "provider.aws", id="else a provider"),
        pytest.param({"a": VPC.removeprefix(PROVIDER)}, "a", "aws_vpc.main", id="else the first resource"),
        pytest.param(
            {"a": PROVIDER + LOG_GROUP + OTHER_CONTROL}, "a", "provider.aws", id="not at another's filter"
        ),
    ],
)
def test_where_the_one_finding_is(roots, root, resource, tmp_path):
    (judged,) = scan(written(tmp_path, files(**roots))).subjects

    assert judged.reading.root == root
    assert [one.resource for one in judged.judgement.findings] == [resource]


def test_a_filter_of_another_control_is_not_to_be_changed(tmp_path):
    (judged,) = scan(written(tmp_path, PROVIDER + TRAIL + LOG_GROUP + OTHER_CONTROL)).subjects

    (finding,) = judged.judgement.findings
    assert "add a metric filter" in finding.remedy
    assert "condition" not in finding.remedy


def test_a_codebase_without_aws_has_no_verdict(tmp_path):
    report = scan(written(tmp_path, 'resource "google_compute_network" "n" {}'))

    assert report.subjects == ()


def test_a_rule_of_eventbridge_is_no_alarm_and_is_mentioned(tmp_path):
    target = """
resource "aws_cloudwatch_event_target" "sg" {
  rule = aws_cloudwatch_event_rule.sg.name
  arn  = aws_sns_topic.alarms.arn
}
"""
    report = scan(written(tmp_path, files(a=VPC, b=RULE + target + TOPIC + SUBSCRIPTION)))

    (judged,) = report.subjects
    assert (judged.reading.root, judged.judgement.verdict, len(judged.judgement.findings)) == ("b", FAIL, 1)
    assert any("per-change" in note.kind.value for note in judged.judgement.notes)


def test_a_rule_of_eventbridge_beside_an_alarm_is_not_judged(tmp_path):
    assert verdicts(scan(written(tmp_path, files(a=WHOLE, b=RULE)))) == {"a": PASS}


class TestFilterAndAlarmInDifferentRootModules:
    def test_they_are_one_chain(self, tmp_path):
        report = scan(written(tmp_path, files(filter=FILTER_ALONE, alarm=ALARM_ALONE, network=VPC)))

        assert verdicts(report) == {"filter": PASS}
        assert report.not_here == ("network",)

    def test_what_is_broken_is_named_with_its_root_module(self, tmp_path):
        silent = ALARM_ALONE.replace("alarm_actions", "actions_enabled = false\n  alarm_actions")

        (judged,) = scan(written(tmp_path, files(filter=FILTER_ALONE, alarm=silent))).subjects

        broken = [one for one in judged.judgement.findings if one.verdict is FAIL]
        assert [one.resource for one in broken] == ["alarm: aws_cloudwatch_metric_alarm.sg"]
        assert judged.positions["alarm: aws_cloudwatch_metric_alarm.sg"].file.endswith("alarm/main.tf")

    def test_names_that_are_the_same_in_both_stay_apart(self, tmp_path):
        other = 'resource "aws_sns_topic" "alarms" {}\n'

        report = scan(
            written(tmp_path, files(filter=FILTER_ALONE + other, alarm=ALARM_ALONE.replace(TOPIC, other)))
        )

        assert verdicts(report) == {"filter": PASS}

    def test_an_alarm_on_another_metric_is_none(self, tmp_path):
        report = scan(written(tmp_path, files(filter=FILTER_ALONE, cpu=OF_A_PROCESSOR + TOPIC)))

        assert verdicts(report) == {"filter": FAIL}
        assert report.not_here == ("cpu",)

    def test_regions_that_both_name_must_be_the_same(self, tmp_path):
        elsewhere = 'provider "aws" { region = "us-east-1" }\n' + ALARM_ALONE

        report = scan(written(tmp_path, files(filter=FILTER_ALONE, alarm=elsewhere)))

        assert verdicts(report)["filter"] is not PASS


class TestWhatCannotBeRead:
    def test_it_may_hold_the_alarm_that_is_nowhere_else(self, tmp_path):
        (judged,) = scan(written(tmp_path, files(a=VPC, broken="resource {{"))).subjects

        assert (judged.reading.root, judged.judgement.verdict) == ("broken", UNKNOWN)
        assert "main.tf" in judged.judgement.findings[0].evidence

    def test_it_may_hold_the_alarm_on_a_filter(self, tmp_path):
        (judged,) = scan(written(tmp_path, files(broken="resource {{", filter=FILTER_ALONE))).subjects

        assert (judged.reading.root, judged.judgement.verdict) == ("filter", UNKNOWN)
        assert any("broken" in one.evidence for one in judged.judgement.findings)

    def test_it_is_no_verdict_on_an_alarm_that_is_there(self, tmp_path):
        report = scan(written(tmp_path, files(broken="resource {{", good=WHOLE)))

        assert verdicts(report) == {"good": PASS}
        assert report.not_here == ("broken",)
        assert any("broken may hold another part" in note.text for note in report.judgements[0].notes)

    def test_a_filter_of_unknown_pattern_counts_by_its_name(self, tmp_path):
        hidden = 'variable "pattern" {}\n' + re.sub("pattern +=.*", "pattern = var.pattern", WHOLE)
        other = re.sub(r'(metric_filter(?:\.|" "))sg', r"\1errors", hidden)
        other = other.replace('name           = "sg"', 'name = "errors"')
        named = other.replace('name = "errors"', 'name = "security-group-changes"')

        assert verdicts(scan(written(tmp_path / "1", named))) == {".": UNKNOWN}
        assert verdicts(scan(written(tmp_path / "2", other))) == {".": FAIL}


class TestExpectedPlaces:
    ROOTS = files(**{"live/a": WHOLE, "live/b": VPC, "live/c": VPC, "sandbox": VPC})

    def test_every_root_module(self, tmp_path):
        report = scan(written(tmp_path, self.ROOTS), expect="every-root")

        assert verdicts(report) == {"live/a": PASS, "live/b": FAIL, "live/c": FAIL, "sandbox": FAIL}
        assert report.not_here == ()

    def test_folders(self, tmp_path):
        report = scan(written(tmp_path, self.ROOTS), expect=("live", "sandbox"))

        assert verdicts(report) == {"live/a": PASS, "sandbox": FAIL}
        assert report.not_here == ("live/b", "live/c")

    def test_a_folder_alone(self, tmp_path):
        assert verdicts(scan(written(tmp_path, self.ROOTS), expect=("live/b",))) == {
            "live/b": FAIL,
            "live/a": PASS,
        }

    def test_folders_in_each_other(self, tmp_path):
        report = scan(written(tmp_path, self.ROOTS), expect=("live", "live/b"))

        assert verdicts(report) == {"live/a": PASS, "live/b": FAIL}

    def test_nowhere(self, tmp_path):
        report = scan(written(tmp_path, files(a=VPC)), expect=())

        assert (report.subjects, report.not_here) == ((), ("a",))

    def test_a_folder_without_root_module_is_an_error(self, tmp_path):
        with pytest.raises(UserError, match="expected in nowhere"):
            scan(written(tmp_path, self.ROOTS), expect=("nowhere",))
