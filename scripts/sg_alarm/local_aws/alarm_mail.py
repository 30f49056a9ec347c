"""The text that CloudWatch sends to email subscribers; every other protocol gets the JSON.

The wording follows the mails that AWS sends (CloudWatch User Guide, "Notifying users on alarm changes", shows
the JSON only; the mail's text is observed, not documented).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote


def text_of(message: str) -> str:
    """Return the mail for a message of CloudWatch; any other message as it is."""
    try:
        alarm = json.loads(message)
    except ValueError:
        return message
    if not isinstance(alarm, dict) or not {"AlarmName", "NewStateValue", "AlarmArn"} <= alarm.keys():
        return message
    return "\n".join([*_opening(alarm), *_details(alarm), *_monitored(alarm), *_actions(alarm)])


def _opening(alarm: dict[str, Any]) -> list[str]:
    region = alarm["AlarmArn"].split(":")[3]
    time = datetime.strptime(alarm["StateChangeTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return [
        (
            f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm["AlarmName"]}" in '
            f"the {alarm['Region']} region has entered the {alarm['NewStateValue']} state, because "
            f'"{alarm["NewStateReason"]}" at "{time:%A %d %B, %Y %H:%M:%S} UTC".'
        ),
        "",
        "View this alarm in the AWS Management Console:",
        (
            f"https://{region}.console.aws.amazon.com/cloudwatch/deeplink.js?region={region}"
            f"#alarmsV2:alarm/{quote(alarm['AlarmName'])}"
        ),
        "",
    ]


def _details(alarm: dict[str, Any]) -> list[str]:
    fields = {
        "Name": alarm["AlarmName"],
        "Description": alarm.get("AlarmDescription") or "",
        "State Change": f"{alarm['OldStateValue']} -> {alarm['NewStateValue']}",
        "Reason for State Change": alarm["NewStateReason"],
        "Timestamp": alarm["StateChangeTime"],
        "AWS Account": alarm["AWSAccountId"],
        "Alarm Arn": alarm["AlarmArn"],
    }
    return ["Alarm Details:", *(_line(name, value) for name, value in fields.items()), ""]


def _monitored(alarm: dict[str, Any]) -> list[str]:
    trigger = alarm.get("Trigger")
    if not trigger or "MetricName" not in trigger:
        return []
    return [
        "Threshold:",
        (
            f"- The alarm is in the ALARM state when the metric is {trigger['ComparisonOperator']} "
            f"{trigger['Threshold']} for at least {trigger['DatapointsToAlarm']} of the last "
            f"{trigger['EvaluationPeriods']} period(s) of {trigger['Period']} seconds."
        ),
        "",
        "Monitored Metric:",
        _line("MetricNamespace", trigger["Namespace"]),
        _line("MetricName", trigger["MetricName"]),
        _line("Statistic", trigger.get("Statistic") or trigger.get("ExtendedStatistic")),
        _line("TreatMissingData", trigger["TreatMissingData"]),
        "",
    ]


def _actions(alarm: dict[str, Any]) -> list[str]:
    named = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
    lines = [
        f"- {state}: {' '.join(f'[{arn}]' for arn in alarm[name] or ())}" for state, name in named.items()
    ]
    return ["State Change Actions:", *(line.rstrip() for line in lines), ""]


def _line(name: str, value: object) -> str:
    return f"- {name + ':':<28}{value}"
