"""Every codebase through the real ``checkov`` command: the verdict, and the block that it is shown at.

All are scanned at once, each as a folder of its own: a finding of one must not show in another.
"""

from __future__ import annotations

import re

import pytest

from checkov_run import run_checkov, verdict_of
from code_builder import written
from codebases import CODEBASES, FAIL, PASS, UNKNOWN, Codebase

BEFORE_THE_REASON = "raises an alarm that reaches somebody: "

# Where there is no alarm at all, or no filter for one, the finding is shown at the trail.
AT_THE_TRAIL = {
    "no alarm",
    "no filter",
    "a count of 0",
    "a condition that is false",
    "a module that is switched off",
    "an alarm from a registry that is switched off",
    "alarms on a trail from a registry, switched off",
    "a filter on another group than that of the trail",
    "the alarms of a benchmark without that for security groups",
}
# What is outside the code is shown at what leads there; of several doubts the first is shown.
ELSEWHERE = dict.fromkeys(AT_THE_TRAIL, "aws_cloudtrail.main") | {
    "a topic with the key of AWS": "aws_sns_topic.alarms",
    "a module that may be switched off": "module.alarm.aws_cloudwatch_log_metric_filter.sg",
}

ALONE = [one for one in CODEBASES if one.verdict and not one.others and not one.given]
SEVERAL = [one for one in CODEBASES if one.others and not one.given]
NOTHING = [one for one in CODEBASES if one.verdict is None and not one.given]


def address_of(record) -> str:
    """The block that a record is shown at, in Terraform's words and without indices."""
    address = re.sub(r"\[[^\[\]]*\]", "", record["resource"])
    if address.startswith("aws."):
        return "provider.aws"
    if record["file_path"].endswith(".json"):  # Checkov names blocks in JSON by their kind only
        return address.replace("resource.", "*.")
    return address if "." in address else f"module.{address}"


def is_at(record, wanted: str) -> bool:
    """Whether a record is shown at a block, or at the call of the module that holds it."""
    wanted, found = re.sub(r"\[[^\[\]]*\]", "", wanted), address_of(record)
    if found.startswith("*."):
        return wanted.endswith(found[1:])
    return f"{wanted}.".startswith(f"{found}.")


@pytest.mark.parametrize("codebase", ALONE, ids=str)
def test_one_finding_with_the_verdict_at_the_block_to_fix(codebase: Codebase, records):
    (record,) = records[codebase.name]

    assert verdict_of(record) is codebase.verdict, record["check_name"]
    block = ELSEWHERE.get(codebase.name, codebase.points_at)
    assert not block or is_at(record, block), (record["resource"], block)


@pytest.mark.parametrize("codebase", [one for one in ALONE if one.verdict is not PASS], ids=str)
def test_the_name_says_in_one_line_what_is_wrong(codebase: Codebase, records):
    (record,) = records[codebase.name]
    _, before, reason = record["check_name"].partition(BEFORE_THE_REASON)

    assert before
    assert len(reason) > 20
    assert "\n" not in reason


@pytest.mark.parametrize("codebase", [one for one in ALONE if one.verdict is not PASS], ids=str)
def test_the_lines_are_those_of_the_block(codebase: Codebase, records):
    (record,) = records[codebase.name]
    start, end = record["file_line_range"]

    assert 1 <= start <= end
    if not record["file_path"].endswith(".json"):
        name = record["resource"].rpartition(".")[2].partition("[")[0]
        first = record["code_block"][0][1]
        assert name in first or "provider" in first


@pytest.mark.parametrize("codebase", SEVERAL, ids=str)
def test_every_root_of_a_repository_is_judged_for_itself(codebase: Codebase, records):
    expected = sorted([codebase.verdict, *codebase.others.values()])

    assert sorted(verdict_of(one) for one in records[codebase.name]) == expected


@pytest.mark.parametrize("codebase", NOTHING, ids=str)
def test_code_without_aws_gets_no_finding(codebase: Codebase, records):
    assert records[codebase.name] == []


@pytest.mark.parametrize("codebase", [one for one in CODEBASES if one.given], ids=str)
def test_a_variable_file_of_the_user_is_heeded(codebase: Codebase, tmp_path):
    folder, given = written(tmp_path / "code", codebase.files), tmp_path / "given.tfvars"
    given.write_text(codebase.given)

    run = run_checkov("-d", folder, "--var-file", given)

    assert verdict_of(run.record) is codebase.verdict


def test_there_are_enough_of_them():
    assert len(CODEBASES) >= 80
    assert {one.verdict for one in CODEBASES} == {PASS, FAIL, UNKNOWN, None}
