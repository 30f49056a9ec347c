from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from checkov_run import run_checkov
from code_builder import written
from codebases import CODEBASES


@pytest.fixture
def codebase(tmp_path):
    """Write a codebase; return its folder."""

    def write(files) -> Path:
        return written(tmp_path / "code", files)

    return write


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    """All codebases in one scan: the records of our check, by the name of the codebase."""
    return scanned(tmp_path_factory.mktemp("codebases"))


def scanned(folder: Path) -> dict[str, list]:
    names = {f"{number:03d}": one for number, one in enumerate(CODEBASES) if not one.given}
    for number, one in names.items():
        written(folder / number, one.files)
    # Each is a codebase of its own.
    of_aws = [number for number, one in names.items() if one.verdict]
    written(folder, {".sg-alarm.toml": f"expect = {json.dumps(of_aws)}\n"})
    run = run_checkov("-d", ".", cwd=folder)
    assert run.exit_code == 1, run.err
    found = defaultdict(list)
    for record in run.records:
        # "/017/main.tf": the codebase is the folder below the one that is scanned.
        caller = record.get("caller_file_path") or record["file_path"]
        found[names[caller.split("/")[1]].name].append(record)
    return found
