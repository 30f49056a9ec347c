"""One question for all that a scan of Checkov covers, and what .sg-alarm.toml says about it."""

from __future__ import annotations

from checkov_run import run_checkov, verdict_of
from code_builder import (
    ALARM,
    FILTER,
    LOG_GROUP,
    PROVIDER,
    SUBSCRIPTION,
    TOPIC,
    TRAIL,
    WHOLE,
    changed,
    written,
)
from sg_alarm.rule.verdict import Verdict
from template_builder import WHOLE as TEMPLATE

VPC = PROVIDER + 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
SILENT = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")
STACK = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"
ALARM_BY_NAME = ALARM.replace(
    "aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].namespace", '"Security"'
).replace("aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name", '"Changes"')
WAIVER = '[[waiver]]\nid = "actions-disabled"\nreason = "agreed with us"\nexpires = 2100-01-31\n'


def results(run):
    return {record["file_path"]: verdict_of(record) for record in run.records}


def test_root_modules_without_a_part_get_no_record(tmp_path):
    network = {f"network{number}/main.tf": VPC for number in range(5)}
    written(tmp_path, {"alarm/main.tf": WHOLE, **network})

    assert results(run_checkov("-d", tmp_path)) == {"/alarm/main.tf": Verdict.PASS}


def test_a_codebase_without_the_alarm_gets_one_record(tmp_path):
    network = {f"network{number}/main.tf": VPC for number in range(5)}
    written(tmp_path, {"trail/main.tf": PROVIDER + TRAIL + LOG_GROUP, **network})

    run = run_checkov("-d", tmp_path)

    assert results(run) == {"/trail/main.tf": Verdict.FAIL}
    assert "root modules looked at: 6" in run.record["check_name"]


def test_templates_without_the_alarm_get_one_record(tmp_path):
    written(tmp_path, {f"{number}.yaml": STACK for number in range(3)})
    assert len(run_checkov("-d", tmp_path).records) == 1

    written(tmp_path, {"alarm.yaml": TEMPLATE})
    assert list(results(run_checkov("-d", tmp_path))) == ["/alarm.yaml"]


def test_what_is_broken_in_another_root_module_is_shown_there(tmp_path):
    silent = ALARM_BY_NAME.replace("alarm_actions", "actions_enabled = false\n  alarm_actions")
    written(
        tmp_path,
        {
            "filter/main.tf": PROVIDER + TRAIL + LOG_GROUP + FILTER,
            "alarm/main.tf": silent + TOPIC + SUBSCRIPTION,
        },
    )

    run = run_checkov("-d", tmp_path)

    assert results(run) == {"/alarm/main.tf": Verdict.FAIL}
    assert run.record["resource"] == "aws_cloudwatch_metric_alarm.sg"


def test_what_cannot_be_read_is_shown_at_a_block_that_can(tmp_path):
    written(tmp_path, {"broken/main.tf": "resource {{", "network/main.tf": VPC})

    run = run_checkov("-d", tmp_path)

    assert "could not tell: broken" in run.record["check_name"]


def test_the_file_is_heeded(tmp_path):
    files = {"main.tf": SILENT, "network/main.tf": VPC}
    written(tmp_path, {**files, ".sg-alarm.toml": f'exclude = ["network"]\nexpect = "every-root"\n{WAIVER}'})

    (record,) = run_checkov("-d", tmp_path).records

    assert record["check_result"]["result"] == "SKIPPED"
    assert "agreed with us" in record["check_result"]["suppress_comment"]
    assert record["resource"] == "aws_cloudwatch_metric_alarm.sg"


def test_a_comment_skips_as_checkov_has_it(tmp_path):
    text = SILENT.replace(
        '"aws_cloudwatch_metric_alarm" "sg" {',
        '"aws_cloudwatch_metric_alarm" "sg" {\n  #checkov:skip=CKV2_CWL_4:agreed',
    )

    (record,) = run_checkov("-d", written(tmp_path, text)).records

    assert record["check_result"]["result"] == "SKIPPED"


def test_a_fault_of_the_file_is_a_failed_check(tmp_path):
    written(tmp_path, {"main.tf": WHOLE, ".sg-alarm.toml": "excludes = []"})

    (record,) = run_checkov("-d", tmp_path).records

    assert verdict_of(record) is not Verdict.PASS
    assert "did you mean exclude?" in record["check_name"]
