"""Whether an alarm that goes to ALARM does something then."""

import pytest

from sg_alarm.alarms import (
    AlarmMuteRule,
    Answer,
    CompositeAlarm,
    Firing,
    MetricAlarm,
    WouldFire,
    acts,
)
from sg_alarm.unknown import Unknown

TOPIC = "arn:aws:sns:eu-west-1:111122223333:topic"
UNKNOWN = Unknown("access denied")
YES, NO, CANNOT_TELL = Answer.YES, Answer.NO, Answer.CANNOT_TELL


def alarm(**settings):
    settings = {"alarm_actions": (TOPIC,), **settings}
    return MetricAlarm("sg", "GreaterThanThreshold", 1, **settings)


@pytest.mark.parametrize(
    ("expected", "settings", "reason"),
    [
        (YES, {}, "acts on ALARM"),
        (NO, {"actions_enabled": False}, "disabled"),
        (NO, {"alarm_actions": ()}, "no action"),
        (NO, {"alarm_actions": (), "ok_actions": (TOPIC,)}, "other states only"),
        (NO, {"alarm_actions": (), "insufficient_data_actions": (TOPIC,)}, "other states only"),
        (NO, {"actions_enabled": False, "alarm_actions": UNKNOWN}, "disabled"),
        (NO, {"actions_enabled": UNKNOWN, "alarm_actions": ()}, "no action"),
        (CANNOT_TELL, {"actions_enabled": UNKNOWN}, "actions_enabled is unknown: access denied"),
        (CANNOT_TELL, {"alarm_actions": UNKNOWN}, "alarm_actions is unknown: access denied"),
    ],
)
def test_metric_alarm(expected, settings, reason):
    answer = acts(alarm(**settings))
    assert answer.answer is expected
    assert reason in answer.reason


def test_the_actions_that_are_known():
    assert acts(alarm(alarm_actions=(UNKNOWN, TOPIC))).actions == (TOPIC,)
    assert acts(alarm(actions_enabled=False)).actions == ()


@pytest.mark.parametrize(
    ("expected", "caveats", "rule"),
    [
        (YES, 1, AlarmMuteRule("nights", ("sg",))),
        (YES, 0, AlarmMuteRule("nights", ("other",), status="ACTIVE")),
        (YES, 0, AlarmMuteRule("nights", ("sg",), status="EXPIRED")),
        (NO, 1, AlarmMuteRule("nights", ("sg",), status="ACTIVE")),
        (CANNOT_TELL, 1, AlarmMuteRule("nights", ("sg",), status=UNKNOWN)),
        (CANNOT_TELL, 1, AlarmMuteRule("nights", UNKNOWN)),
    ],
)
def test_mute_rules(expected, caveats, rule):
    answer = acts(alarm(), [rule])
    assert answer.answer is expected
    assert len(answer.caveats) == caveats


def test_a_suppressor_silences_while_it_is_in_alarm():
    composite = CompositeAlarm(
        "all",
        "ALARM(sg)",
        alarm_actions=(TOPIC,),
        actions_suppressor="maintenance",
        actions_suppressor_wait_period=90,
    )
    answer = acts(composite)
    assert (answer.answer, answer.delay_seconds, answer.actions) == (CANNOT_TELL, 90, (TOPIC,))
    assert "maintenance" in answer.reason
    assert acts(composite, suppressor=WouldFire(Firing.DOES_NOT_FIRE, "")).answer is CANNOT_TELL
    assert acts(composite, suppressor=WouldFire(Firing.FIRES, "")).answer is NO
