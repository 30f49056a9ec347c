"""The values that alarms read: moto's datapoints, sorted by metric and time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from moto.cloudwatch.models import MetricAggregatedDatum

from sg_alarm.alarms import MetricStat
from sg_alarm.alarms.statistic import statistic
from sg_alarm.local_aws.bridge.clock import epoch

Key = tuple[str, str, frozenset[tuple[str, str]]]
Sample = tuple[float, str, tuple[float, ...]]
"""When, in which unit, and the values."""


_MOST_REMEMBERED = 10_000


class Samples:
    """An index of one CloudWatch backend's datapoints. moto only ever appends to its list of them."""

    def __init__(self) -> None:
        self._read = 0
        self._metrics: dict[Key, list[Sample]] = defaultdict(list)
        self._values: dict[tuple[Key, Any, float, float], list[float]] = {}
        self._statistics: dict[tuple[str, int], float | None] = {}

    def update(self, data: list[Any]) -> None:
        """Take in what is new."""
        changed = set()
        for datum in data[self._read :]:
            dimensions = frozenset((dimension.name, dimension.value) for dimension in datum.dimensions)
            key = (datum.namespace, datum.name, dimensions)
            self._metrics[key].append((epoch(datum.timestamp), datum.unit or "None", _values(datum)))
            changed.add(key)
            self._read += 1
        for key in changed:
            self._metrics[key].sort()  # nearly sorted: cheap
        if changed or len(self._values) > _MOST_REMEMBERED:
            self._values.clear()
            self._statistics.clear()

    def between(self, stat: MetricStat, start: float, end: float) -> list[float]:
        """Return the values published from ``start`` until before ``end``."""
        metric = stat.metric
        assert isinstance(metric.dimensions, tuple)
        dimensions = frozenset((each.name, str(each.value)) for each in metric.dimensions)
        key = (str(metric.namespace), str(metric.name), dimensions)
        place = (key, stat.unit, start, end)
        if place not in self._values:  # alarms read the same values, again and again
            found = self._metrics.get(key, [])
            first, last = bisect_left(found, (start,)), bisect_left(found, (end,))
            self._values[place] = [
                value
                for _, unit, values in found[first:last]
                if stat.unit in (None, unit)
                for value in values
            ]
        return self._values[place]

    def statistic(self, stat: str, values: Sequence[float]) -> float | None:
        """Return a statistic of values that ``between`` gave."""
        place = (stat, id(values))  # which ``_values`` keeps, as long as this is remembered
        if place not in self._statistics:
            self._statistics[place] = statistic(stat, values)
        return self._statistics[place]


def samples_of(backend: Any) -> Samples:
    """Return the index of a CloudWatch backend, up to date."""
    if not hasattr(backend, "samples"):  # kept on moto's backend: it goes when moto is reset
        backend.samples = Samples()
    samples: Samples = backend.samples
    samples.update(backend.metric_data)
    return samples


def _values(datum: Any) -> tuple[float, ...]:
    """Return single values; for a set of statistics, values that have the same statistics."""
    if not isinstance(datum, MetricAggregatedDatum):
        return (datum.value,)
    count = int(datum.sample_count)
    if datum.min == datum.max:
        return (datum.min,) * count
    middle = (datum.sum - datum.min - datum.max) / (count - 2) if count > 2 else 0.0
    return (datum.min, datum.max, *(middle,) * (count - 2))
