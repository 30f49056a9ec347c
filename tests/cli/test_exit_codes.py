"""Nothing but the verdict decides the exit code: not what becomes of the output, and no fault of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audits import hostile
from code_builder import WHOLE, changed, without, written
from command import COMMAND
from sg_alarm.cli import app
from sg_alarm.errors import ExitCode
from sg_alarm.snapshots.file import save_snapshot

CODES = {
    ExitCode.OK: WHOLE,
    ExitCode.FAIL: without("alarm"),
    ExitCode.UNKNOWN: changed("= 1\n", '= "x"\n'),
}


@pytest.mark.parametrize("form", ["table", "json", "html"])
@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_whoever_reads_one_line_only_changes_nothing(code, form, tmp_path):
    written(tmp_path, CODES[code])
    with subprocess.Popen(
        [*COMMAND, "check", ".", "--format", form],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() in (b"", "reading Terraform code …\n".encode())
    assert process.returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_a_full_disk_is_reported_and_changes_nothing(code, tmp_path):
    written(tmp_path, CODES[code])
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "--quiet", "check", "."],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == code
    assert done.stderr == b"error: not all of the output could be written: No space left on device\n"


@pytest.mark.parametrize("closed", [1, 2])
def test_streams_that_are_closed_change_nothing(closed, tmp_path):
    written(tmp_path, WHOLE)
    script = f'exec "$@" {closed}>&-'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, "check", "."], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == ExitCode.OK


def test_a_terminal_that_knows_ascii_only_shows_it_in_ascii(tmp_path):
    save_snapshot([hostile()], tmp_path / "snapshot")
    done = subprocess.run(
        [*COMMAND, "check", "snapshot"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (ExitCode.FAIL, b"")
    lines = done.stdout.decode("ascii").splitlines()
    assert any(line.startswith("+ trail") for line in lines)
    assert any(line.startswith("x action") for line in lines)
    assert any("-> enable" in line for line in lines)


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path):
    written(tmp_path / "code", WHOLE)
    (tmp_path / "report").write_text("old")
    limited = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *COMMAND, "check", "code", "--format", "json=report"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert limited.returncode == ExitCode.USAGE, limited.stderr
    assert "error: cannot write report: File too large" in limited.stderr
    assert (tmp_path / "report").read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["code", "report"]


class TestInternalError:
    @pytest.fixture
    def broken(self, monkeypatch, capsys):
        """Run a command in which something of ours is broken."""

        def fail(*arguments):
            raise RuntimeError("two\nlines")

        monkeypatch.setattr("sg_alarm.rule.audit.evaluate", fail)
        monkeypatch.setattr(sys, "argv", ["sg-alarm"])

        def run(*arguments):
            with pytest.raises(SystemExit) as ended:
                app.main(arguments)
            return ended.value.code, capsys.readouterr().err

        return run

    def test_it_is_a_line_and_a_hint_and_no_verdict(self, broken, tmp_path):
        code, text = broken("--quiet", "check", str(written(tmp_path, WHOLE)))
        assert code == ExitCode.INTERNAL == os.EX_SOFTWARE
        first, second = text.splitlines()
        assert first == "error: internal error: RuntimeError: two lines"
        assert second.startswith("hint: please report it")
        assert "--debug" in second

    def test_debug_shows_where(self, broken, tmp_path):
        code, text = broken("--quiet", "--debug", "check", str(written(tmp_path, WHOLE)))
        assert code == ExitCode.INTERNAL
        assert "Traceback" in text
        assert "error: internal error: RuntimeError" in text
