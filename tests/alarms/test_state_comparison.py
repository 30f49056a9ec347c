"""Which value breaches which threshold."""

import pytest

from sg_alarm.alarms.model import AlarmState, MetricAlarm
from sg_alarm.alarms.state import evaluate_state
from sg_alarm.unknown import Unknown


def state(operator, datapoints, threshold=1.0, **settings):
    settings = {"evaluation_periods": 1, **settings}
    alarm = MetricAlarm(name="sg", comparison_operator=operator, threshold=threshold, **settings)
    return evaluate_state(alarm, datapoints, AlarmState.OK).value


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_number(operator, below, equal, above):
    assert [state(operator, [value]) for value in (0.5, 1.0, 1.5)] == [below, equal, above]


def test_datapoints_to_alarm_defaults_to_all_evaluation_periods():
    at_least_one = "GreaterThanOrEqualToThreshold"
    assert state(at_least_one, [1, 0, 1], evaluation_periods=3) == "OK"
    assert state(at_least_one, [1, 0, 1], evaluation_periods=3, datapoints_to_alarm=2) == "ALARM"


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        ("threshold is unknown: after apply", {"threshold": Unknown("after apply")}),
        ("no threshold", {"threshold": None}),
        ("evaluation_periods is unknown: denied", {"evaluation_periods": Unknown("denied")}),
        ("treat_missing_data is one of", {"treat_missing_data": "sometimes"}),
        ("does not compare with a number", {"operator": "GreaterThanUpperThreshold"}),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(message, settings):
    operator = settings.pop("operator", "GreaterThanThreshold")
    with pytest.raises(ValueError, match=message):
        state(operator, [1.0], **settings)
