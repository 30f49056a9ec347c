"""What each reviewer would say of a deployment, beside the truth.

Every reviewer is a small predicate over the model, written from published audit procedures and from how the
tool was seen to answer. It is a prediction: the tool itself has the last word.
"""

from __future__ import annotations

from sg_alarm.rule.model import Deployment
from sg_alarm.rule.reviewers import cis, security_hub, tools
from sg_alarm.rule.reviewers.answer import Answer, Reviewer

REVIEWERS: tuple[Reviewer, ...] = (
    tools.EFFECTIVE,
    *cis.REVIEWERS,
    security_hub.REVIEWER,
    tools.CONFORMITY,
    tools.CONFIG,
    tools.PROWLER,
    tools.POWERPIPE,
    tools.INSPEC,
    tools.CUSTODIAN,
)
"""All reviewers, in the order in which to list them; the truth comes first."""


def predict(deployment: Deployment) -> tuple[tuple[Reviewer, Answer], ...]:
    """Return every reviewer's answer; pure, raises nothing."""
    return tuple((one, one.review(deployment)) for one in REVIEWERS)


__all__ = ["REVIEWERS", "Answer", "Reviewer", "predict"]
