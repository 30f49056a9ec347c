"""Clients that all accounts share: one for each service and region, however many accounts there are.

A client of boto3 takes milliseconds to make and holds a model, connections and certificates; a thousand
accounts in seventeen regions would make tens of thousands of them. What tells accounts apart is only whose
credentials sign a call, and how fast calls may follow each other. Both are looked up here for each call: a
call is signed, sent and repeated in one thread, which knows the account it works for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

from sg_alarm.aws import ATTEMPTS, DENIED, Aws, failures, reason_of
from sg_alarm.rule.arn import Arn
from sg_alarm.unknown import Unanswered, Unknown

_MAX_POOL_CONNECTIONS = 10

_working = threading.local()
"""``account``: the ``AccountAws`` that this thread makes a call for."""


class AccountAws(Aws):
    """How to reach one account through the clients that all share; its rate of calls is its own."""

    def __init__(self, clients: Clients, credentials: Any, attempts: int | None = None) -> None:
        super().__init__(clients.access.profile, clients.region, clients.access.endpoint_url)
        self.signing = credentials
        self._shared = clients
        self._attempts = attempts or clients.attempts
        self._retries: dict[tuple[str, str], Any] = {}
        self._retries_lock = threading.Lock()

    def check_region(self, region: str) -> None:
        """Raise what boto3 raises for a name that no partition of AWS would give to a region."""
        self._shared.session.get_partition_for_region(region)

    def client(self, service: str, region: str | None = None, attempts: int | None = None) -> Any:
        """Return what makes the calls of a client for this account."""
        return _ForAccount(self._shared.client(service, region or self._shared.region), self)

    def release(self, service: str, region: str) -> None:
        """Do nothing: other accounts need the client."""

    def assuming(self, role_arn: str) -> Aws | Unknown:
        """Return the account of a role: the caller assumes it, whichever account asks."""
        return self._shared.assuming(role_arn)

    def retries(self, service: str, region: str, model: Any) -> Any:
        """Return the handlers of botocore's adaptive mode: backoff, quota and rate of this account alone.

        In botocore they belong to a client. Shared by accounts, one that is throttled would slow all.
        """
        from botocore.hooks import HierarchicalEmitter
        from botocore.retries import adaptive, standard

        with self._retries_lock:
            if (service, region) not in self._retries:
                events = HierarchicalEmitter()
                stands_for_client = SimpleNamespace(meta=SimpleNamespace(events=events, service_model=model))
                standard.register_retry_handler(stands_for_client, self._attempts)
                adaptive.register_retry_handler(stands_for_client)
                self._retries[service, region] = events
            return self._retries[service, region]


@dataclass(frozen=True)
class Access:
    """How the accounts are reached: the caller's profile, region and endpoint, and how roles are assumed."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    external_id: str | None = None
    session_name: str = "sg-alarm"


class Clients:
    """The clients, and the caller, who assumes the roles."""

    def __init__(self, access: Access) -> None:
        """Prepare; raises what botocore raises where there are no credentials."""
        import botocore.session
        from botocore.credentials import CredentialResolver
        from botocore.exceptions import NoCredentialsError

        credentials = botocore.session.Session(profile=access.profile).get_credentials()
        if credentials is None:
            raise NoCredentialsError
        self.access = access
        self.region = Aws(access.profile, access.region).default_region
        self.session = botocore.session.Session(profile=access.profile)
        self.session.register_component("credential_provider", CredentialResolver([_provider()]))
        self.attempts = self.session.get_config_variable("max_attempts") or ATTEMPTS
        self.caller = AccountAws(self, credentials)
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    @cached_property
    def identity(self) -> Arn:
        """Whom the caller's credentials name. Raises what botocore raises where they name nobody."""
        # The first call tells a wrong endpoint or region: few attempts, so that it is told soon.
        first = AccountAws(self, self.caller.signing, min(2, self.attempts))
        found = Arn.parse(first.client("sts").get_caller_identity()["Arn"])
        assert found
        return found

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region, which no account's name is on."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
            return self._clients[service, region]

    def _made(self, service: str, region: str) -> Any:
        from botocore.config import Config

        client = self.session.create_client(
            service,
            region_name=region,
            endpoint_url=self.access.endpoint_url,
            config=Config(
                retries={"mode": "standard"},
                connect_timeout=5,
                read_timeout=30,
                max_pool_connections=_MAX_POOL_CONNECTIONS,
            ),
        )
        # It repeats nothing by itself: see AccountAws.retries.
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.unregister(f"needs-retry.{name}", unique_id=f"retry-config-{name}")
        for event in ("before-send", "needs-retry", "after-call"):
            client.meta.events.register(event, _passing_on(service, region, client.meta.service_model))
        return client

    def assuming(self, role_arn: str) -> AccountAws | Unknown:
        """Return the account of a role, ``Unknown`` with the reason where AWS refuses the role.

        The caller's own account needs no role.
        """
        from botocore.credentials import Credentials
        from botocore.exceptions import ClientError

        parts = Arn.parse(role_arn)
        if parts and parts.account == self.identity.account:
            return self.caller
        external = {"ExternalId": self.access.external_id} if self.access.external_id else {}
        try:
            answer = self.caller.client("sts").assume_role(
                RoleArn=role_arn, RoleSessionName=self.access.session_name, **external
            )
            found = answer["Credentials"]
        except ClientError as error:
            told = error.response.get("Error", {})
            code = told.get("Code", "")
            if code in DENIED:
                return Unknown(f"role {role_arn} does not exist, or does not let {self.identity} assume it")
            return Unanswered(f"role {role_arn} could not be assumed: {code} {told.get('Message', '')}")
        except failures() as error:
            return Unanswered(f"role {role_arn} could not be assumed: {reason_of(error)}")
        keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return AccountAws(self, Credentials(*keys))


@lru_cache(maxsize=4)
def clients_for(access: Access) -> Clients:
    """Return the clients of this process; a process has one way to reach the accounts as a rule."""
    return Clients(access)


class _ForAccount:
    """A client's methods, called for one account."""

    def __init__(self, client: Any, account: AccountAws) -> None:
        self._client = client
        self._account = account

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(**arguments: Any) -> Any:
            before = getattr(_working, "account", None)
            _working.account = self._account
            try:
                return method(**arguments)
            finally:
                _working.account = before

        return call


def _provider() -> Any:
    """Return a provider of credentials that are looked up each time they are used."""
    from botocore.credentials import CredentialProvider, Credentials

    class _Working(Credentials):  # type: ignore[misc] # botocore has no types
        def get_frozen_credentials(self) -> Any:
            return _working.account.signing.get_frozen_credentials()

    class _Provider(CredentialProvider):  # type: ignore[misc]
        METHOD = CANONICAL_NAME = "sg-alarm"

        def load(self) -> Any:
            return _Working("looked-up-for-each-call", "looked-up-for-each-call")

    return _Provider()


def _passing_on(service: str, region: str, model: Any) -> Callable[..., Any]:
    """Return a handler that hands an event of the client to the account that the call is for."""
    from botocore.hooks import first_non_none_response

    def pass_on(event_name: str, **event: Any) -> Any:
        account: AccountAws = _working.account
        return first_non_none_response(account.retries(service, region, model).emit(event_name, **event))

    return pass_on
