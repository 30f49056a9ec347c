"""The clock of the embedded AWS: read it, and move it on, so that no test waits for an alarm's period."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime

from .outbox import without_proxy

PATH = "/sg-alarm/clock"
MAX_ADVANCE = 7 * 24 * 3600
"""How many seconds one request may move the clock on: every minute on the way is gone through."""


def read_clock(endpoint: str) -> datetime:
    """Return the time of the embedded AWS at ``endpoint``."""
    return _ask(endpoint, None)


def advance_clock(endpoint: str, seconds: float) -> datetime:
    """Move the clock on; alarms are evaluated at every full minute on the way. Returns the new time."""
    return _ask(endpoint, json.dumps({"advance_seconds": seconds}).encode())


def _ask(endpoint: str, body: bytes | None) -> datetime:
    request = urllib.request.Request(endpoint.rstrip("/") + PATH, body)  # noqa: S310
    with without_proxy().open(request, timeout=60) as response:
        return datetime.fromisoformat(json.load(response)["now"])
