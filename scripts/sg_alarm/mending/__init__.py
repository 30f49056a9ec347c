"""The Terraform code that mends one broken link.

Nothing is proposed that the rule would not pass: each proposal is made to the model first, which is judged
again, and the first is written down with which the link holds. Where the code cannot be written exactly (a
value is a placeholder, a person must confirm, a mute rule is not Terraform's), there is none; the finding's
remedy says in words what to do.

Names of resources and arguments: documentation of the Terraform AWS provider 5.x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sg_alarm.hcl import write
from sg_alarm.mending.alarm import mend_action, mend_alarm
from sg_alarm.mending.key import mend_key
from sg_alarm.mending.log_group import mend_log_group
from sg_alarm.mending.metric_filter import mend_metric_filter
from sg_alarm.mending.proposal import Broken, Proposal
from sg_alarm.mending.subscription import mend_subscription
from sg_alarm.mending.topic import mend_topic
from sg_alarm.mending.trail import mend_trail
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Finding, Link, Verdict


def mending(deployment: Deployment, profile: Profile, finding: Finding, address: str = "") -> str:
    """Return the code that mends a broken link; empty where none can be written exactly.

    ``finding`` names its resource as the deployment does, ``address`` as the code does, if
    there is any.
    """
    if finding.verdict is not Verdict.FAIL or finding.link not in _PROPOSALS:
        return ""
    broken = Broken(deployment, profile, finding, address)
    for one in _PROPOSALS[finding.link](broken):
        if _mends(one, broken):
            try:
                text = write(*one.blocks)
            except TypeError:  # a part that nobody knows
                return ""
            return "" if is_opaque(text) else text
    return ""


def _mends(proposal: Proposal, broken: Broken) -> bool:
    """Whether the link then holds, and no other one of its kind breaks."""
    finding = broken.finding
    before = _failing(broken.deployment, broken) - {finding.resource}
    return _failing(proposal.deployment, broken) <= before


def _failing(deployment: Deployment, broken: Broken) -> set[str]:
    return {
        one.resource
        for one in evaluate(deployment, broken.profile).findings
        if one.verdict is Verdict.FAIL and one.link is broken.finding.link
    }


_PROPOSALS: Mapping[Link, Callable[[Broken], Iterable[Proposal]]] = {
    Link.TRAIL: mend_trail,
    Link.LOG_GROUP: mend_log_group,
    Link.METRIC_FILTER: mend_metric_filter,
    Link.ALARM: mend_alarm,
    Link.ACTION: mend_action,
    Link.TOPIC: mend_topic,
    Link.KEY: mend_key,
    Link.SUBSCRIPTION: mend_subscription,
}
