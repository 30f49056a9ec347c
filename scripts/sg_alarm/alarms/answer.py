"""The answer to "would one change raise the alarm, and silence not?"."""

from __future__ import annotations

from dataclasses import dataclass
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
    other data brings the alarm back; ``holds_seconds`` the time until which it is surely still in ALARM.
    ``quiet_states`` are the states in which the alarm may be while nothing changes. ``caveats`` are sentences
    about changes that a firing alarm hides.
    """

    firing: Firing
    reason: str
    delay_seconds: int | None = None
    rearm_seconds: float | None = None
    holds_seconds: float | None = None
    caveats: tuple[str, ...] = ()
    quiet_states: frozenset[AlarmState] = ANY_STATE


class CannotTellError(Exception):
    """Raised where the answer is "cannot tell"; the message is the reason."""


def sentence(reason: str) -> str:
    """Return the reason with a capital letter at its start and a full stop at its end."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
