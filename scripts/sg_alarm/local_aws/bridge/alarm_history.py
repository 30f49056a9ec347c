"""The history of alarms, and ``DescribeAlarmHistory``."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult

from sg_alarm.local_aws.bridge.clock import CLOCK, epoch
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded

Json = dict[str, Any]

CAPACITY = 10_000
PAGE = 100


def note(backend: Any, alarm: Any, kind: str, summary: str, data: Json) -> None:
    """Add an item to the history of an alarm."""
    # Kept on moto's backend: it outlives the alarm, as on AWS, and goes when moto is reset.
    if not hasattr(backend, "alarm_history"):
        backend.alarm_history = deque(maxlen=CAPACITY)
    backend.alarm_history.append(
        {
            "AlarmName": alarm.name,
            "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
            "Timestamp": CLOCK.now().replace(tzinfo=None),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps({"version": "1.0", **data}, default=str),
        }
    )


@PATCHES.replaces("moto.cloudwatch.models:CloudWatchBackend.put_metric_alarm")
def configurations_are_noted(original: Any, backend: Any, name: str, **settings: Any) -> Any:
    """Note that an alarm was created or updated."""
    existed = name in backend.alarms
    alarm = original(backend, name, **settings)
    _note_configuration(backend, [alarm], "Update" if existed else "Create")
    return alarm


@PATCHES.replaces("moto.cloudwatch.models:CloudWatchBackend.delete_alarms")
def deletions_are_noted(original: Any, backend: Any, alarm_names: Iterable[str]) -> None:
    """Note that alarms were deleted."""
    alarms = [backend.alarms[name] for name in alarm_names if name in backend.alarms]
    original(backend, alarm_names)
    _note_configuration(backend, alarms, "Delete")


@guarded
def _note_configuration(backend: Any, alarms: Iterable[Any], change: str) -> None:
    for alarm in alarms:
        summary = f'Alarm "{alarm.name}" {change.lower()}d'
        data = {
            "type": change,
            f"{change.lower()}dAlarm": {"alarmName": alarm.name, "alarmArn": alarm.alarm_arn},
        }
        note(backend, alarm, "ConfigurationUpdate", summary, data)


@PATCHES.adds("moto.cloudwatch.responses:CloudWatchResponse.describe_alarm_history")
def describe_alarm_history(response: Any) -> Any:
    """Answer ``DescribeAlarmHistory``: newest first, metric alarms only unless asked.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    backend = cloudwatch_backends[response.current_account][response.region]
    name, kind = response._get_param("AlarmName"), response._get_param("HistoryItemType")
    types = response._get_param("AlarmTypes") or ["MetricAlarm"]
    start, end = response._get_param("StartDate"), response._get_param("EndDate")
    size, token = int(response._get_param("MaxRecords") or PAGE), response._get_param("NextToken") or "0"
    if not token.isdecimal():
        raise InvalidParameterValue("The NextToken is invalid.")
    items = [
        item
        for item in getattr(backend, "alarm_history", ())
        if item["AlarmType"] in types
        and name in (None, item["AlarmName"])
        and kind in (None, item["HistoryItemType"])
        and _within(item["Timestamp"], start, end)
    ]
    if response._get_param("ScanBy") != "TimestampAscending":
        items.reverse()
    first = int(token)
    answer: Json = {"AlarmHistoryItems": items[first : first + size]}
    if first + size < len(items):
        answer["NextToken"] = str(first + size)
    return ActionResult(answer)


def _within(moment: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or epoch(start) <= epoch(moment)) and (end is None or epoch(moment) <= epoch(end))
