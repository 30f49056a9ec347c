"""Fixtures that every part of the specification shares: one embedded AWS, one Terraform environment."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import skips
from command import Done, environment_for, run_as_process, run_in_process
from deployments import EXAMPLES, Deployment
from planned import PLANNED, VALUES, planned
from provider_process import running_provider
from sg_alarm.local_aws import LocalAws
from sg_alarm.terraform import find_terraform, provider_environment

ROOT = Path(__file__).parents[1]
# A run in the background inherits an ignored SIGINT; what the tests start and interrupt must not.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Nor does the size of the window matter; readline passes it on to the workers.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

_LEFT_BY_TERRAFORM = shutil.ignore_patterns(".terraform*", "*.tfstate*")


# What several files share is made once: they go to one worker, and begin first, since they take longest.
SHARED = ("examples", "plans")
SLOW = ("apply", "checkov", "plan")
"""The folders whose tests start Terraform or Checkov. Others that take long are marked one by one."""


def pytest_xdist_auto_num_workers() -> int:
    """As many workers as cores, and two at least: Terraform sleeps as often as it works."""
    return max(2, os.cpu_count() or 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together on one worker, for the fixtures that they share."""
    for item in items:
        shared = [name for name in SHARED if name in getattr(item, "fixturenames", ())]
        item.add_marker(pytest.mark.xdist_group(shared[0] if shared else item.nodeid.partition("::")[0]))
        if shared or item.path.parent.name in SLOW:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("xdist_group").args[0] not in SHARED)


def pytest_sessionfinish() -> None:
    """Collect garbage once: pytest does so five times now, which takes seconds for all that is held."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    return skips.judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[Any]:
    return skips.judged((yield))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def local_aws():
    """One embedded AWS for the whole run; each user takes a region or names of its own."""
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="session")
def server():
    """Another embedded AWS, for tests that begin with a reset."""
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="session")
def workspace(tmp_path_factory) -> Path:
    """Modules and examples in a folder of their own, so that no test leaves anything in the repository."""
    folder = tmp_path_factory.mktemp("workspace")
    for name in ("modules", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_BY_TERRAFORM)
    return folder


@pytest.fixture(scope="session")
def terraform_binary() -> str:
    return find_terraform()


@pytest.fixture(scope="session")
def terraform_environment() -> dict[str, str]:
    """What to add to an environment so that `terraform init` finds the provider, looked up once."""
    found = provider_environment(os.environ)
    named = {name: found.get(name, "") for name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")}
    return {
        **{name: value for name, value in named.items() if value},
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "GOGC": "400",  # the provider's start is a fifth of the time shorter with less garbage collection
    }


@pytest.fixture(scope="session")
def attached(tmp_path_factory, terraform_binary, terraform_environment) -> Iterator[dict[str, str]]:
    """The same, with a provider that runs already, for what asks AWS nothing: that takes half as long."""
    folder = tmp_path_factory.mktemp("provider")
    with running_provider(terraform_binary, terraform_environment, folder) as address:
        yield {**terraform_environment, **address}


@pytest.fixture(scope="session")
def examples(local_aws, workspace, terraform_binary, terraform_environment) -> dict[str, Deployment]:
    """Every example, ready to be planned and applied on the embedded AWS."""
    environment = {**local_aws.environment(), **terraform_environment}
    return {
        name: Deployment(example, local_aws, workspace, terraform_binary, environment)
        for name, example in EXAMPLES.items()
    }


@pytest.fixture
def sg_alarm():
    """Run the command line within this process; returns exit code and text of both streams."""

    def run(*arguments: str, env: dict[str, str | None] | None = None, cwd: Path | None = None) -> Done:
        return run_in_process(arguments, environment_for(env or {}), cwd or Path.cwd())

    return run


@pytest.fixture
def sg_alarm_process():
    """The same in a process of its own, for what is about processes."""

    def run(*arguments: str, env: dict[str, str | None] | None = None, cwd: Path | None = None) -> Done:
        return run_as_process(arguments, environment_for(env or {}), cwd or Path.cwd())

    return run


@pytest.fixture(scope="session")
def plans(tmp_path_factory, local_aws, terraform_binary, terraform_environment):
    """The plans of all codebases, on an account that has the log group which some of them only name."""
    logs = local_aws.client("logs", "eu-west-1")
    logs.create_log_group(logGroupName="of-another-code")
    found = planned(
        {name: (one, VALUES.get(name, "")) for name, one in PLANNED.items()},
        tmp_path_factory.mktemp("codebases"),
        terraform_binary,
        {**local_aws.environment(), **terraform_environment},
    )
    logs.delete_log_group(logGroupName="of-another-code")
    return found
