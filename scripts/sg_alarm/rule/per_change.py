"""Notifications of each change beside the alarm: EventBridge rules on the call itself.

Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail". Such a rule tells who did
what, and every change; no standard accepts it in place of the alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from sg_alarm.rule.arn import Arn
from sg_alarm.rule.chains import from_topic
from sg_alarm.rule.content_filter import ABSENT, passes
from sg_alarm.rule.model import Deployment, EventRule, Place
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.policy import EVENTBRIDGE, Source
from sg_alarm.rule.verdict import Note, NoteKind, Verdict, worst
from sg_alarm.unknown import Unknown


def each_change(deployment: Deployment) -> Iterator[Note]:
    """Yield a note for every rule that notifies a topic of changes, and whether it gets through."""
    for place in deployment.places:
        if place.account == deployment.account and not isinstance(place.event_rules, Unknown):
            for rule in place.event_rules:
                yield from _notes(deployment, place, rule)


def _notes(deployment: Deployment, place: Place, rule: EventRule) -> Iterator[Note]:
    operations = tuple(name for name in OPERATIONS if _matches(rule, place, name))
    targets = () if isinstance(rule.targets, Unknown) else rule.targets
    if not operations or rule.state == "DISABLED" or isinstance(rule.state, Unknown):
        return
    for target in targets:
        if isinstance(target, Unknown) or not _is_topic(deployment, target):
            continue
        source = Source(EVENTBRIDGE, place.account, rule.arn)
        verdict = worst(one.verdict for one in from_topic(deployment, source, target, {}))
        told = {
            Verdict.PASS: f"in {place.region} each of these changes is notified by itself, too, to {target}",
            Verdict.FAIL: f"in {place.region} it sends these changes to {target}, where they reach nobody",
            Verdict.UNKNOWN: f"in {place.region} it sends these changes to {target}; nobody can tell whether "
            "they reach anybody",
        }[verdict]
        yield Note(NoteKind.EACH_CHANGE, rule.arn, told, operations)


def _matches(rule: EventRule, place: Place, operation: str) -> bool:
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
    return any(
        topic.arn == target
        for place in deployment.places
        for topic in (() if isinstance(place.topics, Unknown) else place.topics)
    )
