"""The time of logs, metrics, alarms and trails: this machine's, plus what tests advanced it by."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

from sg_alarm.local_aws.bridge.patches import PATCHES

PERIOD = 60
"""Seconds between two evaluations of an alarm, and the finest grain of a log metric."""


class Clock:
    """Tells the time of the embedded AWS."""

    def __init__(self) -> None:
        self._offset = 0.0

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._offset

    def now(self) -> datetime:
        """Return the time with its zone, UTC."""
        return datetime.fromtimestamp(self.time(), timezone.utc)

    def shift(self, moment: datetime) -> datetime:
        """Turn a time of this machine into one of the embedded AWS."""
        return moment + timedelta(seconds=self._offset)

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._offset += seconds

    def reset(self) -> None:
        """Tell this machine's time again."""
        self._offset = 0.0


CLOCK = Clock()


# Every other service keeps this machine's time: a queue or a token does not care what an alarm waits for.
@PATCHES.replaces("moto.cloudtrail.models:utcnow")
@PATCHES.replaces("moto.cloudwatch.models:utcnow")
@PATCHES.replaces("moto.logs.models:utcnow")
def time_can_be_advanced(original: Any) -> datetime:
    """Tell the bridge's time wherever these services ask for the time."""
    return CLOCK.shift(original())


def epoch(moment: datetime) -> float:
    """Return seconds since the epoch; moto's times have no zone and mean UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
