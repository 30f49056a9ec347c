"""What the audits of an organization share: an AWS of their own, an organization in it, the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from json_reports import report_of
from network import Network
from organization_builder import Organization, make_organization
from sg_alarm.aws import Aws
from sg_alarm.local_aws import LocalAws
from sg_alarm.organization.job import Access, caller_of

REGION = "eu-west-1"


@pytest.fixture
def organization(server: LocalAws) -> Organization:
    """An organization with nothing but its management account."""
    server.reset()
    return make_organization(server, REGION)


@dataclass(frozen=True)
class Audited:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return report_of(self.out)

    def account(self, number: str) -> dict[str, Any]:
        """Return the entry of an account."""
        (found,) = [one for one in self.report["accounts"] if one["account"] == number]
        return dict(found)

    @property
    def verdicts(self) -> dict[str, str]:
        """Each account's verdict by its name, in the order of the report."""
        return {one["name"]: one["verdict"] for one in self.report["accounts"]}


@pytest.fixture
def environment(server: LocalAws) -> dict[str, str | None]:
    """The environment of a caller who gives up after the first attempt."""
    return {**server.environment(), "AWS_MAX_ATTEMPTS": "1", "AWS_PROFILE": None}


@pytest.fixture
def audit(sg_alarm: Callable[..., Any], environment: dict[str, str | None]) -> Callable[..., Audited]:
    """Run `sg-alarm audit --organization` as a user would, in one region unless others are named."""

    def run(*options: str, form: str = "json", regions: tuple[str, ...] = (REGION,)) -> Audited:
        named = [word for region in regions for word in ("--region", region)]
        caller_of.cache_clear()  # as in a process of its own
        done = sg_alarm(
            "--quiet", "audit", "--organization", "--format", form, *named, *options, env=environment
        )
        return Audited(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def caller(environment: dict[str, str | None], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make this process a caller of the embedded AWS."""
    for name, value in environment.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    caller_of.cache_clear()
    yield
    caller_of.cache_clear()


@pytest.fixture
def aws(caller: None) -> Aws:
    """How this process reaches the accounts."""
    return caller_of(Access(region=REGION))


@pytest.fixture
def network(organization: Organization, caller: None, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The way from this process to the embedded AWS."""
    network = Network()
    network.install(monkeypatch)
    return network
