"""CloudWatch's statistics over the values of one period.

Source: CloudWatch User Guide, "CloudWatch statistics definitions". Where values are cut off by percentage,
AWS does not document which of a few values fall off, so such a statistic has an interval (:func:`bounds`)
beside the value that ranking gives (:func:`statistic`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SIMPLE = frozenset({"SampleCount", "Sum", "Average", "Minimum", "Maximum"})
_NUMBER = r"\d+(?:\.\d{1,10})?"
_PERCENTILE = re.compile(rf"(?P<kind>p|tm|wm|tc|ts)(?P<high>{_NUMBER})")
_RANGE = re.compile(
    rf"(?P<kind>TM|WM|TC|TS|PR)\((?P<low>{_NUMBER})?(?P<lowpct>%)?:(?P<high>{_NUMBER})?(?P<highpct>%)?\)"
)


@dataclass(frozen=True)
class _Cut:
    """A parsed statistic other than the simple five: its kind, and between which bounds values count."""

    kind: str
    low: float
    high: float
    by_percent: bool


def is_statistic(stat: str) -> bool:
    """Return whether CloudWatch knows the statistic: ``Sum``, ``p99.9``, ``IQM``, ``TM(10%:90%)``, …."""
    return stat in _SIMPLE or _parse(stat) is not None


def percentile_of(stat: str) -> float | None:
    """Return the percentile (0 to 100) of a ``pNN`` statistic, ``None`` for any other statistic."""
    cut = _parse(stat)
    return cut.high if cut is not None and cut.kind == "p" else None


def statistic(stat: str, values: Sequence[float]) -> float | None:
    """Return the statistic of the values of one period, ``None`` where there is none.

    Percentages go by nearest rank: ``p90`` is the smallest value that at least 90 % of the values do not
    exceed. Raises ``ValueError`` for a statistic that CloudWatch does not know.
    """
    if stat in _SIMPLE:
        return _simple(stat, values)
    cut = _parse(stat)
    if cut is None:
        raise ValueError(f"CloudWatch has no statistic {stat!r}")
    if not values or min(values) < 0:
        return None  # "not available for metrics when any of the metric values are negative numbers"
    return _cut(cut, sorted(values))


def bounds(stat: str, values: Sequence[float]) -> tuple[float, float] | None:
    """Return the least and the greatest value that the documentation allows; equal where it is exact.

    ``None`` and ``ValueError`` as in :func:`statistic`.
    """
    value = statistic(stat, values)
    if value is None:
        return None
    cut = None if stat in _SIMPLE else _parse(stat)
    if cut is None or not cut.by_percent or (cut.low, cut.high) == (0, 100):
        return value, value
    if cut.kind == "tc":
        return 0, len(values)
    if cut.kind == "ts":
        return 0, math.fsum(values)
    # Percentile and trimmed or winsorized mean lie among the values: exact where all values are equal.
    return min(values), max(values)


def _simple(stat: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if stat == "SampleCount":
        return len(values)
    if stat == "Sum":
        return math.fsum(values)
    if stat == "Average":
        return math.fsum(values) / len(values)
    return min(values) if stat == "Minimum" else max(values)


def _parse(stat: str) -> _Cut | None:
    if stat in ("IQM", "iqm"):
        return _Cut("tm", 25, 75, by_percent=True)
    short = _PERCENTILE.fullmatch(stat)
    if short is not None:
        high = float(short["high"])
        return _Cut(short["kind"], 0, high, by_percent=True) if high <= 100 else None
    long = _RANGE.fullmatch(stat)
    if long is None or (long["low"] is None and long["high"] is None):
        return None
    percent = {
        long[sign] is not None for sign, number in (("lowpct", "low"), ("highpct", "high")) if long[number]
    }
    stray = (long["lowpct"] and not long["low"]) or (long["highpct"] and not long["high"])
    if stray or len(percent) != 1:
        return None
    by_percent = percent.pop()
    low = float(long["low"]) if long["low"] else (0 if by_percent else -math.inf)
    high = float(long["high"]) if long["high"] else (100 if by_percent else math.inf)
    kind = long["kind"].lower()
    if low >= high or (by_percent and (high > 100 or kind == "pr")):
        return None
    return _Cut(kind, low, high, by_percent)


def _cut(cut: _Cut, ordered: Sequence[float]) -> float | None:
    count = len(ordered)
    if cut.by_percent:
        first = math.ceil(cut.low / 100 * count)
        last = max(math.ceil(cut.high / 100 * count), first + 1, 1)
        kept = ordered[first:last] or ordered[-1:]
        if cut.kind == "p":
            return kept[-1]
        low, high = kept[0], kept[-1]
    else:
        # Fixed bounds exclude the lower and include the upper one.
        kept = [value for value in ordered if cut.low < value <= cut.high]
        low, high = cut.low, cut.high
    if cut.kind == "pr":
        return 100 * len(kept) / count
    if cut.kind == "tc":
        return len(kept)
    if cut.kind == "ts":
        return math.fsum(kept)
    if cut.kind == "wm":
        return math.fsum(min(max(value, low), high) for value in ordered) / count
    return math.fsum(kept) / len(kept) if kept else None
