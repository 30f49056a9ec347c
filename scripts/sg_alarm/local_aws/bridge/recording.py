"""API calls become CloudTrail events."""

from __future__ import annotations

import json
import re
import threading
import uuid
from functools import lru_cache
from typing import Any

import flask
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from botocore.parsers import create_parser
from moto.core.responses import get_service_model

from sg_alarm.local_aws.bridge import event_history, eventbridge, trails
from sg_alarm.local_aws.bridge.clock import CLOCK
from sg_alarm.local_aws.bridge.identity import user_identity
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded
from sg_alarm.local_aws.bridge.shapes import camel, ec2_request, ec2_response

Json = dict[str, Any]

DATA_EVENTS = {
    "cloudwatch": {"GetMetricData", "PutMetricData"},
    "events": {"PutEvents"},
    "logs": {"FilterLogEvents", "GetLogEvents", "PutLogEvents"},
    "sns": {"Publish", "PublishBatch"},
    "sqs": {f"{verb}Message{suffix}" for verb in ("Send", "Delete", "Receive") for suffix in ("", "Batch")}
    | {"ChangeMessageVisibility", "ChangeMessageVisibilityBatch"},
}
"""Calls that carry data: no management events, and only those are recorded here."""

_WITHOUT_MANAGEMENT_EVENTS = frozenset({"dynamodb", "firehose", "kinesis", "s3"})
"""Services of which moto's calls are mostly data events; none of their calls is recorded."""

_READS = ("AssumeRole", "BatchGet", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Search", "Test")

_ONE_CALL_AT_A_TIME = threading.RLock()

_ERROR = re.compile(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", re.DOTALL)


@PATCHES.replaces("moto.core.responses:BaseResponse.call_action")
def calls_are_recorded(original: Any, response: Any) -> Any:
    """Record a call once it was answered: account, region and operation are known here.

    One call at a time: moto keeps its state in plain dictionaries, and a call that reads one while another
    call writes it fails. Terraform repeats such a call, which then finds what it has just created.
    """
    with _ONE_CALL_AT_A_TIME:
        answer = original(response)
        record(response, answer)
        return answer


@guarded
def record(response: Any, answer: tuple[int, Json, Any]) -> None:
    """Write a call into the event history, to the trails that select it, and to EventBridge."""
    operation = _operation(response)
    if operation is None:
        return
    event = _event(response, operation, answer)
    selecting = trails.selecting(event)
    event_history.remember(event)
    trails.deliver(event, selecting)
    if selecting:  # EventBridge has API calls from CloudTrail, which needs a trail for that
        eventbridge.deliver(event)


def _operation(response: Any) -> Any:
    """Return botocore's model of the operation, None where CloudTrail has no management event for it."""
    service, name = response.service_name, response._get_action()
    if not name or service in _WITHOUT_MANAGEMENT_EVENTS or name in DATA_EVENTS.get(service, ()):
        return None
    try:
        return get_service_model(response.boto3_service_name).operation_model(name)
    except (OperationNotFoundError, UnknownServiceError):  # moto's own interface
        return None


def _event(response: Any, operation: Any, answer: tuple[int, Json, Any]) -> Json:
    status, headers, body = answer
    service = operation.service_model.endpoint_prefix
    request_id = headers.get("x-amzn-requestid") or str(uuid.uuid4())
    account = response.current_account
    read_only = operation.name.startswith(_READS)
    event: Json = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(account, response.partition, response.access_key),
        "eventTime": CLOCK.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation.name,
        "awsRegion": response.region,
        "sourceIPAddress": flask.request.remote_addr or "",
        "userAgent": response.headers.get("User-Agent", ""),
        "requestParameters": None,
        "responseElements": None,
        "requestID": request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    text = body.decode() if isinstance(body, bytes) else str(body)
    ec2 = service == "ec2"
    parameters = _parameters(response)
    if parameters:
        event["requestParameters"] = ec2_request(operation, parameters) if ec2 else camel(parameters)
    if status >= 400:
        event["errorCode"], event["errorMessage"] = _error(text)
        if ec2:
            event["errorCode"] = f"{'Client' if status < 500 else 'Server'}.{event['errorCode']}"
    elif ec2 and not read_only:
        result = _parser().parse(
            {"status_code": status, "headers": {}, "body": text.encode()}, operation.output_shape
        )
        event["responseElements"] = ec2_response(operation, result, request_id)
    return event


@lru_cache
def _parser() -> Any:
    return create_parser("ec2")


def _parameters(response: Any) -> Json:
    if response.automated_parameter_parsing:
        return dict(response.params)
    try:
        parsed = json.loads(response.body)
    except (TypeError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _error(body: str) -> tuple[str, str]:
    found = _ERROR.search(body)
    if found:
        return found[1], found[2]
    try:
        error = json.loads(body)
        return str(error["__type"]).rpartition("#")[2], str(error.get("message") or error.get("Message"))
    except (ValueError, KeyError, TypeError):
        return "Unknown", ""
