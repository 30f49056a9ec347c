"""What a drill can fire, and who should be notified then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sg_alarm.alarms import Alarm, AlarmState, MetricTransformation, would_fire
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.alarm_message import alarm_message
from sg_alarm.rule.arn import without_streams
from sg_alarm.rule.chains import beside
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.links.alarm import alarms_reading
from sg_alarm.rule.links.subscription import judge_subscription
from sg_alarm.rule.lookup import find_topic
from sg_alarm.rule.model import Deployment, MetricFilter, Place
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown, known_items

OPERATION = "CreateSecurityGroup"
"""What a single synthetic event says; every standard's pattern names it."""

ALARM_TYPES = ["MetricAlarm", "CompositeAlarm"]


@dataclass(frozen=True)
class Recipient:
    """A subscription of a topic that a drilled alarm notifies; ``verdict``: whether it takes the message."""

    protocol: str
    endpoint: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.endpoint} ({self.protocol})"


@dataclass(frozen=True)
class Target:
    """What a drill fires: the log group that events get into, and the alarms that they should raise."""

    account: str
    region: str
    log_group: str
    operations: tuple[str, ...]
    """What the events say, one each."""
    uncounted: tuple[str, ...]
    """Those of the operations that no metric filter with an alarm counts."""
    metrics: Mapping[tuple[str, str], float]
    """The metrics that the events count in, by (namespace, name), and what they add to each."""
    alarms: Mapping[str, int]
    """The alarms that read the metrics, and how many seconds each may take; 0 where that is not known."""
    recipients: tuple[Recipient, ...] | Unknown
    """Who is subscribed to the topics of the alarms."""


def find_targets(deployment: Deployment, operations: tuple[str, ...] = (OPERATION,)) -> list[Target]:
    """Return what can be drilled: every log group of a trail whose filters count such an event."""
    samples = {name: json.dumps(event(name, Caller.IAM_USER)) for name in operations}
    found = []
    for place in deployment.places:
        filters = () if isinstance(place.metric_filters, Unknown) else place.metric_filters
        for group in sorted({str(one.log_group_arn) for one in filters}):
            metrics: dict[tuple[str, str], float] = {}
            alarms: dict[str, Alarm] = {}
            delays: dict[str, int] = {}
            counted: set[str] = set()
            for one in filters:
                matched = [name for name, sample in samples.items() if _counts(one, sample)]
                published = one.transformation
                if one.log_group_arn != group or not isinstance(published, MetricTransformation):
                    continue
                reading = {alarm.name: alarm for alarm in alarms_reading(place, published)}
                if matched and reading:
                    counted.update(matched)
                    alarms |= reading
                    for alarm in reading.values():
                        delay = _delay(place, one, published, alarm)
                        delays[alarm.name] = max(delay, delays.get(alarm.name, 0))
                    metric = str(published.namespace), str(published.name)
                    metrics[metric] = metrics.get(metric, 0) + len(matched) * _value(published)
            if alarms:
                name = without_streams(group).split(":", 6)[6]
                uncounted = tuple(one for one in operations if one not in counted)
                recipients = _recipients(deployment, place, alarms.values())
                found.append(
                    Target(
                        place.account,
                        place.region,
                        name,
                        operations,
                        uncounted,
                        metrics,
                        delays,
                        recipients,
                    )
                )
    return found


def _delay(place: Place, one: MetricFilter, published: MetricTransformation, alarm: Alarm) -> int:
    answer = would_fire(alarm, published, beside(place, one), known_items(place.alarms))
    return answer.delay_seconds or 0


def _recipients(
    deployment: Deployment, place: Place, alarms: Iterable[Alarm]
) -> tuple[Recipient, ...] | Unknown:
    found: dict[Recipient, None] = {}
    for alarm in alarms:
        message = alarm_message(alarm, place, alarm.arn or alarm.name, frozenset(AlarmState))
        for action in known_items(alarm.alarm_actions):
            topic = find_topic(deployment, action)
            if isinstance(topic, Unknown):
                return topic
            subscriptions = topic[1].subscriptions if topic else ()
            if isinstance(subscriptions, Unknown):
                return subscriptions
            for one in subscriptions:
                assert topic
                verdict = judge_subscription(deployment, one, topic[1], message).verdict
                found[Recipient(str(one.protocol), str(one.endpoint), verdict)] = None
    return tuple(found)


def _counts(one: MetricFilter, message: str) -> bool:
    if isinstance(one.pattern, Unknown) or not isinstance(one.transformation, MetricTransformation):
        return False
    try:
        return compile_pattern(one.pattern).matches(message)
    except PatternError:
        return False


def _value(published: MetricTransformation) -> float:
    """Return what an event adds to the metric; next to nothing where that differs from event to event."""
    try:
        return float(str(published.value))
    except ValueError:
        return 1e-9
