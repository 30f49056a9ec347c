"""How long the rule takes to judge a large account that has been read."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PROFILES

sys.path.insert(0, str(Path(__file__).parents[3] / "tests/support"))
_RUNS = 3


def rows() -> Iterator[tuple[str, str]]:
    """Yield the least of several runs."""
    from deployment_builder import large

    for name in ("conformity", "effective"):
        seconds = []
        for _ in range(_RUNS):
            deployment, started = large(), time.process_time()
            evaluate(deployment, PROFILES[name])
            seconds.append(time.process_time() - started)
        yield f"31 regions, 100 metric filters, 2,001 alarms, {name}", f"{min(seconds):.2f} s CPU"
