"""The same codebases as plan JSON through the real ``checkov`` command."""

from __future__ import annotations

import json
import re

import pytest

from checkov_run import run_checkov, verdict_of
from code_builder import EACH_ALONE, written
from plan_readings import read_plan
from planned import PLANNED
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.verdict import Verdict


@pytest.fixture(scope="module")
def records(plans, tmp_path_factory):
    """All plans in one scan: the record of our check, by the name of the codebase."""
    folder = tmp_path_factory.mktemp("plans")
    names = {f"{number:03d}.json": name for number, name in enumerate(PLANNED)}
    for file, name in names.items():
        (folder / file).write_text(json.dumps(plans[name]))
    written(folder, EACH_ALONE)
    run = run_checkov("-d", folder, frameworks=["terraform_plan"])
    assert run.exit_code == 1, run.err
    found = {name: [] for name in PLANNED}
    for record in run.records:
        found[names[record["file_path"].lstrip("/")]].append(record)
    return found


@pytest.mark.parametrize("name", PLANNED)
def test_a_plan_gets_one_finding_with_the_verdict_of_its_reader(name, records, plans):
    (record,) = records[name]
    (judgement,) = (evaluate(one, find_profile("conformity")) for one in read_plan(plans[name]))

    assert verdict_of(record) is judgement.verdict, record["check_name"]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in PLANNED.items()
        if one.verdict is Verdict.FAIL and "aws_cloudwatch_metric_alarm" in one.points_at
    ],
)
def test_a_broken_alarm_in_a_plan_is_shown_at_the_alarm(name, records):
    (record,) = records[name]
    address = re.sub(r"\[[^\[\]]*\]", "", record["resource"])

    assert address == re.sub(r"\[[^\[\]]*\]", "", PLANNED[name].points_at)


def test_a_plan_that_cannot_be_read_is_unknown_and_the_others_go_on(plans, tmp_path):
    good = plans["the whole chain in one file"]
    (tmp_path / "good.json").write_text(json.dumps(good))
    (tmp_path / "bad.json").write_text(json.dumps({**good, "format_version": "99.0"}))

    run = run_checkov("-d", tmp_path, frameworks=["terraform_plan"])

    verdicts = {record["file_path"]: verdict_of(record) for record in run.records}
    assert verdicts == {"/good.json": Verdict.PASS, "/bad.json": Verdict.UNKNOWN}
