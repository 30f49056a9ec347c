"""The Terraform in the READMEs is Terraform that works, and as short as they say."""

from __future__ import annotations

import re
import subprocess

import pytest

READMES = (
    "README.md",
    "scripts/README.md",
    "modules/security-group-changes-alarm/README.md",
    "modules/cloudtrail-to-cloudwatch-logs/README.md",
)


def hcl_in(path):
    return re.findall(r"```hcl\n(.*?)```", path.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("readme", READMES)
def test_the_terraform_of_a_readme_is_valid(
    readme, repository, workspace, tmp_path, terraform_binary, terraform_environment
):
    blocks = hcl_in(repository / readme)
    assert blocks
    text = re.sub(r'"git::[^"]*//(modules/[^"?]+)\?[^"]*"', rf'"{workspace}/\1"', "\n".join(blocks))
    assert "git::" not in text
    (tmp_path / "main.tf").write_text(text)
    for command in ("init", "validate"):
        result = subprocess.run(
            [terraform_binary, command, "-no-color"],
            cwd=tmp_path,
            env=terraform_environment | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_user_with_a_trail_writes_at_most_eight_lines(repository):
    block = hcl_in(repository / "README.md")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 8


def test_every_module_and_example_has_a_readme_and_is_named_in_the_main_one(repository):
    text = (repository / "README.md").read_text("utf-8")
    folders = [*(repository / "modules").iterdir(), *(repository / "examples").iterdir()]
    assert folders
    for folder in folders:
        assert (folder / "README.md").is_file(), folder
        assert f"{folder.parent.name}/{folder.name})" in text or folder.name.startswith("cloudtrail"), folder
