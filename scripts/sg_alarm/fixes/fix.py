"""What is proposed to fix a link, and what all fixes need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sg_alarm.fixes.hcl_writer import Block, label
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.lookup import place_of
from sg_alarm.rule.model import Deployment, Place
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.policy import CLOUDWATCH
from sg_alarm.rule.verdict import Finding
from sg_alarm.unknown import Unknown

_T = TypeVar("_T")
CHANGE = "Change these arguments of the existing resource:"


@dataclass(frozen=True)
class Fix:
    """What the deployment would be, and the code that makes it so.

    ``text`` stands before the blocks as it is. The code is for the module that declares ``near``, an address;
    for the root without one.
    """

    deployment: Deployment
    blocks: tuple[Block, ...]
    text: str = ""
    near: str = ""


@dataclass(frozen=True)
class Broken:
    """The finding in question; ``addresses`` are what the code, if there is any, calls the resources."""

    deployment: Deployment
    profile: Profile
    finding: Finding
    addresses: Mapping[str, str]

    @property
    def address(self) -> str:
        """What the code calls the resource of the finding."""
        return self.addresses.get(self.finding.resource, self.finding.resource)

    def resource(
        self, kind: str, name: str, attributes: Mapping[str, Any], *blocks: Block, address: str | None = None
    ) -> Block:
        """Return what to change in a resource that is there, under the name that the code gives it.

        It is the resource of the finding, unless ``address`` names another one.
        """
        parts = [part.partition("[")[0] for part in (address or self.address).split(".")]
        known = len(parts) > 1 and parts[-2] == kind
        name = parts[-1] if known else label(name)
        return Block("resource", (kind, name), attributes, blocks, CHANGE, is_new=False)

    def policy(self, kind: str, holder: str, arn: str, attributes: Mapping[str, Any]) -> Block | None:
        """Return what gives the ``holder`` that ``arn`` names another policy, as a resource of that ``kind``.

        In code, what declares the policy now is to be changed: two of them would undo each other for ever.
        ``None`` where it is not clear what that is.
        """
        if not self.addresses:
            return Block("resource", (kind, label(last_name(arn))), attributes)
        address = self.addresses.get(arn, "")
        module = address.rpartition(f"{holder}.")[0]
        declared = {
            one for one in self.addresses.values() if one.startswith(f"{module}{kind}.") and one != address
        }
        change = {"policy": attributes["policy"]}
        if len(declared) == 1:
            return self.resource(kind, "", change, address=declared.pop())
        return self.resource(holder, "", change, address=address) if address and not declared else None


def changed(deployment: Deployment, at: Place, **changes: Any) -> Deployment:
    """Return the deployment with another value for a list of one place."""
    places = tuple(replace(one, **changes) if one is at else one for one in deployment.places)
    return replace(deployment, places=places)


def exchanged(things: tuple[_T, ...], old: _T, new: _T) -> tuple[_T, ...]:
    """Return the list with one thing in the place of another."""
    return tuple(new if one is old else one for one in things)


def listed(things: tuple[_T, ...] | Unknown) -> tuple[_T, ...]:
    """Return what is known of a list."""
    return () if isinstance(things, Unknown) else things


def find(
    deployment: Deployment,
    listing: Callable[[Place], tuple[_T, ...] | Unknown],
    is_meant: Callable[[_T], bool],
) -> tuple[Place, _T] | None:
    """Return the first thing that is meant, and where it is."""
    found = ((place, one) for place in deployment.places for one in listed(listing(place)) if is_meant(one))
    return next(found, None)


def home_of(deployment: Deployment, arn: str) -> Place | None:
    """Return the place that an ARN names, where somebody looked into it."""
    found = place_of(deployment, arn)
    return found if isinstance(found, Place) else None


def policy_of(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def lets_cloudwatch(topic: Arn, action: str | list[str], resource: str) -> dict[str, Any]:
    """Return a statement that lets the alarms of the topic's account do that."""
    return {
        "Sid": "AllowCloudWatchAlarms",
        "Effect": "Allow",
        "Principal": {"Service": CLOUDWATCH},
        "Action": action,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": topic.account}},
    }


def extended(
    policy: Mapping[str, Any] | Unknown | None, statement: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the policy with one more statement; ``None`` where it is not known."""
    if policy is None or isinstance(policy, Unknown):
        return None
    statements = policy.get("Statement", [])
    statements = [statements] if isinstance(statements, Mapping) else list(statements)
    return {**policy_of(), **policy, "Statement": [*statements, statement]}


def last_name(arn: str) -> str:
    """Return the name at the end of an ARN, or of an address."""
    parts = Arn.parse(arn)
    return (parts.resource if parts else arn).rpartition("/")[2]
