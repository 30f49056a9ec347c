"""Whether an alarm that goes to ALARM does something then.

Sources: CloudWatch User Guide, "Alarm actions", "Composite alarm action suppression", "Alarm mute rules".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sg_alarm.alarms.answer import Firing, WouldFire
from sg_alarm.alarms.model import Alarm, AlarmMuteRule, CompositeAlarm
from sg_alarm.unknown import Unknown


class Answer(str, Enum):
    """Yes, no, or nobody can tell."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Acts:
    """Whether the alarm acts on ALARM, why, and through which actions (ARNs, in the alarm's order).

    ``delay_seconds`` is what a suppressor's wait period adds before the actions. ``caveats`` say when the
    actions are silent although the alarm acts at other times.
    """

    answer: Answer
    reason: str
    actions: tuple[str, ...] = ()
    delay_seconds: int = 0
    caveats: tuple[str, ...] = ()


def acts(alarm: Alarm, mute_rules: Sequence[AlarmMuteRule] = (), suppressor: WouldFire | None = None) -> Acts:
    """Answer whether the alarm, on going to ALARM, performs any action.

    ``suppressor`` is the answer of ``would_fire`` for the alarm that ``actions_suppressor`` names.
    """
    if alarm.actions_enabled is False:
        return Acts(Answer.NO, "Its actions are disabled.")
    if alarm.alarm_actions == ():
        other = alarm.ok_actions != () or alarm.insufficient_data_actions != ()
        return Acts(
            Answer.NO,
            "It has actions for other states only, none for ALARM."
            if other
            else "It has no action for ALARM.",
        )
    muting = [rule for rule in mute_rules if _names(rule, alarm.name) is not False]
    caveats = tuple(
        f"The mute rule {rule.name} silences it at scheduled times." for rule in muting if _may_start(rule)
    )
    for rule in muting:
        if rule.status == "ACTIVE" and _names(rule, alarm.name):
            return Acts(Answer.NO, f"The mute rule {rule.name} silences it at present.", caveats=caveats)
    for field, value in (("actions_enabled", alarm.actions_enabled), ("alarm_actions", alarm.alarm_actions)):
        if isinstance(value, Unknown):
            return Acts(Answer.CANNOT_TELL, f"{field} is unknown: {value.reason}.", caveats=caveats)
    for rule in muting:
        if isinstance(rule.status, Unknown) or isinstance(rule.alarm_names, Unknown):
            return Acts(
                Answer.CANNOT_TELL, f"What the mute rule {rule.name} does is unknown.", caveats=caveats
            )
    assert not isinstance(alarm.alarm_actions, Unknown)
    actions = tuple(action for action in alarm.alarm_actions if not isinstance(action, Unknown))
    if not isinstance(alarm, CompositeAlarm) or alarm.actions_suppressor is None:
        return Acts(Answer.YES, "It acts on ALARM.", actions, caveats=caveats)
    # Its actions wait for the suppressor to go to ALARM too, and are performed if it does not.
    wait = alarm.actions_suppressor_wait_period
    unknown = isinstance(alarm.actions_suppressor, Unknown)
    name = "that is unknown" if unknown else alarm.actions_suppressor
    if suppressor is not None and suppressor.firing is Firing.FIRES:
        return Acts(
            Answer.NO,
            f"The change raises the suppressor alarm {name}, too, which silences it.",
            caveats=caveats,
        )
    return Acts(
        Answer.CANNOT_TELL,
        f"It acts only while the suppressor alarm {name} is not in ALARM.",
        actions,
        delay_seconds=wait if isinstance(wait, int) else 0,
        caveats=caveats,
    )


def _names(rule: AlarmMuteRule, alarm_name: str) -> bool | None:
    """Return whether the rule mutes the alarm, ``None`` where that is unknown."""
    return None if isinstance(rule.alarm_names, Unknown) else alarm_name in rule.alarm_names


def _may_start(rule: AlarmMuteRule) -> bool:
    return rule.status != "EXPIRED"
