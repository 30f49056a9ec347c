"""Errors that a user can fix, in one line and a hint."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``sg-alarm``; the README lists which command can give which."""

    OK = 0
    FAIL = 1
    USAGE = 2
    TERRAFORM = 3
    UNKNOWN = 4
    """The verdict UNKNOWN, or a drill that cannot see whether its message arrived."""
    INTERNAL = 70
    """EX_SOFTWARE of sysexits.h: a fault of sg-alarm itself."""
    INTERRUPTED = 130


class UserError(Exception):
    """Something the user can fix.

    The command line prints ``error: <message>`` and, when given, ``hint: <hint>`` on standard error and
    exits with ``exit_code``; no traceback.
    """

    def __init__(self, message: str, hint: str = "", exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
