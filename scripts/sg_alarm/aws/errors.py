"""What botocore raises, in a phrase or in one line for a user, and what is worth another attempt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sg_alarm.errors import UserError

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_REJECTED = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
"""AWS SDKs and Tools Reference Guide, Retry behavior: throttling errors."""

_TEMPORARY = {"RequestTimeout", "RequestTimeoutException"}
_TEMPORARY_STATUS = {429, 500, 502, 503, 504}

DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
}


class NoAnswerError(Exception):
    """No answer of AWS came; the reason is a phrase."""


def failures() -> tuple[type[Exception], ...]:
    """Return what a call raises that AWS did not answer."""
    from botocore.exceptions import BotoCoreError

    return BotoCoreError, NoAnswerError


def is_temporary(error: Exception) -> bool:
    """Whether another attempt may have an answer: after throttling, a failure or silence."""
    from botocore import exceptions as botocore

    if isinstance(error, botocore.ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code in _THROTTLED | _TEMPORARY or status in _TEMPORARY_STATUS
    # A certificate that is not trusted will not be a second later.
    network = isinstance(error, (botocore.ConnectionError, botocore.HTTPClientError))
    return network and not isinstance(error, botocore.SSLError)


@contextmanager
def as_user_error() -> Iterator[None]:
    """Turn what boto3 raises for missing credentials, wrong regions and the like into ``UserError``."""
    from botocore import exceptions as botocore

    try:
        yield
    except (botocore.NoCredentialsError, botocore.PartialCredentialsError) as error:
        raise UserError(
            "no AWS credentials found", "set AWS_PROFILE, log in with `aws sso login`, or pass --aws-profile"
        ) from error
    except botocore.ProfileNotFound as error:
        raise UserError(str(error), "list the profiles with: aws configure list-profiles") from error
    except (botocore.EndpointConnectionError, botocore.ConnectTimeoutError) as error:
        raise UserError(
            f"cannot reach {error.kwargs.get('endpoint_url', 'AWS')}",
            "check the name of the region, --endpoint-url and the network",
        ) from error
    except botocore.SSLError as error:
        raise UserError(
            f"AWS could not be asked: {error}",
            "if the endpoint is right, name its authority's certificate in AWS_CA_BUNDLE",
        ) from error
    except (botocore.InvalidRegionError, botocore.UnknownRegionError) as error:
        raise UserError(str(error), "regions look like eu-west-1") from error
    except botocore.ClientError as error:
        raise _client_error(error) from error
    except failures() as error:
        raise UserError(
            f"AWS could not be asked: {error}", "check profile, region and --endpoint-url"
        ) from error


def _client_error(error: Any) -> UserError:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        return UserError("the AWS session has expired", "log in again, for example: aws sso login")
    if code in _REJECTED:
        return UserError(
            "AWS does not accept these credentials",
            "check AWS_PROFILE and the access key, and whether the region is enabled for the account",
        )
    if code in DENIED:
        return UserError(
            f"no permission for {error.operation_name}",
            "allow that action to the caller, or use another profile",
        )
    return UserError(f"{error.operation_name} failed: {error}", _hint(code, error))


def _hint(code: str, error: Any) -> str:
    """Return what to do about an error that has no words of its own."""
    if code in _THROTTLED:
        return "AWS was asked too often: try again in a minute"
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return "try again, or check the AWS health dashboard"
    return "AWS does not take the request as it is: check profile, region and --endpoint-url"
