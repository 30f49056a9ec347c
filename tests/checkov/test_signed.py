"""Signed checks: Checkov verifies the files that it executes with ``--external-checks-public-key``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from checkov_run import CHECKS, result_of, run_checkov
from code_builder import WHOLE

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to sign with")

# As the README says.
MAKE_KEY = """
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl ec -in key.pem -pubout -out key.pub
"""
SIGN = r"""
for file in checks/*.py; do
  digest=$(openssl dgst -sha256 -sign key.pem "$file" | od -An -v -tx1 | tr -d ' \n')
  printf '# checkov-digest: %s\n' "$digest" >> "$file"
done
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the checks, and keys."""
    shutil.copytree(CHECKS, tmp_path / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    sh(MAKE_KEY, tmp_path)
    return tmp_path


def sh(script: str, folder: Path) -> None:
    subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, check=True)


def test_a_signed_copy_runs(folder, codebase):
    sh(SIGN, folder)

    run = run_checkov(
        "-d", codebase(WHOLE), "--external-checks-public-key", folder / "key.pub", checks=folder / "checks"
    )

    assert result_of(run.record) == "PASSED"


def test_one_that_was_changed_after_does_not(folder, codebase):
    sh(SIGN, folder)
    check = next((folder / "checks").glob("sg_alarm*.py"))
    check.write_text(check.read_text().replace("every change", "no change", 1))

    run = run_checkov(
        "-d", codebase(WHOLE), "--external-checks-public-key", folder / "key.pub", checks=folder / "checks"
    )

    assert run.exit_code != 0
    assert "signature" in run.err
