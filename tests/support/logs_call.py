"""Calls of CloudWatch Logs with parameters that boto3 may not know yet."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from sg_alarm.local_aws import LocalAws


def call(aws: LocalAws, operation: str, **parameters: Any) -> Any:
    """Call an operation; return its answer."""
    request = urllib.request.Request(
        aws.endpoint,
        json.dumps(parameters).encode(),
        {
            "X-Amz-Target": f"Logs_20140328.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20250101/eu-west-1/logs/aws4_request",
        },
    )
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null")
