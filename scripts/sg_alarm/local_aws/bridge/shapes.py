"""Requests and responses as CloudTrail writes them.

EC2's query API: lowerCamelCase and ``items`` lists. Newer EC2 operations: the request as it was sent, within
an element of its own. See ``sg_alarm.rule.events`` for the same shapes written out.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

WRAPPED = frozenset({"ModifySecurityGroupRules", "AssociateSecurityGroupVpc", "DisassociateSecurityGroupVpc"})


def ec2_request(operation: Any, parameters: Json) -> Json:
    """Write the request of an EC2 operation; ``operation`` is botocore's model of it."""
    if operation.name in WRAPPED:
        return {f"{operation.name}Request": _as_sent(parameters, operation.input_shape)}
    request: Json = _with_items(parameters, operation.input_shape)
    return request


def ec2_response(operation: Any, result: Json, request_id: str) -> Json:
    """Write the response of an EC2 operation that succeeded."""
    shape = operation.output_shape
    written: Json = _with_items(result, shape) if shape else {}
    returned = {"_return": True} if "return" in written or "SecurityGroup" in operation.name else {}
    if operation.name in WRAPPED:
        return {f"{operation.name}Response": {"requestId": request_id, **written}}
    written.pop("return", None)
    return {"requestId": request_id, **returned, **written}


def camel(value: Any) -> Any:
    """Write the request of any other service: names begin with a small letter."""
    if isinstance(value, dict):
        return {f"{name[:1].lower()}{name[1:]}": camel(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [camel(inner) for inner in value]
    return value


def _with_items(value: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        written = {
            _name(name, member): _with_items(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
        if shape.name == "IpPermission":  # every kind of source is listed, if only empty
            lists = (_name(name, m) for name, m in shape.members.items() if m.type_name == "list")
            written = {**{each: {} for each in lists}, **written}
        return written
    if shape.type_name == "list":
        items = [_with_items(item, shape.member) for item in value]
        return {"items": items} if items else {}
    return value


def _name(name: str, member: Any) -> str:
    written = member.serialization.get("name", name)
    return f"{written[:1].lower()}{written[1:]}"


def _as_sent(value: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        return {
            member.serialization.get("name", name): _as_sent(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list":
        items = [_as_sent(item, shape.member) for item in value]
        if shape.member.type_name == "structure":
            items = [{**item, "tag": number} for number, item in enumerate(items, 1)]
        return items[0] if len(items) == 1 else items
    return value
