"""Every JSON report that a test reads is checked against the published schema first."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from sg_alarm.reports.json_report import schema


@cache
def _validator() -> Draft202012Validator:
    found = json.loads(schema())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def report_of(text: str) -> dict[str, Any]:
    """Return the report of `audit --format json`."""
    report: dict[str, Any] = json.loads(text)
    _validator().validate(report)
    return report


def untimed(report: str) -> str:
    """Return a report without the time at which it was made."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", "", report)
