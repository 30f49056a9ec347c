"""AWS's own tables: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".

Points are in AWS's notation, oldest first: 0 not breaching, X breaching, - missing; five are retrieved.
"""

import pytest

from sg_alarm.alarms.model import AlarmState, MetricAlarm
from sg_alarm.alarms.state import evaluate_state, evaluation_range

OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
RETAIN = None
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")

#                        missing       ignore  breaching  notBreaching
THREE_OF_THREE = {
    "0 - X - X": (OK, OK, OK, OK),
    "0 - - - -": (OK, OK, OK, OK),
    "- - - - -": (INSUFFICIENT, RETAIN, ALARM, OK),
    "0 X X - X": (ALARM, ALARM, ALARM, ALARM),
    "- - X - -": (ALARM, RETAIN, ALARM, OK),
}
TWO_OF_THREE = {
    "0 - X - X": (ALARM, ALARM, ALARM, ALARM),
    "0 0 X 0 X": (ALARM, ALARM, ALARM, ALARM),
    "0 - X - -": (OK, OK, ALARM, OK),
    "- - - - 0": (OK, OK, ALARM, OK),
    "- - - X -": (ALARM, RETAIN, ALARM, OK),
}
# Rows of earlier editions of the page, and the text below the tables: not yet old enough to raise the alarm.
THREE_OF_THREE_EARLIER = {
    "- - - - X": (INSUFFICIENT, RETAIN, ALARM, OK),
    "- - - X -": (INSUFFICIENT, RETAIN, ALARM, OK),
    "X - - - -": (ALARM, RETAIN, ALARM, OK),
}
TWO_OF_THREE_EARLIER = {
    "- - - - X": (INSUFFICIENT, RETAIN, ALARM, OK),
}


def rows():
    tables = [
        (3, THREE_OF_THREE),
        (2, TWO_OF_THREE),
        (3, THREE_OF_THREE_EARLIER),
        (2, TWO_OF_THREE_EARLIER),
    ]
    for to_alarm, table in tables:
        for points, states in table.items():
            for treatment, state in zip(TREATMENTS, states, strict=True):
                yield pytest.param(
                    to_alarm, points, treatment, state, id=f"{to_alarm} of 3, {points}, {treatment}"
                )


def datapoints(points):
    return [{"0": 0.0, "X": 1.0, "-": None}[point] for point in points.split()]


@pytest.mark.parametrize("previous", list(AlarmState))
@pytest.mark.parametrize(("to_alarm", "points", "treatment", "expected"), list(rows()))
def test_table(to_alarm, points, treatment, expected, previous):
    alarm = MetricAlarm(
        name="sg",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=3,
        datapoints_to_alarm=to_alarm,
        treat_missing_data=treatment,
    )
    assert evaluation_range(alarm) == 5
    assert evaluate_state(alarm, datapoints(points), previous) == (expected or previous)
