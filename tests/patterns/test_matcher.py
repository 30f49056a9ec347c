"""What a pattern matches, beyond the known answers of AWS."""

from __future__ import annotations

import json
import pickle

import pytest

from sg_alarm.patterns import compile_pattern, matches


class TestMissingAndStructured:
    @pytest.mark.parametrize(
        "event", [{}, {"a": {}}, {"a": {"b": {}}}, {"a": {"b": []}}, {"a": []}, {"a": "x"}]
    )
    @pytest.mark.parametrize("condition", ["= x", "!= x", "= *", "!= 1", "> 0", "= %.%", "!= %.%", "IS NULL"])
    def test_no_value_no_match(self, event: dict[str, object], condition: str) -> None:
        assert not matches(f"{{ $.a.b {condition} }}", event)

    @pytest.mark.parametrize(
        ("event", "missing"),
        [
            ({}, True),
            ({"a": "x"}, True),
            ({"a": {}}, True),
            ({"a": {"b": None}}, False),
            ({"a": {"b": {}}}, False),
        ],
    )
    def test_not_exists(self, event: dict[str, object], missing: bool) -> None:
        assert matches("{ $.a.b NOT EXISTS }", event) is missing


class TestUndocumented:
    """Decided here, and open for the prover."""

    @pytest.mark.parametrize("value", [None, True, False])
    @pytest.mark.parametrize("condition", ["= true", "!= true", "= *", "!= x", "> 0", "= 1", "!= 1"])
    def test_null_and_booleans_compare_with_nothing(self, value: object, condition: str) -> None:
        assert not matches(f"{{ $.a {condition} }}", {"a": value})

    def test_a_numeric_string_is_text(self) -> None:
        assert matches("{ $.a = 12 }", {"a": "12"})
        assert not matches("{ $.a = 12.0 }", {"a": "12"})
        assert matches("{ $.a != 12.0 }", {"a": "12"})
        assert not matches("{ $.a > 1 }", {"a": "12"})

    def test_a_wildcard_selector_holds_when_one_value_does(self) -> None:
        assert matches("{ $.a[*] != x }", {"a": ["x", "y"]})
        assert not matches("{ $.a[*] != x }", {"a": []})
        assert matches("{ $.a[*] NOT EXISTS }", {"a": []})
        assert matches("{ $.a.* = x }", {"a": {"b": "y", "c": "x"}})


class TestEvents:
    @pytest.mark.parametrize(
        "text", ["", "x", "[]", '"a"', "1", "null", '{"a":NaN}', '{"a":"x"', '{"a":"x"} y', "[" * 5000]
    )
    def test_a_message_that_is_no_json_object_matches_no_json_pattern(self, text: str) -> None:
        assert not matches("{ $.a NOT EXISTS }", text)
        assert not matches("{ $.a = x }", text)

    def test_a_json_text_and_its_dict_match_alike(self) -> None:
        pattern = compile_pattern("{ $.a = Name && $.b = 12 }")
        event = {"b": 12, "a": "Name"}
        assert pattern.matches(event)
        assert pattern.matches(json.dumps(event, indent=2))

    def test_escaped_letters_are_letters(self) -> None:
        assert matches("{ $.a = Name }", '{"a":"N\\u0061me"}')
        assert matches("{ $.a = Name }", '{"\\u0061":"Name"}')

    def test_a_constant_elsewhere_in_the_text_is_no_match(self) -> None:
        assert not matches("{ $.a = Name }", '{"b":"Name"}')

    def test_numbers_match_by_their_text_in_a_list_of_alternatives(self) -> None:
        pattern = compile_pattern('{ $.a = "12" || $.a = x12 }')
        assert pattern.matches({"a": 12})
        assert pattern.matches('{"a":12}')
        assert not pattern.matches({"a": 12.0})
        assert not pattern.matches({"a": ["x12"]})

    def test_a_pattern_for_messages_sees_a_dict_as_compact_json(self) -> None:
        assert matches('"\\"a\\":\\"x\\""', {"a": "x"})


class TestTerms:
    @pytest.mark.parametrize(
        ("pattern", "message", "expected"),
        [
            ("", "anything", True),
            ('" "', "anything", True),
            ("ERROR", "ERRORCODE: -1", True),
            ("ERROR", "error", False),
            ("A B", "B then A", True),
            ("-A", "B", True),
            ("-A", "A", False),
            ("?A ?B", "C", False),
            ("?A ?B -C", "D", True),
            ('"A B"', "A  B", False),
        ],
    )
    def test_terms(self, pattern: str, message: str, expected: bool) -> None:
        assert matches(pattern, message) is expected


class TestSpaceDelimited:
    LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("[ip, id, user, time, request, status, bytes]", True),
            ("[ip, id, user, time, request, status, bytes, more]", False),
            ("[ip, ..., status = 404, bytes]", True),
            ("[..., status = 404]", False),
            ("[ip, ...]", True),
            ("[..., time = 10/Oct*, request, status, bytes]", True),
            ("[..., request = *index*, status, bytes > 1000]", True),
            ("[..., status = 404.0, bytes <= 1000]", False),
            ("[..., status = 404.0, bytes]", True),
            ("[..., status != 404, bytes]", False),
            ("[ip = %^127%, rest]", True),
            ("[ip]", True),
            ("[ip = 127.0.0.1]", False),
            ("[a, b, c, d, e, f, g, ..., h]", False),
        ],
    )
    def test_fields(self, pattern: str, expected: bool) -> None:
        assert matches(pattern, self.LINE) is expected


def test_a_pattern_travels_between_processes() -> None:
    pattern = compile_pattern("{ $.a = x }")
    copy = pickle.loads(pickle.dumps(pattern))
    assert copy == pattern
    assert copy.matches({"a": "x"})


def test_same_text_and_same_meaning() -> None:
    pattern = compile_pattern("{ $.a = x || $.b = y }")
    assert pattern.has_text("{ $.a = x || $.b = y }")
    assert not pattern.has_text("{ $.a = x || $.b = y } ")
    assert pattern.equals(compile_pattern('{($.a="x")||($.b="y")}'))
    assert not pattern.equals(compile_pattern("{ $.b = y || $.a = x }"))


@pytest.mark.parametrize("elements", [[], ["a"], ["a", "b"]])
def test_an_index_behind_the_last_element_points_at_nothing(elements: list[str]) -> None:
    selector = f"$.items[*].x[{len(elements)}]"
    event = {"items": [{"x": elements}], "x": elements}
    assert not compile_pattern(f"{{ {selector} = * }}").matches(event)
    assert not compile_pattern(f"{{ $.x[{len(elements)}] = * }}").matches(event)
