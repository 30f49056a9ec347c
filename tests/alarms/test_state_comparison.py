"""Which value breaches which threshold."""

import pytest

from sg_alarm.alarms.model import AlarmState, MetricAlarm
from sg_alarm.alarms.state import evaluate_state
from sg_alarm.unknown import Unknown


def state(operator, datapoints, threshold=1.0, bands=None, **settings):
    settings = {"evaluation_periods": 1, **settings}
    alarm = MetricAlarm(name="sg", comparison_operator=operator, threshold=threshold, **settings)
    return evaluate_state(alarm, datapoints, AlarmState.OK, bands).value


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


@pytest.mark.parametrize(
    ("operator", "below", "inside", "above"),
    [
        ("LessThanLowerThreshold", "ALARM", "OK", "OK"),
        ("GreaterThanUpperThreshold", "OK", "OK", "ALARM"),
        ("LessThanLowerOrGreaterThanUpperThreshold", "ALARM", "OK", "ALARM"),
    ],
)
def test_band(operator, below, inside, above):
    states = [state(operator, [value], threshold=None, bands=[(1, 3)]) for value in (0, 2, 4)]
    assert states == [below, inside, above]


def test_a_band_includes_its_edges():
    both = "LessThanLowerOrGreaterThanUpperThreshold"
    assert [state(both, [value], threshold=None, bands=[(1, 3)]) for value in (1, 3)] == ["OK", "OK"]


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
        ("does not compare with a band", {"threshold": None, "bands": [(0, 1)]}),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(message, settings):
    operator = settings.pop("operator", "GreaterThanThreshold")
    with pytest.raises(ValueError, match=message):
        state(operator, [1.0], **settings)
