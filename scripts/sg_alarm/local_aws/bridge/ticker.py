"""Time goes by: what is due with every minute, in real time and when tests advance the clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sg_alarm.local_aws.bridge.alarm_evaluation import evaluate_everything
from sg_alarm.local_aws.bridge.clock import CLOCK, PERIOD
from sg_alarm.local_aws.bridge.metric_filters import publish_default_values
from sg_alarm.local_aws.bridge.patches import PATCHES

TICK = 10
"""Seconds between two looks at the alarms; the shortest period that an alarm can have."""


class Ticker:
    """Does what is due, once at each tick of the clock."""

    def __init__(self) -> None:
        self._last = 0.0
        self._lock = threading.Lock()

    def tick(self) -> None:
        """Do what is due, unless that was done since the clock's last tick."""
        with self._lock:
            if CLOCK.time() // TICK != self._last:
                self._last = CLOCK.time() // TICK
                publish_default_values()
                evaluate_everything()

    def advance(self, seconds: float) -> None:
        """Move the clock on, doing at every full minute on the way what is due then."""
        while seconds > 0:
            step = min(seconds, PERIOD - CLOCK.time() % PERIOD)
            CLOCK.advance(step)
            seconds -= step
            self.tick()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let time go by of itself."""
        stopped = threading.Event()

        def run() -> None:
            while not stopped.wait(1):
                self.tick()

        thread = threading.Thread(target=run, name="ticker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


TICKER = Ticker()


@PATCHES.replaces("moto.moto_api._internal.models:MotoAPIBackend.reset")
def reset_sets_the_clock_back(original: Any, backend: Any) -> None:
    """Tell this machine's time again. All else of the bridge is kept on moto's backends and goes with it."""
    original(backend)
    CLOCK.reset()
