"""Functions and operators answer what Terraform itself answers, or that they do not know."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sg_alarm.readers.files import Files
from sg_alarm.readers.terraform.config import Loader, Tree
from sg_alarm.readers.terraform.evaluator import Budget, Evaluator
from sg_alarm.readers.terraform.functions import FUNCTIONS
from sg_alarm.readers.terraform.module import Module, Shared
from sg_alarm.readers.terraform.parser import parse_expression
from sg_alarm.readers.terraform.values import RefusedError, UndecidableError
from terraform_console import REFUSED, values_by_terraform

TABLE = (Path(__file__).parent / "expressions.txt").read_text("utf-8").splitlines()
"""Expressions of every function, with the arguments that people give and those that are at some edge."""
FORMS = (Path(__file__).parent / "forms.txt").read_text("utf-8")
UNDECIDED = "not known"
AFTER_APPLY = {"bcrypt", "plantimestamp", "timestamp", "uuid"}


def by_us(text: str) -> str:
    """The value of an expression as JSON, or that it is refused or not known."""

    def nothing(name: str):
        raise RefusedError(f"{name} is not declared")

    try:
        found = Evaluator(nothing, Budget()).value(parse_expression(text), {})
        return str(FUNCTIONS["jsonencode"]("jsonencode", [found]))
    except RefusedError:
        return REFUSED
    except UndecidableError:
        return UNDECIDED


@pytest.fixture(scope="module")
def by_terraform(tmp_path_factory, terraform_binary, terraform_environment):
    def values(expressions):
        folder = tmp_path_factory.mktemp("console")
        return values_by_terraform(expressions, folder, terraform_binary, terraform_environment)

    return values


def differences(expressions, by_terraform) -> dict[str, tuple[str, str]]:
    """What we answer otherwise than Terraform, by expression."""
    found = zip(expressions, map(by_us, expressions), by_terraform(expressions), strict=True)
    return {text: (ours, theirs) for text, ours, theirs in found if ours not in (UNDECIDED, theirs)}


def test_every_expression_of_the_table_has_terraforms_value(by_terraform):
    assert differences(TABLE, by_terraform) == {}


def test_few_of_them_are_not_known():
    assert sum(by_us(text) == UNDECIDED for text in TABLE) < len(TABLE) // 6


def test_the_table_has_every_function():
    called = {name for text in TABLE for name in re.findall(r"(\w+)\(", text)}

    assert set(FUNCTIONS) - AFTER_APPLY <= called


@pytest.mark.parametrize("name", sorted(AFTER_APPLY))
def test_what_only_an_apply_makes_is_not_known(name):
    assert by_us(f"{name}()") == UNDECIDED


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["as on Unix", "as on Windows"])
def test_every_form_of_expression_has_terraforms_value(
    end, tmp_path, terraform_binary, terraform_environment
):
    """Heredocs, comments, directives, splats: what a table of single lines cannot hold."""
    (tmp_path / "forms.tf").write_text(FORMS.replace("\n", end), "utf-8", newline="")
    tree = Tree(tmp_path, Loader(Files(tmp_path)))
    module = Module(Shared(tree, "${account}", {}), tmp_path)
    names = re.findall(r"^  (\w\d) =", FORMS, re.MULTILINE)

    ours = [str(FUNCTIONS["jsonencode"]("jsonencode", [module.local(name)])) for name in names]

    expressions = [f"local.{name}" for name in names]
    theirs = values_by_terraform(expressions, tmp_path, terraform_binary, terraform_environment)
    assert dict(zip(names, ours, strict=True)) == dict(zip(names, theirs, strict=True))


def test_a_set_of_files_is_that_of_terraform(tmp_path, terraform_binary, terraform_environment):
    patterns = ["*", "**", "**/*.txt", "a/*", "*.txt", "**/z.txt", "a/**", "x.txt", "**/a/*", "*/*.txt", "l*"]
    for name in ("x.txt", ".hidden", "w w.txt", "a/y.txt", "a/.dot", "a/b/z.txt"):
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).touch()
    (tmp_path / "files/link").symlink_to("x.txt")
    expressions = [f'fileset("files", "{pattern}")' for pattern in patterns]
    evaluator = Evaluator(lambda name: None, Budget(), Files(tmp_path), tmp_path)

    ours = [evaluator.value(parse_expression(text), {}) for text in expressions]

    theirs = values_by_terraform(expressions, tmp_path, terraform_binary, terraform_environment)
    assert [str(FUNCTIONS["jsonencode"]("jsonencode", [one])) for one in ours] == theirs


# Arguments at random, the same in every run.

TEXTS = [
    *(
        '""',
        '"a"',
        '"ab"',
        '"A b"',
        '"x-y_z"',
        '"1"',
        '"-2.5"',
        '"true"',
        '"a,b,,c"',
        '" a "',
        '"a\\n"',
        '"é"',
    ),
    *('"foo/bar"', '"(a|b)+"', '"[a-z]"', '"%s"', '"%d-%s"', '"aGk="', '"{}"', '"[1]"', '"\\"q\\""', '"$.x"'),
]
NUMBERS = ["0", "1", "2", "3", "-1", "10", "2.5", "-0.5", "100", "1.10"]
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"]


class Arguments:
    """Makes expressions at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.by_kind: dict[str, Callable[[], str]] = {
            "text": lambda: self.one(TEXTS if self.chance(0.85) else NUMBERS),
            "carried": lambda: self.one(TEXTS),
            "number": lambda: self.one(NUMBERS),
            "whole": lambda: self.one(["0", "1", "2", "3", "-1", "16", "10"]),
            "list": self.list,
            "sequence": self.list,
            "carried texts": lambda: self.several(lambda: self.one(TEXTS), 0),
            "map": self.map,
            "map or null": self.map,
            "any": lambda: self.one([self.any, self.list, self.map])(),
        }

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, values):
        return self.random.choice(values)

    def primitive(self) -> str:
        return self.one([*TEXTS, *NUMBERS, "true", "false"])

    def several(self, make: Callable[[], str], least: int = 1) -> str:
        return f"[{', '.join(make() for _ in range(self.random.randint(least, 4)))}]"

    def list(self, depth: int = 0) -> str:
        if self.chance(0.2):
            return "[]"
        if self.chance(0.1):
            return f"toset({self.several(lambda: self.one(TEXTS))})"
        makers = [lambda: self.one(TEXTS), lambda: self.one(NUMBERS), self.primitive]
        return self.several(
            self.one([*makers, makers[0], *([] if depth > 1 else [lambda: self.any(depth + 1)])])
        )

    def map(self, depth: int = 0) -> str:
        keys = self.random.sample(["a", "b", "c", "x y"], self.random.randint(0, 3))
        values = (self.any(depth + 1) if depth < 2 else self.primitive() for _ in keys)
        items = (f'"{key}" = {value}' for key, value in zip(keys, values, strict=True))
        return f"{{{', '.join(items)}}}"

    def any(self, depth: int = 0) -> str:
        kind = self.random.random()
        if kind < 0.6 or depth > 2:
            return self.primitive()
        return self.list(depth) if kind < 0.8 else self.map(depth) if kind < 0.95 else "null"

    def call(self, name: str) -> str:
        """A call with arguments of the kinds that the signature asks for, mostly."""
        signed = FUNCTIONS[name]
        kinds = list(signed.parameters)
        if signed.optional and self.chance(0.5):
            kinds = kinds[: -signed.optional]
        if signed.rest:
            kinds += [signed.rest] * self.random.randint(0, 3)
        given = (self.any() if self.chance(0.12) else self.by_kind[kind]() for kind in kinds)
        return f"{name}({', '.join(given)})"

    def expressions(self) -> Iterator[str]:
        for name in sorted(set(FUNCTIONS) - AFTER_APPLY):
            for _ in range(12):
                text = self.call(name)
                if "format" not in name or "null" not in text:  # whose value Terraform does not know
                    yield text
        for _ in range(100):
            make = self.one([self.primitive, self.list, self.map])
            yield f"{self.primitive()} {self.one(OPERATORS)} {self.primitive()}"
            yield f"{self.one(['true', 'false'])} ? {make()} : {make()}"
            yield f'[for k, v in {self.one([self.list, self.map])()} : "${{k}}"]'
            yield f"{{for k, v in {self.one([self.list, self.map])()} : k => v}}"
            yield f'"a${{{self.any()}}}b"'
            yield f"{self.list()}[{self.one(NUMBERS)}]"
            yield f"try({self.map()}.a, {self.primitive()})"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_calls_with_arguments_at_random_have_terraforms_value(seed, by_terraform):
    assert differences([*Arguments(seed).expressions()], by_terraform) == {}
