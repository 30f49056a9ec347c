"""Whether a trail records the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sg_alarm.rule.arn import Arn, is_opaque, same_account
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.links.checks import finding, unless_known
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import OTHER_REGIONS, Trail
from sg_alarm.rule.operations import Operation
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.rule.verdict import Finding, Link, Message
from sg_alarm.unknown import Outside, Unknown, first_unknown


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
    yield from unless_known(trail.is_logging, "trail-logging-unknown")
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
        yield not_known("trail-account-unclear", trail.is_organization, account=parts.account)
    elif same_account(parts.account, change.account) is None:
        same = Outside("the accounts may be the same")
        yield not_known("trail-account-unclear", same, account=parts.account)
    else:
        yield say("trail-of-other-account", account=parts.account)


def _region(trail: Trail, change: Change) -> Message:
    if trail.is_multi_region is True:
        return say("trail-multi-region")
    if trail.home_region == change.region:
        return say("trail-home-region")
    for value in (trail.is_multi_region, trail.home_region):
        if isinstance(value, Unknown):
            return not_known("trail-regions-unclear", value)
    if change.region == OTHER_REGIONS and trail.other_regions:
        return say("other-regions-assumed", reason=trail.other_regions.reason)
    region = str(trail.home_region)
    if change.region != OTHER_REGIONS and (is_opaque(region) or is_opaque(change.region)):
        return not_known("trail-regions-unclear", Unknown(f"it records only the region {region}"))
    return say("trail-single-region", region=region)


def _selection(trail: Trail, change: Change) -> Iterator[Message]:
    answer = selected(trail.event_selectors, change.operation)
    if answer is Selected.CANNOT_TELL:
        unclear = Unknown("they depend on something that is not known")
        yield not_known("trail-selectors-unclear", first_unknown(trail.event_selectors) or unclear)
    elif answer is Selected.SOME:
        yield say("trail-selectors-narrow")
    elif answer is Selected.NONE:
        yield say("trail-selectors-miss")
