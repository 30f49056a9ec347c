"""An organization, its accounts, and what is written of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN_UNIT = "(unknown organizational unit)"

_WORKING = {"ACTIVE", "PENDING_CLOSURE"}


@dataclass(frozen=True)
class Unit:
    """The root or an organizational unit, by its names and its ids from the root down."""

    names: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def path(self) -> str:
        """The names as a path."""
        return "/".join(self.names)


@dataclass(frozen=True)
class Account:
    """An account of an organization; ``status`` is ACTIVE, SUSPENDED or another of AWS Organizations."""

    id: str
    name: str
    status: str
    unit: Unit

    @property
    def is_working(self) -> bool:
        """Whether anything can be changed in it, which therefore is to be judged."""
        return self.status in _WORKING


@dataclass(frozen=True)
class Organization:
    """An organization with all its accounts, those that are suspended, too."""

    id: str
    management_account: str
    accounts: tuple[Account, ...]


Record = Mapping[str, Any]
"""What is written of an account: ``{"account", "report", "unread", "covered_by"}``.

``report`` is the JSON report of the account alone; ``unread`` is why nothing of it could be read, empty where
something was; ``covered_by`` are the ARNs of the organization's trails through which its changes are told.
"""
