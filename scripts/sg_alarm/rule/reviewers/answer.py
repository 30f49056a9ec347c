"""What a reviewer says of a deployment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sg_alarm.rule.model import Deployment
from sg_alarm.rule.verdict import Verdict


@dataclass(frozen=True)
class Answer:
    """An answer in the reviewer's own word, with the reason in ours.

    ``verdict`` is what the word comes to: a pass, a fault, or that the reviewer could not tell; ``None`` for
    a reviewer that judges nothing.
    """

    word: str
    verdict: Verdict | None
    reason: str


@dataclass(frozen=True)
class Reviewer:
    """Somebody, or a tool of one version, that looks for this alarm. ``source`` is where its procedure is."""

    id: str
    title: str
    source: str
    review: Callable[[Deployment], Answer]
