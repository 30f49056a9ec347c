"""What keeps an alarm that goes to ALARM from acting."""

import pytest

from sg_alarm.alarms import (
    AlarmMuteRule,
    CompositeAlarm,
    Firing,
    MetricAlarm,
    Silence,
    Silencer,
    WouldFire,
    silences,
)
from sg_alarm.unknown import Unknown

TOPIC = "arn:aws:sns:eu-west-1:111122223333:topic"
UNKNOWN = Unknown("access denied")
UNREAD = Silence(Silencer.UNKNOWN, "access denied")
DISABLED, NO_ACTION, OTHER_STATES = (
    Silence(by) for by in (Silencer.DISABLED, Silencer.NO_ACTION, Silencer.OTHER_STATES)
)


def alarm(**settings):
    settings = {"alarm_actions": (TOPIC,), **settings}
    return MetricAlarm("sg", "GreaterThanThreshold", 1, **settings)


@pytest.mark.parametrize(
    ("expected", "settings"),
    [
        ([], {}),
        ([DISABLED], {"actions_enabled": False}),
        ([NO_ACTION], {"alarm_actions": ()}),
        ([OTHER_STATES], {"alarm_actions": (), "ok_actions": (TOPIC,)}),
        ([OTHER_STATES], {"alarm_actions": (), "insufficient_data_actions": (TOPIC,)}),
        ([DISABLED, UNREAD], {"actions_enabled": False, "alarm_actions": UNKNOWN}),
        ([NO_ACTION, UNREAD], {"actions_enabled": UNKNOWN, "alarm_actions": ()}),
        ([UNREAD], {"actions_enabled": UNKNOWN}),
        ([UNREAD], {"alarm_actions": UNKNOWN}),
        ([], {"alarm_actions": (UNKNOWN, TOPIC)}),
    ],
)
def test_metric_alarm(expected, settings):
    assert list(silences(alarm(**settings))) == expected


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        ([Silencer.MUTED_AT_TIMES], AlarmMuteRule("nights", ("sg",))),
        ([], AlarmMuteRule("nights", ("other",), status="ACTIVE")),
        ([], AlarmMuteRule("nights", ("sg",), status="EXPIRED")),
        ([], AlarmMuteRule("nights", UNKNOWN, status="EXPIRED")),
        ([Silencer.MUTED], AlarmMuteRule("nights", ("sg",), status="ACTIVE")),
        ([Silencer.PERHAPS_MUTED], AlarmMuteRule("nights", ("sg",), status=UNKNOWN)),
        ([Silencer.PERHAPS_MUTED], AlarmMuteRule("nights", UNKNOWN)),
        ([Silencer.PERHAPS_MUTED], AlarmMuteRule("nights", UNKNOWN, status="ACTIVE")),
    ],
)
def test_mute_rules(expected, rule):
    assert list(silences(alarm(), [rule])) == [Silence(by, "nights") for by in expected]


@pytest.mark.parametrize(
    ("by", "suppressor"),
    [
        (Silencer.SUPPRESSED_AT_TIMES, None),
        (Silencer.SUPPRESSED_AT_TIMES, WouldFire(Firing.DOES_NOT_FIRE, "")),
        (Silencer.SUPPRESSED, WouldFire(Firing.FIRES, "")),
    ],
)
def test_a_suppressor_silences_while_it_is_in_alarm(by, suppressor):
    composite = CompositeAlarm("all", "ALARM(sg)", alarm_actions=(TOPIC,), actions_suppressor="maintenance")
    assert list(silences(composite, suppressor=suppressor)) == [Silence(by, "maintenance")]
