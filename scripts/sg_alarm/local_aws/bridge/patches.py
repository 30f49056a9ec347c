"""Where the bridge is joined to moto; kept apart from the corrections of moto's faults."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sg_alarm.local_aws.corrections.table import Table

PATCHES = Table()

_F = TypeVar("_F", bound=Callable[..., Any])
_LOG = logging.getLogger(__name__)


def guarded(function: _F) -> _F:
    """Let no error out: what happens behind an API call never breaks the call. The log has it."""

    @wraps(function)
    def guard(*arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except Exception:
            _LOG.exception("%s failed", function.__qualname__)
            return None

    return guard  # type: ignore[return-value]
