"""Documents in JSON that somebody else may have written: bounded before anything looks at them.

What passes here nests no deeper than any recursion over it can follow, and its whole numbers are floats, too.
What another program wrote holds moreover no number and no text that JSON cannot say.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator
from typing import Any, TypeVar

from sg_alarm.errors import UserError

_T = TypeVar("_T")

MOST_BYTES = 256 << 20
"""Of one document; the plans of the largest root modules have some 100 MB."""

_MAX_DEPTH = 100  # the JSON of the largest known plans, policies and templates nests 30 deep
_LARGEST = 10**300  # beyond which a whole number is no float
_OPENED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")  # pipes that the shell has opened, as <(…) does


def load(path: str | os.PathLike[str], hint: str = "", most: int = MOST_BYTES) -> Any:
    """Return what a file of JSON says. Raises ``UserError``, with the hint, for one that cannot be read."""
    content = read(path, hint, most)
    try:
        return check(parse(content))
    except ValueError as error:
        raise UserError(f"{path} is not JSON that can be read: {_reason(error)}", hint) from error


def read(path: str | os.PathLike[str], hint: str = "", most: int = MOST_BYTES) -> bytes:
    """Return the content of a file that the user named: a regular file, or a pipe that is open already.

    Raises ``UserError``, with the hint, for one that cannot be read: what is missing, endless or too large.
    """
    # To open a named pipe would wait for a writer.
    wait = 0 if str(path).startswith(_OPENED) else os.O_NONBLOCK
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | wait)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {_reason(error)}", hint) from error
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode) and (wait or not stat.S_ISFIFO(mode)):
            what = "is a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise UserError(f"cannot read {path}: {what}", hint)
        parts, size = [], 0
        while part := os.read(file, min(1 << 20, most + 1 - size)):
            parts.append(part)
            size += len(part)
            if size > most:
                raise UserError(f"cannot read {path}: it has more than {most >> 20} MB", hint)
        return b"".join(parts)
    except OSError as error:
        raise UserError(f"cannot read {path}: {_reason(error)}", hint) from error
    finally:
        os.close(file)


def parse(text: str | bytes) -> Any:
    """Return what a text of JSON says. Raises ``ValueError`` alone, for whatever is wrong with it."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError(f"it nests deeper than {_MAX_DEPTH} levels") from None
    for value in _values(found):
        if type(value) is int and not -_LARGEST < value < _LARGEST:
            raise ValueError("a number is too large")
    return found


def check(document: _T) -> _T:
    """Return a document that says what JSON can say. Raises ``ValueError`` for another."""
    for value in _values(document):
        if isinstance(value, str) and not value.isascii():
            value.encode()  # half of a surrogate pair is a UnicodeEncodeError, which is a ValueError
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number is too large, or not a number")
    return document


def misfit(value: Any, shape: Any, where: str = "") -> str | None:
    """Return where a document does not have a shape; ``None`` where it has.

    A shape is ``object`` for anything, a type, a tuple of texts to choose from, a list of one shape,
    a dict of fields, or a function from the value to a shape. In a dict, ``"?name"`` may be absent, and
    ``"*"`` is the shape of all that is not named.
    """
    while callable(shape) and not isinstance(shape, type):
        shape = shape(value)
    if isinstance(shape, list) and isinstance(value, list):
        parts = [(f"{where}[{index}]", one, shape[0]) for index, one in enumerate(value)]
    elif isinstance(shape, dict) and isinstance(value, dict):
        absent = next((name for name in shape if name[0] not in "?*" and name not in value), None)
        if absent is not None:
            return f"{where}.{absent}".lstrip(".")
        others = shape.get("*", object)
        parts = [
            (f"{where}.{name}".lstrip("."), one, shape.get(name, shape.get(f"?{name}", others)))
            for name, one in value.items()
        ]
    elif isinstance(shape, tuple):
        return None if isinstance(value, str) and value in shape else where
    elif isinstance(shape, type):
        return None if shape is object or type(value) is shape else where
    else:
        return where
    return next((found for at, one, inner in parts if (found := misfit(one, inner, at)) is not None), None)


def _values(document: Any) -> Iterator[Any]:
    """Yield everything in a document, level by level. Raises ``ValueError`` where the levels are too many."""
    level = [document]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            yield value
            if isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    raise ValueError(f"it nests deeper than {_MAX_DEPTH} levels")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, UnicodeError):
        return "it is not valid Unicode"
    return str(error)
