"""Whether the metric raises the alarm, each time, and whether the alarm acts then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sg_alarm.alarms import (
    Alarm,
    CompositeAlarm,
    Firing,
    MetricAlarm,
    MetricTransformation,
    Silencer,
    UnknownSettingError,
    WouldFire,
    repair,
    silences,
    would_fire,
)
from sg_alarm.alarms.composite import RuleError, alarms_in, parse
from sg_alarm.alarms.matching import other_metric
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.links.checks import finding, unless_known
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Place
from sg_alarm.rule.verdict import Argument, Finding, Link, Message, Ref
from sg_alarm.unknown import Unknown, first_unknown, known_items


def resource_of(alarm: Alarm) -> str:
    """Return what to call an alarm."""
    return alarm.arn or alarm.name


def alarms_reading(place: Place, transformation: MetricTransformation) -> Iterator[Alarm]:
    """Yield the alarms that read the metric or may do so, directly or through alarms that they combine."""
    alarms: tuple[Alarm, ...] = known_items(place.alarms)
    by_name = {name: alarm for alarm in reversed(alarms) for name in (alarm.arn, alarm.name) if name}
    for alarm in alarms:
        if _reads(alarm, transformation, by_name, frozenset()):
            yield alarm


def _reads(
    alarm: Alarm, transformation: MetricTransformation, by_name: dict[str, Alarm], above: frozenset[str]
) -> bool:
    if isinstance(alarm, MetricAlarm):
        return reads_metric(alarm, transformation)
    if isinstance(alarm.alarm_rule, Unknown):
        return True
    try:
        names = alarms_in(parse(alarm.alarm_rule))
    except RuleError:
        return False  # CloudWatch does not accept it
    return any(
        _reads(by_name[name], transformation, by_name, above | {alarm.name})
        for name in names
        if name in by_name and by_name[name].name not in above
    )


def reads_metric(alarm: MetricAlarm, transformation: MetricTransformation) -> bool:
    """Whether the alarm reads the metric, or may do so."""
    stats = [alarm.metric_stat, *(query.metric_stat for query in alarm.metrics)]
    for stat in stats:
        try:
            if stat is not None and other_metric(stat, transformation) is None:
                return True
        except UnknownSettingError:
            return True
    # SEARCH and SELECT name the metric, or only its namespace, in their text.
    names = [part for part in (transformation.namespace, transformation.name) if isinstance(part, str)]
    return any(
        isinstance(query.expression, Unknown)
        or (query.expression is not None and any(name in query.expression for name in names))
        for query in alarm.metrics
    )


@dataclass(frozen=True)
class Background:
    """What else raises an alarm: ``holding`` may keep it in ALARM; ``quiet`` where nothing does."""

    holding: tuple[Message, ...] = ()
    quiet: bool = True


def holds(alarm: Alarm, filter_name: str, every_event: bool, call: str) -> Message:
    """Return what to say of a filter that counts every event, or a call that is made all the time."""
    about: dict[str, Argument] = {"filter": filter_name}
    if every_event:
        return say("alarm-held-by-events", **about)
    if alarm.state:
        return say("alarm-held-by-calls-now", **about, call=call, state=alarm.state, time=alarm.state_since)
    return say("alarm-held-by-calls", **about, call=call)


def judge_alarm(
    answer: WouldFire,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
    background: Background,
) -> Finding:
    """Judge whether one change raises the alarm, silence does not, and another change can raise it again."""
    if isinstance(alarm, CompositeAlarm):
        messages = _composite(answer)
    else:
        messages = _metric_alarm(answer, alarm, transformation, others)
    reason = _phrase(answer.reason)
    if background.quiet and reason == "one change raises the alarm":
        reason += ", whatever else the log group receives"
    fires = say("alarm-fires", reason=reason)
    return finding(Link.ALARM, resource_of(alarm), (*messages, *background.holding), fires)


def _metric_alarm(
    answer: WouldFire,
    alarm: MetricAlarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> Iterator[Message]:
    reason = _phrase(answer.reason)
    if answer.firing is Firing.CANNOT_TELL:
        unknown = first_unknown((alarm, transformation))
        yield not_known("alarm-unclear", Unknown(reason, unknown.remedy if unknown else ""))
        return
    never_rearms = answer.firing is Firing.FIRES and answer.holds_seconds == math.inf
    if answer.firing is Firing.FIRES and not never_rearms:
        yield from _rearms(answer)
        return
    changes = repair(alarm, transformation, others) or (_recommended(alarm, transformation),)
    if never_rearms:
        yield say("alarm-never-rearms", changes=changes)
    elif answer.firing is Firing.FIRES_WITHOUT_CHANGE:
        yield say("alarm-fires-without-change", reason=reason, changes=changes)
    else:
        yield say("alarm-does-not-fire", reason=reason, changes=changes)


def _recommended(alarm: MetricAlarm, transformation: MetricTransformation) -> str:
    alone = would_fire(alarm, transformation)
    return _OWN_METRIC if alone.firing is Firing.FIRES else _RECOMMENDED


_OWN_METRIC = "let the other filters publish metrics of their own"
_RECOMMENDED = (
    "let the alarm read the filter's metric itself, as Sum of 300 seconds, >= 1, 1 of 1 datapoints, "
    "missing data "
    "notBreaching"
)


def _composite(answer: WouldFire) -> Iterator[Message]:
    if answer.firing is not Firing.FIRES:
        yield say(_COMPOSITE[answer.firing], reason=_phrase(answer.reason))
    elif answer.holds_seconds == math.inf:
        yield say("composite-never-rearms")
    elif answer.rearm_seconds == math.inf:
        yield say("composite-rearming-unclear")
    else:
        yield from _rearms(answer)


_COMPOSITE = {
    Firing.DOES_NOT_FIRE: "composite-does-not-fire",
    Firing.FIRES_WITHOUT_CHANGE: "composite-always-holds",
    Firing.CANNOT_TELL: "composite-unclear",
}


def _rearms(answer: WouldFire) -> Iterator[Message]:
    # An alarm notifies on a change of its state: in ALARM, another change of a group sends nothing.
    seconds = math.inf if answer.rearm_seconds is None else answer.rearm_seconds
    if seconds == math.inf:
        yield say("alarm-rearms-on-events")
    elif seconds < 2 * 3_600:
        yield say("alarm-rearms", time=f"{math.ceil(seconds / 60)} minutes")
    else:
        yield say("alarm-rearms-late", time=f"{math.ceil(seconds / 3_600)} hours")
    if answer.held_by:
        yield say("alarm-held-by-others", alarms=tuple(map(Ref, answer.held_by)))


_SILENCED = {
    Silencer.DISABLED: "actions-disabled",
    Silencer.NO_ACTION: "no-action",
    Silencer.OTHER_STATES: "actions-for-other-states",
    Silencer.MUTED: "alarm-muted",
    Silencer.MUTED_AT_TIMES: "alarm-muted-at-times",
    Silencer.PERHAPS_MUTED: "mute-rule-unclear",
    Silencer.SUPPRESSED: "alarm-suppressed",
    Silencer.SUPPRESSED_AT_TIMES: "alarm-suppressed-at-times",
    Silencer.UNKNOWN: "actions-unknown",
}


def judge_actions(
    place: Place,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> Iterator[Message]:
    """Yield what keeps the alarm from acting on ALARM, or may do so."""
    suppressor = _suppressor(place, alarm, transformation, others)
    for silence in silences(alarm, known_items(place.mute_rules), suppressor):
        id_ = _SILENCED[silence.by]
        if silence.by is Silencer.UNKNOWN:
            continue  # said below
        elif silence.by in (Silencer.SUPPRESSED, Silencer.SUPPRESSED_AT_TIMES):
            yield say(id_, suppressor=Ref(silence.name))
        else:
            yield say(id_, **({"mute_rule": silence.name} if silence.name else {}))
    yield from unless_known(alarm.actions_enabled, "actions-enabled-unknown")
    yield from unless_known(alarm.alarm_actions, "actions-unknown")
    yield from unless_known(place.mute_rules, "mute-rules-unreadable")


def _suppressor(
    place: Place,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> WouldFire | None:
    """Return whether the change raises the alarm that suppresses this one; ``None`` where there is none."""
    alarms: tuple[Alarm, ...] = known_items(place.alarms)
    suppressor = alarm.actions_suppressor if isinstance(alarm, CompositeAlarm) else None
    meant = (one for one in alarms if suppressor in (one.name, one.arn) and suppressor is not None)
    found = next(meant, None)
    return None if found is None else would_fire(found, transformation, others, alarms)


def _phrase(sentence: str) -> str:
    """Return a sentence as part of another; a name such as SampleCount keeps its letters."""
    first = sentence.partition(" ")[0]
    begin = sentence[:1] if any(one.isupper() for one in first[1:]) else sentence[:1].lower()
    return f"{begin}{sentence[1:]}".rstrip(".")
