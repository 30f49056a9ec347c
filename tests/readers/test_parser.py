"""Terraform code becomes a syntax tree, and what is not code is refused with the line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sg_alarm.readers.terraform.json_parser import parse_json
from sg_alarm.readers.terraform.lexer import tokens
from sg_alarm.readers.terraform.parser import MAX_DEPTH, parse, parse_expression, parse_template
from sg_alarm.readers.terraform.syntax import (
    Attr,
    Binary,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Object,
    Splat,
    SyntaxProblem,
    Template,
    Tuple,
    Unary,
    Variable,
    references,
)


def words(text: str) -> list[str]:
    return [f"{kind} {word}".strip() for kind, word, _, _ in tokens(text)]


def test_the_lexer_leaves_out_white_space_and_comments():
    assert words("a = 1 # b\n// c\n/* d\n*/ e") == [
        *("name a", "sign =", "number 1", "newline", "newline", "name e", "end"),
    ]


def test_the_lexer_reads_templates_within_templates():
    assert words('"a${"b${c}"}" d') == [
        *('open "', "text a", "open ${", 'open "', "text b", "open ${", "name c", "close }", 'close "'),
        *("close }", 'close "', "name d", "end"),
    ]


def test_the_lexer_reads_a_heredoc_to_its_mark():
    assert words('<<EOT\n"x" ${y}\nEOT\nz') == [
        *(
            "open <<EOT",
            'text "x"',
            "open ${",
            "name y",
            "close }",
            "text",
            "close",
            "newline",
            "name z",
            "end",
        ),
    ]


def test_every_token_is_where_it_says():
    text = 'resource "a" "b" { # c\n  d = [1, "e${f}"]\n}\n'
    assert all(text[start:end] == word for _, word, start, end in tokens(text))


def test_blocks_have_their_labels_lines_and_places():
    text = '\nresource "aws_x" y {\n  a = 1\n  b "c" { d = 2 }\n}\nlocals {}\n'
    resource, further = parse(text).blocks

    assert (resource.kind, resource.labels, resource.line) == ("resource", ("aws_x", "y"), 2)
    assert text[slice(*resource.span)].endswith("d = 2 }\n}")
    assert [(one.kind, one.labels, one.line) for one in resource.blocks] == [("b", ("c",), 4)]
    assert (further.kind, further.line) == ("locals", 6)


def test_labels_are_plain_text():
    (block,) = parse('check "is 100% ok" "a\\"b" c {}\n').blocks

    assert block.labels == ("is 100% ok", 'a\\"b', "c")


@pytest.mark.parametrize(
    "comment", ["# x", "// x", "/* x */", "/* x\n y */", '# "', "# {", "/* } */ # ${"], ids=repr
)
def test_a_comment_behind_an_expression_is_not_part_of_it(comment):
    block = parse(f'a {{\n  b = "c" {comment}\n  d = 1\n}}\n').blocks[0]

    assert block.attributes["b"].node == Literal((10, 13), "c")
    assert block.attributes["b"].text == '"c"'
    assert block.attributes["d"].text == "1"


KINDS = {
    "a.b": Attr,
    "a[0]": Index,
    "a[*].b": Splat,
    "a.*.b": Splat,
    "f(a, b...)": Call,
    "[1, 2]": Tuple,
    "{ a = 1 }": Object,
    "[for a in b : a]": For,
    "{for a, b in c : a => b... if b}": For,
    "a ? b : c": Conditional,
    "a + b * c": Binary,
    "-a": Unary,
    "(a)": Variable,
    '"a"': Literal,
    '"a${b}"': Template,
    '"${a}"': Variable,
    "<<EOT\na\nEOT": Literal,
    "provider::a::b()": Call,
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=KINDS)
def test_kinds_of_expressions(text, kind):
    assert type(parse_expression(text)) is kind


def test_operators_bind_as_in_terraform():
    found = parse_expression("a || b && c == d < e + f * -g")

    for operator in ("||", "&&", "==", "<", "+", "*"):
        assert isinstance(found, Binary)
        assert found.operator == operator
        found = found.right
    assert isinstance(found, Unary)


def test_operators_of_one_rank_bind_to_the_left():
    found = parse_expression("a - b - c")

    assert isinstance(found, Binary)
    assert isinstance(found.left, Binary)


def test_new_lines_mean_nothing_in_brackets_but_part_the_items_of_an_object():
    assert isinstance(parse_expression("(a\n+\nb)"), Binary)
    assert isinstance(parse_expression("f(\na,\nb\n)"), Call)
    assert isinstance(parse_expression("[\n1,\n2,\n]"), Tuple)
    found = parse_expression("{\n a = [\n1\n]\n\n b = 2\n}")
    assert isinstance(found, Object)
    assert len(found.items) == 2


def test_expressions_know_where_they_are():
    text = 'f(a.b, "c")'
    found = parse_expression(text)

    assert isinstance(found, Call)
    assert [text[slice(*one.span)] for one in (found, *found.arguments)] == [text, "a.b", '"c"']


REFERENCES = {
    "aws_sns_topic.this.arn": {("aws_sns_topic", "this", "arn")},
    "aws_sns_topic.this[0].arn": {("aws_sns_topic", "this", "arn")},
    "aws_sns_topic.this[var.x].arn": {("aws_sns_topic", "this", "arn"), ("var", "x")},
    '"${local.a}-${data.b.c.d}"': {("local", "a"), ("data", "b", "c", "d")},
    '"local.a"': set(),
    "[for x in var.y : x.z]": {("var", "y")},
    "[for x in x : x]": {("x",)},
    '"%{ for x in var.y }${x}${z}%{ endfor }"': {("var", "y"), ("z",)},
    "f(a, { b = c })": {("a",), ("c",)},
    "var.x[*].y": {("var", "x")},
}


@pytest.mark.parametrize(("text", "expected"), REFERENCES.items(), ids=REFERENCES)
def test_references(text, expected):
    assert set(references(parse_expression(text))) == expected


BROKEN = {
    "a = [\n1\n": "line 1: a bracket is not closed",
    'resource "a" {\n': "line 1: the block is not closed",
    "}\n": "a closing brace too many",
    'a = "b\n': "line 1: a text is not closed",
    "a = <<EOT\nb\n": "a heredoc is not closed",
    "/* a": "line 1: a comment is not closed",
    "a b\n": "line 1: neither a block nor an attribute",
    "\x00\x01{{{": "unexpected '\\\\x00'",
    "a = [)\n": "line 1: unexpected",
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items(), ids=repr)
def test_code_that_is_none_is_refused_with_the_line(text, said):
    with pytest.raises(SyntaxProblem, match=said):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "1 +", "[1", "{ a }", "a.", "a[", "f(a b)", '"%{ if a }b"', '"%{ else }"', r'"\x"', "a ? b"],
)
def test_expressions_that_are_none_are_refused(text):
    with pytest.raises(SyntaxProblem):
        parse_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "[" * 100_000,
        "!" * 100_000,
        '"${' * 100_000,
        "{a=" * 100_000,
        "f(" * 100_000,
        "a?" * 100_000,
    ],
    ids=lambda text: text[:3],
)
def test_nesting_without_end_is_refused(text):
    with pytest.raises(SyntaxProblem, match="too deeply"):
        parse_expression(text)


def test_blocks_and_json_without_end_are_refused():
    with pytest.raises(SyntaxProblem, match="too deeply"):
        parse("a {\n" * 100_000)
    with pytest.raises(SyntaxProblem, match="too deeply"):
        parse_json('{"a":' * 100_000)


def test_as_deep_as_anybody_writes_is_read():
    depth = MAX_DEPTH - 5
    assert parse_expression("[" * depth + "]" * depth)


def test_json_is_the_same_tree():
    code = {
        "resource": {
            "aws_x": {"y": {"a": "${var.b}", "c": "d-${e}", "f": {"g": [1]}, "h": [{"i": 1}, {"i": 2}]}}
        }
    }
    (block,) = parse_json(json.dumps(code, indent=2))

    assert (block.kind, block.labels, block.line) == ("resource", ("aws_x", "y"), 4)
    assert isinstance(block.attributes["a"].node, Attr)
    assert isinstance(block.attributes["c"].node, Template)
    assert [(one.kind, [*one.attributes]) for one in block.blocks] == [
        ("f", ["g"]),
        ("h", ["i"]),
        ("h", ["i"]),
    ]


def test_dynamic_blocks_in_json_are_blocks():
    code = {
        "resource": {
            "a": {"b": {"dynamic": {"c": {"for_each": [{"d": 1}], "content": {"e": "${c.value.d}"}}}}}
        }
    }
    (dynamic,) = parse_json(json.dumps(code))[0].blocks

    assert (dynamic.kind, dynamic.labels, [*dynamic.attributes]) == ("dynamic", ("c",), ["for_each"])
    assert [one.kind for one in dynamic.blocks] == ["content"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": }', '{"a": 1,}', '{"a": 1} b', "{'a': 1}", '{"a": "\n"}']
)
def test_json_that_is_none_is_refused(text):
    with pytest.raises(SyntaxProblem):
        parse_json(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text('ab \\"\n$%{}é#/<~', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab -", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def written(value) -> str:
    """A value as an expression."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def read(node):
    """The value of an expression of literals."""
    if isinstance(node, Tuple):
        return [read(one) for one in node.items]
    if isinstance(node, Object):
        return {read(key): read(one) for key, one in node.items}
    if isinstance(node, Unary):
        return -read(node.of)
    assert isinstance(node, Literal)
    return node.value


@settings(deadline=None)
@given(values)
def test_what_is_written_is_read(value):
    block = parse(f"a {{\n  b = {written(value)} # {{\n  c = 1\n}}\n").blocks[0]

    assert read(block.attributes["b"].node) == value
    assert read(block.attributes["c"].node) == 1


@settings(deadline=None)
@given(st.text("ab\"\\ \n$%{}[]()#/<~=,.*?:-_'1", max_size=30))
def test_any_text_is_read_or_refused(text):
    for parser in (parse, parse_expression, parse_template, parse_json):
        try:
            parser(text)
        except SyntaxProblem:
            continue
