"""The accounts that an audit looks into, and calls that are made at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sg_alarm.aws import Aws
from sg_alarm.rule.arn import Arn
from sg_alarm.unknown import Unknown


@dataclass
class Accounts:
    """Ways into the caller's own account, and with ``role`` into others; see :class:`Scope`.

    ``concurrency`` is how many calls are under way at a time, at most.
    """

    own: Aws
    caller: Arn
    role: str | None
    concurrency: int
    _others: dict[str, Aws | Unknown] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, account: str) -> Aws | Unknown:
        """Return the way into an account; a role is assumed once."""
        if account == self.caller.account:
            return self.own
        with self._lock:
            if account not in self._others:
                self._others[account] = self._assumed(account)
            return self._others[account]

    def _assumed(self, account: str) -> Aws | Unknown:
        if not self.role:
            return Unknown(f"account {account} was not looked into: name a role with --role-arn")
        role = self.role.replace("{account}", account)
        parts = Arn.parse(role)
        if parts and parts.account != account:
            # There, things of this account would seem not to exist.
            return Unknown(f"role {role} is not of account {account}: write {{account}} for the number in it")
        return self.own.assuming(role)

    def together(self, *calls: Callable[[], Any]) -> list[Any]:
        """Do things at the same time, and return what comes of each."""
        if self.concurrency == 1 or len(calls) < 2:
            return [call() for call in calls]
        with ThreadPoolExecutor(min(len(calls), self.concurrency)) as pool:
            return list(pool.map(lambda call: call(), calls))
