"""When, by whom and of what an audit was made: given to the reports, which ask for nothing themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone

from sg_alarm import __version__


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class RunMetadata:
    """What is empty is not known.

    ``made_at`` has a time zone. ``caller`` is the ARN of the identity that asked AWS, ``source`` what was
    looked at, ``scope`` the regions that were asked for, ``version`` that of sg-alarm.
    """

    made_at: datetime = field(default_factory=_now)
    caller: str = ""
    source: str = ""
    scope: str = ""
    version: str = __version__

    @property
    def tool(self) -> str:
        """What made the audit."""
        return f"sg-alarm {self.version}"

    @property
    def moment(self) -> str:
        """The time in UTC, to the second, as ISO 8601 writes it."""
        return f"{self.made_at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"

    def to_json(self) -> dict[str, str]:
        """Return them as the JSON report has them."""
        return {
            "made_at": self.moment,
            "caller": self.caller,
            "source": self.source,
            "scope": self.scope,
            "tool": self.tool,
        }

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds since 1970."""
        return int(self.made_at.timestamp() * 1000)
