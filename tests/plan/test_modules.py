"""Native `terraform test` of both modules with a mocked provider: inputs, validations, shapes.

The runs stand in native/<module>/*.tftest.hcl. They live here and not in the modules, because Terraform 1.6
reads a tests folder on every init and does not know mock_provider yet.
"""

import json
import os
import shutil
import subprocess

import pytest

MODULES = ("security-group-changes-alarm", "cloudtrail-to-cloudwatch-logs")


@pytest.mark.parametrize("module", MODULES)
def test_native_terraform_tests_of(module, repository, tmp_path, terraform_binary, attached):
    here = repository / "tests/plan/native"
    folder = shutil.copytree(
        repository / "modules" / module, tmp_path / module, ignore=shutil.ignore_patterns(".terraform*")
    )
    shutil.copytree(here / module, folder / "tests")
    shutil.copytree(here / "mocks", folder / "tests/mocks")

    def terraform(*arguments):
        return subprocess.run(
            [terraform_binary, *arguments],
            cwd=folder,
            env={**os.environ, **attached},
            capture_output=True,
            text=True,
            check=False,
        )

    version = json.loads(terraform("version", "-json").stdout)["terraform_version"]
    if tuple(map(int, version.split(".")[:2])) < (1, 7):
        pytest.skip(f"Terraform {version} has no mock_provider")
    init = terraform("init", "-no-color")
    assert init.returncode == 0, init.stderr
    result = terraform("test", "-no-color")
    assert result.returncode == 0, result.stdout + result.stderr
    runs = sum(path.read_text().count('\nrun "') for path in (here / module).glob("*.tftest.hcl"))
    assert f"{runs} passed, 0 failed" in result.stdout
