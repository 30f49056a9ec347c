"""Every command's help teaches: examples that can be typed, exit codes, no line wider than 80 columns."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import click
import pytest

from sg_alarm.cli.app import cli
from sg_alarm.cli.help import Command, Group
from sg_alarm.errors import ExitCode

USERS = {"checkov", "terraform", "eval"}
"""Other commands that begin an example."""


def below(command, *path):
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from below(command.commands[name], *path, name)


COMMANDS = dict(below(cli))
SINGLE = {path: one for path, one in COMMANDS.items() if not isinstance(one, click.Group)}


def shown(sg_alarm, path, columns="80"):
    done = sg_alarm(*path, "--help", env={"COLUMNS": columns})
    assert done.returncode == 0
    return done.stdout


def name(path):
    return " ".join(path) or "sg-alarm"


@pytest.mark.parametrize("path", COMMANDS, ids=name)
def test_the_help_has_a_summary_and_examples_and_fits_into_80_columns(path, sg_alarm):
    text = shown(sg_alarm, path)
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in re.sub(r"\[ARGS\]\.\.\.|\[TOPIC\]\.\.\.", "", text)  # no summary is cut
    assert "\\b" not in text
    _, _, examples = text.partition("\nExamples:\n")
    assert examples.startswith("  ")
    assert isinstance(COMMANDS[path], Command | Group)


@pytest.mark.parametrize("path", SINGLE, ids=name)
def test_the_help_lists_the_exit_codes(path, sg_alarm):
    _, _, codes = shown(sg_alarm, path).partition("\nExit codes:\n")
    reported = {int(code) for code in re.findall(r"^  (\d+)  +\S", codes, re.MULTILINE)}
    assert {int(ExitCode.OK), int(ExitCode.USAGE)} <= reported
    assert reported <= {int(code) for code in ExitCode}


@pytest.mark.parametrize("path", SINGLE, ids=name)
def test_every_option_has_a_help_text(path):
    for parameter in SINGLE[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("path", COMMANDS, ids=name)
def test_examples_are_commands_that_are_understood(path):
    """Each is parsed by the command that it names; files need not be there."""
    assert any(" ".join(("sg-alarm", *path)) in example for example in COMMANDS[path].examples)
    for example in COMMANDS[path].examples:
        words = shlex.split(example.replace("\\\n", " "), comments=True)
        assert words[0] in USERS | {"sg-alarm"}
        if "&&" in words:
            words = words[words.index("&&") + 1 :]
        if words[0] in USERS:
            continue
        words = words[1 : words.index(">")] if ">" in words else words[1:]
        command, rest = cli, words
        while isinstance(command, click.Group):
            command, rest = command.commands[rest[0]], rest[1:]
        # A command keeps the help option of the first context that it is parsed in.
        context = click.Context(command, **cli.context_settings)
        options, _, _ = command.make_parser(context).parse_args(list(rest))
        for parameter in command.params:
            if isinstance(parameter.type, click.Choice) and isinstance(options.get(parameter.name), str):
                assert options[parameter.name] in parameter.type.choices


def test_the_generated_documentation_is_fresh(repository):
    done = subprocess.run(
        [sys.executable, repository / "scripts/tools/docs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_manual_has_the_help_of_every_command_to_the_letter(repository, sg_alarm):
    readme = (repository / "scripts/README.md").read_text("utf-8")
    for path in COMMANDS:
        assert f"#### `{' '.join(('sg-alarm', *path))}`\n\n```text\n{shown(sg_alarm, path)}```\n" in readme


def test_the_readme_lists_every_command_with_its_exit_codes(repository):
    readme = (repository / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `sg-alarm ([^`]*)` \|.*\| ([^|]*) \|$", readme, re.MULTILINE))
    for path, command in SINGLE.items():
        codes = next(text for usage, text in rows.items() if usage.split()[: len(path)] == list(path))
        reported = {int(code) for code in re.findall(r"\b(\d+)\b", codes)}
        if codes != "same":
            assert reported | {int(ExitCode.USAGE), int(ExitCode.INTERNAL)} == {
                int(code) for code in command.exit_codes
            }, path


def test_without_arguments_the_help_is_shown(sg_alarm):
    assert "Commands:" in sg_alarm().stdout + sg_alarm().stderr
