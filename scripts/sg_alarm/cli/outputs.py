"""Where reports go: each format to a file of its own, one of them to standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from sg_alarm.errors import UserError
from sg_alarm.files import check_writable, writing
from sg_alarm.reports.formats import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from sg_alarm.cli.console import Terminal


@dataclass(frozen=True)
class Output:
    """A format, and the file that it goes to; ``None`` for standard output."""

    form: str
    path: Path | None = None


class OutputType(click.ParamType):  # type: ignore[type-arg] # not generic in click 8.1
    """``FORMAT`` or ``FORMAT=FILE``."""

    name = "format"

    def convert(
        self, value: str | Output, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        """Return the format and the file."""
        if isinstance(value, Output):
            return value
        form, equals, file = value.partition("=")
        if form not in FORMATS:
            self.fail(f"there is no format {form!r}; choose one of {', '.join(FORMATS)}", param, ctx)
        if equals and not file:
            self.fail(f"{value!r} names no file; write {form}=FILE", param, ctx)
        return Output(form, Path(file) if file else None)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the formats that begin so."""
        return [CompletionItem(form) for form in FORMATS if form.startswith(incomplete)]


def settled(outputs: Sequence[Output], file: Path | None) -> tuple[Output, ...]:
    """Return where each report goes; ``file`` is that of ``--output``, for the only format.

    Raises UserError where two reports would go to the same place, and for files that cannot be written.
    """
    found = tuple(outputs) or (Output("table"),)
    if file is not None:
        if len(found) > 1 or found[0].path is not None:
            raise UserError("--output does not say which format goes there", "write --format FORMAT=FILE")
        found = (Output(found[0].form, file),)
    printed = [one.form for one in found if one.path is None]
    if len(printed) > 1:
        raise UserError(
            f"{printed[0]} and {printed[1]} would both go to standard output",
            f"name a file for one of them: --format {printed[1]}=FILE",
        )
    paths = [one.path for one in found if one.path is not None]
    for number, path in enumerate(paths):
        if path in paths[:number]:
            raise UserError(f"two reports would go to {path}", "name another file for one of them")
        check_writable(path)
    return found


def allow(outputs: Sequence[Output], forms: Sequence[str], what: str) -> None:
    """Raise UserError for a format that ``what`` does not have."""
    if other := next((one.form for one in outputs if one.form not in forms), None):
        raise UserError(f"{what} has no format {other}", f"choose one of {', '.join(forms)}")


def write(
    outputs: Sequence[Output],
    terminal: Terminal,
    show: Callable[[Console], None],
    render: Callable[[str], Iterable[str]],
) -> None:
    """Write a report in every format that was asked for, files first. Raises UserError where it cannot.

    ``show`` prints it as a table, ``render`` returns the text of a format, in one piece or in several.
    """
    for one in sorted(outputs, key=lambda one: one.path is None):
        if one.path is not None:
            with writing(one.path) as file:
                file.writelines(map(_bytes, render(one.form)))
        elif one.form == "table":
            show(terminal.out)
        else:
            for piece in render(one.form):
                terminal.write(_bytes(piece))


def _bytes(text: str) -> bytes:
    # Names of resources and files may hold what is not a character; a report shows them all the same.
    return text.encode("utf-8", "backslashreplace")
