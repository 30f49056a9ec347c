"""``sg-alarm``, run in this process or in one of its own: the same answer either way."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

from sg_alarm.cli.app import main
from sg_alarm.errors import ExitCode

Done = subprocess.CompletedProcess[str]
COMMAND = (sys.executable, "-m", "sg_alarm")


def environment_for(given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment of a run: ours without colours, and what is given; ``None`` takes a name out."""
    wanted = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", **given}
    return {name: value for name, value in wanted.items() if value is not None}


def run_as_process(arguments: tuple[str, ...], environment: Mapping[str, str], cwd: Path) -> Done:
    """Run it as a user does: that costs a third of a second, and more where boto3 is imported."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def run_in_process(arguments: tuple[str, ...], environment: Mapping[str, str], cwd: Path) -> Done:
    """Run it here, with streams, environment and working directory of its own. A fault of ours is raised."""
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    out = TextIOWrapper(BytesIO(), encoding)
    err = TextIOWrapper(BytesIO(), encoding, errors="backslashreplace")
    with _place(environment, cwd), redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
            code: object = 0
        except SystemExit as ended:
            code = ended.code or 0
    assert isinstance(code, int), "what is not a number would be printed"
    assert code != ExitCode.INTERNAL, _text(err)
    return Done(arguments, int(code), _text(out), _text(err))


@contextmanager
def _place(environment: Mapping[str, str], cwd: Path) -> Iterator[None]:
    folder, before, stdin, threshold = Path.cwd(), dict(os.environ), sys.stdin, gc.get_threshold()
    with open(os.devnull, encoding="utf-8") as nothing:
        try:
            sys.stdin = nothing
            os.chdir(cwd)
            _set_environment(environment)
            yield
        finally:
            _set_environment(before)
            os.chdir(folder)
            sys.stdin = stdin
            gc.set_threshold(*threshold)


def _set_environment(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    stream.buffer.seek(0)
    return TextIOWrapper(stream.buffer, "utf-8").read()  # with ends of lines made one, as subprocess does
