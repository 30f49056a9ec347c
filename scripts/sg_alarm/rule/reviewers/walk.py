"""How reviewers look: from the trail along what each thing names, as far as everything is as they ask.

Reviewers follow names where the rule follows events. None asks whether one event raises the alarm, or whether
the message gets through to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.alarms import MetricAlarm, MetricTransformation
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.lookup import filters_on, find_topic, unread_filters
from sg_alarm.rule.model import Deployment, MetricFilter, Place, Subscription, Topic, Trail
from sg_alarm.rule.truth import Truth
from sg_alarm.rule.verdict import LINKS, Link, Verdict
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Outcome:
    """How far a reviewer comes; ``link`` is where it stops, or the last one."""

    verdict: Verdict
    link: Link
    reason: str

    @property
    def merit(self) -> tuple[int, int]:
        """Return how far it comes; the greater the further."""
        return (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS).index(self.verdict), LINKS.index(self.link)


@dataclass(frozen=True)
class Stage:
    """One thing that a reviewer looks for.

    ``find`` returns what there is, given what was found on the way; ``accepts`` says whether one is as the
    reviewer asks; ``missing`` is the reason where none is. With ``first`` the first one accepted is the only
    one that is followed.
    """

    link: Link
    find: Callable[[Deployment, Sequence[Any]], Sequence[Any] | Unknown]
    accepts: Callable[[Any], Truth]
    missing: str
    first: bool = False


def walk(deployment: Deployment, stages: Sequence[Stage], path: Sequence[Any] = ()) -> Outcome:
    """Return the outcome of the way that leads furthest."""
    stage, *rest = stages
    found = stage.find(deployment, path)
    if isinstance(found, Unknown):
        return Outcome(Verdict.UNKNOWN, stage.link, f"the {stage.link.value} cannot be seen: {found.reason}")
    judged = [(one, truth) for one in found if (truth := stage.accepts(one)) is not False]
    outcomes = []
    for one, truth in judged[:1] if stage.first else judged:
        outcome = Outcome(Verdict.PASS, stage.link, "everything that it looks for is there")
        if rest:
            outcome = walk(deployment, rest, (*path, one))
        if truth is None and outcome.verdict is Verdict.PASS:
            outcome = Outcome(Verdict.UNKNOWN, stage.link, f"a setting of the {stage.link.value} is unknown")
        outcomes.append(outcome)
    return max(outcomes, key=lambda one: one.merit, default=Outcome(Verdict.FAIL, stage.link, stage.missing))


def anything(part: Any) -> Truth:
    """Accept whatever is there."""
    return None if isinstance(part, Unknown) else True


# What is found


def trails(deployment: Deployment, path: Sequence[Any]) -> Sequence[Trail] | Unknown:
    """Find the trails that the account sees."""
    return deployment.trails


def filters(deployment: Deployment, path: Sequence[Any]) -> Sequence[tuple[Place, MetricFilter]] | Unknown:
    """Find the metric filters of the trail's log group."""
    arn = path[-1].log_group_arn
    if isinstance(arn, Unknown) or not arn:
        return arn or ()
    return unread_filters(deployment, arn) or list(filters_on(deployment, arn))


def filters_of_account(
    deployment: Deployment, path: Sequence[Any]
) -> Sequence[tuple[Place, MetricFilter]] | Unknown:
    """Find those that a tool with the account's own credentials can see: none in another account."""
    arn = Arn.parse(path[-1].log_group_arn) if isinstance(path[-1].log_group_arn, str) else None
    return () if arn and arn.account != deployment.account else filters(deployment, path)


def alarms(deployment: Deployment, path: Sequence[Any]) -> Sequence[MetricAlarm] | Unknown:
    """Find the alarms on the filter's metric by its name, as DescribeAlarmsForMetric does.

    "It does not return alarms based on math expressions that use the specified metric, or composite alarms"
    (CloudWatch API Reference).
    """
    place, metric_filter = path[-1]
    transformation = metric_filter.transformation
    if isinstance(transformation, Unknown) or isinstance(place.alarms, Unknown):
        return transformation if isinstance(transformation, Unknown) else place.alarms
    if transformation is None:
        return ()
    return alarms_on(place, transformation)


def alarms_on(place: Place, metric: MetricTransformation) -> Sequence[MetricAlarm]:
    """Return the metric alarms of a place on the metric of that namespace and name."""
    return [
        one
        for one in (() if isinstance(place.alarms, Unknown) else place.alarms)
        if isinstance(one, MetricAlarm)
        and one.metric_stat is not None
        and (one.metric_stat.metric.namespace, one.metric_stat.metric.name) == (metric.namespace, metric.name)
    ]


def topics(deployment: Deployment, path: Sequence[Any]) -> Sequence[Topic | Unknown]:
    """Find the topics among the alarm's actions, ``Unknown`` for each that cannot be seen."""
    actions = path[-1].alarm_actions
    found = [_topic(deployment, one) for one in (actions if isinstance(actions, tuple) else (actions,))]
    return [one for one in found if one is not None]


def _topic(deployment: Deployment, action: str | Unknown) -> Topic | Unknown | None:
    if isinstance(action, Unknown):
        return action
    topic = find_topic(deployment, action)
    if isinstance(topic, tuple):
        return topic[1]
    arn = Arn.parse(action)
    return None if arn and arn.service != "sns" else topic


def subscriptions(deployment: Deployment, path: Sequence[Any]) -> Sequence[Subscription] | Unknown:
    """Find the subscriptions of the topic."""
    topic: Topic | Unknown = path[-1]
    return topic if isinstance(topic, Unknown) else topic.subscriptions


# What is asked of it


def has_actions(alarm: MetricAlarm) -> Truth:
    """Whether the alarm has any action."""
    return None if isinstance(alarm.alarm_actions, Unknown) else bool(alarm.alarm_actions)


def is_confirmed(subscription: Subscription) -> Truth:
    """Whether the subscription has an ARN instead of "PendingConfirmation"."""
    return subscription.confirmed if isinstance(subscription.confirmed, bool) else None


def logs(trail: Trail) -> Truth:
    """Whether the trail is on."""
    return trail.is_logging if isinstance(trail.is_logging, bool) else None


def with_pattern(accepts: Callable[[str], Truth]) -> Callable[[tuple[Place, MetricFilter]], Truth]:
    """Ask something of a filter's pattern."""

    def of_filter(found: tuple[Place, MetricFilter]) -> Truth:
        pattern = found[1].pattern
        return None if isinstance(pattern, Unknown) else accepts(pattern)

    return of_filter


def only_first(stage: Stage) -> Stage:
    """Follow the first one only."""
    return replace(stage, first=True)


ALARM = Stage(Link.ALARM, alarms, anything, "no alarm reads the filter's metric by its name")
TOPIC = Stage(Link.TOPIC, topics, anything, "the alarm names no topic that exists")
CONFIRMED = Stage(
    Link.SUBSCRIPTION, subscriptions, is_confirmed, "the alarm's topic has no confirmed subscription"
)
