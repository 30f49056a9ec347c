"""AWS through botocore: accounts, their calls, and AWS's errors in one line each."""

from sg_alarm.aws.account import DEADLINE, Aws
from sg_alarm.aws.errors import DENIED, NoAnswerError, as_user_error, failures

__all__ = ["DEADLINE", "DENIED", "Aws", "NoAnswerError", "as_user_error", "failures"]
