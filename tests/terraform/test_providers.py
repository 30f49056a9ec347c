"""The lookup of the AWS provider, shared by the command line, the Makefile and the tests."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from sg_alarm.terraform import provider_environment

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
PLATFORM = f"{sys.platform}_{MACHINE}"


@pytest.fixture
def home(tmp_path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def look_up(home):
    """Look up with an empty home, searching the given folders only."""

    def run(*search: Path, **environment: str) -> dict[str, str]:
        return provider_environment({"HOME": str(home), **environment}, search)

    return run


def make_mirror(folder: Path, target: str = PLATFORM) -> Path:
    provider = folder / "registry.terraform.io/hashicorp/aws/5.100.0" / target
    provider.mkdir(parents=True)
    (provider / "terraform-provider-aws_v5.100.0_x5").touch()
    return folder


def configuration(environment: dict[str, str]) -> str:
    return Path(environment["TF_CLI_CONFIG_FILE"]).read_text()


def test_a_cli_configuration_that_installs_providers_is_left_alone(look_up, tmp_path):
    own = tmp_path / "own.tfrc"
    own.write_text("provider_installation {\n  direct {}\n}\n")
    mirror = make_mirror(tmp_path / "mirror")
    assert look_up(mirror, TF_CLI_CONFIG_FILE=str(own))["TF_CLI_CONFIG_FILE"] == str(own)


def test_the_home_directorys_cli_configuration_counts_too(look_up, home, tmp_path):
    (home / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    assert "TF_CLI_CONFIG_FILE" not in look_up(make_mirror(tmp_path / "mirror"))


def test_a_variable_that_names_no_file_is_no_configuration(look_up, tmp_path):
    found = look_up(make_mirror(tmp_path / "mirror"), TF_CLI_CONFIG_FILE="/nonexistent/terraformrc")
    assert str(tmp_path / "mirror") in configuration(found)


def test_without_a_mirror_the_registry_is_asked(look_up, tmp_path):
    assert "TF_CLI_CONFIG_FILE" not in look_up(tmp_path / "nothing", TF_CLI_CONFIG_FILE="/nonexistent")


@pytest.mark.parametrize("below", ["", "a", "a/b", "a/b/c"])
def test_a_mirror_is_found_in_and_below_the_usual_folders(look_up, tmp_path, below):
    mirror = make_mirror(tmp_path / "share" / below)
    assert f'"{mirror}"' in configuration(look_up(tmp_path / "share"))


def test_a_packed_mirror_is_found(look_up, tmp_path):
    provider = tmp_path / "packed/registry.terraform.io/hashicorp/aws"
    provider.mkdir(parents=True)
    (provider / f"terraform-provider-aws_5.100.0_{PLATFORM}.zip").touch()
    assert str(tmp_path / "packed") in configuration(look_up(tmp_path))


def test_a_mirror_for_another_platform_is_passed_over(look_up, tmp_path):
    make_mirror(tmp_path / "a", target="plan9_mips")
    assert "TF_CLI_CONFIG_FILE" not in look_up(tmp_path)
    make_mirror(tmp_path / "b")
    assert str(tmp_path / "b") in configuration(look_up(tmp_path))


def test_the_plugin_cache_comes_before_the_search(look_up, tmp_path):
    cache = make_mirror(tmp_path / "cache")
    found = look_up(make_mirror(tmp_path / "share"), TF_PLUGIN_CACHE_DIR=str(cache))
    assert str(cache) in configuration(found)
    assert found["TF_PLUGIN_CACHE_DIR"] == str(cache)


def test_the_rest_of_the_callers_configuration_is_kept(look_up, tmp_path):
    own = tmp_path / "own.tfrc"
    own.write_text('credentials "app.terraform.io" {\n  token = "t"\n}\n')
    text = configuration(look_up(make_mirror(tmp_path / "mirror"), TF_CLI_CONFIG_FILE=str(own)))
    assert 'credentials "app.terraform.io"' in text
    assert "filesystem_mirror" in text


def test_a_home_that_cannot_be_written_is_no_obstacle(look_up, home, tmp_path):
    (home / ".cache").write_text("a file where a folder is wanted")
    assert "filesystem_mirror" in configuration(look_up(make_mirror(tmp_path / "mirror")))
