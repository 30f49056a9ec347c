"""What every command has: a help that teaches by examples, and says what the exit codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click

from sg_alarm.errors import ExitCode

_ALWAYS = {
    ExitCode.USAGE: "wrong usage, or an input that cannot be used; the error says what",
    ExitCode.INTERNAL: "an internal error; please report it",
}


class Command(click.Command):
    """A command with ``examples``, as they are typed, and the meaning of its ``exit_codes``."""

    def __init__(
        self,
        *arguments: Any,
        examples: tuple[str, ...] = (),
        exit_codes: Mapping[ExitCode, str] = MappingProxyType({ExitCode.OK: "done"}),
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.examples = examples
        self.exit_codes = {**exit_codes, **_ALWAYS}

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples and exit codes."""
        _write_examples(formatter, self.examples)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), self.exit_codes[code]) for code in sorted(self.exit_codes)])


class Group(click.Group):
    """A group of commands, listed in the order in which a user meets them, not by the alphabet."""

    command_class = Command
    group_class = type

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands as they were added."""
        return list(self.commands)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, and where to read on."""
        _write_examples(formatter, self.examples)
        formatter.write_paragraph()
        formatter.write_text(f"`{ctx.command_path} COMMAND --help` shows options, examples and exit codes.")


def _write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    """Write them as they are: they are to be copied."""
    with formatter.section("Examples"):
        for example in examples:
            for line in example.splitlines():
                formatter.write(f"  {line}\n")
