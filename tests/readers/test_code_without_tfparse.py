"""Where tfparse is not installed, what is plain is decided, and of the rest is said what would help."""

from __future__ import annotations

import sys

import pytest

from code_builder import PROVIDER, WHOLE, changed, judged, judgement_of, without, written
from codebases import CALL, CODEBASES, FAIL, MODULE, PASS, PATTERN, THE_ALARM, UNKNOWN, counted
from sg_alarm.readers.code import needs_tfparse, read_code
from sg_alarm.readers.code.root import has_tfparse
from sg_alarm.rule.operations import PATTERN_OF_SIX

LEFT_ASIDE: dict[str, str] = {}
"""Codebases that are decided by tfparse only, each with the reason."""


@pytest.fixture(autouse=True)
def without_tfparse(monkeypatch):
    monkeypatch.setenv("SG_ALARM_WITHOUT_TFPARSE", "1")


@pytest.mark.parametrize("codebase", [one for one in CODEBASES if one.verdict], ids=str)
def test_the_verdict_is_that_of_tfparse(codebase, tmp_path):
    expected = UNKNOWN if codebase.name in LEFT_ASIDE else codebase.verdict
    folder, given = written(tmp_path / "code", codebase.files), tmp_path / "given.tfvars"
    given.write_text(codebase.given)
    judgement = judgement_of(folder / codebase.root, given)

    assert judgement.verdict is expected, judgement.findings
    if expected is FAIL:
        assert codebase.points_at in {one.resource for one in judgement.findings if one.verdict is FAIL}


BEYOND = {
    "a function": changed(PATTERN, f'replace({PATTERN}, "x", "y")'),
    "a function in a local": changed(PATTERN, "local.p", f"locals {{ p = trimspace({PATTERN}) }}"),
    "arithmetic": changed("threshold           = 1", "threshold = 2 - 1"),
    "a directive in a template": changed(PATTERN, f'"%{{ if true }}{PATTERN_OF_SIX}%{{ endif }}"'),
    "a whole resource": changed("[aws_sns_topic.alarms.arn]", "[aws_sns_topic.alarms]"),
    "a function in count": changed(
        'resource "aws_cloudwatch_metric_alarm" "sg" {',
        'resource "aws_cloudwatch_metric_alarm" "sg" {\n  count = max(0, 1)',
    ),
    "a function in for_each": changed(
        'resource "aws_sns_topic_subscription" "mail" {',
        'resource "aws_sns_topic_subscription" "mail" {\n  for_each = setunion(["a"], ["b"])',
    ),
    "a function in a dynamic block": changed(
        "  metric_transformation {",
        "  dynamic metric_transformation {\n    for_each = range(1)\n    content {",
        text=WHOLE.replace('value     = "1"\n  }', 'value     = "1"\n  }\n  }'),
    ),
    "a function in a module's argument": {
        "main.tf": without("filter", "alarm") + CALL.replace("[aws", "reverse([aws").replace("n]", "n])"),
        **MODULE,
    },
    "a type that is not known": changed(
        PATTERN, "var.p[0]", f'variable "p" {{\n  type = tuple([string])\n  default = [{PATTERN}]\n}}'
    ),
}


@pytest.mark.parametrize("files", BEYOND.values(), ids=BEYOND)
def test_what_is_not_plain_is_unknown_and_names_the_remedy(files, tmp_path):
    judgement = judgement_of(written(tmp_path, files))

    assert judgement.verdict is UNKNOWN, judgement.findings
    assert needs_tfparse(judgement), judgement.findings
    assert any("pip install tfparse" in one.evidence for one in judgement.findings)


UNKNOWABLE = {
    "a local that refers to itself": changed(PATTERN, "local.a", "locals {\n  a = local.b\n  b = local.a\n}"),
    "a variable that is not declared": changed(PATTERN, "var.nowhere"),
    "a local that is not declared": changed(PATTERN, "local.nowhere"),
    "an index too high": changed(PATTERN, f"[{PATTERN}][1]"),
    "a null in a text": changed(PATTERN, '"${var.x} a"', 'variable "x" { default = null }'),
    "a text compared that a variable has": changed(
        PATTERN, f'join("", [var.s]) == "" ? {PATTERN} : "x"', 'variable "s" { type = string }'
    ),
    "a number compared with its text": changed(PATTERN, f'1 == "1" ? {PATTERN} : "x"'),
    "an override file": {"main.tf": WHOLE, "main_override.tf": ""},
    "a variable file that is no object": {"main.tf": WHOLE, "terraform.tfvars.json": "[]"},
    "a file that never ends": changed(PATTERN, 'file("/dev/zero")'),
    "a module that calls itself": {
        "main.tf": changed(PATTERN, "module.a.b", 'module "a" { source = "./a" }'),
        "a/main.tf": 'module "a" { source = "../a" }\noutput "b" { value = module.a.b }\n',
    },
    "more instances than anybody has": changed(
        'resource "aws_cloudwatch_metric_alarm" "sg" {',
        'resource "aws_cloudwatch_metric_alarm" "sg" {\n  count = 1000000000',
    ),
}


@pytest.mark.parametrize("files", UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_what_has_no_value_is_unknown(files, tmp_path):
    assert judgement_of(written(tmp_path, files)).verdict is UNKNOWN


TYPES = {
    "an attribute with a default": ("object({ p = optional(string, %s) })", "{}", "var.x.p"),
    "an attribute that is left out": ("object({ p = optional(string) })", "{}", "coalesce(var.x.p, %s)"),
    "objects in a map": ("map(object({ p = string }))", "{ a = { p = %s } }", 'var.x["a"].p'),
    "a set": ("set(string)", "[%s, %s]", "one(var.x)"),
    "a list": ("list(string)", "[%s]", "var.x[0]"),
    "a number of a text": ("number", '"1"', "var.x == 1 ? %s : null"),
    "a boolean of a text": ("bool", '"true"', "var.x ? %s : null"),
    "no type": ("any", "%s", "var.x"),
}


@pytest.mark.parametrize(("kind", "default", "use"), TYPES.values(), ids=TYPES)
def test_a_variable_has_its_type(kind, default, use, tmp_path):
    kind, default, use = (text.replace("%s", PATTERN) for text in (kind, default, use))
    files = changed(PATTERN, use, f'variable "x" {{\n  type = {kind}\n  default = {default}\n}}\n')

    assert judgement_of(written(tmp_path, files)).verdict is PASS


def test_a_null_that_may_not_be_takes_the_default(tmp_path):
    files = {
        "main.tf": without("filter", "alarm") + CALL.replace("actions ", "enabled = null\n  actions "),
        "alarm/main.tf": counted(THE_ALARM, "var.enabled ? 1 : 0", MODULE["alarm/main.tf"]),
    }
    nullable = files["alarm/main.tf"]
    files["alarm/main.tf"] = nullable.replace(
        "{ default = true }", "{\n default = true\n nullable = false\n}"
    )

    assert judgement_of(written(tmp_path / "a", files)).verdict is PASS
    assert judgement_of(written(tmp_path / "b", {**files, "alarm/main.tf": nullable})).verdict is UNKNOWN


def test_tfparse_that_cannot_be_imported_is_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("SG_ALARM_WITHOUT_TFPARSE")
    monkeypatch.setitem(sys.modules, "tfparse", None)

    assert not has_tfparse()
    assert judgement_of(written(tmp_path, WHOLE)).verdict is PASS


def test_child_processes_read_without_it_as_well(tmp_path):
    written(tmp_path, {"a/main.tf": WHOLE, "b/main.tf": without("alarm"), "c/main.tf": BEYOND["a function"]})

    assert [judged(reading).verdict for reading in read_code(tmp_path)] == [PASS, FAIL, UNKNOWN]


def test_code_that_is_not_about_the_rule_may_be_as_it_likes(tmp_path):
    """What nobody asks for is not evaluated, and gives no reason to doubt."""
    further = (
        'resource "aws_vpc" "v" {\n  count = max(1, 2)\n}\nlocals { x = cidrsubnet("10.0.0.0/8", 1, 1) }\n'
    )

    assert judgement_of(written(tmp_path / "a", WHOLE + further)).verdict is PASS
    assert judgement_of(written(tmp_path / "b", PROVIDER + further)).verdict is FAIL
