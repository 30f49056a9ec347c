"""The real ``checkov`` command, run with our check, and what it answered."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_alarm.rule.verdict import Verdict

CHECKS = Path(__file__).parents[2] / "scripts/sg_alarm/checkov_checks"
ID = "CKV2_CWL_4"
COMMAND = tuple(shlex.split(os.environ.get("SG_ALARM_CHECKOV", ""))) or (sys.executable, "-m", "checkov.main")
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
    output: str = "json",
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = COMMAND,
    cwd: Path | None = None,
) -> Run:
    """Run ``checkov`` with our check, alone unless ``only`` is false."""
    done = subprocess.run(
        [
            *command,
            *map(str, arguments),
            "--external-checks-dir",
            str(checks),
            "--skip-download",
            "--output",
            output,
            *(["--check", ID] if only else []),
        ],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **(environment or {})},
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def result_of(record: Mapping[str, Any]) -> str:
    """The result of a record: PASSED, FAILED or SKIPPED."""
    return str(record["check_result"]["result"])


def verdict_of(record: Mapping[str, Any]) -> Verdict:
    """The verdict that a record tells; what could not be told is a failed check that says so."""
    if result_of(record) == "PASSED":
        return Verdict.PASS
    assert result_of(record) == "FAILED"
    return Verdict.UNKNOWN if ": could not tell: " in record["check_name"] else Verdict.FAIL
