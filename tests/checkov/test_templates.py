"""CloudFormation templates through the real ``checkov`` command."""

from __future__ import annotations

import pytest

from checkov_run import run_checkov, verdict_of
from code_builder import EACH_ALONE, written
from sg_alarm.rule.verdict import Verdict
from templates import TEMPLATES, Template

JUDGED = [one for one in TEMPLATES if one.verdict]
NOTHING = [one for one in TEMPLATES if not one.verdict]


# Where there is no alarm at all, or no filter for one, the finding is shown at the trail; what is outside
# at what leads there.
ELSEWHERE = dict.fromkeys(
    (
        "no metric filter",
        "no alarm",
        "a pattern by a condition that does not hold",
        "an alarm that a false condition leaves out",
        "an event rule in the place of the alarm",
        "a nested stack of something else",
    ),
    "Trail",
) | {"the key of AWS": "Topic", "a filter for some operations": "TrailLogs"}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """All templates in one scan: the records of our check, by the name of the template."""
    folder = tmp_path_factory.mktemp("templates")
    names = {f"{number:03d}": one.name for number, one in enumerate(TEMPLATES)}
    for number, one in zip(names, TEMPLATES, strict=True):
        written(folder / number, one.files)
    written(folder, EACH_ALONE)
    run = run_checkov("-d", folder, frameworks=["cloudformation"])
    assert run.exit_code == 1, run.err
    found = {one.name: [] for one in TEMPLATES}
    for record in run.records:
        found[names[record["file_path"].split("/")[1]]].append(record)
    return found


@pytest.mark.parametrize("template", JUDGED, ids=str)
def test_one_finding_with_the_verdict_at_the_resource_to_fix(template: Template, records):
    (record,) = records[template.name]

    assert verdict_of(record) is template.verdict, record["check_name"]
    assert record["file_path"].endswith(template.path)


@pytest.mark.parametrize(
    "template", [one for one in JUDGED if one.verdict is Verdict.FAIL and one.points_at], ids=str
)
def test_it_is_shown_at_the_resource_to_fix(template: Template, records):
    (record,) = records[template.name]

    expected = ELSEWHERE.get(template.name, template.points_at.partition(".")[0])
    assert record["resource"].rpartition(".")[2] == expected, record["check_name"]


@pytest.mark.parametrize("template", NOTHING, ids=str)
def test_a_template_without_aws_gets_no_finding(template: Template, records):
    assert records[template.name] == []
