"""Metric alarms are evaluated: by the minute, and whenever there is new data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, ClassVar

from botocore import xform_name
from moto.cloudwatch.models import cloudwatch_backends

from sg_alarm.alarms import (
    AlarmState,
    MetricAlarm,
    MetricStat,
    UndecidableError,
    alarm_series,
    evaluate_state,
    evaluation_range,
    metric_stats,
)
from sg_alarm.local_aws.bridge.alarm_messages import timestamp
from sg_alarm.local_aws.bridge.alarm_states import LOCK, change, evaluate_composites
from sg_alarm.local_aws.bridge.clock import CLOCK, PERIOD
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded
from sg_alarm.local_aws.bridge.samples import Samples, samples_of
from sg_alarm.readers.settings import Settings
from sg_alarm.readers.shapes import metric_alarm

Values = Sequence[float | None]


@PATCHES.replaces("moto.cloudwatch.models:CloudWatchBackend.put_metric_data")
def new_data_is_evaluated(original: Any, backend: Any, namespace: str, metric_data: Any) -> None:
    """Evaluate alarms as soon as they can change; AWS takes up to a minute."""
    original(backend, namespace, metric_data)
    names = {datum.get("MetricName") for datum in metric_data}
    evaluate_alarms(backend, lambda alarm: _reads(alarm, namespace, names))


def evaluate_everything() -> None:
    """Evaluate the alarms of all accounts and regions."""
    for regions in list(cloudwatch_backends.values()):
        for backend in list(regions.values()):
            evaluate_alarms(backend)


@guarded
def evaluate_alarms(backend: Any, concerned: Callable[[Any], bool] = lambda alarm: True) -> None:
    """Evaluate the alarms of one account and region, or those that are concerned."""
    with LOCK:
        alarms = [alarm for alarm in backend.alarms.values() if alarm.rule is None and concerned(alarm)]
        if alarms:
            samples = samples_of(backend)
            for alarm in alarms:
                _evaluate(backend, alarm, samples)
        evaluate_composites(backend)


def _reads(alarm: Any, namespace: str, names: set[str]) -> bool:
    """Whether an alarm may read one of these metrics."""
    if not alarm.metric_data_queries:
        return alarm.namespace == namespace and alarm.metric_name in names
    metrics = [query.metric_stat.metric for query in alarm.metric_data_queries if query.metric_stat]
    return any(metric.namespace == namespace and metric.metric_name in names for metric in metrics)


@guarded
def _evaluate(backend: Any, alarm: Any, samples: Samples) -> None:
    settings = _settings(alarm)
    if settings.threshold is None:
        return  # anomaly detection: the band depends on a history that is not here
    try:
        stats = metric_stats(settings)
        periods = evaluation_range(settings)
        end = _end(stats.values(), samples)

        accounts = {query.id: query.account_id for query in settings.metrics}

        def read(id_: str, stat: MetricStat) -> list[list[float]]:
            if accounts.get(id_) not in (None, backend.account_id):
                return [[]] * periods  # no account shares its metrics here
            step = _seconds(stat)
            starts = [end - step * number for number in range(periods, 0, -1)]
            return [samples.between(stat, start, start + step) for start in starts]

        values = alarm_series(settings, read, samples.statistic).series
        before = AlarmState(alarm.state_value)
        state = evaluate_state(settings, values, before)
    except (UndecidableError, ValueError):
        return  # nothing that could be evaluated: AWS rejects it, or computes it from what is not here
    if state is not before:
        step = max(map(_seconds, stats.values()))
        starts = [end - step * number for number in range(len(values), 0, -1)]
        reason, data = _reason(settings, alarm, state, list(zip(starts, values, strict=True)))
        change(backend, alarm, state.value, reason, data)


def _seconds(stat: MetricStat) -> int:
    assert isinstance(stat.period, int)
    return stat.period


def _end(stats: Any, samples: Samples) -> float:
    """Return where the evaluation range ends.

    The minute that has begun counts as soon as it has data: an alarm need not wait for the minute's end. As
    long as it is empty it is not missing either. For shorter periods, the period takes the minute's place.
    """
    stats = list(stats)
    step = min([PERIOD, *map(_seconds, stats)])
    begun = CLOCK.time() // step * step
    fresh = any(samples.between(stat, begun, math.inf) for stat in stats)
    return begun + step if fresh else begun


def _settings(alarm: Any) -> MetricAlarm:
    """Return the alarm's model, which is made once: moto makes a new alarm where one is put again."""
    if not hasattr(alarm, "settings"):
        alarm.settings = model(alarm)
    settings: MetricAlarm = alarm.settings
    return settings


def model(alarm: Any) -> MetricAlarm:
    """Turn moto's alarm into the one whose semantics are known."""
    return metric_alarm(Settings(_InApiNames(alarm)))


class _InApiNames(Mapping[str, Any]):
    """One of moto's objects with its attributes under the API's names."""

    _OTHER_NAMES: ClassVar[Mapping[str, str]] = {"AlarmName": "name", "Metrics": "metric_data_queries"}

    def __init__(self, moto: Any) -> None:
        self._moto = moto

    def __getitem__(self, name: str) -> Any:
        attribute = self._OTHER_NAMES.get(name) or xform_name(name)
        if not hasattr(self._moto, attribute):
            raise KeyError(name)
        found = getattr(self._moto, attribute)
        return [_in_api_names(one) for one in found] if isinstance(found, list) else _in_api_names(found)

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self._moto))

    def __len__(self) -> int:
        return len(vars(self._moto))


def _in_api_names(value: Any) -> Any:
    is_plain = value is None or isinstance(value, str | int | float)
    return value if is_plain else _InApiNames(value)


# --- reasons, in CloudWatch's words

_PHRASES = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}


def _reason(
    settings: MetricAlarm, alarm: Any, state: AlarmState, points: list[tuple[float, float | None]]
) -> tuple[str, str]:
    needed = settings.evaluation_periods
    assert isinstance(needed, int)
    seen = [(start, value) for start, value in points if value is not None][-needed:]
    data = {
        "version": "1.0",
        "queryDate": _written(CLOCK.time()),
        "startDate": _written(seen[0][0]) if seen else None,
        "statistic": alarm.statistic or alarm.extended_statistic,
        "period": alarm.period,
        "recentDatapoints": [value for _, value in seen],
        "threshold": settings.threshold,
        "evaluatedDatapoints": [
            {"timestamp": _written(start), "value": value} for start, value in reversed(seen)
        ],
    }
    text = json.dumps({name: value for name, value in data.items() if value is not None})
    if state is AlarmState.INSUFFICIENT_DATA:
        missing = max(needed - len(seen), 1)
        return f"Insufficient Data: {_datapoints(missing)} {_were(missing)} unknown.", text
    alarming = state is AlarmState.ALARM
    if not seen:
        plural = "s" * (needed > 1)
        treated = "Breaching" if alarming else "NonBreaching"
        reason = (
            f"Threshold Crossed: no datapoints were received for {needed} period{plural} and "
            f"{needed} missing datapoint{plural} {_were(needed)} treated as [{treated}]."
        )
        return reason, text
    minimum = settings.required_datapoints if alarming else 1
    assert isinstance(minimum, int)
    listed = ", ".join(
        f"{value} ({datetime.fromtimestamp(start, timezone.utc):%d/%m/%y %H:%M:%S})"
        for start, value in reversed(seen)
    )
    reason = (
        f"Threshold Crossed: {len(seen)} out of the last {needed} datapoints [{listed}] "
        f"{_were(len(seen))} {'' if alarming else 'not '}"
        f"{_PHRASES[str(settings.comparison_operator)]} the threshold ({settings.threshold}) "
        f"(minimum {_datapoints(minimum)} for {'OK -> ALARM' if alarming else 'ALARM -> OK'} transition)."
    )
    return reason, text


def _datapoints(count: int) -> str:
    return f"{count} datapoint{'s' * (count != 1)}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _written(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, timezone.utc))
