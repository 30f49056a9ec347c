"""Judgements in words: what the rule answers, as reports show it."""

from __future__ import annotations

from sg_alarm.rule import evaluate as rule
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.wording import DescribedJudgement, describe


def evaluate(deployment: Deployment, profile: Profile) -> DescribedJudgement:
    """Judge a deployment, and put the answer into words."""
    return describe(rule.evaluate(deployment, profile))
