"""Plain expressions of HCL, their values, and what is left to tfparse."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfparse import load_from_path

from sg_alarm.readers.code.expressions import REMEDY, Namespace, Scope, Untold, value_of
from sg_alarm.readers.code.functions import FUNCTIONS
from sg_alarm.readers.code.mirror import literal

VAR = {
    "name": "sg",
    "names": ["b", "a"],
    "map": {"b": 1, "a": 2},
    "nothing": None,
    "unset": "${input.unset}",
    "topics": [{"arn": "1"}, {"arn": "2"}],
}
NAMES = {"var": Namespace(VAR.__getitem__), "each": {"key": "k", "value": {"x": [1]}}}


def value(text):
    return value_of(text, Scope(NAMES.__getitem__, FUNCTIONS))


VALUES = {
    '"a"': "a",
    '""': "",
    r'"a\n\t\"\\ \u00e9"': 'a\n\t"\\ é',
    '"$${x} %%{y} $5 100%"': "${x} %{y} $5 100%",
    "12": 12,
    "-1.5": -1.5,
    "2.0": 2,
    "1e3": 1000,
    "true": True,
    "null": None,
    '[1, "a", true,]': [1, "a", True],
    "[\n  # one\n  1, // two\n  2 /* three */\n]": [1, 2],
    "{ a = 1, b : 2 }": {"a": 1, "b": 2},
    '{\n  "a b" = 1\n  (var.name) = 2\n  "${var.name}-x" = 3\n}': {"a b": 1, "sg": 2, "sg-x": 3},
    "{ a = { b = [] } }": {"a": {"b": []}},
    "(1)": 1,
    "<<EOT\n  a\n b\nEOT": "  a\n b\n",
    "<<-EOT\n    a\n\n      ${var.name}\n    EOT": "a\n\n  sg\n",
    "<<-EOT\n  ${var.name}\n    x\n  EOT": "sg\n  x\n",
    '<<EOT\n"\\n" $${x}\nEOT': '"\\n" ${x}\n',
    '"${var.name}"': "sg",
    '"${var.names}"': ["b", "a"],
    '"x-${var.name}-${1}-${true}-${1.5}"': "x-sg-1-true-1.5",
    '"${"${var.name}"}!"': "sg!",
    '"{ $.a = \\"b\\" }"': '{ $.a = "b" }',
    "var.names[0]": "b",
    "var.names.1": "a",
    'var.map["a"]': 2,
    "var.map.a": 2,
    "each.value.x[0]": 1,
    "var.topics[*].arn": ["1", "2"],
    "var.topics.*.arn": ["1", "2"],
    "var.topics.*.arn[1]": "2",
    "var.nothing[*].arn": [],
    "var.map[*].a": [2],
    'var.name == "sg"': True,
    'var.name != "sg"': False,
    "var.nothing == null": True,
    "var.unset == null": False,
    '"a${var.unset}" == ""': False,
    "1 == 1.0": True,
    "true == 1": False,
    "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3": True,
    "true || false && false": True,
    "!true || !(1 == 2)": True,
    'true ? "a" : nonsense()': "a",
    "false ? 1 : true ? 2 : 3": 2,
    '"true" ? 1 : 0': 1,
    '[for n in var.names : "<${n}>"]': ["<b>", "<a>"],
    '[for i, n in var.names : i if n != "b"]': [1],
    '[for k, v in var.map : "${k}${v}"]': ["a2", "b1"],
    "{for n in var.names : n => 1}": {"a": 1, "b": 1},
    "{for k, v in var.map : k => v if v == 1}": {"b": 1},
    "try(var.map.c, 5)": 5,
    "try(var.names[7], var.map.a)": 2,
    'coalesce(var.nothing, "", "x")': "x",
    'compact(["", null, "a"])': ["a"],
    "concat([1], [2], [])": [1, 2],
    "concat([[1], [2]]...)": [1, 2],
    'contains(var.names, "a")': True,
    'distinct(["a", "b", "a"])': ["a", "b"],
    "flatten([[1, [2]], 3])": [1, 2, 3],
    'format("%s-%d%%", "a", 5)': "a-5%",
    'formatlist("(%s)", var.names)': ["(b)", "(a)"],
    'join(",", var.names)': "b,a",
    'jsonencode({ b = [1, null], a = "<é>" })': '{"a":"\\u003cé\\u003e","b":[1,null]}',
    "keys(var.map)": ["a", "b"],
    "values(var.map)": [2, 1],
    "length(var.map)": 2,
    'lookup(var.map, "c", 9)': 9,
    "merge(var.map, null, { a = 3 })": {"a": 3, "b": 1},
    "one([])": None,
    'one(["a"])': "a",
    "sort(var.names)": ["a", "b"],
    'toset(["b", "a", "b"])': ["a", "b"],
    "tostring(1)": "1",
    'tonumber("1.50")': 1.5,
    'tobool("true")': True,
    'concat(["x"], [var.unset])': ["x", "${input.unset}"],
}


@pytest.mark.parametrize(("text", "expected"), VALUES.items(), ids=VALUES)
def test_the_value(text, expected):
    found = value(text)

    assert found == expected
    assert type(found) is type(expected) or isinstance(found, list)


BEYOND = [
    "1 + 1",
    "6 / 2",
    "7 % 2",
    "-var.name",
    '"%{ if true }a%{ endif }"',
    '"${~ var.name ~}"',
    r'"\x"',
    'replace("a", "a", "b")',
    "provider::x::f(1)",
    "{for n in var.names : n => 1...}",
    '"a" < "b"',
    '1 == "1"',
    "[] == []",
    "var.name ? 1 : 0",
    'var.name["x"]',
    "toset([1])[0]",
    '"${var.names}!"',
    'format("%05d", 1)',
    "length(var.name)",
    'lookup(var.map, "c")',
    "var.topics.*.arn.0",
    "1e300",
    "a b",
    "[1, 2",
    '"a',
]


@pytest.mark.parametrize("text", BEYOND)
def test_left_to_tfparse(text):
    with pytest.raises(Untold, match=REMEDY):
        value(text)


NOBODY = {
    'var.unset == "a"': "var.unset",
    'var.unset == ""': "var.unset",
    "var.map[var.unset]": "var.unset",
    "contains(var.names, var.unset)": "var.unset",
    "coalesce(var.unset, 1)": "var.unset",
    'sort([var.unset, "a"])': "var.unset",
    "try(var.map[var.unset], 1)": "var.unset",
    "var.map.c": "no c in it",
    "var.names[2]": "no such element",
    "var.nothing.x": "null",
    '"a${var.nothing}"': "null",
    "one(var.names)": "several",
    'format("%s", 1, 2)': "too many",
    '{for n in var.names : "x" => n}': "one key",
    "try(var.map.c, var.names[2])": "nothing that is tried",
}


@pytest.mark.parametrize(("text", "said"), NOBODY.items(), ids=NOBODY)
def test_no_value_for_anybody(text, said):
    with pytest.raises(Untold, match=said) as error:
        value(text)
    assert REMEDY not in str(error.value)


def test_an_element_that_cannot_be_told_does_not_spoil_the_others():
    assert value('[max(1), "a"][1]') == "a"
    with pytest.raises(Untold, match="the function max"):
        value("[max(1)][0]")


def test_nesting_without_end_is_no_crash():
    with pytest.raises(Untold, match="deep"):
        value("(" * 100_000)


# Agreement with tfparse, which is Terraform's own evaluator in other hands.

texts = st.text('ab \\"\n%$é', max_size=5).map(literal)
strings = st.deferred(
    lambda: (
        texts
        | st.builds('"x${{{}}}y"'.format, strings | numbers | booleans)
        | st.builds("({} ? {} : {})".format, booleans, strings, strings)
        | st.builds("join({}, {})".format, strings, lists)
        | st.builds('format("%s-%s", {}, {})'.format, strings, numbers)
        | st.builds("jsonencode({})".format, lists | objects)
        | st.builds("{}.k".format, objects)
    )
)
numbers = st.deferred(
    lambda: (
        st.integers(0, 99).map(str)
        | st.sampled_from(["0.5", "2.50", "1e2"])
        | st.builds("length({})".format, lists)
    )
)
booleans = st.deferred(
    lambda: (
        st.sampled_from(["true", "false"])
        | st.builds("({} {} {})".format, strings, st.sampled_from(["==", "!="]), strings)
        | st.builds("({} {} {})".format, numbers, st.sampled_from(["<", "<=", ">", ">=", "=="]), numbers)
        | st.builds("({} {} {})".format, booleans, st.sampled_from(["&&", "||"]), booleans)
        | st.builds("!{}".format, booleans)
        | st.builds("contains({}, {})".format, lists, strings)
    )
)
lists = st.deferred(
    lambda: (
        st.lists(strings, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | st.builds("concat({}, {})".format, lists, lists)
        | st.builds('[for i, x in {} : "${{i}}${{x}}" if x != {}]'.format, lists, strings)
        | st.builds("sort({})".format, lists)
        | st.builds("distinct({})".format, lists)
        | st.builds("[{}][*].k".format, objects)
    )
)
objects = st.builds("{{ k = {}, l = {} }}".format, strings, strings) | st.builds(
    "merge({{ a = {} }}, {{ k = {} }})".format, strings, strings
)
expressions = st.lists(strings | numbers | booleans | lists | objects, min_size=1, max_size=8)


# Expressions hold expressions; those that grow too large are thrown away, which may be many.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(expressions)
def test_agrees_with_tfparse(expressions):
    lines = "".join(f"  v{number} = {text}\n" for number, text in enumerate(expressions))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(f"locals {{\n{lines}}}\n", "utf-8")
        (theirs,) = load_from_path(folder, stop_on_hcl_error=True)["locals"]

    for number, text in enumerate(expressions):
        assert value(text) == theirs[f"v{number}"], text
