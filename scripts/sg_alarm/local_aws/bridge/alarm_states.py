"""Changes of an alarm's state: noted, acted on, and passed on to composite alarms."""

from __future__ import annotations

import threading
from typing import Any

from sg_alarm.alarms import AlarmState
from sg_alarm.alarms.composite import RuleError, alarms_in, evaluate, parse
from sg_alarm.local_aws.bridge.alarm_history import note
from sg_alarm.local_aws.bridge.alarm_messages import act, timestamp
from sg_alarm.local_aws.bridge.clock import CLOCK, epoch
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded

Json = dict[str, Any]

LOCK = threading.RLock()
"""Held while states are compared and changed: calls and the clock may come at once."""


def change(backend: Any, alarm: Any, state: str, reason: str, data: str = "{}") -> None:
    """Move an alarm into a state; nothing happens if it is there already."""
    if alarm.state_value != state:
        before = (alarm.state_value, alarm.state_reason, alarm.state_reason_data)
        alarm.update_state(reason, data, state)
        changed(backend, alarm, before)


def changed(backend: Any, alarm: Any, before: tuple[str, str, str]) -> None:
    """Note a change of state and execute the actions of the new one."""
    old, new = before[0], alarm.state_value
    states = [before, (new, alarm.state_reason, alarm.state_reason_data)]
    written = [
        {"stateValue": value, "stateReason": reason, "stateReasonData": data}
        for value, reason, data in states
    ]
    data = {"oldState": written[0], "newState": written[1]}
    note(backend, alarm, "StateUpdate", f"Alarm updated from {old} to {new}", data)
    if getattr(alarm, "actions_suppressor", None):
        _hold(alarm, old)
    elif alarm.actions_enabled:
        act(backend, alarm, old, _children(backend, alarm))


@PATCHES.replaces("moto.cloudwatch.models:CloudWatchBackend.set_alarm_state")
def set_states_are_acted_on(
    original: Any, backend: Any, alarm_name: str, reason: str, reason_data: str, state_value: str
) -> None:
    """Treat a state that was set as any other change; the next evaluation may take it back.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
    """
    with LOCK:
        alarm = backend.alarms.get(alarm_name)
        before = alarm and (alarm.state_value, alarm.state_reason, alarm.state_reason_data)
        original(backend, alarm_name, reason, reason_data, state_value)
        if before[0] != state_value:
            guarded(changed)(backend, alarm, before)
            evaluate_composites(backend)


# --- composite alarms


@guarded
def evaluate_composites(backend: Any) -> None:
    """Bring the composite alarms of an account and region up to date."""
    with LOCK:
        composites = [alarm for alarm in backend.alarms.values() if alarm.rule is not None]
        for _ in composites:  # a rule may refer to composite alarms: as many rounds as there can be levels
            before = [alarm.state_value for alarm in composites]
            for alarm in composites:
                guarded(_evaluate)(backend, alarm)
            if before == [alarm.state_value for alarm in composites]:
                break
        for alarm in composites:
            guarded(_release)(backend, alarm)


def _evaluate(backend: Any, alarm: Any) -> None:
    try:
        rule = parse(alarm.rule)
    except RuleError:
        return  # AWS would not have accepted it
    states = {
        name: AlarmState(found.state_value) if found else AlarmState.INSUFFICIENT_DATA
        for name in alarms_in(rule)
        for found in [_find(backend, name)]
    }
    state = "ALARM" if evaluate(rule, states) else "OK"
    states_text = ", ".join(f"{name} is {state.value}" for name, state in states.items())
    change(backend, alarm, state, f"The rule {alarm.rule} is {str(state == 'ALARM').lower()}: {states_text}")


def _find(backend: Any, name_or_arn: str) -> Any:
    """Return the alarm of that name or ARN in the same account and region."""
    _, separator, name = name_or_arn.partition(":alarm:")
    found = backend.alarms.get(name if separator else name_or_arn) or backend.alarms.get(name_or_arn)
    return found if found and name_or_arn in (found.name, found.alarm_arn) else None


def _children(backend: Any, alarm: Any) -> list[Json]:
    """Return the alarms that a composite alarm's message names."""
    if alarm.rule is None:
        return []
    found = [child for name in alarms_in(parse(alarm.rule)) if (child := _find(backend, name))]
    return [
        {
            "Arn": child.alarm_arn,
            "State": {"Value": child.state_value, "Timestamp": timestamp(child.state_updated_timestamp)},
        }
        for child in found
    ]


# --- actions suppressors
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Composite_Alarm_Suppression.html


def _hold(alarm: Any, old_state: str) -> None:
    """Hold actions back until the suppressor alarm had its time to speak."""
    held = getattr(alarm, "held_since_state", None)
    if held == alarm.state_value:  # back where it was: nothing is left to report
        alarm.held_since_state = None
    elif held is None:
        alarm.held_since_state, alarm.was_suppressed = old_state, False


def _release(backend: Any, alarm: Any) -> None:
    """Execute held actions once the suppressor alarm lets them go."""
    old = getattr(alarm, "held_since_state", None)
    if old is None:
        return
    suppressor = _find(backend, alarm.actions_suppressor)
    if suppressor is not None and suppressor.state_value == "ALARM":
        alarm.was_suppressed = True
        return
    if alarm.was_suppressed and suppressor is not None:
        since, wait = suppressor.state_updated_timestamp, alarm.actions_suppressor_extension_period
    else:
        since, wait = alarm.state_updated_timestamp, alarm.actions_suppressor_wait_period
    if epoch(since) + int(wait or 0) > CLOCK.time():
        return
    alarm.held_since_state = None
    if alarm.actions_enabled:
        act(backend, alarm, old, _children(backend, alarm))
