"""Errors that a user can mend, told in one line and a hint."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``sg-alarm``; the README lists which command can give which."""

    OK = 0
    FAIL = 1
    USAGE = 2
    TERRAFORM = 3
    UNKNOWN = 4
    INTERRUPTED = 130


class UserError(Exception):
    """Something the user can mend.

    The command line prints ``error: <message>`` and, when given, ``hint: <hint>`` on standard error and
    exits with ``exit_code``; no traceback.
    """

    def __init__(self, message: str, hint: str = "", exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
