"""Notifications of each change beside the alarm: EventBridge rules on the call itself.

Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail". The message of such a rule
says who did what, and comes for every change; no standard accepts it in place of the alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.chains import from_topic
from sg_alarm.rule.content_filter import ABSENT, passes
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, EventRule, Place
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.policy import EVENTBRIDGE, Source
from sg_alarm.rule.verdict import Note, NoteKind, Ref, Verdict, worst
from sg_alarm.unknown import Unknown, known_items


def per_change_notes(deployment: Deployment) -> Iterator[Note]:
    """Yield a note for every rule that notifies a topic of changes, and whether it gets through."""
    for place in deployment.places:
        if place.account == deployment.account:
            for rule in known_items(place.event_rules):
                yield from _notes(deployment, place, rule)


def _notes(deployment: Deployment, place: Place, rule: EventRule) -> Iterator[Note]:
    operations = tuple(name for name in OPERATIONS if matches_call(rule, place, name))
    if not operations or rule.state == "DISABLED" or isinstance(rule.state, Unknown):
        return
    for target in known_items(rule.targets):
        if not _is_topic(deployment, target):
            continue
        source = Source(EVENTBRIDGE, place.account, rule.arn)
        verdict = worst(one.verdict for one in from_topic(deployment, source, target, None))
        message = say(_ENDS[verdict], region=place.region, topic=Ref(target))
        yield Note(NoteKind.EACH_CHANGE, rule.arn, (message,), operations)


_ENDS = {
    Verdict.PASS: "per-change-notified",
    Verdict.FAIL: "per-change-lost",
    Verdict.UNKNOWN: "per-change-unclear",
}


def matches_call(rule: EventRule, place: Place, operation: str) -> bool:
    """Whether an EventBridge rule certainly matches the event of a call of the operation."""
    event = {
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "account": place.account,
        "region": place.region,
        "detail": {
            "eventSource": OPERATIONS[operation].event_source,
            "eventName": operation,
            "eventType": "AwsApiCall",
            "awsRegion": place.region,
            "errorCode": ABSENT,
            "errorMessage": ABSENT,
        },
    }
    return bool(rule.event_pattern) and passes(rule.event_pattern, event) is True


def _is_topic(deployment: Deployment, target: str) -> bool:
    parts = Arn.parse(target)
    if parts is not None:
        return parts.service == "sns"
    return any(topic.arn == target for place in deployment.places for topic in known_items(place.topics))
