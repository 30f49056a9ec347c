"""boto3 sessions, and AWS's errors in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .errors import UserError

FALLBACK_REGION = "us-east-1"
"""Where the list of regions is asked for when the caller has no region; every account has this one."""

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_REJECTED = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}


@dataclass(frozen=True)
class Aws:
    """How to reach AWS: profile, region and endpoint, each unset for the usual lookup of boto3."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    def client(self, service: str, region: str | None = None, attempts: int = 6) -> Any:
        """Return a client that tries throttled and failed calls again (botocore's adaptive mode)."""
        import boto3
        from botocore.config import Config

        # A session each: clients may be shared between threads, sessions may not.
        session = boto3.Session(profile_name=self.profile)
        return session.client(
            service,
            region_name=region or self.region or session.region_name or FALLBACK_REGION,
            endpoint_url=self.endpoint_url,
            config=Config(
                retries={"mode": "adaptive", "total_max_attempts": attempts},
                connect_timeout=5,
                read_timeout=30,
            ),
        )


@contextmanager
def told_in_one_line() -> Iterator[None]:
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
    except botocore.InvalidRegionError as error:
        raise UserError(str(error), "regions look like eu-west-1") from error
    except botocore.ClientError as error:
        raise _client_error(error) from error
    except (botocore.BotoCoreError, ValueError) as error:
        raise UserError(
            f"AWS could not be asked: {error}", "check profile, region and --endpoint-url"
        ) from error


def _client_error(error: Any) -> UserError:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        return UserError("the AWS session has expired", "log in again, for example: aws sso login")
    if code in _REJECTED:
        return UserError("AWS does not accept these credentials", "check AWS_PROFILE and the access key")
    if code in DENIED:
        return UserError(
            f"no permission for {error.operation_name}",
            "allow that action to the caller, or use another profile",
        )
    return UserError(
        f"{error.operation_name} failed: {error}", "try again, or check the AWS health dashboard"
    )
