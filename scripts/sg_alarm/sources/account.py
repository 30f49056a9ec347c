"""The deployed state of an account, read by boto3."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property

from sg_alarm.aws import DEADLINE, Aws
from sg_alarm.errors import UserError
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.reading import Reading
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class AccountSource:
    """The account of the credentials that the AWS configuration, or ``aws_profile``, names.

    ``regions`` are those whose changes must be notified; ``role_arn`` is for looking into other accounts.
    With ``confirm_with_aws``, AWS reads the filter patterns too. What AWS has not answered ``deadline``
    seconds after the first call is unknown.
    """

    regions: tuple[str, ...] = ()
    all_regions: bool = False
    role_arn: str | None = None
    aws_profile: str | None = None
    endpoint_url: str | None = None
    confirm_with_aws: bool = False
    deadline: float = DEADLINE

    def __post_init__(self) -> None:
        if self.regions and self.all_regions:
            raise UserError("--region and --all-regions are both given", "choose one")

    @cached_property
    def aws(self) -> Aws:
        """How AWS is asked."""
        region = self.regions[0] if self.regions else None
        return Aws(self.aws_profile, region, self.endpoint_url, ends=time.monotonic() + self.deadline)

    def read(self, progress: Progress) -> Readings:
        """Read the account; ``UserError`` where nothing at all can be asked."""
        with progress.step("audit") as step:
            scope = Scope(self.regions, self.all_regions, self.role_arn)
            deployment = read_account(self.aws, scope, lambda what: step.advance())
            if self.confirm_with_aws:
                from sg_alarm.readers.aws.confirmation import confirmed

                deployment = confirmed(self.aws, deployment)
        at = f", at {self.endpoint_url}" if self.endpoint_url else ""
        return Readings(
            (Reading(deployment.account, deployment),),
            f"the AWS account{at}",
            ", ".join(self.regions)
            or (
                "all regions" if self.all_regions else "home regions of multi-region trails, else all regions"
            ),
            self.aws.caller,
        )
