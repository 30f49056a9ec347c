"""Security Hub's control CloudWatch.10, which answers for each region by itself.

Sources: Security Hub User Guide, CloudWatch.10, when the status is FAILED, NO_DATA or WARNING; "Compliance
details for control findings", the reason codes with their ``Compliance.Status`` (one is spelt INVAILD there,
too). ASFF knows no NO_DATA: such a finding has the status WARNING.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.clauses import has_text, is_multi_region, selects_reads_and_writes
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, Subscription, Trail
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.reviewers.answer import Answer, Reviewer
from sg_alarm.rule.reviewers.walk import (
    ALARM,
    CONFIRMED,
    TOPIC,
    Outcome,
    Stage,
    anything,
    filters_of_account,
    has_actions,
    logs,
    subscriptions,
    trails,
    walk,
)
from sg_alarm.rule.truth import Truth, every
from sg_alarm.rule.verdict import Link, Note, NoteKind, Verdict
from sg_alarm.unknown import Unknown

_PROFILE = PROFILES["securityhub"]


@dataclass(frozen=True)
class Status:
    """The status of the control in one region; ``code`` is AWS's reason code, empty where it gives none."""

    word: str
    code: str
    reason: str

    @property
    def of_asff(self) -> str:
        """``Compliance.Status`` of the finding."""
        return "WARNING" if self.word == "NO_DATA" else self.word


_VERDICTS = {
    "FAILED": Verdict.FAIL,
    "WARNING": Verdict.UNKNOWN,
    "UNKNOWN": Verdict.UNKNOWN,
    "PASSED": Verdict.PASS,
    "NO_DATA": Verdict.UNKNOWN,
}
"""The words, that of the region first which decides for the account."""

_FOREIGN = Unknown("the account that owns it has to grant sns:ListSubscriptionsByTopic")

_CODES = {
    Link.TRAIL: (
        "CLOUDTRAIL_MULTI_REGION_NOT_PRESENT",
        "no multi-region trail of all management events is on",
    ),
    Link.LOG_GROUP: ("CLOUDTRAIL_METRIC_FILTERS_NOT_PRESENT", "the trail's log group has no metric filter"),
    Link.METRIC_FILTER: ("CLOUDTRAIL_METRIC_FILTER_NOT_VALID", "no metric filter has the text to the letter"),
    Link.ALARM: ("CLOUDWATCH_ALARMS_NOT_PRESENT", "no alarm reads the filter's metric by its name"),
    Link.ACTION: ("CLOUDWATCH_ALARM_ACTIONS_NOT_VALID", "the alarm has no action"),
    Link.TOPIC: ("SNS_TOPIC_INVALID", "the alarm names no topic that exists"),
    Link.SUBSCRIPTION: ("SNS_SUBSCRIPTION_NOT_PRESENT", "the topic has no confirmed subscription"),
}


def status_in(deployment: Deployment, region: str) -> Status:
    """Return the status of CloudWatch.10 in one region of the account."""
    if isinstance(deployment.trails, tuple):
        seen = [trail for trail in deployment.trails if is_multi_region(trail) is not False]
        based_here = [
            one for one in deployment.trails if one.home_region == region and _is_own(one, deployment)
        ]
        if seen and not based_here and any(_may_be_here(one) for one in seen):
            return Status(
                "UNKNOWN", "", "where the trail is based, or whether it is multi-region, is unknown"
            )
        if seen and not based_here:
            if any(_is_own(one, deployment) for one in seen):
                why = f"the multi-region trail is based in {_homes(seen)}, where the control answers"
                return Status("NO_DATA", "CLOUDTRAIL_REGION_INVAILD", why)
            return Status("NO_DATA", "", "the multi-region trail belongs to another account")
    outcome = walk(deployment, _stages(deployment, region))
    if outcome.verdict is Verdict.PASS:
        return Status("PASSED", "", outcome.reason)
    if outcome.verdict is Verdict.FAIL:
        return Status("FAILED", _CODES[outcome.link][0], outcome.reason)
    return _unseen(deployment, outcome)


def _stages(deployment: Deployment, region: str) -> tuple[Stage, ...]:
    def accepts(trail: Trail) -> Truth:
        here = _is_own(trail, deployment) and trail.home_region == region
        return every((here, is_multi_region(trail), logs(trail), selects_reads_and_writes(trail)))

    exact = has_text(_PROFILE.texts)
    return (
        Stage(Link.TRAIL, trails, accepts, _CODES[Link.TRAIL][1]),
        Stage(Link.LOG_GROUP, _groups_with_filters, anything, _CODES[Link.LOG_GROUP][1]),
        Stage(
            Link.METRIC_FILTER, filters_of_account, lambda one: exact(one[1]), _CODES[Link.METRIC_FILTER][1]
        ),
        ALARM,
        Stage(Link.ACTION, lambda _, path: path[-1:], has_actions, _CODES[Link.ACTION][1]),
        TOPIC,
        replace(CONFIRMED, find=_subscriptions),
    )


def _groups_with_filters(deployment: Deployment, path: Sequence[Any]) -> Sequence[Any] | Unknown:
    found = filters_of_account(deployment, path)
    return found if isinstance(found, Unknown) else list(path[-1:]) if found else []


def _subscriptions(deployment: Deployment, path: Sequence[Any]) -> Sequence[Subscription] | Unknown:
    """Find the subscriptions, of a topic of the account's own only."""
    arn = None if isinstance(path[-1], Unknown) else Arn.parse(path[-1].arn)
    return _FOREIGN if arn and arn.account != deployment.account else subscriptions(deployment, path)


def _unseen(deployment: Deployment, outcome: Outcome) -> Status:
    """Return the status where something could not be seen; for topics of other accounts there are codes."""
    alarms = [
        (place, alarm)
        for place in deployment.places
        for alarm in (() if isinstance(place.alarms, Unknown) else place.alarms)
    ]
    for place, alarm in alarms if outcome.link is Link.SUBSCRIPTION else ():
        for action in alarm.alarm_actions if isinstance(alarm.alarm_actions, tuple) else ():
            arn = Arn.parse(action) if isinstance(action, str) else None
            if arn and arn.service == "sns" and arn.account != deployment.account:
                code = "SNS_TOPIC_CROSS_ACCOUNT" + ("" if arn.region == place.region else "_CROSS_REGION")
                return Status("WARNING", code, f"the topic is of account {arn.account}: {_FOREIGN.reason}")
    return Status("UNKNOWN", "", outcome.reason)


def statuses(deployment: Deployment) -> dict[str, Status]:
    """Return the status in each region in scope."""
    return {region: status_in(deployment, region) for region in deployment.regions}


def notes(deployment: Deployment) -> Iterator[Note]:
    """Yield what the control says, and in which regions."""
    regions: dict[Status, list[str]] = {}
    for region, status in statuses(deployment).items():
        regions.setdefault(status, []).append(region)
    for status, where in regions.items():
        word = f"{status.word} ({status.code})" if status.code else status.word
        message = say("security-hub-status", status=word, regions=tuple(where), reason=status.reason)
        yield Note(NoteKind.STATUS, deployment.account, (message,))


def _review(deployment: Deployment) -> Answer:
    found = statuses(deployment)
    word = next((one for one in _VERDICTS if any(one == status.word for status in found.values())), "UNKNOWN")
    regions = [region for region, status in found.items() if status.word == word]
    reason = next((found[region].reason for region in regions), "no region was asked about")
    code = next((found[region].code for region in regions if found[region].code), "")
    why = f"{code}: {reason}" if code else reason
    if regions and len(regions) < len(found):
        why = f"in {', '.join(regions)}: {why}"
    return Answer(word, _VERDICTS[word], why)


def _is_own(trail: Trail, deployment: Deployment) -> bool:
    arn = Arn.parse(trail.arn)
    return arn is None or arn.account == deployment.account


def _may_be_here(trail: Trail) -> bool:
    return isinstance(trail.home_region, Unknown) or is_multi_region(trail) is None


def _homes(seen: Sequence[Trail]) -> str:
    return ", ".join(sorted({str(one.home_region) for one in seen}))


REVIEWER = Reviewer("security-hub", _PROFILE.title, _PROFILE.source, _review)
