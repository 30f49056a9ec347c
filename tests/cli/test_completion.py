"""Completion in the shells: what is offered, and that a real shell takes the script."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from sg_alarm.cli.app import cli
from sg_alarm.handbook import names
from sg_alarm.reports.formats import FORMATS
from sg_alarm.rule.operations import PROFILES


@pytest.fixture
def offered(sg_alarm):
    def run(*words: str) -> list[str]:
        done = sg_alarm(
            env={
                "_SG_ALARM_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(("sg-alarm", *words)),
                "COMP_CWORD": str(len(words)),
            }
        )
        assert done.stderr == ""
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (("",), list(cli.commands)),
        (("dr",), ["drill"]),
        (("pattern", "e"), ["explain"]),
        (("audit", "--profile", ""), list(PROFILES)),
        (("audit", "--profile", "cis-v5"), ["cis-v5.0"]),
        (("diff", "--profile", "sec"), ["securityhub"]),
        (("audit", "--format", ""), list(FORMATS)),
        (("audit", "--format", "s"), ["sarif"]),
        (("explain", ""), names()),
        (("explain", "cloudwatch"), ["CloudWatchLogs-004", "CloudWatch.10"]),
        (("explain", "subscription-p"), ["subscription-pending"]),
        (("explain", "--format", "m"), ["markdown"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("audit", "--send"), ["--send-to-security-hub"]),
    ],
)
def test_what_is_offered(words, offers, offered):
    assert offered(*words) == offers


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_command(shell, sg_alarm):
    done = sg_alarm("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_SG_ALARM_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_takes_the_script_and_completes(sg_alarm, tmp_path):
    command = tmp_path / "sg-alarm"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sg_alarm "$@"\n')
    command.chmod(0o755)
    script = f"""
        PATH="{tmp_path}:$PATH"
        eval "$(sg-alarm completion bash)"
        COMP_WORDS=(sg-alarm audit --profile sec); COMP_CWORD=3
        $(complete -p sg-alarm | sed 's/.*-F \\([^ ]*\\).*/\\1/') sg-alarm
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "securityhub", done.stderr


def test_another_shell_is_an_error(sg_alarm):
    done = sg_alarm("completion", "powershell")
    assert done.returncode == 2
    assert "bash" in done.stderr
