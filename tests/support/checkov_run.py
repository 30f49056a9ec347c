"""The real ``checkov`` command, run with our check, and what it answered."""

from __future__ import annotations

import atexit
import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sg_alarm.rule.verdict import Verdict

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-checkov/bin/python"
"""Checkov has an environment of its own, since it pins an old boto3; `make install` creates it."""
CHECKS = ROOT / "scripts/sg_alarm/checkov_checks"
ID = "CKV2_CWL_4"
FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation")
"""Those that our check is registered for. Checkov forks once for each of its 24, which takes 2 s."""
OTHER = tuple(shlex.split(os.environ.get("SG_ALARM_CHECKOV", "")))
"""Another ``checkov`` than the installed one, with further arguments, is tried by `make matrix`."""


@dataclass(frozen=True)
class Run:
    """One run: its exit code and what it printed."""

    exit_code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of our check, whatever the framework and the result."""
        found = json.loads(self.out) if self.out.strip() else []
        reports = found if isinstance(found, list) else [found]
        return [
            record
            for report in reports
            for records in report.get("results", {}).values()
            for record in records
            if isinstance(record, Mapping) and record.get("check_id") == ID
        ]

    @property
    def record(self) -> dict[str, Any]:
        """The only record of our check."""
        (only,) = self.records
        return only


def run_checkov(
    *arguments: str | Path,
    checks: Path = CHECKS,
    only: bool = True,
    frameworks: Sequence[str] = FRAMEWORKS,
    output: str = "json",
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    alone: bool = bool(OTHER),
) -> Run:
    """Run ``checkov`` with our check, alone unless ``only`` is false; no frameworks are all of them.

    It is a fork of one that has been imported already; ``alone`` makes it a process of its own, as a user
    starts it. So does an environment with anything in it that Checkov reads as it is imported.
    """
    words = [
        *map(str, arguments),
        "--external-checks-dir",
        str(checks),
        "--skip-download",
        "--output",
        output,
    ]
    words += ["--framework", *frameworks] if frameworks and not OTHER else []
    words += ["--check", ID] if only else []
    given = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    if alone or any(not name.startswith("SG_ALARM_") for name in environment or ()):
        command = OTHER or (PYTHON, "-m", "checkov.main")
        done = subprocess.run(
            [*command, *words], capture_output=True, text=True, cwd=cwd, env=given, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr)
    return _server().run(words, given, cwd or Path.cwd())


class _Server:
    """The process that is forked for each run; it ends with this one."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._log = Path(self._folder.name, "log")
        self._process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("checkov_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
            text=True,
        )
        atexit.register(self._process.communicate)

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path) -> Run:
        """Run once; raises RuntimeError where no exit code comes back."""
        assert self._process.stdin
        assert self._process.stdout
        files = {name: Path(self._folder.name, name) for name in ("out", "err")}
        for file in files.values():
            file.write_bytes(b"")
        request = {"arguments": arguments, "environment": environment, "cwd": str(cwd)}
        request |= {name: str(file) for name, file in files.items()}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        out, err = (file.read_text("utf-8") for file in files.values())
        if not answer:
            raise RuntimeError(f"the process that is forked for Checkov is gone:\n{self._log.read_text()}")
        if int(answer) < 0:
            raise RuntimeError(f"signal {-int(answer)} ended checkov {shlex.join(arguments)}:\n{err}")
        return Run(int(answer), out, err)


@cache
def _server() -> _Server:
    return _Server()


def result_of(record: Mapping[str, Any]) -> str:
    """The result of a record: PASSED, FAILED or SKIPPED."""
    return str(record["check_result"]["result"])


def verdict_of(record: Mapping[str, Any]) -> Verdict:
    """The verdict that a record gives; what could not be decided is a failed check that says so."""
    if result_of(record) == "PASSED":
        return Verdict.PASS
    assert result_of(record) == "FAILED"
    return Verdict.UNKNOWN if ": could not tell: " in record["check_name"] else Verdict.FAIL
