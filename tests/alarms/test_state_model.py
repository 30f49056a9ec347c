"""The state of an alarm, compared with a table that shares no code with the product."""

from __future__ import annotations

from itertools import product

import pytest

from alarm_model import TREATMENTS, state_of
from sg_alarm.alarms.model import AlarmState, MetricAlarm
from sg_alarm.alarms.state import evaluate_state, evaluation_range


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("periods", [1, 2, 3, 4])
def test_every_range_of_datapoints_gives_the_state_of_the_table(periods, treatment):
    for needed in range(1, periods + 1):
        settings = {
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": 1,
            "evaluation_periods": periods,
            "datapoints_to_alarm": needed,
            "treat_missing_data": treatment,
        }
        alarm = MetricAlarm(name="sg", **settings)
        for values in product((0, 1, None), repeat=evaluation_range(alarm)):
            samples = [[] if value is None else [value] for value in values]
            for before in AlarmState:
                found = evaluate_state(alarm, values, before)
                assert found.value == state_of({"stat": "Sum", **settings}, samples, before.value), values
