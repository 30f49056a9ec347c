"""Whether a trail records the change."""

from __future__ import annotations

from dataclasses import dataclass

from sg_alarm.rule.arn import Arn, is_opaque, same_account
from sg_alarm.rule.links.checks import OK, Check, cannot_tell, failed, finding, is_set, passed
from sg_alarm.rule.model import Trail
from sg_alarm.rule.operations import Operation
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.rule.verdict import Finding, Link
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Change:
    """A call of an operation, in a region of an account."""

    operation: Operation
    account: str
    region: str


def judge_trail(trail: Trail, change: Change) -> Finding:
    """Judge whether the trail records the change."""
    return finding(
        Link.TRAIL,
        trail.arn,
        (
            is_set(
                trail.is_logging,
                True,
                "whether it logs",
                "the trail is stopped: it records nothing",
                "start its logging",
            ),
            _account(trail, change),
            _region(trail, change),
            _selection(trail, change),
        ),
        "the trail logs and records write management events",
    )


def _account(trail: Trail, change: Change) -> Check:
    parts = Arn.parse(trail.arn)
    if parts is None or parts.account == change.account:
        return OK
    if trail.is_organization is True:
        return passed(f"it is the organization's trail, of account {parts.account}")
    evidence = (
        f"the trail is of account {parts.account} and records account {change.account} only if it is an "
        "organization trail"
    )
    if isinstance(trail.is_organization, Unknown):
        return cannot_tell(f"{evidence}, which is unknown: {trail.is_organization.reason}")
    if same_account(parts.account, change.account) is None:
        return cannot_tell(evidence)
    return failed(f"{evidence}, which it is not", "use a trail of this account or of the organization")


def _region(trail: Trail, change: Change) -> Check:
    if trail.is_multi_region is True:
        return passed("in every region")
    if trail.home_region == change.region:
        return passed("in its home region")
    if isinstance(trail.is_multi_region, Unknown):
        return cannot_tell(f"whether it is multi-region is unknown: {trail.is_multi_region.reason}")
    if isinstance(trail.home_region, Unknown):
        return cannot_tell(f"its home region is unknown: {trail.home_region.reason}")
    evidence = f"the trail records the region {trail.home_region} only"
    if is_opaque(trail.home_region) or is_opaque(change.region):
        return cannot_tell(evidence)
    return failed(evidence, "make it a multi-region trail")


def _selection(trail: Trail, change: Change) -> Check:
    answer = selected(trail.event_selectors, change.operation)
    remedy = "select all write management events in its event selectors"
    if answer is Selected.ALL:
        return OK
    if answer is Selected.CANNOT_TELL:
        reason = trail.event_selectors.reason if isinstance(trail.event_selectors, Unknown) else ""
        return cannot_tell(
            "cannot tell whether its event selectors select the call" + (f": {reason}" if reason else "")
        )
    if answer is Selected.SOME:
        return failed("its event selectors select only some of these calls", remedy, partial=True)
    return failed("its event selectors do not select the call", remedy)
