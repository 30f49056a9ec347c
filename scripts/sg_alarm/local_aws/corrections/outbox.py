"""The outbox and moto's own interface."""

from __future__ import annotations

from typing import Any

from sg_alarm.local_aws.corrections.table import corrects
from sg_alarm.local_aws.delivery import OUTBOX


@corrects("moto.moto_api._internal.models:MotoAPIBackend.reset")
def reset_empties_the_outbox(original: Any, backend: Any) -> None:
    """``POST /moto-api/reset`` forgets everything; the outbox is ours, so moto does not know it.

    Tokens go with the subscriptions they confirm.
    https://docs.getmoto.org/en/latest/docs/server_mode.html#reset-api
    """
    original(backend)
    OUTBOX.clear()
