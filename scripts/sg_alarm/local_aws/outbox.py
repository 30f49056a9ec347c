"""The outbox: what the embedded AWS would have mailed or posted to subscribers."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sg_alarm.errors import UserError

PATH = "/sg-alarm/outbox"
CAPACITY = 1000
"""How many mails are kept; the oldest go first."""


@dataclass(frozen=True)
class Mail:
    """One message to one subscriber.

    ``id`` is the MessageId of SNS, the same for every subscriber; ``to`` is an email address, or a URL for
    http and https.
    """

    id: str
    to: str
    protocol: str
    topic_arn: str
    subject: str
    body: str
    kind: Literal["confirmation", "notification"]
    sent_at: datetime
    token: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the outbox answers over HTTP."""
        return {**asdict(self), "sent_at": self.sent_at.isoformat()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Mail:
        """Read what ``to_json`` wrote."""
        return cls(**{**fields, "sent_at": datetime.fromisoformat(fields["sent_at"])})


class Outbox:
    """Mails in the order they were sent."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._mails: deque[Mail] = deque(maxlen=capacity)
        self._lock = threading.Lock()

    def put(self, mail: Mail) -> None:
        """Send a mail."""
        with self._lock:
            self._mails.append(mail)

    def mails(self, to: str | None = None) -> list[Mail]:
        """Return all mails, or those to one address."""
        with self._lock:
            return [mail for mail in self._mails if to in (None, mail.to)]

    def clear(self) -> None:
        """Forget all mails."""
        with self._lock:
            self._mails.clear()


def read_outbox(endpoint: str, to: str | None = None) -> list[Mail]:
    """Return the mails of the embedded AWS at ``endpoint``, oldest first; with ``to``, of one address."""
    query = "?" + urllib.parse.urlencode({"to": to}) if to else ""
    try:
        with without_proxy().open(endpoint.rstrip("/") + PATH + query, timeout=10) as response:
            mails = json.load(response)["mails"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"no outbox of an embedded AWS at {endpoint}", "start one with: sg-alarm local"
        ) from error
    return [Mail.from_json(mail) for mail in mails]


def without_proxy() -> urllib.request.OpenerDirector:
    """Return an opener that talks to this machine itself even where a proxy is configured."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
