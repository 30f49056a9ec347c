"""The code that fixes what is broken.

Nothing is proposed that the rule would not pass: each fix is made to the model first, which is judged
again, and the first one is written down with which the link holds. Where the code cannot be written exactly
(a value is not known, a person must confirm, a mute rule is not Terraform's), there is none; the finding's
remedy says in words what to do.

Names of resources and arguments: documentation of the Terraform AWS provider 5.x; AWS CloudFormation
Template Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sg_alarm.fixes.alarm import fix_action, fix_alarm
from sg_alarm.fixes.fix import Broken, Fix
from sg_alarm.fixes.hcl_writer import write
from sg_alarm.fixes.key import fix_key
from sg_alarm.fixes.log_group import fix_log_group
from sg_alarm.fixes.metric_filter import fix_metric_filter
from sg_alarm.fixes.missing_alarm import alarm_for, template_of
from sg_alarm.fixes.references import CALLER, NotWritableError, References
from sg_alarm.fixes.subscription import fix_subscription
from sg_alarm.fixes.topic import fix_topic
from sg_alarm.fixes.trail import fix_trail
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.reading import Language, Reading
from sg_alarm.rule.verdict import Finding, Judgement, Link, Verdict


@dataclass(frozen=True)
class Code:
    """Code to paste. Without ``adds`` it shows arguments to change in resources that are there already."""

    text: str
    adds: bool = True
    language: Language = Language.TERRAFORM


@dataclass(frozen=True)
class Fixes:
    """The code for one judgement: what declares the alarm where there is none, else for each finding."""

    missing: Code | None = None
    by_finding: Mapping[Finding, Code] = field(default_factory=dict)

    def of(self, findings: Iterable[Finding]) -> Code | None:
        """Return the code for what broke, ``None`` where it cannot be written."""
        failed = [one for one in findings if one.verdict is Verdict.FAIL]
        if failed and self.missing:
            return self.missing
        return next((self.by_finding[one] for one in failed if one in self.by_finding), None)


def fixes_for(reading: Reading, judgement: Judgement, profile: Profile) -> Fixes:
    """Return the fixes for a judgement of what was read, as the rule gave it."""
    deployment = reading.deployment
    if deployment is None or judgement.verdict is not Verdict.FAIL:
        return Fixes()
    lacks_alarm = not any(chain.alarm for chain in judgement.chains)
    if reading.language is Language.CLOUDFORMATION:
        text = template_of(deployment, profile) if lacks_alarm else ""
        return Fixes(Code(text, language=reading.language) if text else None)
    if lacks_alarm:
        return Fixes(_missing(deployment, profile, judgement, reading.addresses))
    found = {
        one: fix_for(deployment, profile, judgement, one, reading.addresses) for one in judgement.findings
    }
    return Fixes(None, {one: code for one, code in found.items() if code})


def _missing(
    deployment: Deployment, profile: Profile, judgement: Judgement, addresses: Mapping[str, str]
) -> Code | None:
    for fix in alarm_for(deployment, profile, judgement, addresses):
        if evaluate(fix.deployment, profile).verdict is Verdict.FAIL:
            continue
        if code := _written(fix, fix.near, deployment, addresses):
            return code
    return None


def fix_for(
    deployment: Deployment,
    profile: Profile,
    judgement: Judgement,
    finding: Finding,
    addresses: Mapping[str, str],
) -> Code | None:
    """Return the code that fixes a broken link of the judgement; ``None`` where it cannot be written exactly.

    ``addresses`` are what the code, if there is any, calls the resources.
    """
    if finding.verdict is not Verdict.FAIL or finding.link not in _FIXES:
        return None
    broken = Broken(deployment, profile, finding, addresses)
    others = _failing(judgement, finding.link) - {finding.resource}
    for fix in _FIXES[finding.link](broken):
        # The link then holds, and no other one of its kind breaks.
        if _failing(evaluate(fix.deployment, profile), finding.link) <= others:
            return _written(fix, broken.address, deployment, addresses)
    return None


def _failing(judgement: Judgement, link: Link) -> set[str]:
    return {one.resource for one in judgement.findings if one.verdict is Verdict.FAIL and one.link is link}


def _written(fix: Fix, near: str, deployment: Deployment, addresses: Mapping[str, str]) -> Code | None:
    """Write a fix down for the module that declares ``near``; ``None`` where a part of it is not known."""
    references = References.beside(near, addresses, deployment.account)
    try:
        blocks = [references.block(one) for one in fix.blocks]
        if references.used and not fix.text:
            blocks.insert(0, CALLER)
        text = write(*blocks)
    except (NotWritableError, TypeError):
        return None
    return Code("\n".join(filter(None, (fix.text, text))), all(one.is_new for one in blocks))


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
