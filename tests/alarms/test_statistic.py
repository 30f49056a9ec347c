"""Statistics: CloudWatch User Guide, "CloudWatch statistics definitions"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.alarms.statistic import bounds, is_statistic, percentile_of, statistic

VALUES = [0, 0, 1, 3]
HUNDRED = list(range(1, 101))
THOUSAND = list(range(1, 1001))


@pytest.mark.parametrize(
    ("stat", "values", "expected"),
    [
        ("Sum", VALUES, 4),
        ("Average", VALUES, 1),
        ("Minimum", VALUES, 0),
        ("Maximum", VALUES, 3),
        ("SampleCount", VALUES, 4),
        ("p95", HUNDRED, 95),
        ("p100", HUNDRED, 100),
        ("p0", HUNDRED, 1),
        ("p99.9", [7], 7),
        ("tm90", HUNDRED, 45.5),  # the mean of 1 to 90
        ("TM(:90%)", HUNDRED, 45.5),
        ("TM(2%:98%)", HUNDRED, 50.5),
        ("TM(150:1000)", [150, 151, 1000, 1001], 575.5),  # 150 is excluded, 1000 included
        ("TM(150:1000)", [1, 2], None),
        ("IQM", HUNDRED, 50.5),
        ("wm50", [1, 2, 3, 100], 1.75),  # 3 and 100 count as 2
        ("WM(2:50)", [1, 2, 3, 100], 14.25),  # 1 counts as 2, 100 as 50
        ("PR(:300)", [100, 300, 301, 400], 50),
        ("PR(100:2000)", [100, 101, 2000, 2001], 50),
        ("tc90", HUNDRED, 90),
        ("TC(0.005:0.030)", [0.005, 0.006, 0.030, 0.031], 2),
        ("ts90", HUNDRED, 4095),
        ("TS(80%:)", HUNDRED, 1810),  # 81 to 100
        ("tm90", THOUSAND, 450.5),  # the mean of 1 to 900
        ("TC(90%:)", THOUSAND, 100),
    ],
)
def test_value(stat, values, expected):
    assert statistic(stat, values) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    "stat",
    ["sum", "p", "p101", "tm", "TM()", "TM(:)", "TM(10%:90)", "TM(%:90%)", "PR(1%:2%)", "TM(9:1)", "P90", ""],
)
def test_cloudwatch_knows_no_such_statistic(stat):
    assert not is_statistic(stat)
    with pytest.raises(ValueError, match="no statistic"):
        statistic(stat, [1])


@pytest.mark.parametrize("stat", ["Sum", "Average", "Minimum", "SampleCount", "p90", "IQM", "PR(:1)", "tc90"])
def test_no_values_no_statistic(stat):
    assert statistic(stat, []) is None
    assert bounds(stat, []) is None


def test_percentiles_are_not_available_with_negative_values():
    assert statistic("p90", [-1, 2]) is None
    assert statistic("Sum", [-1, 2]) == 1


@pytest.mark.parametrize(
    ("stat", "values", "expected"),
    [
        ("Sum", [0, 1], (1, 1)),
        ("p90", [1, 1], (1, 1)),
        ("p90", [0, 1], (0, 1)),
        ("p100", [0, 1], (1, 1)),
        ("tm90", [0, 1], (0, 1)),
        ("tc90", [1], (0, 1)),
        ("ts90", [0, 2], (0, 2)),
        ("TM(0:5)", [0, 1], (1, 1)),
        ("PR(0:5)", [0, 1], (50, 50)),
    ],
)
def test_bounds_are_equal_where_the_documentation_is_exact(stat, values, expected):
    assert bounds(stat, values) == expected


def test_percentile_of():
    assert percentile_of("p99.5") == 99.5
    assert percentile_of("tm99") is None
    assert percentile_of("Sum") is None


@given(
    st.sampled_from(["Sum", "Average", "p50", "p99", "tm90", "IQM", "wm10", "tc50", "ts50", "TM(2%:98%)"]),
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
)
def test_the_value_lies_within_the_bounds(stat, values):
    low, high = bounds(stat, values)
    assert low - 1e-9 <= statistic(stat, values) <= high + 1e-9
