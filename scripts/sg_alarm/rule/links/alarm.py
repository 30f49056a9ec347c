"""Whether the metric raises the alarm, each time, and whether the alarm acts then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sg_alarm.alarms import (
    Acts,
    Alarm,
    Answer,
    CompositeAlarm,
    Firing,
    MetricAlarm,
    MetricTransformation,
    UnknownSettingError,
    WouldFire,
    acts,
    would_fire,
)
from sg_alarm.alarms.composite import RuleError, alarms_in, parse
from sg_alarm.alarms.matching import other_metric
from sg_alarm.rule.links.checks import OK, Check, cannot_tell, failed, finding, passed
from sg_alarm.rule.model import Place
from sg_alarm.rule.verdict import Finding, Link
from sg_alarm.unknown import Assumed, Unknown


def resource_of(alarm: Alarm) -> str:
    """Return what to call an alarm."""
    return alarm.arn or alarm.name


def alarms_reading(place: Place, transformation: MetricTransformation) -> Iterator[Alarm]:
    """Yield the alarms that read the metric or may do so, directly or through alarms that they combine."""
    alarms = () if isinstance(place.alarms, Unknown) else place.alarms
    by_name = {name: alarm for alarm in reversed(alarms) for name in (alarm.arn, alarm.name) if name}
    for alarm in alarms:
        if _reads(alarm, transformation, by_name, frozenset()):
            yield alarm


def _reads(
    alarm: Alarm, transformation: MetricTransformation, by_name: dict[str, Alarm], above: frozenset[str]
) -> bool:
    if isinstance(alarm, MetricAlarm):
        return _reads_metric(alarm, transformation)
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


def _reads_metric(alarm: MetricAlarm, transformation: MetricTransformation) -> bool:
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


def judge_alarm(
    place: Place,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> Finding:
    """Judge whether one change raises the alarm, silence does not, and another change can raise it again."""
    alarms = () if isinstance(place.alarms, Unknown) else place.alarms
    answer = would_fire(alarm, transformation, others, alarms)
    return finding(
        Link.ALARM,
        resource_of(alarm),
        _firing(alarm, answer),
        f"{answer.reason[:1].lower()}{answer.reason[1:]}".rstrip("."),
    )


def _firing(alarm: Alarm, answer: WouldFire) -> Iterator[Check]:
    reason = _phrase(answer.reason)
    if answer.firing is Firing.CANNOT_TELL:
        yield cannot_tell(f"cannot tell whether one change raises the alarm: {reason}")
    elif answer.firing is not Firing.FIRES:
        yield failed(
            f"{answer.firing.value}: {reason}",
            "let it read the filter's metric as Sum of 300 seconds, 1 of 1, >= 1, missing data notBreaching",
        )
    else:
        yield _rearming(alarm, answer)


def _rearming(alarm: Alarm, answer: WouldFire) -> Check:
    # An alarm notifies on a change of its state: in ALARM, another change of a group sends nothing.
    rearm = math.inf if answer.rearm_seconds is None else answer.rearm_seconds
    if rearm < math.inf:
        more = [caveat.rstrip(".") for caveat in answer.caveats]
        return passed("; ".join([f"another change can notify after {_span(rearm)}", *more]))
    remedy = "treat missing data as notBreaching, so that the alarm returns to OK"
    if answer.holds_seconds == math.inf:
        return failed(
            "it never leaves ALARM again, so that after the first change nobody is told of another", remedy
        )
    if isinstance(alarm, CompositeAlarm):
        return cannot_tell("cannot tell whether it ever leaves ALARM again after the first change", remedy)
    return passed("it leaves ALARM only once the log group receives other events")


def _span(seconds: float) -> str:
    if seconds < 2 * 3_600:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 3_600)} hours: changes in between are not told"


def judge_actions(
    place: Place,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> tuple[Check, tuple[str | Unknown, ...]]:
    """Judge whether the alarm acts on ALARM; return the check, and the actions to follow."""
    rules = place.mute_rules
    known = rules if isinstance(rules, tuple) else ()
    answer = acts(alarm, known, _suppressor(place, alarm, transformation, others))
    actions = () if isinstance(alarm.alarm_actions, Unknown) else alarm.alarm_actions
    return _acting(answer, rules), actions


def _acting(answer: Acts, rules: object) -> Check:
    reason = _phrase(answer.reason)
    if answer.answer is Answer.NO:
        return failed(
            f"the alarm is silent: {reason}",
            "let it act on ALARM: actions enabled, a topic among the alarm actions, nothing that mutes it",
        )
    if isinstance(rules, Unknown):
        return cannot_tell(f"whether a mute rule silences it is unknown: {rules.reason}")
    if answer.answer is Answer.CANNOT_TELL:
        return cannot_tell(f"cannot tell whether the alarm acts: {reason}")
    if answer.caveats:
        return cannot_tell(
            f"it depends on the time of the change: {' '.join(answer.caveats).rstrip('.')}",
            "delete the mute rule, or take this alarm out of it",
        )
    return Check(OK.verdict, _assumption(rules), assumed=True) if isinstance(rules, Assumed) else OK


def _assumption(rules: Assumed) -> str:
    return f"no mute rule is assumed to silence it: {rules.reason}"


def _suppressor(
    place: Place,
    alarm: Alarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
) -> WouldFire | None:
    if not isinstance(alarm, CompositeAlarm) or isinstance(place.alarms, Unknown):
        return None
    for one in place.alarms:
        if alarm.actions_suppressor in (one.name, one.arn):
            return would_fire(one, transformation, others, place.alarms)
    return None


def _phrase(sentence: str) -> str:
    """Return a sentence as part of another; a name such as SampleCount keeps its letters."""
    first = sentence.partition(" ")[0]
    begin = sentence[:1] if any(one.isupper() for one in first[1:]) else sentence[:1].lower()
    return f"{begin}{sentence[1:]}".rstrip(".")
