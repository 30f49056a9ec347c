"""The one way to open what code names: regular files of what the user handed over, and not too large ones.

Code that is read may be written by an attacker. A path in it could lead to ``/proc/self/environ``, to another
project or, by a link, to a pipe that never ends. So a file is opened only if it lies, after all links are
resolved, inside the folder that is scanned or the Git repository which holds that folder, if it is a regular
file, and if it is no larger than what anybody writes by hand. Bytes are counted as they are read: the size
that a file system reports can be wrong.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path

LIMIT = 1 << 20
"""Bytes of one file."""
MANY = 20_000
"""Files of one folder, with those below it."""


class UnreadableError(Exception):
    """A file that is not read; the message is a phrase that says why."""


class EncryptedError(UnreadableError):
    """A file that git-crypt has encrypted, and not yet decrypted here."""


class Files:
    """The files that may be read in one scan of a folder."""

    def __init__(self, folder: Path) -> None:
        self._inside = _repository(os.path.realpath(folder))
        self._real = lru_cache(maxsize=4096)(os.path.realpath)

    def text(self, path: str | Path) -> str:
        """Return the text of a file, without a byte order mark; raises UnreadableError."""
        return _decoded(self.content(path), str(path))

    def content(self, path: str | Path) -> bytes:
        """Return the bytes of a file; raises UnreadableError."""
        return _content(self._within(path))

    def is_file(self, path: str | Path) -> bool:
        """Whether there is such a regular file; raises UnreadableError where it may not be looked for."""
        return os.path.isfile(self._within(path))

    def is_folder(self, path: str | Path) -> bool:
        """Whether there is such a folder; raises UnreadableError where it may not be looked for."""
        return os.path.isdir(self._within(path))

    def below(self, path: str | Path) -> list[str]:
        """Return the regular files below a folder, by their paths from there; raises UnreadableError."""
        top = self._within(path)
        found = []
        for folder, folders, names in os.walk(top):
            if any(os.path.islink(os.path.join(folder, name)) for name in folders):
                raise UnreadableError("links to folders are not followed")
            found += [os.path.join(folder, name) for name in names]
            if len(found) > MANY:
                raise UnreadableError(f"{path} holds more than {MANY:,} files")
        return [os.path.relpath(one, top).replace(os.sep, "/") for one in found if os.path.isfile(one)]

    def _within(self, path: str | Path) -> str:
        """Return the path with all links resolved."""
        folder, name = os.path.split(os.path.abspath(path))
        try:
            real = os.path.join(self._real(folder), name)
            if os.path.islink(real):
                real = os.path.realpath(real)
        except (OSError, ValueError) as error:  # a loop of links, a null character
            raise UnreadableError(f"{name} is not a path") from error
        if real != self._inside and not real.startswith(self._inside.rstrip(os.sep) + os.sep):
            raise UnreadableError(f"{path} lies outside the folder that is scanned and its repository")
        return real


def given_text(path: Path) -> str:
    """Return the text of a file that the user named, wherever it is; raises UnreadableError."""
    return _decoded(_content(os.path.realpath(path)), str(path))


def _repository(folder: str) -> str:
    """Return the Git repository that holds a folder, else the folder."""
    return next(
        (str(one) for one in (Path(folder), *Path(folder).parents) if (one / ".git").exists()), folder
    )


def _content(path: str) -> bytes:
    name = os.path.basename(path)
    try:
        # A pipe would wait for somebody to write to it.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a path"
        raise UnreadableError(f"{name} could not be read: {why}") from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise UnreadableError(f"{name} could not be read: it is not a regular file")
        parts, size = [], 0
        while part := os.read(file, LIMIT + 1 - size):
            parts.append(part)
            size += len(part)
            if size > LIMIT:
                raise UnreadableError(f"{name} could not be read: it is larger than {LIMIT >> 20} MiB")
        return b"".join(parts)
    except OSError as error:
        raise UnreadableError(f"{name} could not be read: {error.strerror}") from error
    finally:
        os.close(file)


def _decoded(content: bytes, path: str) -> str:
    if content.startswith(b"\0GITCRYPT\0"):
        raise EncryptedError(f"{os.path.basename(path)} is encrypted by git-crypt")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{os.path.basename(path)} could not be read: it is not UTF-8 text") from error
