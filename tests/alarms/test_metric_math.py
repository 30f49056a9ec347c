"""Metric math: CloudWatch User Guide, "Using math expressions with CloudWatch metrics"."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.alarms import math_syntax as syntax
from sg_alarm.alarms.math_evaluate import evaluate, metrics_used
from sg_alarm.alarms.math_syntax import MathError, parse, unparse
from sg_alarm.alarms.model import UndecidableError

_ = None


def series(expression, **metrics):
    return evaluation(expression, **metrics).series


def evaluation(expression, **metrics):
    return evaluate({"e": expression}, metrics, dict.fromkeys(metrics, 300), "e")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(metric1 < metric2)", (0, 0, 1, 0)),
        ("(metric1 >= 30)", (1, 0, 0, 0)),
        ("(metric1 > 15 AND metric2 > 15)", (1, 0, 0, 0)),
    ],
)
def test_documented_table_of_operators(expression, expected):
    assert series(expression, metric1=(30, 20, 0, 0), metric2=(20, _, 20, _)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(metric1, metric2, metric3)", (30, 0, 20, _, _)),
        ("IF(metric1, 5, metric3)", (5, 5, 20, _, _)),
        ("IF(metric1, metric2, 5)", (30, 0, 5, 5, _)),
        ("IF(1, metric2, metric3)", (30, _, 0, 0, 30)),
        ("IF(0, metric2, metric3)", (0, 0, 20, _, 20)),
        ("IF(0, metric2)", (_, _, _, _, _)),
    ],
)
def test_documented_tables_of_if(expression, expected):
    metrics = {"metric1": (1, 1, 0, 0, _), "metric2": (30, _, 0, 0, 30), "metric3": (0, 0, 20, _, 20)}
    assert series(expression, **metrics) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1", (1, _, 3)),
        ("m1 + m2", (1, 5, 3)),  # the missing one counts as 0
        ("-m1", (-1, _, -3)),
        ("5 * m1", (5, _, 15)),
        ("m1 + 1", (2, _, 4)),  # a number adds no datapoint
        ("6 / m1", (6, _, 2)),
        ("1 / m2", (_, 0.2, _)),
        ("m1 / m2", (_, 0, _)),  # a division by zero drops the datapoint
        ("2 + 3 * m1 ^ 2", (5, _, 29)),
        ("-m1 ^ 2", (-1, _, -9)),
        ("m1 * 2 ^ 3 ^ 0", (2, _, 6)),
        ("m1 - 1 - 1", (-1, _, 1)),
        ("m1 == 1 OR m1 == 3 AND m1 == 1", (1, _, 0)),
        ("m1 > 2 || m2 > 2", (0, 1, 1)),
        ("m1 > 0 && m2 > 0", (0, 0, 0)),
        ("m1 != 1", (0, _, 1)),
        ("FILL(m1, 0)", (1, 0, 3)),
        ("FILL(m1, REPEAT)", (1, 1, 3)),
        ("FILL(m2, REPEAT)", (_, 5, 5)),
        ("FILL(m1, m2)", (1, 5, 3)),
        ("FILL(m1, MIN(m1))", (1, 1, 3)),
        ("SUM(FILL(METRICS(), 0))", (1, 5, 3)),
        ("SUM([m1, m2])", (1, 5, 3)),
        ("AVG([m1, m2])", (0.5, 2.5, 1.5)),  # missing values are treated as 0
        ("MAX(METRICS())", (1, 5, 3)),
        ("MIN([m1, FILL(m2, 0)])", (0, 5, 0)),
        ('SUM(METRICS("1"))', (1, _, 3)),
        ("m1 / SUM(m1)", (0.25, _, 0.75)),
        ("m1 / PERIOD(m1)", (1 / 300, _, 0.01)),
        ("TIME_SERIES(MAX(m1))", (3, 3, 3)),
        ("ABS(-m1)", (1, _, 3)),
        ("CEIL(m1 / 2)", (1, _, 2)),
        ("FLOOR(m1 / 2)", (0, _, 1)),
        ("IF(m1 > 2, m1)", (_, _, 3)),
    ],
)
def test_value(expression, expected):
    actual = series(expression, m1=(1.0, _, 3.0), m2=(_, 5.0, _))
    assert actual == tuple(None if value is None else pytest.approx(value) for value in expected)


@pytest.mark.parametrize(
    ("expression", "spans"),
    [
        ("m1 + 1", False),
        ("IF(FILL(m1, 0) > 0, 1, 0)", False),
        ("SUM([m1, m2])", False),
        ("TIME_SERIES(1)", False),
        ("m1 - AVG(m1)", True),
        ("FILL(m1, REPEAT)", True),
    ],
)
def test_spans_range_where_other_periods_matter(expression, spans):
    assert evaluation(expression, m1=(1.0, 2.0), m2=(3.0, 4.0)).spans_range is spans


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "unexpected the end at character 1"),
        ("m1 +", "unexpected the end at character 5"),
        ("m1 m2", "unexpected 'm2' at character 4"),
        ("(m1", "expected '[)]'"),
        ("m1 ; m2", "unexpected ';' at character 4"),
        ("1e999 * m1", "too large"),
        ("nothing + 1", "no metric or expression with the id nothing"),
        ("e + 1", "refers to itself"),
        ("SUM(m1)", "a single number"),
        ("METRICS()", "array of 2 time series"),
        ("sum(m1)", "capital letters"),
        ("FILL(m1)", "FILL takes 2 arguments"),
        ("IF([m1, m2], 1, 0)", "not on arrays"),
        ("[1, 2]", "not numbers"),
        ("m1 + REPEAT", "REPEAT has no value"),
        ("PERIOD(5)", "PERIOD takes the id"),
        ("(" * 200 + "m1" + ")" * 200, "nested deeper"),
        ("+".join(["m1"] * 500), "nested deeper"),
        ("m1 " * 1000, "longer than 2048"),
    ],
)
def test_not_metric_math(expression, message):
    with pytest.raises(MathError, match=message):
        series(expression, m1=(1.0,), m2=(2.0,))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("ANOMALY_DETECTION_BAND(m1, 2)", "history"),
        ("SEARCH('{AWS/EC2}', 'Sum')", "run time"),
        ("SELECT SUM(x) FROM y", "Metrics Insights"),
        ("IF(HOUR(m1) > 8, m1)", "time of day"),
        ("NEW_FUNCTION(m1)", "NEW_FUNCTION is not evaluated"),
        ("RATE(m1)", "RATE is not evaluated"),
        ("FILL(m1, LINEAR)", "LINEAR is not evaluated"),
        ("m1 * SUM(m2)", "without datapoints"),
        ("[m1, m2] + [m1, m2]", "two arrays"),
        ("m1 * (1 / 0)", "by zero"),
    ],
)
def test_undecidable(expression, message):
    with pytest.raises(UndecidableError, match=message):
        series(expression, m1=(1.0,), m2=(_,))


def test_expressions_refer_to_each_other():
    expressions = {"e1": "e2 + e3", "e2": "e3 * 2", "e3": "m1 + 1"}
    assert evaluate(expressions, {"m1": (1.0,)}, {"m1": 60}, "e1").series == (6,)
    assert metrics_used({**expressions, "e4": "SUM(METRICS('2'))"}, ["m1", "m2"], "e1") == {"m1"}
    assert metrics_used({**expressions, "e4": "SUM(METRICS('2'))"}, ["m1", "m2"], "e4") == {"m2"}


def test_a_cycle_between_expressions_is_an_error():
    with pytest.raises(MathError, match="refers to itself"):
        evaluate({"e1": "e2", "e2": "e1"}, {"m1": (1.0,)}, {"m1": 60}, "e1")


def test_a_long_chain_of_expressions_is_followed():
    expressions = {f"e{number}": f"e{number + 1} + 1" for number in range(90)} | {"e90": "m1"}
    assert evaluate(expressions, {"m1": (1.0,)}, {"m1": 60}, "e0").series == (91,)


ids = st.sampled_from(["m1", "m2", "errors_5xx"])
leaves = st.one_of(
    st.floats(0, 1e9, allow_nan=False).map(syntax.Number),
    ids.map(syntax.Reference),
    st.text(st.characters(exclude_characters="\"'"), max_size=5).map(syntax.Text),
    st.sampled_from(["REPEAT", "DESC"]).map(syntax.Keyword),
)
trees = st.recursive(
    leaves,
    lambda below: st.one_of(
        below.map(syntax.Negation),
        st.builds(syntax.Operation, st.sampled_from(["+", "-", "^", "<=", "AND", "OR"]), below, below),
        st.lists(below, max_size=3).map(lambda items: syntax.Array(tuple(items))),
        st.builds(
            syntax.Call,
            st.sampled_from(["FILL", "IF", "SUM", "METRICS"]),
            st.lists(below, max_size=3).map(tuple),
        ),
    ),
    max_leaves=12,
)


@given(trees)
def test_what_is_printed_parses_to_the_same_tree(tree):
    assert parse(unparse(tree)) == tree


fragments = st.sampled_from(
    [*"()[],+-*/^<>=&|\"'", "m1", "m2", "e", "IF", "FILL", "SUM", "REPEAT", "1e9", " "]
)


@given(st.one_of(st.text(max_size=60), st.lists(fragments, max_size=40).map("".join)))
def test_any_text_gives_a_series_or_a_reason(text):
    try:
        result = series(text, m1=(1.0, None, 3.0), m2=(None, None, 2.0))
    except (MathError, UndecidableError):
        return
    assert len(result) == 3
    assert all(value is None or math.isfinite(value) for value in result)
