"""The audit: read the deployment from wherever it is described, judge it, and put the answers together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sg_alarm.errors import ExitCode, UserError
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import PROFILES, Profile
from sg_alarm.rule.reviewers import security_hub
from sg_alarm.rule.verdict import Judgement, Verdict, worst
from sg_alarm.rule.wording import DescribedJudgement, Names, describe

EXIT_CODES = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FAIL, Verdict.UNKNOWN: ExitCode.UNKNOWN}


@dataclass(frozen=True)
class Audit:
    """The judgements of one or several deployments by one profile.

    ``names`` are for each deployment what its readers call resources; nothing where they use the names that
    AWS has for them. ``declare_missing`` returns for a deployment and its judgement what would declare an
    alarm where there is none; Terraform code where it is not set.
    """

    profile: Profile
    deployments: tuple[Deployment, ...]
    judgements: tuple[Judgement, ...]
    declare_missing: Callable[[Deployment, Judgement], str] | None = None
    names: tuple[Names, ...] = ()

    @cached_property
    def described(self) -> tuple[DescribedJudgement, ...]:
        """The judgements in words, as reports show them."""
        names = self.names or (Names(),) * len(self.judgements)
        return tuple(map(describe, self.judgements, names))

    @property
    def verdict(self) -> Verdict:
        """FAIL if one fails, else UNKNOWN if one is UNKNOWN, or if there is none."""
        return worst(one.verdict for one in self.judgements) if self.judgements else Verdict.UNKNOWN

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of ``sg-alarm audit``."""
        return EXIT_CODES[self.verdict]


def find_profile(name: str) -> Profile:
    """Return the profile of that name; raises UserError where there is none."""
    if name not in PROFILES:
        raise UserError(f"there is no profile {name!r}", f"choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def audit(deployments: Sequence[Deployment], profile: str) -> Audit:
    """Judge deployments by the profile of that name; raises UserError where there is no such profile."""
    wanted = find_profile(profile)
    return Audit(wanted, tuple(deployments), tuple(_judged(one, wanted) for one in deployments))


def _judged(deployment: Deployment, profile: Profile) -> Judgement:
    judgement = evaluate(deployment, profile)
    if profile.name != "securityhub" or is_opaque(deployment.account):  # the control answers for accounts
        return judgement
    return replace(judgement, notes=(*security_hub.notes(deployment), *judgement.notes))
