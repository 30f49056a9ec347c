"""When, by whom and of what an audit was made: told to the report, not asked from within it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from sg_alarm import __version__


@dataclass(frozen=True)
class Circumstances:
    """What is empty nobody knows.

    ``made_at`` has a time zone. ``caller`` is the identity that asked AWS, ``source`` what was looked at,
    ``scope`` the regions that were asked for.
    """

    made_at: datetime | None = None
    caller: str = ""
    source: str = ""
    scope: str = ""
    tool: str = f"sg-alarm {__version__}"

    @property
    def moment(self) -> str:
        """The time in UTC, to the second, as ISO 8601 writes it."""
        return f"{self.made_at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}" if self.made_at else ""


UNRECORDED = Circumstances()
"""Where nobody told."""
