"""The clock of the embedded AWS: read it, and move it on, so that no test waits for an alarm's period."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime

from sg_alarm.errors import UserError
from sg_alarm.local_aws.outbox import without_proxy

PATH = "/sg-alarm/clock"
MAX_ADVANCE = 7 * 24 * 3600
"""How many seconds one request may move the clock on: every minute on the way is gone through."""


def read_clock(endpoint: str) -> datetime:
    """Return the time of the embedded AWS at ``endpoint``."""
    return _ask(endpoint, None)


def advance_clock(endpoint: str, seconds: float) -> datetime:
    """Move the clock on; alarms are evaluated at every full minute on the way. Returns the new time."""
    if not 0 <= seconds <= MAX_ADVANCE:
        raise ValueError(f"the clock is advanced by 0 to {MAX_ADVANCE} seconds, not by {seconds}")
    return _ask(endpoint, json.dumps({"advance_seconds": seconds}).encode())


def _ask(endpoint: str, body: bytes | None) -> datetime:
    request = urllib.request.Request(endpoint.rstrip("/") + PATH, body)  # noqa: S310
    try:
        with without_proxy().open(request, timeout=60) as response:
            return datetime.fromisoformat(json.load(response)["now"])
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"no clock of an embedded AWS at {endpoint}", "start one with: sg-alarm local"
        ) from error
