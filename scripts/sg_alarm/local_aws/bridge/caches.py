"""What moto looks up anew for every call although it never changes: a third of the time of a call."""

from __future__ import annotations

from functools import cache
from typing import Any

from sg_alarm.local_aws.bridge.patches import PATCHES


@PATCHES.replaces("moto.backends:list_of_moto_modules")
@cache
def modules_are_listed_once(original: Any) -> tuple[str, ...]:
    """Read moto's folder once."""
    return tuple(original())


@PATCHES.replaces("moto.core.responses:method_names_from_class")
@cache
def methods_are_listed_once(original: Any, response_class: type) -> tuple[str, ...]:
    """Look at each service's methods once; all that are added are there before the first call."""
    return tuple(original(response_class))
