"""STS: who may assume a role in an account of an organization."""

from __future__ import annotations

import re
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.sts.exceptions import STSClientError

from sg_alarm.local_aws.corrections.table import corrects
from sg_alarm.local_aws.policy import trusts


@corrects("moto.sts.models:STSBackend.assume_role")
def roles_of_an_organization_exist_and_trust_the_caller(original: Any, backend: Any, **arguments: Any) -> Any:
    """AWS lets a role be assumed that exists and whose trust policy names the caller and the external id.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

    moto lets everybody assume every role, also one that does not exist. In the member accounts of an
    organization AWS's way holds. Elsewhere moto's stays: it is how other accounts are reached here at all.
    """
    arn = arguments["role_arn"]
    account = re.fullmatch(r"arn:[^:]+:iam::(\d{12}):role/.+", arn)
    if account and account[1] in organizations_backends.master_accounts:
        try:
            role = iam_backends[account[1]][backend.partition].get_role_by_arn(arn)
        except NotFoundException:
            role = None
        if role is None or not trusts(
            role.assume_role_policy_document, backend.account_id, arguments["external_id"]
        ):
            caller = f"arn:{backend.partition}:iam::{backend.account_id}:root"
            raise STSClientError(
                "AccessDenied",
                f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            )
    return original(backend, **arguments)
