"""The reference of the command line: the help of every command, as a terminal of 80 columns shows it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sg_alarm.cli.app import cli

_WIDTH = 78
"""What click fills of a terminal of 80 columns."""


def reference() -> str:
    """Return the reference as Markdown, folded."""
    pages = "\n\n".join(
        f"#### `{context.command_path}`\n\n```text\n{context.get_help()}\n```" for context in commands()
    )
    return f"<details>\n<summary>All commands and options</summary>\n\n{pages}\n\n</details>"


def commands() -> Iterator[click.Context]:
    """Yield every command, each group before what is in it."""
    yield from _below(_context(cli, "sg-alarm"))


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            yield from _below(_context(context.command.commands[name], name, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    settings = {**command.context_settings, "terminal_width": _WIDTH}
    return click.Context(command, info_name=name, parent=parent, **settings)
