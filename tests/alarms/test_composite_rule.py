"""Rule expressions of composite alarms: CloudWatch API Reference, PutCompositeAlarm, AlarmRule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.alarms.composite import (
    And,
    AtLeast,
    Constant,
    InState,
    Not,
    Or,
    RuleError,
    alarms_in,
    evaluate,
    parse,
    unparse,
)
from sg_alarm.alarms.model import AlarmState

OK, ALARM, INSUFFICIENT_DATA = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:sg"
STATES = {"a": ALARM, "b": OK, "c": INSUFFICIENT_DATA, "with space": ALARM, "x (1), y": ALARM, ARN: ALARM}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("TRUE", True),
        ("FALSE", False),
        ("False", False),
        ("ALARM(a)", True),
        ('ALARM("a")', True),
        ("ALARM(b)", False),
        ("OK(b)", True),
        ("INSUFFICIENT_DATA(c)", True),
        (f"ALARM({ARN})", True),
        (f'ALARM("{ARN}")', True),
        ("ALARM(with space)", True),
        ('ALARM("x (1), y")', True),
        ("ALARM( a )AND NOT(ALARM(b))", True),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) AND NOT ALARM(b)", True),
        ("ALARM(b) OR ALARM(a)", True),
        ("(ALARM(a) OR ALARM(b)) AND OK(b)", True),
        ("TRUE OR TRUE AND FALSE", True),
        ("(TRUE OR TRUE) AND FALSE", False),
        ("NOT FALSE AND FALSE", False),
        ("NOT NOT ALARM(a)", True),
        ("AT_LEAST(2, OK, (a, b, c))", False),
        ("AT_LEAST(1, OK, (a, b, c))", True),
        ('AT_LEAST(2, NOT ALARM, ("a", "b", "c"))', True),
        ("AT_LEAST(50%, ALARM, (a, b, c))", False),
        ("AT_LEAST(33%, ALARM, (a, b, c)) AND TRUE", True),
    ],
)
def test_rule(rule, holds):
    assert evaluate(parse(rule), STATES) is holds


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("", "unexpected the end"),
        ("ALARM", "expected '\\('"),
        ("ALARM()", "name or ARN"),
        ('ALARM("")', "name or ARN"),
        ('ALARM("a', "unexpected '\"' at character 7"),
        ("ALARM(a", "expected '\\)'"),
        ("ALARM(a) ALARM(b)", "unexpected 'ALARM' at character 10"),
        ("ALARM(a) AND", "unexpected the end"),
        ("BROKEN(a)", "expected ALARM, OK"),
        ("NOT", "expected ALARM, OK"),
        ("AT_LEAST(0, ALARM, (a))", "count or a percentage"),
        ("AT_LEAST(1, ALARM, a)", "expected '\\('"),
        ("(" * 300 + "TRUE" + ")" * 300, "nested deeper"),
        ("NOT " * 300 + "TRUE", "nested deeper"),
        ("ALARM(a) OR " * 1000 + "TRUE", "longer than 10240"),
    ],
)
def test_not_a_rule(rule, message):
    with pytest.raises(RuleError, match=message):
        parse(rule)


def test_a_rule_may_name_a_hundred_alarms():
    rule = parse(" OR ".join(f"ALARM(a{number})" for number in range(100)))
    assert alarms_in(rule) == tuple(f"a{number}" for number in range(100))
    assert evaluate(rule, {f"a{number}": ALARM if number == 99 else OK for number in range(100)})


names = st.sampled_from(["a", "b (2)", "c, d", ARN])
leaves = st.one_of(
    st.booleans().map(Constant),
    st.builds(InState, st.sampled_from(AlarmState), names),
    st.builds(
        AtLeast,
        st.integers(1, 100),
        st.booleans(),
        st.booleans(),
        st.sampled_from(AlarmState),
        st.lists(names, min_size=1, max_size=3).map(tuple),
    ),
)
rules = st.recursive(
    leaves,
    lambda below: st.one_of(
        below.map(Not),
        st.lists(below, min_size=2, max_size=3).map(lambda operands: And(tuple(operands))),
        st.lists(below, min_size=2, max_size=3).map(lambda operands: Or(tuple(operands))),
    ),
    max_leaves=10,
)


@given(rules)
def test_what_is_printed_parses_to_the_same_rule(rule):
    assert parse(unparse(rule)) == rule


words = st.sampled_from(
    ["ALARM", "OK", "AND", "OR", "NOT", "TRUE", "AT_LEAST", "(", ")", ",", '"', "a", "2", " "]
)


@given(st.one_of(st.text(max_size=60), st.lists(words, max_size=30).map("".join)))
def test_any_text_is_a_rule_or_a_reason(text):
    try:
        rule = parse(text)
    except RuleError:
        return
    assert evaluate(rule, dict.fromkeys(alarms_in(rule), OK)) in (True, False)
