"""CloudWatch's alarms as a table, which shares no code with the product.

Sources: CloudWatch User Guide, "CloudWatch statistics definitions", "Alarm evaluation", and "Configuring how
CloudWatch alarms treat missing data" with "Avoiding premature transitions to alarm state".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

STATISTICS = {
    "SampleCount": len,
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}
SIGNS = {
    "LessThanThreshold": "-",
    "LessThanOrEqualToThreshold": "-0",
    "GreaterThanOrEqualToThreshold": "0+",
    "GreaterThanThreshold": "+",
}
"""Which signs of the difference to the threshold breach it."""

OK, ALARM, NO_DATA, SAME, FILLED = "OK", "ALARM", "INSUFFICIENT_DATA", None, "as if every gap were breaching"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
_TABLE = (
    # enough  raised  a good one  any   old enough     missing  ignore  breaching  notBreaching
    ((True, True, None, None, None), (ALARM, ALARM, ALARM, ALARM)),
    ((True, False, None, None, None), (OK, OK, OK, OK)),
    ((False, True, None, None, None), (ALARM, ALARM, ALARM, ALARM)),
    ((False, False, True, None, None), (OK, OK, FILLED, OK)),
    ((False, False, False, True, True), (ALARM, SAME, FILLED, OK)),
    ((False, False, False, True, False), (NO_DATA, SAME, FILLED, OK)),
    ((False, False, False, False, None), (NO_DATA, SAME, FILLED, OK)),
)


def state_of(settings: dict[str, Any], samples: Sequence[Sequence[int]], before: str) -> str:
    """Return the state after the values that were published in each period, oldest first."""
    periods, needed = settings["evaluation_periods"], settings["datapoints_to_alarm"]
    breaching = [_breaches(settings, values) if values else None for values in samples]
    there = [one for one in breaching if one is not None]
    facts = (
        len(there) >= periods,
        sum(there[-periods:]) >= needed,
        False in there,
        bool(there),
        True in breaching[: len(breaching) - needed + 1],
    )
    states = next(states for wanted, states in _TABLE if _fits(wanted, facts))
    state = states[TREATMENTS.index(settings["treat_missing_data"])]
    if state is FILLED:
        return ALARM if periods - there.count(False) >= needed else OK
    return state or before


def _fits(wanted: Sequence[bool | None], facts: Sequence[bool]) -> bool:
    return all(one in (fact, None) for one, fact in zip(wanted, facts, strict=True))


def _breaches(settings: dict[str, Any], values: Sequence[int]) -> bool:
    value = STATISTICS[settings["stat"]]([Fraction(one) for one in values])
    sign = "+" if value > settings["threshold"] else "0" if value == settings["threshold"] else "-"
    return sign in SIGNS[settings["comparison_operator"]]


def settings(random: Random) -> dict[str, Any]:
    """Return the settings of an alarm."""
    periods = random.randint(1, 6)
    return {
        "stat": random.choice(list(STATISTICS)),
        "comparison_operator": random.choice(list(SIGNS)),
        "threshold": random.randint(-1, 3),
        "evaluation_periods": periods,
        "datapoints_to_alarm": random.randint(1, periods),
        "treat_missing_data": random.choice(TREATMENTS),
    }


def samples(random: Random, periods: int) -> list[list[int]]:
    """Return the values published in each period, none in many."""
    filled = random.random()
    return [
        [random.randint(-1, 3) for _ in range(random.randint(1, 3))] if random.random() < filled else []
        for _ in range(periods)
    ]
