"""The check as a guest in Checkov: skips, baselines, outputs, settings, and what goes wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checkov_run import CHECKS, ID, PYTHON, result_of, run_checkov
from code_builder import EACH_ALONE, PROVIDER, SUBSCRIPTION, TOPIC, WHOLE, changed, without, written

PACKAGE = CHECKS.parent
ACTION = "alarm_actions       = [aws_sns_topic.alarms.arn]"
SILENT = changed(ACTION, "alarm_actions       = []")
SKIPPED = changed(ACTION, f"alarm_actions       = []\n  #checkov:skip={ID}:accepted by the network team")
UNCLEAR = changed("threshold           = 1", "threshold = var.t", 'variable "t" { type = number }')
TITLE = "Ensure every change of a security group raises an alarm that reaches somebody"
REASON = "the alarm has no action for the state ALARM"
LINE = SILENT[: SILENT.index('resource "aws_cloudwatch_metric_alarm"')].count("\n") + 1
THE_ALARM = "aws_cloudwatch_metric_alarm.sg"


def test_a_working_alarm_gives_a_passed_record_so_that_one_can_see_that_the_check_ran(codebase):
    run = run_checkov("-d", codebase(WHOLE), frameworks=(), alone=True)

    assert run.exit_code == 0
    assert (result_of(run.record), run.record["resource"]) == ("PASSED", THE_ALARM)
    assert run.record["check_name"] == TITLE


def test_a_broken_link_fails_the_scan_and_says_where_what_and_how_to_fix_it(codebase):
    run = run_checkov("-d", codebase(SILENT))

    assert run.exit_code == 1
    assert run.record["check_name"].startswith(
        f"{TITLE}: {THE_ALARM} (main.tf:{LINE}): {REASON}; add a topic to the alarm actions"
    )
    assert run.record["file_line_range"][0] == LINE
    assert run.record["guideline"].startswith("https://docs.aws.amazon.com/securityhub/")


def test_beside_all_the_built_in_checks(codebase):
    run = run_checkov("-d", codebase(SILENT), only=False, frameworks=(), alone=True)

    assert result_of(run.record) == "FAILED"


def test_a_skip_comment_at_the_block_skips_it_with_its_reason(codebase):
    run = run_checkov("-d", codebase(SKIPPED))

    assert run.exit_code == 0
    assert run.record["check_result"]["suppress_comment"] == "accepted by the network team"


def test_a_skip_comment_elsewhere_changes_nothing(codebase):
    code = changed('name = "alarms"', f'name = "alarms"\n  #checkov:skip={ID}:no', text=SILENT)
    run = run_checkov("-d", codebase(code))

    assert result_of(run.record) == "FAILED"


def test_skip_check_and_soft_fail(codebase):
    folder = codebase(SILENT)

    assert run_checkov("-d", folder, "--soft-fail").exit_code == 0
    skipped = run_checkov("-d", folder, "--skip-check", ID, only=False)
    assert skipped.records == []


def test_a_baseline_silences_what_is_known_and_nothing_else(codebase, tmp_path):
    folder = codebase({"old/main.tf": SILENT})
    run_checkov("-d", folder, "--create-baseline", "--soft-fail")
    (baseline,) = folder.rglob(".checkov.baseline")

    assert run_checkov("-d", folder, "--baseline", baseline).exit_code == 0
    # Checkov knows a finding of its baseline by the block's address, whatever the file.
    codebase(
        {
            "new/main.tf": SILENT.replace(
                '"aws_cloudwatch_metric_alarm" "sg"', '"aws_cloudwatch_metric_alarm" "new"'
            )
        }
    )
    run = run_checkov("-d", folder, "--baseline", baseline)
    assert run.exit_code == 1
    assert run.record["file_path"] == "/new/main.tf"


def test_a_file_named_alone_is_judged_with_its_root(codebase):
    folder = codebase({"main.tf": without("topic", "subscription"), "topic.tf": TOPIC + SUBSCRIPTION})
    run = run_checkov("-f", folder / "main.tf")

    assert result_of(run.record) == "PASSED"


@pytest.mark.parametrize("framework", ["NETWORKX", "RUSTWORKX"])
def test_whatever_the_library_of_checkovs_graph(framework, codebase):
    run = run_checkov("-d", codebase(SILENT), environment={"CHECKOV_GRAPH_FRAMEWORK": framework})

    assert (result_of(run.record), run.record["resource"]) == ("FAILED", THE_ALARM)


def test_the_profile_is_that_of_the_environment(codebase):
    folder = codebase(WHOLE)

    run = run_checkov("-d", folder, environment={"SG_ALARM_PROFILE": "cis-v4.0"})
    assert result_of(run.record) == "PASSED"
    run = run_checkov("-d", folder, environment={"SG_ALARM_PROFILE": "effective"})
    assert result_of(run.record) == "FAILED"
    assert "ModifySecurityGroupRules" in run.record["check_name"]


def test_what_cannot_be_decided_fails_unless_the_environment_lets_it_be_skipped(codebase):
    folder = codebase(UNCLEAR)

    run = run_checkov("-d", folder)
    assert run.exit_code == 1
    assert "could not tell: " in run.record["check_name"]
    assert any("--var-file" in one for one in run.record["details"])

    run = run_checkov("-d", folder, environment={"SG_ALARM_UNKNOWN": "skip"})
    assert run.exit_code == 0
    assert "could not tell: " in run.record["check_result"]["suppress_comment"]


@pytest.mark.parametrize("name", ["SG_ALARM_PROFILE", "SG_ALARM_UNKNOWN"])
def test_a_setting_that_is_none_fails_once_and_names_the_choices(name, codebase):
    run = run_checkov("-d", codebase(WHOLE), environment={name: "nonsense"})

    assert run.exit_code == 1
    assert f"{name} is 'nonsense'; choose " in run.record["check_name"]


@pytest.fixture
def broken(tmp_path) -> Path:
    """A copy of the package with a fault in it; returns the folder of the checks."""
    shutil.copytree(PACKAGE, tmp_path / "sg_alarm", ignore=shutil.ignore_patterns("__pycache__", "local_aws"))
    return tmp_path / "sg_alarm" / "checkov_checks"


@pytest.mark.parametrize(
    ("file", "fault", "reported"),
    [
        ("checkov/__init__.py", "import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("checkov/code.py", "this is no Python", "invalid syntax"),
        ("rule/evaluate.py", "def evaluate(*given): raise ZeroDivisionError('a fault')", "a fault"),
        (
            "readers/terraform/root.py",
            "def read_roots(*given, **named): raise OSError('no processes')",
            "no processes",
        ),
    ],
)
def test_a_fault_of_ours_is_one_failed_check_with_the_reason(file, fault, reported, broken, codebase):
    path = broken.parent / file
    path.write_text(f"{path.read_text()}\n{fault}\n")

    run = run_checkov("-d", codebase({"a/main.tf": WHOLE, "b/main.tf": WHOLE}), checks=broken)

    assert run.exit_code == 1
    assert reported in run.record["check_name"]


def test_a_fault_of_ours_in_one_root_costs_that_one(broken, codebase):
    path = broken.parent / "readers/terraform/root.py"
    begun = "    def reading(self, variable_files: Sequence[Path]) -> Reading:\n"
    assert begun in path.read_text()
    fault = '        if self._name == "a":\n            raise ZeroDivisionError("a fault")\n'
    path.write_text(path.read_text().replace(begun, begun + fault))

    run = run_checkov("-d", codebase({"a/main.tf": WHOLE, "b/main.tf": WHOLE, **EACH_ALONE}), checks=broken)

    by_file = {one["file_path"]: one for one in run.records}
    assert result_of(by_file["/b/main.tf"]) == "PASSED"
    assert result_of(by_file["/a/main.tf"]) == "FAILED"
    assert "could not tell" in by_file["/a/main.tf"]["check_name"]
    assert "a fault" in by_file["/a/main.tf"]["check_name"]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> Path:
    """Every output of one scan, as files."""
    folder = tmp_path_factory.mktemp("outputs")
    written(folder / "code", SILENT)
    formats = ("sarif", "junitxml", "cli", "github_failed_only")
    further = [argument for one in formats for argument in ("--output", one)]
    run_checkov("-d", folder / "code", *further, "--output-file-path", folder, "--compact", "--quiet")
    return folder


def test_sarif_has_the_reason_in_the_message_and_the_lines(outputs):
    (result,) = json.loads((outputs / "results_sarif.sarif").read_text())["runs"][0]["results"]

    assert REASON in result["message"]["text"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == LINE


def test_junit_has_the_reason_in_the_name_of_the_case(outputs):
    cases = ET.parse(outputs / "results_junitxml.xml").iter("testcase")

    assert any(REASON in case.get("name", "") for case in cases)


def test_the_text_output_has_the_reason_the_block_and_the_details(outputs):
    text = (outputs / "results_cli.txt").read_text()

    assert REASON in text
    assert f"FAILED for resource: {THE_ALARM}" in text
    assert "nobody is notified of these changes" in text


def test_the_output_for_github_has_the_reason(outputs):
    assert REASON in (outputs / "results_github_failed_only.md").read_text()


def test_a_run_of_checkov_that_dies_is_not_taken_for_an_answer(codebase, tmp_path):
    """Of our own runner: what it forks may be killed, and the next run is none the worse."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").touch()
    (tmp_path / "checks" / "deadly.py").write_text("import os\nos.abort()\n")

    with pytest.raises(RuntimeError, match="signal 6 ended checkov"):
        run_checkov("-d", codebase(WHOLE), checks=tmp_path / "checks", frameworks=["terraform"])

    assert run_checkov("-d", codebase(WHOLE)).exit_code == 0


def test_code_without_anything_of_aws_is_not_looked_at(codebase):
    run = run_checkov("-d", codebase('provider "google" {}\nresource "google_project" "p" { name = "p" }\n'))

    assert run.exit_code == 0
    assert run.records == []


def test_the_folder_that_checkov_loads_holds_the_check_and_nothing_else():
    found = {one.name for one in CHECKS.rglob("*") if one.is_file() and "__pycache__" not in one.parts}

    assert found == {"__init__.py", "sg_alarm_security_group_changes.py"}


def test_the_command_prints_that_folder():
    done = subprocess.run(
        [sys.executable, "-m", "sg_alarm", "checkov-dir"], capture_output=True, text=True, check=True
    )

    assert Path(done.stdout.strip()) == CHECKS


def test_it_imports_nothing_but_the_standard_library_and_checkov():
    """What the check loads beyond what Checkov had loaded before."""
    code = (
        "import sys\n"
        "import checkov.main\n"
        "before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(CHECKS)!r})\n"
        "path = list(sys.path)\n"
        "import sg_alarm_security_group_changes\n"
        "import sg_alarm.readers.terraform.root\n"
        "assert sys.path == path, sys.path\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - set(sys.stdlib_module_names)))\n"
    )
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)

    own = {"sg_alarm", "sg_alarm_security_group_changes"}
    assert set(done.stdout.split()) <= own | {"checkov"}


SHARED = {
    "shared/main.tf": 'variable "name" {}\n' + without("provider"),
    **{
        f"{name}/main.tf": PROVIDER + f'module "alarm" {{\n  source = "../shared"\n  name   = "{name}"\n}}\n'
        for name in ("dev", "prod", "test")
    },
}


def test_roots_that_call_one_module_by_one_name_each_have_a_record_in_a_file_of_their_own(codebase):
    """Checkov takes two records of one block in one file for the same."""
    run = run_checkov("-d", codebase(SHARED))

    assert {record["file_path"] for record in run.records} == {
        f"/{name}/main.tf" for name in ("dev", "prod", "test")
    }
    assert {result_of(record) for record in run.records} == {"PASSED"}


def test_a_module_of_one_root_has_the_record_itself(codebase):
    files = {name: text for name, text in SHARED.items() if not name.startswith(("prod", "test"))}

    assert run_checkov("-d", codebase(files)).record["file_path"] == "/shared/main.tf"


def test_what_was_downloaded_is_shown_at_the_call(codebase):
    files = {
        "main.tf": PROVIDER + 'module "alarm" {\n  source = "acme/alarm/aws"\n}\n',
        ".terraform/modules/modules.json": json.dumps(
            {"Modules": [{"Key": "alarm", "Source": "acme/alarm/aws", "Dir": ".terraform/modules/alarm"}]}
        ),
        ".terraform/modules/alarm/main.tf": without("provider", "alarm"),
    }

    record = run_checkov("-d", codebase(files)).record

    assert (record["file_path"], result_of(record)) == ("/main.tf", "FAILED")
