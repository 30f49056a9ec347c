"""Work counted in calls of functions, which are the same on every machine and under every load."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class TooMuchWorkError(Exception):
    """More calls than were allowed."""


def calls_of(work: Callable[[], Any], most: int) -> int:
    """Do the work and return how many functions it called. Raises TooMuchWorkError beyond ``most``."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")
        if count > most:
            raise TooMuchWorkError(f"more than {most} calls")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
