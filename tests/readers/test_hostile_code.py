"""Code of an attacker opens nothing of others, prints no secret, and costs no more than its root module."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from code_builder import WHOLE, changed, judged, judgement_of, without, written
from codebases import PATTERN
from sg_alarm.cli.app import main
from sg_alarm.readers.files import LIMIT, Files, UnreadableError
from sg_alarm.readers.secret import Secret
from sg_alarm.readers.terraform import read_code, read_root
from sg_alarm.reports.formats import FORMATS
from sg_alarm.rule.contract import to_json
from sg_alarm.rule.operations import PATTERN_OF_SIX
from sg_alarm.rule.verdict import Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
SECRET = "hunter2-of-somebody-else"


# Files.


@pytest.fixture
def outside(tmp_path) -> Path:
    path = tmp_path / "outside" / "secret.txt"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


def code_with(tmp_path: Path, pattern: str) -> Path:
    return written(tmp_path / "code", changed(PATTERN, pattern))


def everything_said(folder: Path) -> str:
    (reading,) = read_code(folder)
    return repr(judged(reading)) + repr(reading.addresses)


@pytest.mark.parametrize(
    "path", ["{outside}", "../outside/secret.txt", "x/../../outside/secret.txt", "link", "folder/secret.txt"]
)
@pytest.mark.parametrize("function", ["file({})", "templatefile({}, {{}})", "fileexists({}) ? 1 : 0"])
def test_no_file_outside_of_the_scanned_folder_is_opened(path, function, outside, tmp_path):
    pattern = function.format(json.dumps(path.format(outside=outside)))
    folder = code_with(tmp_path, pattern)
    (folder / "link").symlink_to(outside)
    (folder / "folder").symlink_to(outside.parent)

    said = everything_said(folder)

    assert SECRET not in said
    assert "lies outside the folder that is scanned" in said
    assert judgement_of(folder).verdict is UNKNOWN


def test_no_folder_outside_is_listed(outside, tmp_path):
    folder = code_with(tmp_path, f'join("", fileset("{outside.parent}", "*"))')

    assert "secret.txt" not in everything_said(folder).replace(str(outside), "")
    assert judgement_of(folder).verdict is UNKNOWN


@pytest.mark.parametrize("name", ["/proc/self/environ", "/dev/zero", "/etc/passwd", "pipe"])
def test_what_is_not_a_regular_file_of_the_code_is_not_read(name, tmp_path):
    folder = code_with(tmp_path, f'file("{name}")')
    os.mkfifo(folder / "pipe")

    assert judgement_of(folder).verdict is UNKNOWN


@pytest.mark.parametrize(
    "name", ["b.tf", "terraform.tfvars", ".terraform/modules/modules.json", "b.tf.json", "x.auto.tfvars.json"]
)
@pytest.mark.parametrize("kind", ["pipe", "link to a device", "link outside", "folder"])
def test_terraforms_own_files_are_read_no_otherwise(name, kind, outside, tmp_path):
    folder = written(tmp_path / "code", WHOLE)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    {
        "pipe": lambda: os.mkfifo(path),
        "link to a device": lambda: path.symlink_to("/dev/zero"),
        "link outside": lambda: path.symlink_to(outside),
        "folder": path.mkdir,
    }[kind]()

    judgement = judgement_of(folder)

    assert SECRET not in repr(judgement)
    assert judgement.verdict is (PASS if "modules.json" in name or kind == "folder" else UNKNOWN)


def test_a_module_outside_of_the_scanned_folder_is_not_read(tmp_path):
    written(tmp_path / "elsewhere", 'output "p" { value = "x" }\n')
    folder = code_with(tmp_path, "module.m.p")
    (folder / "m.tf").write_text('module "m" { source = "../elsewhere" }\n')

    assert "lies outside the folder that is scanned" in everything_said(folder)


def test_a_module_elsewhere_in_the_repository_is_read(tmp_path):
    (tmp_path / ".git").mkdir()
    written(tmp_path / "shared", f'output "p" {{ value = {PATTERN} }}\n')
    folder = code_with(tmp_path, "module.m.p")
    (folder / "m.tf").write_text('module "m" { source = "../shared" }\n')

    assert judged(read_code(folder)[0]).verdict is PASS


def test_a_variable_file_that_the_user_names_may_be_anywhere(tmp_path):
    folder = written(tmp_path / "code", changed(PATTERN, "var.p", 'variable "p" {}\n'))
    given = tmp_path / "given.tfvars"
    given.write_text(f"p = {PATTERN}\n")

    assert judgement_of(folder, given).verdict is PASS


def test_bytes_are_counted_as_they_are_read(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "just").write_bytes(b"x" * LIMIT)

    assert len(Files(tmp_path).content(tmp_path / "just")) == LIMIT
    with pytest.raises(UnreadableError, match="larger than 1 MiB"):
        Files(tmp_path).content(tmp_path / "large")


# Secrets.


def test_the_pattern_of_a_file_is_judged_and_not_shown(tmp_path):
    folder = code_with(tmp_path, 'trimspace(file("pattern.txt"))')
    (folder / "pattern.txt").write_text(f"{PATTERN_OF_SIX}\n")
    (reading,) = read_code(folder)

    (place,) = reading.deployment.places
    (found,) = place.metric_filters
    assert judged(reading).verdict is PASS
    assert found.pattern == PATTERN_OF_SIX
    assert f"{found.pattern}" == "${(sensitive value 1)}"


SENSITIVE = {
    "a variable": ("var.s", f'variable "s" {{\n  default = "{SECRET}"\n  sensitive = true\n}}\n'),
    "what is made of it": (
        '"a-${upper(var.s)}"',
        f'variable "s" {{\n  default = "{SECRET}"\n  sensitive = true\n}}\n',
    ),
    "a part of it": (
        "var.s.a[0]",
        f'variable "s" {{\n  default = {{ a = ["{SECRET}"] }}\n  sensitive = true\n}}\n',
    ),
    "a file": ('file("secret.txt")', ""),
    "what a file says": ('jsondecode(file("secret.json")).a', ""),
    "the function": (f'sensitive("{SECRET}")', ""),
    "what is shown all the same": (f'nonsensitive(sensitive("{SECRET}"))', ""),
    "an output": (
        "module.m.o",
        'module "m" { source = "./m" }\n',
    ),
}


@pytest.mark.parametrize(
    "place", ['name = "alarms"', 'endpoint  = "security@example.com"', 'alarm_name          = "sg"']
)
@pytest.mark.parametrize(("value", "further"), SENSITIVE.values(), ids=SENSITIVE)
def test_no_secret_is_in_what_is_said(value, further, place, tmp_path):
    name = place.partition(" ")[0]
    files = {
        "main.tf": changed(
            place,
            f"{name} = {value}",
            further,
            text=without("subscription")
            if "endpoint" not in place
            else changed(
                'protocol  = "email"', 'protocol = "email"\n filter_policy = jsonencode({a = ["b"]})'
            ),
        ),
        "secret.txt": SECRET,
        "secret.json": json.dumps({"a": SECRET}),
        "m/main.tf": f'output "o" {{\n  value = "{SECRET}"\n  sensitive = true\n}}\n',
    }
    reading = read_root(written(tmp_path, files), "code")
    said = "".join(f"{one.resource} {one.evidence} {one.remedy}" for one in judged(reading).findings)

    assert SECRET.lower() not in said.lower()
    assert judged(reading).verdict is FAIL


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "asff"])
def test_no_secret_is_in_any_report(form, tmp_path):
    files = {
        "main.tf": changed("[aws_sns_topic.alarms.arn]", '[file("secret.txt"), var.s]', text=without("topic"))
        + f'variable "s" {{\n  default = "{SECRET}"\n  sensitive = true\n}}\n',
        "secret.txt": f"arn:aws:sns:eu-west-1:123456789012:{SECRET}",
    }
    folder, report = written(tmp_path / "code", files), tmp_path / "report"

    with pytest.raises(SystemExit):
        main(["audit", "--code", str(folder), "--format", form, "--output", str(report)])

    assert SECRET not in report.read_text("utf-8")


@pytest.mark.parametrize("name", ["Changes", "Security"])
def test_no_secret_is_in_the_name_of_a_metric(name, tmp_path):
    sensitive = f'variable "s" {{\n  default = "{SECRET}"\n  sensitive = true\n}}\n'
    files = {"main.tf": changed(f'= "{name}"', "= var.s", sensitive)}
    reading = read_root(written(tmp_path, files), "code")

    assert SECRET not in json.dumps([to_json([judged(reading)], "conformity")])
    assert judged(reading).verdict is PASS


def test_secrets_of_one_text_are_one_and_others_are_others():
    one, other = Secret.of("a", 1), Secret.of("b", 2)

    assert one == "a"
    assert f"{one}" == str(one) == repr(one) == "${(sensitive value 1)}"
    assert "arn:" + one != "arn:" + other
    assert "arn:" + one + ":x" == "arn:${(sensitive value 1)}:x"


# Budgets.

DOUBLED = "".join(f'x{n + 1} = "${{local.x{n}}}${{local.x{n}}}"\n' for n in range(40))
BOMBS = {
    "a text that doubles 40 times": ("local.x40", f'locals {{\nx0 = "ab"\n{DOUBLED}}}\n'),
    "a list that doubles 40 times": (
        'join("", flatten(local.y40))',
        'locals {\ny0 = ["a"]\n'
        + "".join(f"y{n + 1} = [local.y{n}, local.y{n}]\n" for n in range(40))
        + "}\n",
    ),
    "a list that doubles 40 times, handed on": (
        "local.y40",
        'locals {\ny0 = ["a"]\n'
        + "".join(f"y{n + 1} = [local.y{n}, local.y{n}]\n" for n in range(40))
        + "}\n",
    ),
    "loops in loops": (
        'join("", flatten([for a in range(500) : [for b in range(500) : [for c in range(500) : "x"]]]))',
        "",
    ),
    "a text that is replaced by a longer one": (
        "local.r3",
        'locals {\nr0 = join("", [for a in range(1000) : "a"])\n'
        + "".join(f'r{n + 1} = replace(local.r{n}, "a", local.r0)\n' for n in range(3))
        + "}\n",
    ),
    "a product of lists": (
        'join("", flatten(setproduct(range(1000), range(1000), range(1000))))',
        "",
    ),
    "an indentation without end": ('indent(1000000000, "a\\nb")', ""),
    "a directive in a directive": (
        f'"{"%{ for a in range(1000) }" * 3}x{"%{ endfor }" * 3}"',
        "",
    ),
    "a regular expression that takes long": (
        f'regex("(a+)+$", "{"a" * 60}!")',
        "",
    ),
    "another regular expression that takes long": (f'regex("a*a*a*a*a*a*b", "{"a" * 5000}")', ""),
    "a very long chain of locals": (
        "local.z0",
        "locals {\n" + "".join(f"z{n} = local.z{n + 1}\n" for n in range(5000)) + 'z5000 = "x"\n}\n',
    ),
    "a very long sum": ("length(" + "1 + " * 50_000 + "1)", ""),
    "a very long condition": ("true ? 1 : " * 20_000 + "1", ""),
    "an expression that is nested too deeply": ("(" * 50_000 + ")" * 50_000, ""),
    "a number without end": ("9" * 100_000, ""),
    "a number with a large exponent": ("1e999999999", ""),
    "JSON that is nested too deeply": ('jsondecode(join("", [for a in range(1000) : "[[[[[[[["]))', ""),
    "YAML with aliases": (
        r'yamldecode("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]")',
        "",
    ),
    "YAML that is nested too deeply": ('yamldecode(join("", [for a in range(1000) : "[[[[[[[["]))', ""),
}


@pytest.mark.parametrize(("pattern", "further"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_its_root_and_the_others_are_judged(pattern, further, tmp_path):
    files = {"bad/main.tf": changed(PATTERN, pattern, further), "good/main.tf": WHOLE}

    verdicts = {reading.root[-3:]: judged(reading).verdict for reading in read_code(written(tmp_path, files))}

    assert verdicts == {"bad": UNKNOWN, "ood": PASS}


def test_a_line_of_five_million_characters_is_not_read(tmp_path):
    folder = written(tmp_path, {"main.tf": WHOLE, "b.tf": "# " + "x" * 5_000_000})

    assert "larger than 1 MiB" in repr(judgement_of(folder))


def test_modules_that_multiply_are_not_followed_for_ever(tmp_path):
    files = {
        f"m{n}/main.tf": "".join(f'module "c{c}" {{ source = "../m{n + 1}" }}\n' for c in range(10))
        for n in range(8)
    }
    files |= {"m8/main.tf": WHOLE, "main.tf": 'module "m" { source = "./m0" }\nprovider "aws" {}\n'}

    judgement = judgement_of(written(tmp_path, files))

    assert judgement.verdict is UNKNOWN
    assert "more than 10,000 instances" in repr(judgement)


def test_instances_without_end_are_not_made(tmp_path):
    topics = (
        'resource "aws_sns_topic" "many" {\n  for_each = toset([for a in range(1000) : "t${a}"])\n'
        "  name = each.key\n}\n"
    )
    modules = 'module "m" {\n  count = 900\n  source = "./m"\n}\n'
    files = {"main.tf": WHOLE + modules, "m/main.tf": topics}

    assert "more than 10,000 instances" in repr(judgement_of(written(tmp_path, files)))
