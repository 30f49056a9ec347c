"""What a user starts is what the other tests run within their own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audits import hostile
from code_builder import WHOLE, changed, written
from command import COMMAND
from json_reports import untimed
from sg_alarm.errors import ExitCode
from sg_alarm.snapshots.file import save_snapshot

SILENT = changed("alarm_actions       = [aws_sns_topic.alarms.arn]", "alarm_actions       = []")
UNCLEAR = changed("threshold           = 1", "threshold = var.t", 'variable "t" { type = number }')


@pytest.mark.parametrize(
    ("arguments", "environment", "code"),
    [
        (["--version"], {}, ExitCode.OK),
        ([], {}, ExitCode.USAGE),
        (["explain", "key"], {"COLUMNS": "80"}, ExitCode.OK),
        (["audit", "--code", "good", "--format", "csv"], {}, ExitCode.OK),
        (["--quiet", "audit", "--code", "silent"], {"NO_COLOR": None, "FORCE_COLOR": "1"}, ExitCode.FAIL),
        (["audit", "--code", "unclear", "--format", "json"], {}, ExitCode.UNKNOWN),
        (["audit", "--snapshot", "snapshot"], {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, ExitCode.FAIL),
        (["audit", "--form", "xml"], {}, ExitCode.USAGE),
        (["audit", "--plan", "nowhere"], {}, ExitCode.USAGE),
        (["deploy", "good", "--yes"], {"PATH": ""}, ExitCode.TERRAFORM),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_answers_as_within_this_process(
    arguments, environment, code, sg_alarm, sg_alarm_process, tmp_path
):
    for name, text in (("good", WHOLE), ("silent", SILENT), ("unclear", UNCLEAR)):
        written(tmp_path / name, text)
    save_snapshot([hostile()], tmp_path / "snapshot")

    here, there = (run(*arguments, env=environment, cwd=tmp_path) for run in (sg_alarm, sg_alarm_process))

    assert here.returncode == there.returncode == code
    assert untimed(here.stdout) == untimed(there.stdout)
    assert here.stderr == there.stderr
    assert here.stdout or here.stderr


def test_the_installed_command_is_the_module():
    command = Path(sys.executable).with_name("sg-alarm")
    reported = [
        subprocess.run([*words, "--version"], capture_output=True, text=True, check=True).stdout
        for words in ([command], COMMAND)
    ]
    assert reported[0] == reported[1]


def test_a_reader_that_stops_reading_is_no_fault(tmp_path):
    written(tmp_path, SILENT)
    with subprocess.Popen(
        [*COMMAND, "audit", "--code", ".", "--format", "json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
