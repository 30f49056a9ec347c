"""What a user is advised to do about an error of AWS that has no words of its own."""

import pytest
from botocore.exceptions import ClientError

from sg_alarm.aws import as_user_error
from sg_alarm.errors import UserError


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (503, "ServiceUnavailable", "health dashboard"),
        (500, "InternalFailure", "health dashboard"),
        (400, "ValidationException", "check profile, region"),
        (404, "ResourceNotFoundException", "check profile, region"),
        (400, "ThrottlingException", "in a minute"),
        (503, "RequestLimitExceeded", "in a minute"),
    ],
)
def test_the_hint_fits_the_error(status, code, hint):
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(UserError) as error, as_user_error():
        raise ClientError(answer, "DescribeTrails")
    assert hint in error.value.hint
    assert "DescribeTrails failed" in error.value.message
