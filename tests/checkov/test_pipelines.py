"""What others put into their pipelines: the pre-commit hook and the GitHub action."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from code_builder import WHOLE, changed

ROOT = Path(__file__).parents[2]
SILENT = changed("alarm_actions       = [aws_sns_topic.alarms.arn]", "alarm_actions       = []")
UNCLEAR = changed("threshold           = 1", "threshold = var.t", 'variable "t" { type = number }')


def loaded(name: str):
    return yaml.safe_load((ROOT / name).read_text())


@pytest.fixture
def hook():
    (only,) = loaded(".pre-commit-hooks.yaml")
    return only


@pytest.mark.parametrize(("code", "exit_code"), [(WHOLE, 0), (SILENT, 1), (UNCLEAR, 4)])
def test_the_hook_stops_a_commit_that_breaks_the_chain(code, exit_code, hook, codebase):
    program, *arguments = shlex.split(hook["entry"])
    assert program == "sg-alarm"

    done = subprocess.run(
        [sys.executable, "-m", "sg_alarm", *arguments], cwd=codebase(code), capture_output=True, check=False
    )

    assert done.returncode == exit_code


@pytest.mark.parametrize("name", ["main.tf", "a/main.tf.json", "prod.tfvars", "x.auto.tfvars.json"])
def test_the_hook_runs_for_every_file_that_terraform_reads(name, hook):
    assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "README.md")


def test_the_hook_needs_nothing_beside_the_package(hook):
    assert "additional_dependencies" not in hook


@pytest.fixture
def act(tmp_path, codebase):
    """Run the action's step on some code as a runner does; return its exit code, outputs and summary."""
    if not shutil.which("bash"):
        pytest.skip("needs bash, as the action does")
    tools = tmp_path / "runner" / "sg-alarm" / "bin"
    tools.mkdir(parents=True)
    (tools / "sg-alarm").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sg_alarm "$@"\n')
    (tools / "sg-alarm").chmod(0o755)
    (tools / "python").symlink_to(sys.executable)
    action = loaded("action.yml")
    (step,) = [one for one in action["runs"]["steps"] if one.get("id") == "judge"]

    def run(code, **given: str):
        inputs = {name: one["default"] for name, one in action["inputs"].items()} | given
        environment = {
            name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")]
            for name, value in step["env"].items()
        }
        files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=codebase(code),
            env={
                **os.environ,
                **environment,
                **{name: str(path) for name, path in files.items()},
                "RUNNER_TEMP": str(tmp_path / "runner"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        reported = {name: path.read_text() if path.exists() else "" for name, path in files.items()}
        outputs = dict(line.split("=", 1) for line in reported["GITHUB_OUTPUT"].splitlines())
        return done, outputs, reported["GITHUB_STEP_SUMMARY"]

    return run


@pytest.mark.parametrize(
    ("code", "verdict", "exit_code"), [(WHOLE, "PASS", 0), (SILENT, "FAIL", 1), (UNCLEAR, "UNKNOWN", 4)]
)
def test_the_action_reports_the_verdict_and_fails_the_job(code, verdict, exit_code, act):
    done, outputs, summary = act(code)

    assert done.returncode == exit_code, done.stderr
    assert outputs["verdict"] == verdict
    assert Path(outputs["sarif"]).is_file()
    assert verdict in summary


def test_the_action_need_not_fail_where_the_verdict_is_unknown(act):
    done, outputs, _ = act(UNCLEAR, **{"fail-on-unknown": "false"})

    assert (done.returncode, outputs["verdict"]) == (0, "UNKNOWN")


def test_the_action_hands_variable_files_on(act, tmp_path):
    (tmp_path / "my values.tfvars").write_text("t = 1\n")

    _, outputs, _ = act(UNCLEAR, **{"var-files": f"{tmp_path / 'my values.tfvars'}\n"})

    assert outputs["verdict"] == "PASS"


@pytest.mark.parametrize("value", ["True", "true", "TRUE"])
def test_true_is_true_however_it_is_written(value, act):
    done, _, _ = act(UNCLEAR, **{"fail-on-unknown": value})

    assert done.returncode == 4


def test_the_action_has_no_verdict_where_there_is_nothing_of_aws(act):
    done, outputs, summary = act('resource "google_compute_network" "n" {}\n')

    assert (done.returncode, outputs["verdict"]) == (0, "NONE")
    assert "nothing to judge" in summary


def test_the_action_annotates_the_line(act):
    done, _, _ = act(SILENT)

    line = SILENT[: SILENT.index('resource "aws_cloudwatch_metric_alarm"')].count("\n") + 1
    (annotation,) = [one for one in done.stdout.splitlines() if one.startswith("::error ")]
    assert f"file=main.tf,line={line}::" in annotation


def test_what_is_judged_commands_nothing(act):
    """A resource may have any name: what it prints is not a command of the runner."""
    evil = "::set-env name=X::\\n::error::y"
    done, outputs, _ = act(SILENT.replace('"sg"\n  metric_name', f'"{evil}"\n  metric_name'))

    assert outputs["verdict"] == "FAIL"
    lines = iter(done.stdout.splitlines())
    begin = next(line for line in lines if line.startswith("::stop-commands::"))
    token = begin.removeprefix("::stop-commands::")
    assert any(line == f"::{token}::" for line in lines)
    after = list(lines)
    assert after
    assert all(line.startswith("::error title=") for line in after)


@pytest.mark.parametrize("name", ["directory", "path"])
def test_the_action_takes_a_plan_too(name, act, plans, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(plans["the whole chain in one file"]))

    _, outputs, _ = act(SILENT, **{name: str(plan)})

    assert outputs["verdict"] == "PASS"


def test_the_action_audits_an_account(act, server, monkeypatch):
    server.reset()
    for key, value in server.environment().items():
        monkeypatch.setenv(key, value)

    done, outputs, _ = act(WHOLE, account="true", regions="eu-west-1\n")

    assert (done.returncode, outputs["verdict"]) == (1, "FAIL")


@pytest.mark.parametrize("name", ["path", "standard", "var-files", "parameters", "regions", "profile"])
def test_no_input_runs_as_a_command(name, act, tmp_path):
    proof = tmp_path / "proof"
    act(WHOLE, **{name: f'$(touch {proof}); `touch {proof}`\n"; touch {proof}; #'})

    assert not proof.exists()
    step = (ROOT / "action.yml").read_text().partition("run: |")[2]
    assert "${{" not in re.sub(
        r"^ +[A-Z_]+: \$\{\{ (inputs|github)\.[\w-]+ \}\}$", "", step, flags=re.MULTILINE
    )


def test_the_action_fails_with_the_reason_where_an_input_is_wrong(act):
    done, outputs, _ = act(WHOLE, profile="nonsense")

    assert done.returncode == 2
    assert "there is no standard 'nonsense'" in done.stderr
    assert outputs == {}
