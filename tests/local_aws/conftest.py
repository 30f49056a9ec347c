from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from botocore.exceptions import ClientError

from sg_alarm.local_aws import LocalAws


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """An AWS with nothing in it, whose alarms are not looked at by itself for the next ten seconds."""
    server.reset()
    server.advance(10 - server.now().timestamp() % 10)
    return server


@pytest.fixture
def refused() -> Callable[[str, str], AbstractContextManager[object]]:
    """Expect AWS to refuse a call with this error code and message."""

    def refusal(code: str, message: str) -> AbstractContextManager[object]:
        return pytest.raises(ClientError, match=rf"\({code}\).*{re.escape(message)}")

    return refusal
