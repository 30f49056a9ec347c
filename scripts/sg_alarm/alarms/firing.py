"""Whether one change raises an alarm, and silence does not: the entry point, and composite alarms."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from sg_alarm.alarms.answer import ANY_STATE, NOT_IN_ALARM, Firing, WouldFire, sentence
from sg_alarm.alarms.composite import Rule, RuleError, alarms_in, evaluate, parse, size
from sg_alarm.alarms.metric_firing import metric_would_fire
from sg_alarm.alarms.model import (
    Alarm,
    AlarmState,
    CompositeAlarm,
    MetricTransformation,
    UndecidableError,
    known,
)
from sg_alarm.steps import OutOfStepsError, Steps, of_deployment

# Bounds on the work for one composite alarm; beyond them the answer is "cannot tell".
_MOST_COMBINATIONS = 4096
_DEEPEST = 20


def would_fire(
    alarm: Alarm,
    transformation: MetricTransformation,
    other_transformations: Sequence[MetricTransformation] = (),
    alarms: Sequence[Alarm] = (),
) -> WouldFire:
    """Answer whether one change raises the alarm, and silence does not.

    ``transformation`` is the metric of the filter that catches the change. ``other_transformations`` are
    those of the other filters: their default values reach the same metrics, and metric math may read theirs.
    ``alarms`` are the alarms that a composite alarm may refer to, by name or ARN. Raises nothing: what cannot
    be decided is ``CANNOT_TELL`` with the reason.
    """
    return _Change(transformation, other_transformations, alarms).would_fire(alarm)


class _Change:
    """One change among the alarms of an account; answers for each alarm once."""

    def __init__(
        self,
        transformation: MetricTransformation,
        others: Sequence[MetricTransformation],
        alarms: Sequence[Alarm],
    ) -> None:
        self._transformation = transformation
        self._others = others
        self._alarms = {name: alarm for alarm in reversed(alarms) for name in (alarm.arn, alarm.name) if name}
        self._answers: dict[str, WouldFire] = {}
        self._asking: list[str] = []

    def would_fire(self, alarm: Alarm) -> WouldFire:
        if not isinstance(alarm, CompositeAlarm):
            return metric_would_fire(alarm, self._transformation, self._others)
        if alarm.name in self._asking or len(self._asking) == _DEEPEST:
            # CloudWatch stops evaluating composite alarms that refer to each other in a circle.
            return WouldFire(
                Firing.CANNOT_TELL, "Composite alarms refer to each other in a circle or too deep."
            )
        self._asking.append(alarm.name)
        try:
            rule = parse(known(alarm.alarm_rule, "the alarm's rule"))
            return _composite(rule, self._children(rule), Steps(around=of_deployment()))
        except OutOfStepsError:
            return WouldFire(Firing.CANNOT_TELL, "The rule names more alarms than can be tried.")
        except RuleError as error:
            return WouldFire(Firing.CANNOT_TELL, f"The composite alarm's rule is not understood: {error}.")
        except UndecidableError as error:
            return WouldFire(Firing.CANNOT_TELL, sentence(str(error)))
        finally:
            self._asking.pop()

    def _children(self, rule: Rule) -> dict[str, WouldFire]:
        """Return the answers for the alarms of the rule that are known."""
        names = [name for name in alarms_in(rule) if name in self._alarms]
        for name in names:
            if name not in self._answers:
                self._answers[name] = self.would_fire(self._alarms[name])
        return {name: self._answers[name] for name in names}


def _composite(rule: Rule, children: Mapping[str, WouldFire], steps: Steps) -> WouldFire:
    names = alarms_in(rule)
    firing = {name: child for name, child in children.items() if child.firing is Firing.FIRES}
    # An alarm that has nothing to do with the change may be in any state when the change comes. Whether the
    # composite alarm is silent is asked for the case that no such alarm is in ALARM.
    quiet = _outcomes(rule, {name: _quiet_states(children.get(name)) for name in names}, steps)
    if quiet == {True}:
        return WouldFire(
            Firing.FIRES_WITHOUT_CHANGE,
            "The rule holds all the time, so a change does not change the alarm's state.",
            quiet_states=frozenset({AlarmState.ALARM}),
        )
    if True in quiet:
        raise UndecidableError("the rule can hold without any change, depending on the states of its alarms")

    for moment, in_alarm in _moments(firing):
        states = {name: frozenset({AlarmState.ALARM}) if name in in_alarm else ANY_STATE for name in names}
        if _outcomes(rule, states, steps) == {True}:
            # Not only those that make it hold first: any of them may keep it in ALARM.
            rearm = max(child.rearm_seconds or math.inf for child in firing.values())
            return WouldFire(
                Firing.FIRES,
                "One change makes the rule hold.",
                delay_seconds=moment,
                rearm_seconds=rearm,
                holds_seconds=min(firing[name].holds_seconds or 0 for name in in_alarm),
                held_by=tuple(name for name in names if name not in firing),
                quiet_states=frozenset({AlarmState.OK}),
            )
    if not firing and all(_is_known(children.get(name)) for name in names):
        return WouldFire(
            Firing.DOES_NOT_FIRE,
            "No alarm that the rule names fires on one change.",
            quiet_states=frozenset({AlarmState.OK}),
        )
    impossible = {
        name: frozenset({AlarmState.ALARM}) | children[name].quiet_states if name in firing else ANY_STATE
        for name in names
    }
    if True not in _outcomes(rule, impossible, steps):
        return WouldFire(
            Firing.DOES_NOT_FIRE, "The rule never holds.", quiet_states=frozenset({AlarmState.OK})
        )
    raise UndecidableError("whether the rule holds after a change depends on the states of its other alarms")


def _is_known(child: WouldFire | None) -> bool:
    """Whether the change surely leaves the alarm as it is."""
    return child is not None and child.firing is Firing.DOES_NOT_FIRE


def _quiet_states(child: WouldFire | None) -> frozenset[AlarmState]:
    if child is None or child.firing is Firing.DOES_NOT_FIRE:
        return NOT_IN_ALARM
    return child.quiet_states


def _moments(firing: Mapping[str, WouldFire]) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield times after the change, and which alarms are surely in ALARM then.

    Each alarm alone at the time when it fires, and all together where they overlap in every case.
    """
    for name, child in sorted(firing.items(), key=lambda item: item[1].delay_seconds or 0):
        yield child.delay_seconds or 0, frozenset({name})
    if firing:
        last = max(child.delay_seconds or 0 for child in firing.values())
        if last < min(child.holds_seconds or 0 for child in firing.values()):
            yield last, frozenset(firing)


def _outcomes(rule: Rule, states: Mapping[str, frozenset[AlarmState]], steps: Steps) -> set[bool]:
    """Return what the rule can give when every alarm is in any of its possible states."""
    combinations = math.prod(len(possible) for possible in states.values())
    if combinations > _MOST_COMBINATIONS:
        raise UndecidableError("the rule names more alarms of unknown state than can be tried")
    steps.take(combinations * (1 + size(rule)))
    return {
        evaluate(rule, dict(zip(states, combination, strict=True)))
        for combination in itertools.product(*states.values())
    }
