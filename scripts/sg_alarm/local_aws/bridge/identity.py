"""Who called: CloudTrail's ``userIdentity``, from the access key.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import iso_8601_datetime_without_milliseconds
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

Json = dict[str, Any]


def user_identity(account: str, partition: str, access_key: str) -> Json:
    """Describe the caller. A key that neither IAM nor STS gave out acts as the account's root user."""
    known = {"accountId": account, "accessKeyId": access_key}
    role = sts_backends[account][partition].get_assumed_role_from_access_key(access_key)
    if role:
        return {
            "type": "AssumedRole",
            "principalId": role.user_id,
            "arn": role.arn,
            **known,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": role.user_id.partition(":")[0],
                    "arn": role.role_arn,
                    "accountId": role.role_arn.split(":")[4],
                    "userName": role.role_arn.rpartition("/")[2],
                },
                "attributes": {
                    "creationDate": iso_8601_datetime_without_milliseconds(role.access_key.create_date),
                    "mfaAuthenticated": "false",
                },
            },
        }
    user = iam_backends[account][partition].get_user_from_access_key_id(access_key)
    if user:
        return {"type": "IAMUser", "principalId": user.id, "arn": user.arn, **known, "userName": user.name}
    root = f"arn:{partition}:iam::{account}:root"
    return {"type": "Root", "principalId": account, "arn": root, **known}


def user_name(identity: Json) -> str:
    """Return the name under which event history lists a caller."""
    if identity["type"] == "AssumedRole":
        return str(identity["arn"].rpartition("/")[2])
    return str(identity.get("userName", "root"))
