"""The reader of deployed state, by boto3."""

from sg_alarm.readers.aws.calls import iam_policy
from sg_alarm.readers.aws.reader import OrganizationTrails, RegionsNotListedError, Scope, read_account

__all__ = ["OrganizationTrails", "RegionsNotListedError", "Scope", "iam_policy", "read_account"]
