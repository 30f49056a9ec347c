"""The judgement of one deployment, as an audit has it."""

from __future__ import annotations

from dataclasses import replace

from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.reviewers import security_hub
from sg_alarm.rule.verdict import Judgement


def judged(deployment: Deployment, profile: Profile) -> Judgement:
    """Judge a deployment; for the standard of Security Hub, notes say where its control answers otherwise."""
    judgement = evaluate(deployment, profile)
    if profile.name != "securityhub" or is_opaque(deployment.account):  # the control answers for accounts
        return judgement
    return replace(judgement, notes=(*security_hub.notes(deployment), *judgement.notes))


def judged_reading(reading: Reading, profile: Profile) -> tuple[Deployment, Judgement] | None:
    """Judge what was read; ``None`` where it has nothing of AWS.

    Where code leaves cases open that all get one verdict, the first of them stands for all.
    """
    if reading.deployment is None:
        return None
    found = reading.deployment, judged(reading.deployment, profile)
    cases = [(one, judged(one, profile)) for one in reading.alternatives]
    return cases[0] if len({judgement.verdict for _, judgement in cases}) == 1 else found
