"""Whether a trail records the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sg_alarm.rule.arn import Arn, is_opaque, same_account
from sg_alarm.rule.links.checks import finding, unless_known
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Trail
from sg_alarm.rule.operations import Operation
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.rule.verdict import Finding, Link, Message
from sg_alarm.unknown import Unknown, reason_of


@dataclass(frozen=True)
class Change:
    """A call of an operation, in a region of an account."""

    operation: Operation
    account: str
    region: str


def judge_trail(trail: Trail, change: Change) -> Finding:
    """Judge whether the trail records the change."""
    return finding(Link.TRAIL, trail.arn, _messages(trail, change), say("trail-records"))


def _messages(trail: Trail, change: Change) -> Iterator[Message]:
    if trail.is_logging is False:
        yield say("trail-stopped")
    yield from unless_known(trail.is_logging, "trail-logging-unknown", "trail-logging-assumed")
    yield from _account(trail, change)
    yield _region(trail, change)
    yield from _selection(trail, change)


def _account(trail: Trail, change: Change) -> Iterator[Message]:
    parts = Arn.parse(trail.arn)
    if parts is None or parts.account == change.account:
        return
    if trail.is_organization is True:
        yield say("trail-of-organization", account=parts.account)
    elif isinstance(trail.is_organization, Unknown):
        yield say("trail-account-unclear", account=parts.account, reason=trail.is_organization.reason)
    elif same_account(parts.account, change.account) is None:
        yield say("trail-account-unclear", account=parts.account, reason="the accounts may be the same")
    else:
        yield say("trail-of-other-account", account=parts.account)


def _region(trail: Trail, change: Change) -> Message:
    if trail.is_multi_region is True:
        return say("trail-multi-region")
    if trail.home_region == change.region:
        return say("trail-home-region")
    if isinstance(trail.is_multi_region, Unknown):
        return say("trail-regions-unclear", reason=trail.is_multi_region.reason)
    if isinstance(trail.home_region, Unknown):
        return say("trail-regions-unclear", reason=trail.home_region.reason)
    if is_opaque(trail.home_region) or is_opaque(change.region):
        return say("trail-regions-unclear", reason=f"it records only the region {trail.home_region}")
    return say("trail-single-region", region=trail.home_region)


def _selection(trail: Trail, change: Change) -> Iterator[Message]:
    answer = selected(trail.event_selectors, change.operation)
    if answer is Selected.CANNOT_TELL:
        reason = reason_of(trail.event_selectors) or "they depend on something that is not known"
        yield say("trail-selectors-unclear", reason=reason)
    elif answer is Selected.SOME:
        yield say("trail-selectors-narrow")
    elif answer is Selected.NONE:
        yield say("trail-selectors-miss")
