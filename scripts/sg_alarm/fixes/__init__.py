"""The Terraform code that mends one broken link.

Nothing is proposed that the rule would not pass: each fix is made to the model first, which is judged
again, and the first is written down with which the link holds. Where the code cannot be written exactly (a
value is a placeholder, a person must confirm, a mute rule is not Terraform's), there is none; the finding's
remedy says in words what to do.

Names of resources and arguments: documentation of the Terraform AWS provider 5.x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sg_alarm.fixes.alarm import fix_action, fix_alarm
from sg_alarm.fixes.fix import Broken, Fix
from sg_alarm.fixes.hcl_writer import write
from sg_alarm.fixes.key import fix_key
from sg_alarm.fixes.log_group import fix_log_group
from sg_alarm.fixes.metric_filter import fix_metric_filter
from sg_alarm.fixes.subscription import fix_subscription
from sg_alarm.fixes.topic import fix_topic
from sg_alarm.fixes.trail import fix_trail
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Finding, Link, Verdict


def fix_for(deployment: Deployment, profile: Profile, finding: Finding, address: str = "") -> str:
    """Return the code that mends a broken link; empty where none can be written exactly.

    ``finding`` names its resource as the deployment does, ``address`` as the code does, if
    there is any.
    """
    if finding.verdict is not Verdict.FAIL or finding.link not in _FIXES:
        return ""
    broken = Broken(deployment, profile, finding, address)
    for one in _FIXES[finding.link](broken):
        if _repairs(one, broken):
            try:
                text = write(*one.blocks)
            except TypeError:  # a part that nobody knows
                return ""
            return "" if is_opaque(text) else text
    return ""


def _repairs(fix: Fix, broken: Broken) -> bool:
    """Whether the link then holds, and no other one of its kind breaks."""
    finding = broken.finding
    before = _failing(broken.deployment, broken) - {finding.resource}
    return _failing(fix.deployment, broken) <= before


def _failing(deployment: Deployment, broken: Broken) -> set[str]:
    return {
        one.resource
        for one in evaluate(deployment, broken.profile).findings
        if one.verdict is Verdict.FAIL and one.link is broken.finding.link
    }


_FIXES: Mapping[Link, Callable[[Broken], Iterable[Fix]]] = {
    Link.TRAIL: fix_trail,
    Link.LOG_GROUP: fix_log_group,
    Link.METRIC_FILTER: fix_metric_filter,
    Link.ALARM: fix_alarm,
    Link.ACTION: fix_action,
    Link.TOPIC: fix_topic,
    Link.KEY: fix_key,
    Link.SUBSCRIPTION: fix_subscription,
}
