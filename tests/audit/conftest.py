"""What the audits share: an AWS of their own, empty at first, and a good chain in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from good_chain import GoodChain, make_good_chain
from sg_alarm.local_aws import LocalAws

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def server() -> Iterator[LocalAws]:
    with LocalAws(region=REGION) as server:
        yield server


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """An AWS with nothing in it."""
    server.reset()
    return server


@pytest.fixture
def chain(aws: LocalAws) -> GoodChain:
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
        found: dict[str, Any] = json.loads(self.out)
        return found

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
