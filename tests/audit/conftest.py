"""What the audits share: an AWS of their own, empty at first, and a good chain in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chains import Chain, make_good_chain
from json_reports import report_of
from network import Network
from sg_alarm.aws import Aws
from sg_alarm.local_aws import LocalAws
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.model import Deployment

REGION = "eu-west-1"


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """An AWS with nothing in it."""
    server.reset()
    return server


@pytest.fixture
def chain(aws: LocalAws) -> Chain:
    """A good chain."""
    return make_good_chain(aws, REGION)


@dataclass(frozen=True)
class Audited:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return report_of(self.out)

    def link(self, name: str) -> dict[str, Any]:
        """Return the finding of a link, the worst one first."""
        return next(finding for finding in self.report["findings"] if finding["link"] == name)


@pytest.fixture
def audit(server: LocalAws, sg_alarm: Callable[..., Any]) -> Callable[..., Audited]:
    """Run `sg-alarm audit` as a user would; ``form`` is the format, ``env`` adds to the environment."""

    def run(*options: str, form: str = "json", env: dict[str, str | None] | None = None) -> Audited:
        environment = {**server.environment(), "AWS_MAX_ATTEMPTS": "1", "AWS_PROFILE": None, **(env or {})}
        done = sg_alarm("--quiet", "audit", "--format", form, *options, env=environment)
        return Audited(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def caller(server: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process a caller of the embedded AWS, who gives up after the first attempt."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def network(caller: None, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The way from this process to the embedded AWS with a good chain in it."""
    network = Network()
    network.install(monkeypatch)
    return network


@pytest.fixture
def access() -> Aws:
    """The way of the reader to the embedded AWS."""
    return Aws(region=REGION)


@pytest.fixture
def read(caller: None) -> Callable[..., Deployment]:
    """Read the account in this process, with the settings of a scope."""
    return lambda **scope: read_account(Aws(region=REGION), Scope(**scope))
