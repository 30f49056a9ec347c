"""CloudTrail events of the operations, as different callers cause them.

The shapes are CloudTrail's: ``items`` lists and lowerCamelCase for the query API of EC2
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/using-cloudtrail.html), the wrapped request of newer
operations (``ModifySecurityGroupRulesRequest``, as published events show it; the other operations introduced
after it are assumed to be alike), and the identities of
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html.
Account numbers and addresses are those reserved for documentation.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from enum import Enum
from typing import Any

from sg_alarm.patterns.cloudtrail import EC2
from sg_alarm.rule.operations import READS

Json = dict[str, Any]

ACCOUNT = "111122223333"
GROUP = "sg-0123456789abcdef0"
VPC = "vpc-0a1b2c3d4e5f60718"
_RULE = "sgr-0fedcba9876543210"
_REQUEST = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
_READS = frozenset(read.name for read in READS)


class Caller(str, Enum):
    """Who called, or how."""

    IAM_USER = "IAM user"
    ASSUMED_ROLE = "assumed role"
    ROOT = "root user"
    AWS_SERVICE = "AWS service on behalf of a user"
    CONSOLE = "console"
    DENIED = "denied call"


def event(operation: str, caller: Caller = Caller.IAM_USER, region: str = "eu-central-1") -> Json:
    """Make the event that CloudTrail writes when a caller calls an operation.

    ``operation`` is one of the eleven, or a read call. Every call makes a new dict. A denied call changed
    nothing: it carries ``errorCode``, and ``responseElements`` is null. Raises KeyError for other operations.
    """
    read = operation in _READS
    found: Json = {
        "eventVersion": "1.11",
        "userIdentity": _IDENTITIES[caller](),
        "eventTime": "2026-01-31T12:00:00Z",
        "eventSource": EC2,
        "eventName": operation,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.17.0 md/Botocore#2.0.0",
        "requestParameters": {"maxResults": 1000} if read else _PARAMETERS[operation](),
        "responseElements": None if read else _response(operation),
        "requestID": _REQUEST,
        "eventID": str(uuid.UUID(hashlib.sha256(f"{operation}/{caller.value}".encode()).hexdigest()[:32])),
        "readOnly": read,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"ec2.{region}.amazonaws.com",
        },
    }
    if caller is Caller.AWS_SERVICE:
        found["sourceIPAddress"] = found["userAgent"] = "cloudformation.amazonaws.com"
        del found["tlsDetails"]
    if caller is Caller.CONSOLE:
        found["userAgent"] = "Mozilla/5.0 (X11; Linux x86_64)"
        found["sessionCredentialFromConsole"] = "true"
    if caller is Caller.DENIED:
        found["errorCode"] = "Client.UnauthorizedOperation"
        found["errorMessage"] = "You are not authorized to perform this operation."
        found["responseElements"] = None
    return found


def _iam_user() -> Json:
    return {
        "type": "IAMUser",
        "principalId": "AIDACKCEVSQ6C2EXAMPLE",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "userName": "alice",
    }


def _assumed_role() -> Json:
    return {
        "type": "AssumedRole",
        "principalId": "AROACKCEVSQ6C2EXAMPLE:deploy",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployment/deploy",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROACKCEVSQ6C2EXAMPLE",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/deployment",
                "accountId": ACCOUNT,
                "userName": "deployment",
            },
            "attributes": {"creationDate": "2026-01-31T11:45:00Z", "mfaAuthenticated": "false"},
        },
    }


def _root() -> Json:
    return {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "attributes": {"creationDate": "2026-01-31T11:45:00Z", "mfaAuthenticated": "true"},
        },
    }


def _aws_service() -> Json:
    return {**_assumed_role(), "invokedBy": "cloudformation.amazonaws.com"}


_IDENTITIES: dict[Caller, Callable[[], Json]] = {
    Caller.IAM_USER: _iam_user,
    Caller.ASSUMED_ROLE: _assumed_role,
    Caller.ROOT: _root,
    Caller.AWS_SERVICE: _aws_service,
    Caller.CONSOLE: _assumed_role,
    Caller.DENIED: _iam_user,
}


def _rules() -> Json:
    return {
        "groupId": GROUP,
        "ipPermissions": {
            "items": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "groups": {},
                    "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                    "ipv6Ranges": {},
                    "prefixListIds": {},
                }
            ]
        },
    }


def _descriptions() -> Json:
    rules = _rules()
    rules["ipPermissions"]["items"][0]["ipRanges"]["items"][0]["description"] = "office"
    return rules


def _wrapped(operation: str, request: Json) -> Json:
    return {f"{operation}Request": request}


_PARAMETERS: dict[str, Callable[[], Json]] = {
    "AuthorizeSecurityGroupIngress": _rules,
    "AuthorizeSecurityGroupEgress": _rules,
    "RevokeSecurityGroupIngress": _rules,
    "RevokeSecurityGroupEgress": _rules,
    "CreateSecurityGroup": lambda: {"groupName": "web", "groupDescription": "web servers", "vpcId": VPC},
    "DeleteSecurityGroup": lambda: {"groupId": GROUP},
    "ModifySecurityGroupRules": lambda: _wrapped(
        "ModifySecurityGroupRules",
        {
            "GroupId": GROUP,
            "SecurityGroupRule": {
                "SecurityGroupRuleId": _RULE,
                "tag": 1,
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "CidrIpv4": "0.0.0.0/0",
                },
            },
        },
    ),
    "UpdateSecurityGroupRuleDescriptionsIngress": _descriptions,
    "UpdateSecurityGroupRuleDescriptionsEgress": _descriptions,
    "AssociateSecurityGroupVpc": lambda: _wrapped(
        "AssociateSecurityGroupVpc", {"GroupId": GROUP, "VpcId": VPC}
    ),
    "DisassociateSecurityGroupVpc": lambda: _wrapped(
        "DisassociateSecurityGroupVpc", {"GroupId": GROUP, "VpcId": VPC}
    ),
}


def _response(operation: str) -> Json:
    if operation.endswith("Vpc"):
        state = "associating" if operation.startswith("Associate") else "disassociating"
        return {f"{operation}Response": {"requestId": _REQUEST, "state": state}}
    if operation == "ModifySecurityGroupRules":
        return {"ModifySecurityGroupRulesResponse": {"requestId": _REQUEST, "return": True}}
    response: Json = {"requestId": _REQUEST, "_return": True}
    if operation == "CreateSecurityGroup":
        response["groupId"] = GROUP
    if operation.startswith("Authorize"):
        response["securityGroupRuleSet"] = {
            "items": [
                {
                    "groupOwnerId": ACCOUNT,
                    "groupId": GROUP,
                    "securityGroupRuleId": _RULE,
                    "isEgress": operation.endswith("Egress"),
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "cidrIpv4": "0.0.0.0/0",
                }
            ]
        }
    return response
