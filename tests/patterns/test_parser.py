"""What a filter pattern may say, and what is said when it may not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sg_alarm.patterns import PatternError, parse
from sg_alarm.patterns.syntax import (
    MAX_LENGTH,
    And,
    Column,
    Comparison,
    Constant,
    FieldTest,
    Gap,
    Is,
    JsonPattern,
    NotExists,
    Number,
    Operator,
    Or,
    Regex,
    RegexPattern,
    Selector,
    SpacePattern,
    Text,
    TextPattern,
    Tree,
    Wildcard,
)


def at(*steps: str | int | Wildcard) -> Selector:
    return Selector(steps)


def equal(name: str, text: str) -> Comparison:
    return Comparison(at(name), Operator.EQ, Text(text))


def tree_or_error(text: str) -> Tree | PatternError:
    try:
        return parse(text)
    except PatternError as error:
        return error


class TestJson:
    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("{ $.a = b }", equal("a", "b")),
            ('{$.a="b"}', equal("a", "b")),
            ("{\n  ($.a = b)\n}\n", equal("a", "b")),
            ("{ $.a = 12 }", Comparison(at("a"), Operator.EQ, Number("12"))),
            ('{ $.a = "12" }', equal("a", "12")),
            ("{ $.a = 12* }", equal("a", "12*")),
            ("{ $.a = 1.2.3.4 }", equal("a", "1.2.3.4")),
            ("{ $.a >= -1.5e+3 }", Comparison(at("a"), Operator.GE, Number("-1.5e+3"))),
            ("{ $.a != %x|y% }", Comparison(at("a"), Operator.NE, Regex("x|y"))),
            ("{ $.a IS NULL }", Is(at("a"), Constant.NULL)),
            ("{ $.a NOT EXISTS }", NotExists(at("a"))),
            (
                "{ $.a-b_c.d[0].* = x }",
                Comparison(at("a-b_c", "d", 0, Wildcard.FIELD), Operator.EQ, Text("x")),
            ),
            ("{ $.a[*].['b.c'] = x }", Comparison(at("a", Wildcard.ELEMENT, "b.c"), Operator.EQ, Text("x"))),
            (r'{ $.a = "say \"x\" \\ \d" }', equal("a", 'say "x" \\ \\d')),
        ],
    )
    def test_conditions(self, text: str, tree: object) -> None:
        assert parse(text) == JsonPattern(tree)  # type: ignore[arg-type]

    def test_and_binds_tighter_than_or(self) -> None:
        a, b, c = (equal(name, "x") for name in "abc")
        assert parse("{ $.a = x || $.b = x && $.c = x }") == JsonPattern(Or((a, And((b, c)))))
        assert parse("{ ($.a = x || $.b = x) && $.c = x }") == JsonPattern(And((Or((a, b)), c)))

    def test_needless_parentheses_and_quotes_are_formatting(self) -> None:
        assert parse('{ (($.a = "x")) || ((($.b = x) || $.c = x)) }') == parse("{$.a=x||$.b=x||$.c=x}")


class TestRawMessages:
    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("", TextPattern()),
            ("A B", TextPattern(("A", "B"))),
            ("?A ?B", TextPattern(optional=("A", "B"))),
            ('A -B "c d"', TextPattern(("A", "c d"), exclude=("B",))),
            ("%a.b%", RegexPattern(Regex("a.b"))),
            ("[a, ..., b]", SpacePattern((Column("a"), Gap(), Column("b")))),
            ("[a,]", SpacePattern((Column("a"), Column("")))),
        ],
    )
    def test_patterns(self, text: str, tree: object) -> None:
        assert parse(text) == tree

    def test_conditions_of_a_field(self) -> None:
        four, not_forty, five = (
            FieldTest(Operator.EQ, Text("4*")),
            FieldTest(Operator.NE, Number("40")),
            FieldTest(Operator.EQ, Number("5")),
        )
        column = Column("a", ((four, not_forty), (five,)))
        assert parse("[a = 4* && a != 40 || a = 5]") == SpacePattern((column,))


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "position", "reason"),
        [
            (" { $.a = 1 }", 1, "expected a term"),
            ("{ $.a = 1", 9, "expected &&, || or }, found the end of the pattern"),
            ("{ $.a = 1 } x", 12, "nothing may follow"),
            ("{ ($.a = 1 }", 2, "this ( is never closed"),
            ("{ $.a = 1) }", 9, "this ) closes nothing"),
            ("{ $.a = 1 && }", 13, "expected a selector"),
            ("{ $.a }", 6, "expected an operator"),
            ("{ $.a == 1 }", 7, "expected a value"),
            ("{ $.a > x }", 8, "> needs a number without quotes"),
            ('{ $.a > "1" }', 8, "> needs a number without quotes"),
            ("{ $.a > %x% }", 8, "> needs a number without quotes"),
            ("{ $.a IS NOT NULL }", 9, "IS is followed by NULL, TRUE or FALSE"),
            ("{ $.a NOT NULL }", 10, "NOT is followed by EXISTS"),
            ("{ $.a EXISTS }", 6, "EXISTS alone is not supported"),
            ("{ $ = 1 }", 2, "a selector is $. and the name of a property"),
            ('{ $."a" = 1 }', 3, "a property is letters, digits, - and _"),
            ("{ $[0] = 1 }", 3, "an array element must follow a property"),
            ("{ $.a[x] = 1 }", 5, "an index is a number or *"),
            ("{ $.a[*].b[*] = 1 }", 2, "a selector may contain one wildcard only"),
            ('{ $.a = "x }', 8, "the double quote is never closed"),
            ("{ $.a = %x }", 8, "the regular expression is never closed"),
            ("{ $.a = %x(y)% }", 10, "'(' is not supported"),
            ("{ $.a = %x!% }", 10, "'!' is not supported"),
            ("{ $.a = 1, $.b = 2 }", 9, "expected &&, || or }, found ','"),
            ("{ $.a = ü }", 8, "'ü' is not allowed here"),
            ("%a% b", 3, "a regular expression stands alone"),
            ("a:b", 1, "expected a term of letters, digits and _"),
            ('"a', 0, "the double quote is never closed"),
            ("[]", 1, "names at least one field"),
            ("[a b]", 3, "expected a comma or ]"),
            ("[..., a, ...]", 9, "at most one ellipsis"),
            ("[a = 1 && b = 2]", 10, "expected another condition on a"),
            ("{$.a=%x%&&$.b=%x%&&$.c=%x%}", 23, "at most 2 regular expressions"),
            ("{$.a[*]=1&&$.b[*]=1&&$.c[*]=1&&$.*=1}", 31, "at most 3 wildcard selectors"),
            ("x" * (MAX_LENGTH + 1), MAX_LENGTH, "at most 1024 characters"),
        ],
    )
    def test_position_and_reason(self, text: str, position: int, reason: str) -> None:
        with pytest.raises(PatternError) as caught:
            parse(text)
        assert caught.value.position == position
        assert reason in caught.value.reason
        assert f"at character {position}" in caught.value.message

    def test_the_limits_themselves_are_allowed(self) -> None:
        assert parse("x" * MAX_LENGTH) == TextPattern(("x" * MAX_LENGTH,))
        parse("{$.a=%x%&&$.b=%x%}")
        parse("{$.a[*]=1&&$.b[*]=1&&$.c[*]=1}")


class TestHostileInput:
    @pytest.mark.parametrize(
        "text",
        [
            "{" + "(" * 1023,
            "{" + "(" * 500 + "$.a=1" + ")" * 500 + "}",
            "[" * 1024,
            '"' * 1023,
            "%" + "[" * 1023,
        ],
    )
    def test_deep_nesting_is_an_error_or_a_tree_but_no_crash(self, text: str) -> None:
        found = tree_or_error(text)
        assert isinstance(found, PatternError) or parse(str(found)) == found

    @given(st.text(alphabet='{}()[]$.*=!<>&|"%\\-?, aE1ISNOTEXL0', max_size=200))
    @example("{$.a=1&&(" * 100)
    def test_any_text_is_a_pattern_that_round_trips_or_a_pattern_error(self, text: str) -> None:
        found = tree_or_error(text)
        if isinstance(found, PatternError):
            assert 0 <= found.position <= len(text)
            assert found.reason
        else:
            assert parse(str(found)) == found

    def test_a_tree_of_a_full_length_pattern_still_fits_in_the_limit(self) -> None:
        text = "{" + "||".join(f"$.a{i}=b{i}" for i in range(94)) + "}"
        assert MAX_LENGTH - 30 < len(text) <= MAX_LENGTH
        assert parse(str(parse(text))) == parse(text)

    def test_alternating_nesting_to_the_limit(self) -> None:
        levels = 56
        text = "{" + "($.a=1&&($.b=1||" * levels + "$.c=1" + "))" * levels + "}"
        assert len(text) <= MAX_LENGTH
        assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("{ $.a = }", "{ $.a = }"),
        (f"{{ $.{'a' * 30} = }}", f"{'a' * 17} = }}"),
        (f"{{ $.a = = {'b' * 30} }}", f"{{ $.a = = {'b' * 18}"),
    ],
)
def test_the_error_shows_twenty_characters_before_its_position_and_after(text: str, near: str) -> None:
    with pytest.raises(PatternError) as raised:
        parse(text)
    assert raised.value.hint == f"near {near!r}"
