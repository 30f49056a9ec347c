"""Standard output and standard error that never end a command.

Whoever reads a pipe may go away (``| head -1``), a disk may be full, a terminal may know ASCII only. None of
that changes what a command found out, so none of it may change its exit code.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from typing import TextIO

_IN_ASCII = {"✔": "+", "✘": "x", "→": "->", "…": "...", "▶": ">"}
_ERRORS = "sg-alarm-readable"


class _Descriptor(io.RawIOBase):
    """A file descriptor. From the first failure on it drops what is written, and keeps the error."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        while self.error is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.error = error
        return len(data)


def guard() -> None:
    """Let both streams survive whatever becomes of their other end, and take any character."""
    codecs.register_error(_ERRORS, _readable)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _guarded(stream))
        elif isinstance(stream, io.TextIOWrapper):  # a caller put it in the place of ours
            stream.reconfigure(errors=_ERRORS)


def _guarded(stream: TextIO | None) -> TextIO:
    if stream is None:  # it was closed before the command began
        return open(os.devnull, "w", encoding="utf-8")
    stream.flush()
    raw = io.BufferedWriter(_Descriptor(stream.fileno()))  # type: ignore[type-var]
    return io.TextIOWrapper(raw, stream.encoding, _ERRORS, line_buffering=bool(stream.line_buffering))


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Write what the encoding does not have in ASCII, by its number where there is no better way."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    written = (_IN_ASCII.get(one) or one.encode("ascii", "backslashreplace").decode() for one in text)
    return "".join(written), error.end


def flush() -> str:
    """Write what is left; return why standard output did not take everything, empty where it did."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    error = raw.error if isinstance(raw, _Descriptor) else None
    # Whoever closed the pipe has seen enough.
    return "" if error is None or error.errno == errno.EPIPE else str(error.strerror)
