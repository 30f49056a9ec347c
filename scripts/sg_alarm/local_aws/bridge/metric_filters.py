"""Metric filters: log events become datapoints.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from __future__ import annotations

import json
import math
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import logs_backends

from sg_alarm.local_aws.bridge.clock import CLOCK, PERIOD
from sg_alarm.local_aws.bridge.fields import extracted, field_of
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded
from sg_alarm.patterns import Pattern, PatternError, compile_pattern

Json = dict[str, Any]
Dimensions = tuple[tuple[str, str], ...]

MAX_MESSAGES = 50
"""How many messages ``TestMetricFilter`` takes."""

_LOCK = threading.Lock()


@PATCHES.replaces("moto.logs.models:LogGroup.put_log_events")
def log_events_are_filtered(original: Any, group: Any, stream: str, log_events: list[Json]) -> Any:
    """Run the group's metric filters on what anyone writes into it."""
    answer = original(group, stream, log_events)
    run(group, log_events)
    return answer


@guarded
def run(group: Any, log_events: Iterable[Json]) -> None:
    """Publish a datapoint for each event that a filter of the log group matches, those of all at once.

    CloudWatch sees the values of a minute together: no alarm is evaluated between two filters.
    """
    published: dict[str, list[Json]] = defaultdict(list)
    minutes: dict[int, list[str]] = defaultdict(list)
    for event in log_events:
        minutes[int(event["timestamp"]) // 1000 // PERIOD * PERIOD].append(event["message"])
    backend = logs_backends[group.account_id][group.region]
    for metric_filter in backend.filters.get_matching_filters(log_group_name=group.name):
        pattern = compile_pattern(metric_filter["filterPattern"])
        for transformation in metric_filter["metricTransformations"]:
            for minute, messages in minutes.items():
                matching = [message for message in messages if pattern.matches(message)]
                _note(group, metric_filter, transformation, minute, bool(matching))
                system = metric_filter.get("emitSystemFieldDimensions") or ()
                values = _values(group, pattern, transformation, matching, system)
                published[transformation["metricNamespace"]] += _data(transformation, minute, values)
    _publish(group, published)


def _values(
    group: Any, pattern: Pattern, transformation: Json, messages: list[str], system: Iterable[str]
) -> dict[Dimensions, list[float]]:
    """Return the values that matching events give, by the dimensions that they give."""
    found: dict[Dimensions, list[float]] = defaultdict(list)
    place = {"@aws.account": group.account_id, "@aws.region": group.region}
    fixed = tuple((name, place[name]) for name in system if name in place)
    for message in messages:
        read = {
            name: field_of(pattern.tree, message, reference)
            for name, reference in (transformation.get("dimensions") or {}).items()
        }
        value = _number(pattern, transformation["metricValue"], message)
        # A datapoint without one of its dimensions would be one of another metric.
        if value is not None and None not in read.values():
            key = (*((name, str(text)) for name, text in read.items()), *fixed)
            found[key].append(value)
    return found


def _number(pattern: Pattern, metric_value: str, message: str) -> float | None:
    text = field_of(pattern.tree, message, metric_value) if metric_value.startswith("$") else metric_value
    try:
        number = math.nan if text is None else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _data(transformation: Json, minute: int, values: dict[Dimensions, list[float]]) -> list[Json]:
    return [
        {
            "MetricName": transformation["metricName"],
            "Timestamp": datetime.fromtimestamp(minute, timezone.utc).replace(tzinfo=None),
            "Unit": transformation.get("unit") or "None",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
            **_statistics(numbers),
        }
        for dimensions, numbers in values.items()
    ]


def _publish(group: Any, published: Mapping[str, list[Json]]) -> None:
    cloudwatch = cloudwatch_backends[group.account_id][group.region]
    for namespace, data in published.items():
        if data:
            cloudwatch.put_metric_data(namespace, data)


def _statistics(numbers: list[float]) -> Json:
    """Put equal values into one datapoint: ten thousand matching events need not be ten thousand objects."""
    low, high = min(numbers), max(numbers)
    if low < high:
        return {"Values": numbers}
    count = len(numbers)
    return {"StatisticValues": {"SampleCount": count, "Sum": low * count, "Minimum": low, "Maximum": high}}


def _note(group: Any, metric_filter: Json, transformation: Json, minute: int, matched: bool) -> None:
    """Remember whether anything matched in a minute: its default value is due when the minute is over."""
    if transformation.get("defaultValue") is None:
        return
    backend = logs_backends[group.account_id][group.region]
    key = (group.name, metric_filter["filterName"], minute)
    with _LOCK:
        if not hasattr(backend, "default_values"):  # kept on moto's backend: it goes when moto is reset
            backend.default_values = {}
        already = backend.default_values.get(key, (False,))[0]
        backend.default_values[key] = (already or matched, group, transformation)


@guarded
def publish_default_values() -> None:
    """Publish the default values of minutes that are over, had log events, and none that matched."""
    now = CLOCK.time()
    for regions in list(logs_backends.values()):
        for backend in list(regions.values()):
            pending = getattr(backend, "default_values", None)
            if not pending:
                continue
            with _LOCK:
                over = [key for key in pending if key[2] + PERIOD <= now]
                due = [(key[2], *pending.pop(key)) for key in over]
            for minute, matched, group, transformation in due:
                if not matched:
                    data = _data(transformation, minute, {(): [float(transformation["defaultValue"])]})
                    _publish(group, {transformation["metricNamespace"]: data})


@PATCHES.adds("moto.logs.responses:LogsResponse.test_metric_filter")
def test_metric_filter(response: Any) -> str:
    """Answer ``TestMetricFilter``: which of some messages a pattern matches, and the fields it read.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
    """
    messages = response._get_param("logEventMessages") or []
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise InvalidParameterException(
            f"Value at 'logEventMessages' failed to satisfy constraint: from 1 to {MAX_MESSAGES} messages."
        )
    try:
        pattern = compile_pattern(response._get_param("filterPattern") or "")
    except PatternError as error:
        raise InvalidParameterException("Invalid metric filter pattern") from error
    matches = [
        {
            "eventNumber": number,
            "eventMessage": message,
            "extractedValues": extracted(pattern.tree, message),
        }
        for number, message in enumerate(messages, 1)
        if pattern.matches(message)
    ]
    return json.dumps({"matches": matches})
