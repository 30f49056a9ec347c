"""What CloudTrail always, sometimes or never writes into the event of an EC2 call that changed something.

Sources: "CloudTrail record contents" (below: *contents*),
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html;
"CloudTrail userIdentity element" (*identity*), …/cloudtrail-event-reference-user-identity.html.
A field that is not listed may hold anything or be absent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Path = tuple[str, ...]
Constant = str | bool
EC2 = "ec2.amazonaws.com"
ANOTHER_CALL = "RunInstances"  # stands for every call that has nothing to do with the question


class Presence(Enum):
    """How often a field is there."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


class Shape(Enum):
    """What kind of value a field holds."""

    STRING = "string"
    CONSTANT = "constant"
    OBJECT = "object"


@dataclass(frozen=True)
class Field:
    """What is known of one field: ``values`` for constants; ``excluded`` are strings it never holds."""

    presence: Presence
    shape: Shape = Shape.STRING
    values: tuple[Constant, ...] = ()
    sample: str = "other"
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Domain:
    """A set of events: the known fields, and one member of it (``base``) to build examples on."""

    fields: Mapping[Path, Field]
    base: Mapping[str, Any] = field(repr=False)


def _constant(*values: Constant) -> Field:
    return Field(Presence.ALWAYS, Shape.CONSTANT, values)


def _string(sample: str) -> Field:
    return Field(Presence.ALWAYS, sample=sample)


def _optional(sample: str) -> Field:
    return Field(Presence.SOMETIMES, sample=sample)


_OBJECT = Field(Presence.ALWAYS, Shape.OBJECT)

# identity: "type". Types of other services' sign-in are included: a superset only makes the proof stricter.
IDENTITY_TYPES = (
    "IAMUser",
    "AssumedRole",
    "Root",
    "AWSService",
    "AWSAccount",
    "FederatedUser",
    "Role",
    "Directory",
    "IdentityCenterUser",
    "SAMLUser",
    "WebIdentityUser",
    "Unknown",
)

_COMMON: dict[Path, Field] = {
    # contents, "Optional: False"
    ("eventVersion",): _string("1.11"),
    ("eventTime",): _string("2026-01-31T12:00:00Z"),
    ("awsRegion",): _string("eu-central-1"),
    ("sourceIPAddress",): _string("198.51.100.7"),
    ("eventID",): _string("6fcf1a1e-0000-4000-8000-000000000001"),
    ("userIdentity",): _OBJECT,
    ("userIdentity", "type"): _constant(*IDENTITY_TYPES),
    # contents, "Since 1.02, Optional: True"; every event delivered to an account's trail has it.
    ("recipientAccountId",): _string("111122223333"),
    # contents and identity, "Optional: True", always text when they are there.
    ("userAgent",): _optional("aws-cli/2.17.0"),
    ("requestID",): _optional("0f1e2d3c-0000-4000-8000-000000000002"),
    ("apiVersion",): _optional("2016-11-15"),
    ("sharedEventID",): _optional("0f1e2d3c-0000-4000-8000-000000000003"),
    ("vpcEndpointId",): _optional("vpce-0123456789abcdef0"),
    ("vpcEndpointAccountId",): _optional("444455556666"),
    ("sessionCredentialFromConsole",): Field(Presence.SOMETIMES, Shape.CONSTANT, ("true",)),
    ("userIdentity", "userName"): _optional("alice"),
    ("userIdentity", "principalId"): _optional("AIDAEXAMPLE"),
    ("userIdentity", "arn"): _optional("arn:aws:iam::111122223333:user/alice"),
    ("userIdentity", "accountId"): _optional("111122223333"),
    ("userIdentity", "accessKeyId"): _optional("AKIAEXAMPLE"),
    ("userIdentity", "invokedBy"): _optional("cloudformation.amazonaws.com"),
    ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated"): _optional("false"),
    ("userIdentity", "sessionContext", "sessionIssuer", "userName"): _optional("deploy"),
    ("userIdentity", "sessionContext", "sessionIssuer", "arn"): _optional(
        "arn:aws:iam::111122223333:role/deploy"
    ),
}

_CHANGE: dict[Path, Field] = {
    **_COMMON,
    # contents, eventType: "AwsApiCall - An API was called."
    ("eventType",): _constant("AwsApiCall"),
    # contents, eventCategory: "For management events, the value is Management."
    ("eventCategory",): _constant("Management"),
    # contents, managementEvent: shown "if eventVersion is 1.06 or higher, and the event type is AwsApiCall".
    ("managementEvent",): _constant(True),
    # contents, readOnly: "false - The operation is write-only". "Optional: True", but EC2 always writes it.
    ("readOnly",): _constant(False),
    # contents, "Optional: False"; every operation that changes a group has parameters.
    ("requestParameters",): _OBJECT,
    # contents, errorCode: "if the request returns an error": then nothing was changed.
    ("errorCode",): Field(Presence.NEVER),
    ("errorMessage",): Field(Presence.NEVER),
}

FIELDS = {path[0].lower(): path[0] for path in (*_CHANGE, ("eventSource",), ("eventName",))}
"""The fields at the top of an event, by their names in lower case."""

_BASE: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "IAMUser"},
    "eventTime": "2026-01-31T12:00:00Z",
    "eventSource": EC2,
    "eventName": "",
    "awsRegion": "eu-central-1",
    "sourceIPAddress": "198.51.100.7",
    "requestParameters": {},
    "eventID": "6fcf1a1e-0000-4000-8000-000000000001",
    "readOnly": False,
    "eventType": "AwsApiCall",
    "managementEvent": True,
    "recipientAccountId": "111122223333",
    "eventCategory": "Management",
}


def changes_by(operation: str, event_source: str = EC2, account: str = "", region: str = "") -> Domain:
    """Every event of a call of ``operation`` that really changed something, in one account or in any.

    The same for the region.
    """
    settled: dict[str, Constant] = {"eventName": operation, "eventSource": event_source}
    if account:
        settled["recipientAccountId"] = account
    if region:
        settled["awsRegion"] = region
    return Domain(
        {**_CHANGE, **{(name,): _constant(value) for name, value in settled.items()}}, {**_BASE, **settled}
    )


def reads_by(operation: str, event_source: str = EC2) -> Domain:
    """Every event of a call of ``operation`` that read something, in any account."""
    settled: dict[str, Constant] = {"eventName": operation, "eventSource": event_source, "readOnly": True}
    return Domain(
        {**_CHANGE, **{(name,): _constant(value) for name, value in settled.items()}}, {**_BASE, **settled}
    )


def calls_of(name: str, event_source: str) -> Domain:
    """Every event of some other call: it may have failed, read only, or be no API call at all."""
    # contents, readOnly: "true - The operation is read-only (for example, DescribeTrails)".
    read = name.startswith(("Describe", "Get", "List"))
    fields = {**_COMMON, ("eventName",): _constant(name), ("eventSource",): _constant(event_source)}
    if read:
        fields["readOnly",] = _constant(True)
    return Domain(fields, {**_BASE, "eventName": name, "eventSource": event_source, "readOnly": read})


def calls_except(changes: Collection[str]) -> Domain:
    """Every event but those of the named operations, whoever writes it."""
    name = Field(Presence.ALWAYS, sample=ANOTHER_CALL, excluded=frozenset(changes))
    return Domain(
        {**_COMMON, ("eventName",): name, ("eventSource",): Field(Presence.ALWAYS, sample=EC2)},
        {**_BASE, "eventName": ANOTHER_CALL},
    )
