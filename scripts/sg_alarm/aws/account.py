"""How to reach one account: with whose credentials, where, how often a call is tried, and until when."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sg_alarm.aws.errors import DENIED, NoAnswerError, failures, is_temporary
from sg_alarm.rule.arn import Arn
from sg_alarm.unknown import Unanswered, Unknown

if TYPE_CHECKING:
    from sg_alarm.aws.clients import Clients

DEADLINE = 300.0
"""How long the audit of an account may take, in seconds, unless ``--deadline`` says otherwise."""

CALL_SECONDS = 60.0
"""How long a call may take, all its attempts included."""

_TOO_LATE = "no answer before the deadline, see --deadline"


@dataclass
class Aws:
    """How to reach one account: profile, region and endpoint, each unset for the usual lookup of botocore.

    ``external_id`` and ``session_name`` are for roles that are assumed; ``role`` holds the credentials of one
    that is. ``ends`` is the deadline (``time.monotonic``), and ``slots`` is held during each call. ``whole``:
    see ``with_every_operation``.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    external_id: str | None = None
    session_name: str = "sg-alarm"
    role: Any = None
    ends: float = math.inf
    slots: AbstractContextManager[Any] = field(default_factory=nullcontext)
    whole: bool = False
    _clients: list[Clients] = field(default_factory=list, repr=False)

    def with_every_operation(self) -> Aws:
        """Return the same for all services and operations, not only those that an audit asks for."""
        return replace(self, whole=True, ends=math.inf, _clients=[])

    @property
    def clients(self) -> Clients:
        """The clients that all that were made from this share."""
        from sg_alarm.aws.clients import Clients

        if not self._clients:
            self._clients.append(Clients(self.profile, self.region, self.endpoint_url, self.whole))
        return self._clients[0]

    @property
    def default_region(self) -> str:
        """The region of the caller, or one that every account has."""
        return self.clients.region

    def client(self, service: str, region: str | None = None, attempts: int | None = None) -> Any:
        """Return what makes the calls of a botocore client: within the deadline, and again where it helps.

        What AWS throttles, or fails at for a moment, is tried up to ``attempts`` times. It may be used by
        several threads. Raises what botocore raises, and ``NoAnswerError``.
        """
        from botocore.utils import validate_region_name

        region = region or self.default_region
        validate_region_name(region)  # it becomes part of a host's name
        return _Client(self, service, region, attempts or self.clients.attempts)

    @property
    def caller(self) -> str:
        """The ARN of the identity that asks, from ``GetCallerIdentity``; raises what botocore raises.

        Being the first call, it shows a wrong endpoint or region: few attempts, so that it does so soon.
        """
        if not self.clients.caller:
            first = replace(self, role=None).client("sts", attempts=min(2, self.clients.attempts))
            self.clients.caller = str(first.get_caller_identity()["Arn"])
        return self.clients.caller

    @property
    def known_regions(self) -> frozenset[str]:
        """The regions of all partitions that this version of botocore knows."""
        return self.clients.known_regions

    def check_region(self, region: str) -> None:
        """Raise what botocore raises for a name that no partition of AWS would give to a region."""
        self.clients.session.get_partition_for_region(region)

    def assuming(self, role_arn: str) -> Aws | Unknown:
        """Return the same with a role, ``Unknown`` with the reason where AWS refuses it.

        The caller assumes it, whichever role asks; a role of the caller's own account is not needed.
        """
        from botocore.credentials import Credentials
        from botocore.exceptions import ClientError

        caller = replace(self, role=None)
        role, own = Arn.parse(role_arn), Arn.parse(self.caller)
        if role and own and role.account == own.account:
            return caller
        external = {"ExternalId": self.external_id} if self.external_id else {}
        try:
            found = caller.client("sts").assume_role(
                RoleArn=role_arn, RoleSessionName=self.session_name, **external
            )["Credentials"]
            keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        except ClientError as error:
            why = error.response.get("Error", {})
            if why.get("Code") in DENIED:
                return Unknown(f"role {role_arn} does not exist, or does not let {self.caller} assume it")
            return Unanswered(f"role {role_arn} could not be assumed: {why.get('Code')} {why.get('Message')}")
        except failures() as error:
            return Unanswered(f"role {role_arn} could not be assumed: {error}")
        except (KeyError, TypeError):
            return Unanswered(f"role {role_arn} could not be assumed: what answered is not AWS")
        return replace(self, role=Credentials(*keys))


class _Client:
    """The methods of a botocore client, for one account in one region."""

    def __init__(self, aws: Aws, service: str, region: str, attempts: int) -> None:
        self._aws = aws
        self._service = service
        self._region = region
        self._attempts = attempts

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._aws.clients.of(self._service, self._region), name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        ends, attempt = math.inf, 0
        while True:
            attempt += 1
            try:
                with self._aws.slots:
                    ends = min(ends, self._aws.ends, time.monotonic() + CALL_SECONDS)
                    return self._attempt(method, ends, arguments)
            except (ClientError, BotoCoreError) as error:
                if time.monotonic() >= self._aws.ends:
                    raise NoAnswerError(_TOO_LATE) from error
                pause = _pause(attempt)
                if attempt >= self._attempts or not is_temporary(error) or time.monotonic() + pause >= ends:
                    raise
            time.sleep(pause)

    def _attempt(self, method: Callable[..., Any], ends: float, arguments: dict[str, Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        from sg_alarm.aws.transport import CALL, Call

        if time.monotonic() >= ends:
            raise NoAnswerError(_TOO_LATE)
        credentials = self._aws.role or self._aws.clients.credentials
        call = CALL.set(Call(self._region, credentials, ends))
        try:
            return method(**arguments)
        except (ClientError, BotoCoreError):
            raise
        except Exception as error:  # whatever botocore's parsers stumble over
            raise NoAnswerError("what answered is not AWS") from error
        finally:
            CALL.reset(call)


def _pause(attempt: int) -> float:
    """Return how long to wait after an attempt: at random, up to twice as long each time."""
    # AWS SDKs and Tools Reference Guide, Retry behavior: truncated exponential backoff with jitter.
    return random.uniform(0, min(20, 2 ** (attempt - 1)))  # noqa: S311 - no secret
