"""boto3 sessions, and AWS's errors in one line each."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.unknown import Unknown

FALLBACK_REGION = "us-east-1"
"""Where the list of regions is asked for when the caller has no region; every account has this one."""

ATTEMPTS = 5
"""How often a throttled or failed call is made at most, unless the AWS configuration says otherwise."""

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_REJECTED = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
}
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
}


@dataclass
class Aws:
    """How to reach one account: profile, region and endpoint, each unset for the usual lookup of boto3."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Arguments of ``boto3.Session`` that stand for an assumed role."""
    _clients: dict[tuple[str, str, int | None], Any] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def _session(self) -> Any:
        import boto3
        import botocore.session

        session = botocore.session.Session(profile=self.profile)
        if session.get_config_variable("max_attempts") is None:
            session.set_config_variable("max_attempts", ATTEMPTS)
        return boto3.Session(botocore_session=session, **self.credentials)

    @property
    def default_region(self) -> str:
        """The region of the caller, or one that every account has.

        AWS CLI v2 and Terraform know AWS_REGION; boto3 itself knows AWS_DEFAULT_REGION only.
        """
        named = self.region or os.environ.get("AWS_REGION")
        return named or self._session.region_name or FALLBACK_REGION

    @cached_property
    def caller(self) -> str:
        """The ARN of the identity that asks, from ``GetCallerIdentity``; raises what boto3 raises.

        Being the first call, it tells a wrong endpoint or region: few attempts, so that it is told soon.
        """
        return str(self.client("sts", attempts=2).get_caller_identity()["Arn"])

    def check_region(self, region: str) -> None:
        """Raise what boto3 raises for a name that no partition of AWS would give to a region."""
        self._session.get_partition_for_region(region)

    @cached_property
    def known_regions(self) -> frozenset[str]:
        """The regions of all partitions that this version of botocore knows."""
        session = self._session
        return frozenset(
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("ec2", partition)
        )

    def client(self, service: str, region: str | None = None, attempts: int | None = None) -> Any:
        """Return a client that tries throttled and failed calls again (botocore's adaptive mode).

        Clients are made once and may be used by several threads; sessions may not, hence the lock.
        """
        from botocore.config import Config

        key = (service, region or "", attempts)
        retries = {"mode": "adaptive", **({"total_max_attempts": attempts} if attempts else {})}
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service,
                    region_name=region or self.default_region,
                    endpoint_url=self.endpoint_url,
                    config=Config(
                        retries=retries,
                        connect_timeout=5,
                        read_timeout=30,
                        max_pool_connections=32,
                    ),
                )
            return self._clients[key]

    def release(self, service: str, region: str) -> None:
        """Close a client that nobody needs any more: each holds connections and certificates of its own."""
        with self._lock:
            client = self._clients.pop((service, region, None), None)
        if client:
            client.close()

    def assuming(self, role_arn: str) -> Aws | Unknown:
        """Return the same with an assumed role, ``Unknown`` with the reason where AWS refuses."""
        from botocore.exceptions import ClientError

        try:
            found = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="sg-alarm")[
                "Credentials"
            ]
        except (ClientError, *failures()) as error:
            return Unknown(f"role {role_arn} could not be assumed: {reason_of(error)}")
        credentials = {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
        return Aws(region=self.default_region, endpoint_url=self.endpoint_url, credentials=credentials)


def failures() -> tuple[type[Exception], ...]:
    """Return what botocore raises where no answer came: its own errors, and those of parsing what is none."""
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError

    return BotoCoreError, ResponseParserError, KeyError, ValueError


def reason_of(error: Exception) -> str:
    """Return why there is no answer, in a phrase."""
    # A page of a proxy that happens to be XML: botocore looks for the parts of an answer in it.
    return "what answered is not AWS" if isinstance(error, KeyError) else str(error)


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
    except (botocore.InvalidRegionError, botocore.UnknownRegionError) as error:
        raise UserError(str(error), "regions look like eu-west-1") from error
    except botocore.ClientError as error:
        raise _client_error(error) from error
    except failures() as error:
        raise UserError(
            f"AWS could not be asked: {reason_of(error)}", "check profile, region and --endpoint-url"
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
