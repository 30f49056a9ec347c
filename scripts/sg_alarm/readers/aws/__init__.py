"""The reader of deployed state, by boto3."""

from sg_alarm.readers.aws.calls import iam_policy
from sg_alarm.readers.aws.reader import OrganizationTrails, Scope, read_account

__all__ = ["OrganizationTrails", "Scope", "iam_policy", "read_account"]
