"""The events of each operation by each kind of caller."""

from __future__ import annotations

from typing import Any

import pytest

from sg_alarm.patterns import compile_pattern
from sg_alarm.patterns.cloudtrail import Domain, Path, Presence, Shape, changes_by
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_ELEVEN, READS

MISSING = object()


def value(found: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return MISSING
        found = found[key]
    return found


def breaches(found: dict[str, Any], domain: Domain) -> list[Path]:
    """Where an event contradicts what the prover takes for granted."""
    wrong = []
    for path, field in domain.fields.items():
        here = value(found, path)
        if here is MISSING:
            fits = field.presence is not Presence.ALWAYS
        elif field.presence is Presence.NEVER:
            fits = False
        elif field.shape is Shape.CONSTANT:
            fits = here in field.values
        else:
            fits = isinstance(here, dict if field.shape is Shape.OBJECT else str)
        if not fits:
            wrong.append(path)
    return wrong


@pytest.mark.parametrize("caller", [caller for caller in Caller if caller is not Caller.DENIED])
@pytest.mark.parametrize("operation", ELEVEN)
def test_a_change_is_one_that_the_prover_reckons_with(operation: str, caller: Caller) -> None:
    assert breaches(event(operation, caller), changes_by(operation)) == []


@pytest.mark.parametrize("operation", ELEVEN)
def test_a_denied_call_is_no_change(operation: str) -> None:
    denied = event(operation, Caller.DENIED)
    assert denied["errorCode"] == "Client.UnauthorizedOperation"
    assert denied["responseElements"] is None
    assert ("errorCode",) in breaches(denied, changes_by(operation))


@pytest.mark.parametrize("caller", Caller)
@pytest.mark.parametrize("operation", ELEVEN)
def test_the_filter_of_eleven_matches_each(operation: str, caller: Caller) -> None:
    assert compile_pattern(PATTERN_OF_ELEVEN).matches(event(operation, caller))


@pytest.mark.parametrize("read", READS, ids=lambda read: read.name)
def test_a_read_call_reads(read: Any) -> None:
    found = event(read.name)
    assert found["readOnly"] is True
    assert not compile_pattern(PATTERN_OF_ELEVEN).matches(found)


@pytest.mark.parametrize(
    ("caller", "pattern"),
    [
        (Caller.IAM_USER, "{ $.userIdentity.type = IAMUser && $.userIdentity.userName = alice }"),
        (Caller.ASSUMED_ROLE, "{ $.userIdentity.sessionContext.sessionIssuer.userName = deployment }"),
        (Caller.ROOT, "{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }"),
        (Caller.AWS_SERVICE, '{ $.userIdentity.invokedBy = "cloudformation.amazonaws.com" }'),
        (Caller.CONSOLE, '{ $.sessionCredentialFromConsole = "true" }'),
        (Caller.DENIED, '{ $.errorCode = "*UnauthorizedOperation" }'),
    ],
)
def test_callers_can_be_told_apart(caller: Caller, pattern: str) -> None:
    matching = {one for one in Caller if compile_pattern(pattern).matches(event("CreateSecurityGroup", one))}
    assert caller in matching
    assert len(matching) < len(Caller)


def test_rules_are_listed_as_ec2_lists_them() -> None:
    found = event("AuthorizeSecurityGroupIngress")
    assert compile_pattern(
        "{ $.requestParameters.ipPermissions.items[0].ipRanges.items[*].cidrIp = 0.0.0.0/0 }"
    ).matches(found)


def test_each_event_is_a_new_one() -> None:
    event("CreateSecurityGroup")["userIdentity"]["type"] = "Root"
    assert event("CreateSecurityGroup")["userIdentity"]["type"] == "IAMUser"


def test_an_unknown_operation_is_an_error() -> None:
    with pytest.raises(KeyError):
        event("RunInstances")
