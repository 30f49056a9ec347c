"""What keeps an alarm that goes to ALARM from acting.

Sources: CloudWatch User Guide, "Alarm actions", "Composite alarm action suppression", "Alarm mute rules".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from sg_alarm.alarms.answer import Firing, WouldFire
from sg_alarm.alarms.model import Alarm, AlarmMuteRule, CompositeAlarm
from sg_alarm.unknown import Unknown


class Silencer(str, Enum):
    """What silences an alarm, for certain or perhaps."""

    DISABLED = "its actions are disabled"
    NO_ACTION = "it has no action for any state"
    OTHER_STATES = "it has actions for other states only"
    MUTED = "a mute rule is active"
    MUTED_AT_TIMES = "a mute rule is scheduled"
    PERHAPS_MUTED = "a mute rule may be active, or may name it"
    SUPPRESSED = "the change raises its suppressor, too"
    SUPPRESSED_AT_TIMES = "its suppressor may be in ALARM"
    UNKNOWN = "its actions are not known"


@dataclass(frozen=True)
class Silence:
    """One thing that silences an alarm; ``name`` is the mute rule, the suppressor, or why it is not known."""

    by: Silencer
    name: str = ""


def silences(
    alarm: Alarm, mute_rules: Sequence[AlarmMuteRule] = (), suppressor: WouldFire | None = None
) -> Iterator[Silence]:
    """Yield whatever keeps the alarm, on going to ALARM, from performing any action; nothing if it acts.

    ``suppressor`` is the answer of ``would_fire`` for the alarm that ``actions_suppressor`` names.
    """
    if alarm.actions_enabled is False:
        yield Silence(Silencer.DISABLED)
    if alarm.alarm_actions == ():
        elsewhere = alarm.ok_actions != () or alarm.insufficient_data_actions != ()
        yield Silence(Silencer.OTHER_STATES if elsewhere else Silencer.NO_ACTION)
    for value in (alarm.actions_enabled, alarm.alarm_actions):
        if isinstance(value, Unknown):
            yield Silence(Silencer.UNKNOWN, value.reason)
    for rule in mute_rules:
        yield from _muting(rule, alarm.name)
    if isinstance(alarm, CompositeAlarm) and alarm.actions_suppressor is not None:
        # Its actions wait for the suppressor to go to ALARM too, and are performed if it does not.
        fires = suppressor is not None and suppressor.firing is Firing.FIRES
        name = alarm.actions_suppressor
        yield Silence(
            Silencer.SUPPRESSED if fires else Silencer.SUPPRESSED_AT_TIMES,
            "(unknown)" if isinstance(name, Unknown) else name,
        )


def _muting(rule: AlarmMuteRule, alarm_name: str) -> Iterator[Silence]:
    names = rule.alarm_names
    if rule.status == "EXPIRED" or (isinstance(names, tuple) and alarm_name not in names):
        return
    if isinstance(names, Unknown) or isinstance(rule.status, Unknown):
        yield Silence(Silencer.PERHAPS_MUTED, rule.name)
    else:
        yield Silence(
            Silencer.MUTED if rule.status == "ACTIVE" else Silencer.MUTED_AT_TIMES,
            rule.name,
        )
