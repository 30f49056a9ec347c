"""The reader of code says of every codebase what must be said of it."""

from __future__ import annotations

import re

import pytest

from code_builder import PROVIDER, WHOLE, changed, judged, judgement_of, without, written
from codebases import CALL, CODEBASES, FAIL, MODULE, PASS, PATTERN, THE_ALARM, UNKNOWN, Codebase, counted
from sg_alarm.readers.terraform import Files, Loader, read_root, roots_below
from sg_alarm.rule.model import OTHER_REGIONS


@pytest.fixture
def judgements(tmp_path):
    """Judge every root of a codebase; the judgements by folder."""

    def judge(codebase: Codebase):
        folder, given = written(tmp_path / "code", codebase.files), tmp_path / "given.tfvars"
        given.write_text(codebase.given)
        loader = Loader(Files(folder))
        roots = {str(root.relative_to(folder)): root for root in roots_below(folder, loader)}
        readings = {name: read_root(root, name, (given,), loader) for name, root in roots.items()}
        return {name: judged(one) for name, one in readings.items() if one.deployment is not None}

    return judge


def with_verdict(verdict):
    return pytest.mark.parametrize("codebase", [one for one in CODEBASES if one.verdict is verdict], ids=str)


@with_verdict(PASS)
def test_passes(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]

    assert judgement.verdict is PASS, judgement.findings


@with_verdict(FAIL)
def test_fails_and_points_at(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]

    assert judgement.verdict is FAIL, judgement.findings
    assert codebase.points_at in {one.resource for one in judgement.findings if one.verdict is FAIL}


@with_verdict(UNKNOWN)
def test_cannot_tell_and_says_what_would_help(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]

    assert judgement.verdict is UNKNOWN, judgement.findings
    findings = [one for one in judgement.findings if one.verdict is UNKNOWN]
    assert any(codebase.says in f"{one.evidence}; {one.remedy}" for one in findings), findings
    assert not codebase.points_at or codebase.points_at in {one.resource for one in findings}


@pytest.mark.parametrize(
    "codebase", [one for one in CODEBASES if one.root != "." or one.verdict is None], ids=str
)
def test_judges_each_root_and_nothing_else(codebase, judgements):
    here = {} if codebase.verdict is None else {codebase.root: codebase.verdict}

    assert {root: one.verdict for root, one in judgements(codebase).items()} == {**here, **codebase.others}


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
    "a function that is not evaluated": changed(PATTERN, f"yamlencode({PATTERN})"),
    "a function of a provider": changed(PATTERN, f"provider::x::f({PATTERN})"),
    "a value that only an apply makes": changed("threshold           = 1", "threshold = length(uuid())"),
    "a whole resource": changed("[aws_sns_topic.alarms.arn]", "[aws_sns_topic.alarms]"),
    "an expression that cannot be parsed": changed(PATTERN, f"{PATTERN} {PATTERN}"),
    "an override file": {"main.tf": WHOLE, "main_override.tf": "locals {}"},
    "a variable file that is not an object": {"main.tf": WHOLE, "terraform.tfvars.json": "[]"},
    "a module that calls itself": {
        "main.tf": changed(PATTERN, "module.a.b", 'module "a" { source = "./a" }'),
        "a/main.tf": 'module "a" { source = "../a" }\noutput "b" { value = module.a.b }\n',
    },
    "more instances than anybody has": changed(
        'resource "aws_cloudwatch_metric_alarm" "sg" {',
        'resource "aws_cloudwatch_metric_alarm" "sg" {\n  count = 1000000000',
    ),
    "a type that is not one": changed(
        PATTERN, "var.p", f'variable "p" {{\n  type = text\n  default = {PATTERN}\n}}'
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
    "a tuple": ("tuple([string, number])", "[%s, 1]", "var.x[0]"),
    "a number of a text": ("number", '"1"', "var.x == 1 ? %s : null"),
    "a boolean of a text": ("bool", '"true"', "var.x ? %s : null"),
    "a text of a number": ("string", "1", 'var.x == "1" ? %s : null'),
    "no type": ("any", "%s", "var.x"),
    "a type in quotation marks": ('"string"', "%s", "var.x"),
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


def test_a_name_is_handed_on_although_another_place_compares_it(tmp_path):
    """What the code looks into in one place is not unknown in all others."""
    files = changed(
        'name = "alarms"',
        'name = "${var.stage}-alarms"',
        'variable "stage" { type = string }\nlocals { is_prod = var.stage == "prod" }\n',
    )

    assert judgement_of(written(tmp_path, files)).verdict is PASS


def test_code_that_is_not_about_the_rule_may_be_as_it_likes(tmp_path):
    """What nobody asks for is not evaluated, and gives no reason to doubt."""
    further = (
        'resource "aws_vpc" "v" {\n  count = f(1, 2)\n}\nlocals { x = cidrsubnet("10.0.0.0/8", 1, 1) }\n'
    )

    assert judgement_of(written(tmp_path / "a", WHOLE + further)).verdict is PASS
    assert judgement_of(written(tmp_path / "b", PROVIDER + further)).verdict is FAIL


@pytest.mark.parametrize("first", [True, False])
def test_the_region_is_that_of_the_aws_provider(first, tmp_path):
    """Other providers have regions, too."""
    other = 'provider "google" { region = "europe-west1" }\n'
    folder = written(tmp_path, {"main.tf": other + WHOLE if first else WHOLE + other})
    deployment = read_root(folder, "root").deployment

    assert deployment.regions == read_root(written(tmp_path, {"main.tf": WHOLE}), "root").deployment.regions
    assert "europe-west1" not in deployment.regions


@pytest.mark.parametrize("is_multi_region", [True, False])
def test_only_without_a_trail_of_all_regions_are_others_left_to_trails_outside(is_multi_region, tmp_path):
    regional = (
        'resource "aws_cloudtrail" "second" {\n  name = "second"\n  s3_bucket_name = "logs"\n'
        f"  is_multi_region_trail = {str(is_multi_region).lower()}\n}}\n"
    )
    local = re.sub("is_multi_region_trail( *)= true", r"is_multi_region_trail\1= false", WHOLE)

    def others_are_assumed(text):
        return OTHER_REGIONS in read_root(written(tmp_path, {"main.tf": text}), "root").deployment.regions

    assert not others_are_assumed(WHOLE + regional)
    assert others_are_assumed(local + regional) is not is_multi_region
