"""The answer to "would one change raise the alarm, and silence not?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from sg_alarm.alarms.model import AlarmState

ANY_STATE = frozenset(AlarmState)
NOT_IN_ALARM = frozenset({AlarmState.OK, AlarmState.INSUFFICIENT_DATA})


class Firing(str, Enum):
    """The four answers."""

    FIRES = "fires on one change"
    DOES_NOT_FIRE = "does not fire on one change"
    FIRES_WITHOUT_CHANGE = "fires without any change"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class WouldFire:
    """The answer for one alarm and one metric filter.

    ``reason`` is one sentence. Only with ``FIRES``: ``delay_seconds`` is the worst time from the arrival of
    the event in the log group to ALARM, with one minute allowed for publishing the metric; ``rearm_seconds``
    the worst time from that arrival until another change can notify again, ``math.inf`` where nothing but
    other data brings the alarm back (it rests on ``state.EXTRA_DATAPOINTS``, which AWS does not document);
    ``holds_seconds`` the time until which the alarm is surely still in ALARM.
    ``quiet_states`` are the states in which the alarm may be while nothing changes. ``held_by`` are the names
    of other alarms that a composite alarm's rule names: while they hold it, a change sends nothing.
    """

    firing: Firing
    reason: str
    delay_seconds: int | None = None
    rearm_seconds: float | None = None
    holds_seconds: float | None = None
    held_by: tuple[str, ...] = ()
    quiet_states: frozenset[AlarmState] = ANY_STATE


def worst(answers: Sequence[WouldFire]) -> WouldFire:
    """Return one answer for several that have the same ``firing``: the first, with the worst times of all."""
    first = answers[0]
    if first.firing is not Firing.FIRES:
        return replace(first, quiet_states=frozenset().union(*(answer.quiet_states for answer in answers)))
    return replace(
        first,
        delay_seconds=max(answer.delay_seconds or 0 for answer in answers),
        rearm_seconds=max(answer.rearm_seconds or 0 for answer in answers),
        holds_seconds=min(answer.holds_seconds or 0 for answer in answers),
        quiet_states=frozenset().union(*(answer.quiet_states for answer in answers)),
    )


def sentence(reason: str) -> str:
    """Return the reason with a capital letter at its start and a full stop at its end."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
