"""All ways from a change to a person, judged link by link.

A chain goes on past a broken link as long as there is something to look at, so that one report names
everything that is to be fixed. Where a list could not be read, a chain that is UNKNOWN stands for whatever it
holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sg_alarm.alarms import Alarm, AlarmState, Firing, MetricAlarm, MetricTransformation, would_fire
from sg_alarm.rule.alarm_message import alarm_message
from sg_alarm.rule.arn import without_streams
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.links.alarm import (
    Background,
    alarms_reading,
    holds,
    judge_actions,
    judge_alarm,
    reads_metric,
)
from sg_alarm.rule.links.alarm import resource_of as alarm_resource
from sg_alarm.rule.links.checks import finding
from sg_alarm.rule.links.key import judge_key
from sg_alarm.rule.links.log_group import (
    judge_group_outside,
    judge_log_group,
    judge_no_log_group,
    judge_trail_outside,
)
from sg_alarm.rule.links.metric_filter import (
    counts,
    is_quiet,
    is_relevant,
    judge_filter,
    judge_metric,
    metric_name,
)
from sg_alarm.rule.links.subscription import judge_subscriptions
from sg_alarm.rule.links.topic import is_topic, judge_action, judge_topic
from sg_alarm.rule.links.trail import Change, judge_trail
from sg_alarm.rule.lookup import filters_on, find_log_group, find_topic, unread_filters
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Deployment, LogGroup, MetricFilter, Place, Trail
from sg_alarm.rule.operations import ROUTINE_READS, Profile
from sg_alarm.rule.policy import CLOUDWATCH, Source
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.rule.truth import Truth, some
from sg_alarm.rule.verdict import Finding, Link, Message, Verdict, worst
from sg_alarm.unknown import Outside, Unknown, known_items

_MOST_CHAINS = 1_000  # for one change; a log group has 100 metric filters at most

Findings = tuple[Finding, ...]


@dataclass(frozen=True)
class Candidate:
    """One chain for one change; ``trail``, ``metric_filter`` and ``alarm`` are unset where it has none."""

    findings: Findings
    trail: Trail | None = None
    metric_filter: MetricFilter | None = None
    alarm: Alarm | None = None

    @property
    def alarm_name(self) -> str:
        """What the alarm is called; empty where the chain does not reach one."""
        return "" if self.alarm is None else alarm_resource(self.alarm)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the weakest link."""
        return worst(one.verdict for one in self.findings)

    @property
    def merit(self) -> tuple[bool, bool, bool, int, int]:
        """Return how well this chain serves, or explains why none does; the greater the better."""
        verdicts = [one.verdict for one in self.findings]
        misses = any(one.link is Link.METRIC_FILTER and one.verdict is Verdict.FAIL for one in self.findings)
        return (
            self.verdict is Verdict.PASS,
            self.verdict is not Verdict.FAIL,
            not misses,
            verdicts.count(Verdict.PASS),
            -verdicts.count(Verdict.FAIL),
        )


class Chains:
    """The chains of one deployment under one profile."""

    def __init__(self, deployment: Deployment, profile: Profile) -> None:
        self._deployment = deployment
        self._profile = profile
        self._groups = [group for place in deployment.places for group in known_items(place.log_groups)]
        self._readers: dict[int, set[int]] = {}
        self._known_tails: dict[int, list[tuple[Alarm | None, Findings]]] = {}

    def of(self, change: Change) -> list[Candidate]:
        """Return all chains for a change; at least one, which may end at once."""
        found = list(islice(self._all(change), _MOST_CHAINS + 1))
        if len(found) > _MOST_CHAINS:
            found[-1] = Candidate((finding(Link.METRIC_FILTER, change.account, [say("chains-too-many")]),))
        return found

    def _all(self, change: Change) -> Iterator[Candidate]:
        for head, group_arn in self._heads(change):
            if group_arn is None:
                yield head
            else:
                yield from self._from_group(head, group_arn, change)

    def _heads(self, change: Change) -> Iterator[tuple[Candidate, str | None]]:
        """Yield chains of trail and log group, and the log group's ARN to go on from."""
        trails = self._deployment.trails
        if isinstance(trails, Unknown):
            unread = not_known("trails-unreadable", trails)
            yield from self._without_trail(finding(Link.TRAIL, change.account, [unread]))
            return
        fed_from_outside = [group for group in self._groups if group.trail is not None]
        for trail in trails:
            for head, arn in self._from_trail(trail, fed_from_outside, change):
                yield Candidate(head, trail), arn
        # A trail in the view is the one that counts for its log group, and one that delivers to an unknown
        # group may be the one for any.
        fed = {without_streams(one.log_group_arn) for one in trails if isinstance(one.log_group_arn, str)}
        if not any(isinstance(one.log_group_arn, Unknown) for one in trails):
            for group in fed_from_outside:
                if group.trail is not None and without_streams(group.arn) not in fed:
                    yield _fed_from_outside(group, group.trail)
        if not trails and not fed_from_outside:
            yield from self._without_trail(finding(Link.TRAIL, change.account, [say("no-trail")]))

    def _without_trail(self, judged: Finding) -> Iterator[tuple[Candidate, str | None]]:
        for group in self._groups:
            yield Candidate((judged, judge_log_group(None, group, group.arn))), group.arn
        if not self._groups:
            yield Candidate((judged,)), None

    def _from_trail(
        self, trail: Trail, fed_from_outside: list[LogGroup], change: Change
    ) -> Iterator[tuple[Findings, str | None]]:
        first = judge_trail(trail, change)
        arn = trail.log_group_arn
        if isinstance(arn, Unknown) and fed_from_outside:
            for group in fed_from_outside:
                yield (first, judge_group_outside(trail, group)), group.arn
        elif isinstance(arn, Unknown):
            for group in self._groups:
                yield (first, judge_no_log_group(trail)), group.arn
            if not self._groups:
                yield (first, judge_no_log_group(trail)), None
        elif not arn:
            yield (first, judge_no_log_group(trail)), None
        else:
            found = find_log_group(self._deployment, arn)
            group_or_not = found[1] if isinstance(found, tuple) else found
            yield (first, judge_log_group(trail, group_or_not, arn, self._deployment.read_at)), arn

    def _from_group(self, head: Candidate, group_arn: str, change: Change) -> Iterator[Candidate]:
        filters = list(filters_on(self._deployment, group_arn))
        relevant = [(place, one) for place, one in filters if is_relevant(one)]
        if not filters and not isinstance(find_log_group(self._deployment, group_arn), tuple):
            yield head
        elif lacking := self._lacks_filter(group_arn, len(filters), bool(relevant)):
            judged = finding(Link.METRIC_FILTER, group_arn, [lacking])
            yield replace(head, findings=(*head.findings, judged))
        for place, metric_filter in relevant:
            judged = judge_filter(place, metric_filter, change, self._profile)
            for alarm, tail in self._tails(place, metric_filter):
                yield Candidate((*head.findings, judged, *tail), head.trail, metric_filter, alarm)

    def _lacks_filter(self, group_arn: str, count: int, has_relevant: bool) -> Message | None:
        if unread := unread_filters(self._deployment, group_arn):
            return not_known("metric-filters-unreadable", unread)
        if has_relevant:
            return None
        pattern = self._profile.texts[0]
        if count:
            return say("no-filter-matches", count=str(count), pattern=pattern)
        return say("no-metric-filter", pattern=pattern)

    def _tails(self, place: Place, metric_filter: MetricFilter) -> list[tuple[Alarm | None, Findings]]:
        """Return what follows a metric filter, whatever the change."""
        key = id(metric_filter)
        if key not in self._known_tails:
            self._known_tails[key] = list(self._from_filter(place, metric_filter))
        return self._known_tails[key]

    def _from_filter(
        self, place: Place, metric_filter: MetricFilter
    ) -> Iterator[tuple[Alarm | None, Findings]]:
        metric = judge_metric(metric_filter)
        transformation = metric_filter.transformation
        if not isinstance(transformation, MetricTransformation):
            yield None, (metric,)
            return
        name = metric_name(transformation)
        if isinstance(place.alarms, Unknown):
            unread = not_known("alarms-unreadable", place.alarms)
            yield None, (metric, finding(Link.ALARM, name, [unread]))
            return
        alarms = list(alarms_reading(place, transformation))
        if not alarms:
            lacking = say("no-alarm", region=place.region, metric=name)
            yield None, (metric, finding(Link.ALARM, name, [lacking]))
        others = beside(place, metric_filter)
        for alarm in alarms[: _MOST_CHAINS + 1]:
            answer = would_fire(alarm, transformation, others, known_items(place.alarms))
            background = (
                self._background(place, alarm, metric_filter)
                if answer.firing is Firing.FIRES
                else Background()
            )
            judged = judge_alarm(answer, alarm, transformation, others, background)
            acting = tuple(judge_actions(place, alarm, transformation, others))
            for tail in self._from_alarm(place, alarm, acting, answer.quiet_states):
                yield alarm, (metric, judged, *tail)

    def _background(self, place: Place, alarm: Alarm, metric_filter: MetricFilter) -> Background:
        """Return what else raises the alarm: what this filter counts besides, and others that it reads."""
        holding: list[Message] = []
        quiet = True
        for one in known_items(place.metric_filters):
            published = one.transformation
            if not isinstance(published, MetricTransformation):
                continue
            if one is not metric_filter and not self._is_read(place, one, published, alarm):
                continue
            quiet = quiet and is_quiet(one)
            every_event, call = counts(one, self._receives_reads(one.log_group_arn))
            # One such event raises the alarm, or many in a period do.
            if call and any(
                would_fire(alarm, each, beside(place, one), known_items(place.alarms)).firing is Firing.FIRES
                for each in (published, _many(alarm, published))
            ):
                holding.append(holds(alarm, one.address or one.name, every_event, call))
        return Background(tuple(holding), quiet)

    def _is_read(
        self, place: Place, metric_filter: MetricFilter, published: MetricTransformation, alarm: Alarm
    ) -> bool:
        """Whether the alarm reads what the filter publishes, directly or through alarms that it combines."""
        if isinstance(alarm, MetricAlarm):
            return reads_metric(alarm, published)
        key = id(metric_filter)
        if key not in self._readers:
            self._readers[key] = {id(one) for one in alarms_reading(place, published)}
        return id(alarm) in self._readers[key]

    def _receives_reads(self, group_arn: str | Unknown) -> Truth:
        """Whether the log group receives calls that only read, as that of a trail outside is taken to do."""
        trails = self._deployment.trails
        if isinstance(trails, Unknown) or isinstance(group_arn, Unknown):
            return True if isinstance(trails, Outside) else None
        group = without_streams(group_arn)
        answers: list[Truth] = [
            isinstance(one.trail, Outside) or None
            for one in self._groups
            if one.trail is not None and without_streams(one.arn) == group
        ]
        for trail in trails:
            arn = trail.log_group_arn
            if isinstance(arn, Unknown):
                answers.append(None)
            elif arn and without_streams(arn) == group:
                reads = selected(trail.event_selectors, ROUTINE_READS[0], reads=True)
                answers.append(_SELECTED.get(reads))
        return some(answers)

    def _from_alarm(
        self, place: Place, alarm: Alarm, acting: tuple[Message, ...], before: frozenset[AlarmState]
    ) -> Iterator[Findings]:
        resource = alarm_resource(alarm)
        actions = () if isinstance(alarm.alarm_actions, Unknown) else alarm.alarm_actions
        if not actions:
            yield (finding(Link.ACTION, resource, acting),)
        for action in actions:
            if isinstance(action, Unknown):
                unread = not_known("action-unknown", action)
                yield (finding(Link.ACTION, resource, [*acting, unread]),)
                continue
            found = find_topic(self._deployment, action)
            judged = judge_action(acting, resource, action, place, found)
            if not isinstance(found, tuple) and not is_topic(action):
                yield (judged,)
                continue
            arn = alarm.arn or (
                f"arn:{self._deployment.partition}:cloudwatch:{place.region}:{place.account}:alarm:{alarm.name}"
            )
            source = Source(CLOUDWATCH, place.account, arn)
            message = alarm_message(alarm, place, arn, before)
            yield (judged, *from_topic(self._deployment, source, action, message))


def from_topic(
    deployment: Deployment, source: Source, arn: str, message: Mapping[str, Any] | None
) -> Findings:
    """Judge topic, key and subscriptions for a source that publishes there; ``message`` is the known body."""
    found = find_topic(deployment, arn)
    judged = judge_topic(source, arn, found)
    if not isinstance(found, tuple):
        return (judged,)
    place, topic = found
    key = judge_key(deployment, source, place, topic)
    return (judged, *([] if key is None else [key]), judge_subscriptions(deployment, topic, message))


def _fed_from_outside(group: LogGroup, trail: Unknown) -> tuple[Candidate, str]:
    judged = judge_trail_outside(trail, group.arn)
    return Candidate((judged, judge_log_group(None, group, group.arn))), group.arn


_SELECTED: Mapping[Selected, Truth] = {Selected.ALL: True, Selected.NONE: False}


def _many(alarm: Alarm, published: MetricTransformation) -> MetricTransformation:
    """Return what many events publish in a period, where the alarm adds it up."""
    stat = alarm.metric_stat if isinstance(alarm, MetricAlarm) else None
    try:
        value = float(str(published.value))
    except ValueError:
        return published
    is_sum = stat is not None and stat.stat == "Sum"
    return replace(published, value=str(value * 1_000)) if is_sum else published


def beside(place: Place, metric_filter: MetricFilter) -> list[MetricTransformation]:
    """Return what the other filters of the place publish."""
    return [
        _of_any_metric(other.transformation)
        if isinstance(other.transformation, Unknown)
        else other.transformation
        for other in known_items(place.metric_filters)
        if other is not metric_filter and other.transformation is not None
    ]


def _of_any_metric(unknown: Unknown) -> MetricTransformation:
    return MetricTransformation(unknown, unknown, default_value=unknown)
