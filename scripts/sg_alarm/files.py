"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sg_alarm.errors import UserError


def check_writable(path: Path) -> None:
    """Raise UserError where it can be seen beforehand that no file can be written there."""
    folder = path.parent
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", "create it first")
    if path.is_dir():
        raise UserError(f"{path} is a folder", "name a file in it")
    if not os.access(path if path.exists() and not path.is_file() else folder.resolve(), os.W_OK):
        raise UserError(f"no permission to write {path}", "name another file")


@contextmanager
def writing(path: Path, private: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of ``path`` once it is complete and on the disk.

    Only its owner can read a new file that is ``private``. What is not a regular file, such as a device or a
    pipe, is written to directly. Raises UserError where writing fails; the file is then as it was before.
    """
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as stream:
                yield stream
        else:
            with _replacing(path, private) as stream:
                yield stream
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}", "name another file") from error


@contextmanager
def _replacing(path: Path, private: bool) -> Iterator[BinaryIO]:
    # A link stays a link: what it leads to is replaced.
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():  # whoever opened it to others meant to
            os.chmod(temporary, target.stat().st_mode & 0o777)
        elif not private:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
