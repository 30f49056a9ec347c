"""The audit of one account of an organization, to be run wherever an executor likes.

``audit_account`` is a function of what can be pickled to what can be written as JSON. It never raises: an
account that cannot be looked into is UNKNOWN, with the reason, and stops no other.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from sg_alarm.aws import Aws
from sg_alarm.organization.model import Record
from sg_alarm.readers.aws import OrganizationTrails, RegionsNotListedError, Scope, read_account
from sg_alarm.rule import contract
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.audit import judged as judged_by
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import Deployment, Place
from sg_alarm.rule.operations import Profile, find_profile
from sg_alarm.rule.verdict import Judgement, Link, Verdict, Waiver
from sg_alarm.rule.waivers import accept
from sg_alarm.rule.wording import describe
from sg_alarm.unknown import Unanswered, Unknown

EVERY_REGION = "every enabled region"
"""Stands for the regions of an account that could not be asked which it has."""

_MAX_REASON = 500


@dataclass(frozen=True)
class Access:
    """How the accounts are reached: the caller's profile, region and endpoint, and how roles are assumed."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    external_id: str | None = None
    session_name: str = "sg-alarm"


@dataclass(frozen=True)
class Job:
    """What all accounts have in common.

    ``scope.role`` is the template of a role's ARN with ``{account}``; ``deadline`` is for each account, in
    seconds. ``strict`` and ``waivers`` are those of an audit of one account.
    """

    access: Access
    scope: Scope
    profile: str
    deadline: float = math.inf
    strict: bool = False
    waivers: tuple[Waiver, ...] = ()

    @property
    def standard(self) -> Profile:
        """By what the accounts are judged."""
        return replace(find_profile(self.profile), strict=self.strict)


@dataclass(frozen=True)
class Task:
    """One account of the job; ``concurrency`` is how many calls for it are under way at a time, at most."""

    job: Job
    account: str
    organization: OrganizationTrails | None = None
    concurrency: int = 1


@lru_cache(maxsize=4)
def caller_of(access: Access) -> Aws:
    """Return how this process reaches the accounts: there is one way as a rule, and all use its clients."""
    return Aws(access.profile, access.region, access.endpoint_url, access.external_id, access.session_name)


def audit_account(task: Task) -> Record:
    """Read and judge an account."""
    try:
        return judged(task, read(task))
    except NotReadError as error:
        return unread(task, error.reason)
    except Exception as error:  # whatever it is, it concerns this account alone
        return unread(task, Unknown(f"the audit of it broke: {type(error).__name__}: {error}"))


class NotReadError(Exception):
    """Nothing of an account can be read, for the reason."""

    def __init__(self, reason: Unknown) -> None:
        super().__init__(reason.reason)
        self.reason = reason


def read(task: Task) -> Deployment:
    """Read an account through its role. Raises ``NotReadError`` where it cannot be looked into."""
    assert task.job.scope.role
    role = task.job.scope.role.replace("{account}", task.account)
    caller = replace(caller_of(task.job.access), ends=time.monotonic() + task.job.deadline)
    aws = caller.assuming(role)
    if isinstance(aws, Unknown):
        raise NotReadError(aws)
    try:
        return read_account(
            aws,
            task.job.scope,
            caller=Arn.parse(role),
            organization=task.organization,
            concurrency=task.concurrency,
        )
    except RegionsNotListedError as error:
        raise NotReadError(error.unknown) from error


def judged(task: Task, deployment: Deployment) -> Record:
    """Judge what was read."""
    return _record(task, judged_by(deployment, task.job.standard), deployment)


def unread(task: Task, why: Unknown) -> Record:
    """Return the record of an account of which nothing could be read."""
    reason = " ".join(why.reason.split())[:_MAX_REASON]
    regions = task.job.scope.regions or (EVERY_REGION,)
    deployment = Deployment(task.account, regions, replace(why, reason=reason), ())
    judgement = judged_by(deployment, task.job.standard)
    return _record(task, judgement, deployment, reason)


def _record(task: Task, judgement: Judgement, deployment: Deployment, reason: str = "") -> Record:
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    shared = {trail.arn for trail in trails if trail.is_organization is True}
    heads = {
        chain.findings[0].resource
        for chain in judgement.chains
        if chain.operations and chain.findings[0].link is Link.TRAIL
    }
    return {
        "account": task.account,
        "report": contract.to_json([accept(describe(judgement), task.job.waivers)], judgement.profile),
        "unread": reason,
        "covered_by": sorted(shared & heads),
        "unanswered": judgement.verdict is Verdict.UNKNOWN and _rests_on_silence(deployment),
    }


def _rests_on_silence(value: Any) -> bool:
    """Whether anything of a deployment is unknown because AWS did not answer."""
    if isinstance(value, Unanswered):
        return True
    if is_dataclass(value):
        return any(_rests_on_silence(getattr(value, one.name)) for one in fields(value))
    return isinstance(value, tuple) and any(map(_rests_on_silence, value))


def shared_by_all(deployment: Deployment) -> OrganizationTrails | None:
    """Return the organization's trails of an account that sees them, ``None`` where it sees none."""
    if not isinstance(deployment.trails, tuple):
        return None
    trails = tuple(trail for trail in deployment.trails if trail.is_organization is True)
    if not trails:
        return None
    # Rules of EventBridge report changes in their own account only.
    places = tuple(
        stripped
        for place in deployment.places
        if (stripped := replace(place, event_rules=())) != Place(place.account, place.region)
    )
    return OrganizationTrails(trails, places, _suffice(deployment, trails, places))


def _suffice(deployment: Deployment, trails: tuple[Any, ...], places: tuple[Place, ...]) -> bool:
    """Whether these trails alone record every operation, in any region of any account."""
    member = Deployment("${any member}", (EVERY_REGION,), trails, places, deployment.partition)
    return all(one.verdict is Verdict.PASS for one in evaluate(member, find_profile("effective")).operations)
