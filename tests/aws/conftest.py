"""What the tests of calls share: a caller with credentials, and nothing else of AWS's settings."""

from __future__ import annotations

import os

import pytest

from sg_alarm.aws import Aws

REGION = "eu-west-1"


@pytest.fixture
def caller(monkeypatch, tmp_path) -> None:
    """Make this process a caller whose settings are those of the test alone."""
    for name in [*os.environ]:
        if name.startswith("AWS_") or name.upper().endswith(("_PROXY", "_CA_BUNDLE")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("sg_alarm.aws.account._pause", lambda attempt: 0)


@pytest.fixture
def reach(caller):
    """Return how to reach an endpoint."""
    return lambda url=None, **options: Aws(region=REGION, endpoint_url=url, **options)
