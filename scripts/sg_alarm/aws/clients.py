"""Clients of botocore, one for each service: regions and accounts share it.

A client takes milliseconds to make and holds a model; a thousand accounts in seventeen regions would make
tens of thousands. What distinguishes regions and accounts is the host, the signature and whose credentials
sign: events of botocore look them up for each call, which is made in one thread from its start to its end.
"""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader
from botocore.regions import EndpointResolverBuiltins

from sg_alarm.aws.errors import NoAnswerError
from sg_alarm.aws.transport import CALL, CONNECT_TIMEOUT, READ_TIMEOUT, Transport

MODELS = Path(__file__).parent / "models"
"""What an audit needs of botocore's models, made by ``scripts/tools/service_models.py``."""


_WITHOUT_REGIONS = ("organizations",)

FALLBACK_REGION = "us-east-1"
"""Where the list of regions is asked for when the caller has no region; every account has this one."""

ATTEMPTS = 5
"""How often a throttled or failed call is made at most, unless the AWS configuration says otherwise."""


class Clients:
    """The clients for one profile and endpoint, made when they are needed.

    ``whole``: of all services and operations, instead of those that an audit asks for. ``caller`` is whose
    credentials they use by themselves, once somebody asked.
    """

    def __init__(
        self, profile: str | None, region: str | None, endpoint_url: str | None, whole: bool
    ) -> None:
        self._profile = profile
        self._region = region
        self._endpoint_url = endpoint_url
        self._whole = whole
        self.caller = ""
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            # botocore counts attempts and rates for each client, which here is everybody's: see account.py.
            retries={"mode": "standard", "total_max_attempts": 1},
        )

    def of(self, service: str, region: str) -> Any:
        """Return a client of a service. Raises what botocore raises, and ``NoAnswerError``."""
        with self._lock:  # sessions are for one thread at a time
            home = region if self._bound else self.region
            if (service, home) not in self._clients:
                try:
                    self._clients[service, home] = self.session.create_client(
                        service, region_name=home, endpoint_url=self._endpoint_url, config=self._config
                    )
                except ValueError as error:  # an endpoint that is not a URL
                    raise NoAnswerError(str(error)) from error
            return self._clients[service, home]

    @cached_property
    def session(self) -> Any:
        """A session of botocore whose clients sign and send as ``CALL`` says."""
        session = botocore.session.Session(profile=self._profile)
        session.register_component("credential_provider", CredentialResolver([_Provider()]))
        if not self._whole:
            session.register_component("data_loader", _Loader(session.get_config_variable("data_path")))
        session.register("before-parameter-build", self._sign_for_the_region)
        session.register("before-endpoint-resolution", _send_to_the_region)
        session.register(
            "before-send", Transport(session.get_config_variable("ca_bundle"), self._config).send
        )
        return session

    @cached_property
    def _bound(self) -> bool:
        """Whether clients are bound to their region: where the user has endpoints, botocore asks no rules."""
        return _has_own_endpoints(self.session.get_component("data_loader"))

    @cached_property
    def credentials(self) -> Any:
        """The caller's own. Raises what botocore raises where there are none."""
        credentials = botocore.session.Session(profile=self._profile).get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials

    @cached_property
    def region(self) -> str:
        """The caller's region, or one that every account has."""
        # AWS CLI v2 and Terraform know AWS_REGION; botocore itself knows AWS_DEFAULT_REGION only.
        named = self._region or os.environ.get("AWS_REGION")
        return named or self.session.get_config_variable("region") or FALLBACK_REGION

    @cached_property
    def known_regions(self) -> frozenset[str]:
        """The regions of all partitions that this version of botocore knows."""
        partitions = self.session.get_component("data_loader").load_data("endpoints")["partitions"]
        return frozenset(region for partition in partitions for region in partition["regions"])

    @cached_property
    def attempts(self) -> int:
        """How often a call is made at most."""
        return int(self.session.get_config_variable("max_attempts") or ATTEMPTS)

    def _sign_for_the_region(self, context: dict[str, Any], **_: Any) -> None:
        # In its own region a client knows best: for a service without regions it signs for another one.
        region = CALL.get().region
        if region not in (self.region, context["client_region"]):
            context["signing"] = {"region": region}


def _send_to_the_region(builtins: dict[Any, Any], **_: Any) -> None:
    builtins[EndpointResolverBuiltins.AWS_REGION] = CALL.get().region


class _OfTheCall(Credentials):  # type: ignore[misc] # botocore has no types
    def get_frozen_credentials(self) -> Any:
        return CALL.get().credentials.get_frozen_credentials()


class _Provider(CredentialProvider):  # type: ignore[misc]
    METHOD = CANONICAL_NAME = "sg-alarm"

    def load(self) -> Any:
        return _OfTheCall("looked-up-for-each-call", "looked-up-for-each-call")


class _Loader(Loader):  # type: ignore[misc]
    """Loads our models before botocore's, but after what the user has put in the place of either."""

    def __init__(self, data_path: str | None) -> None:
        paths = [os.path.expanduser(os.path.expandvars(path)) for path in (data_path or "").split(os.pathsep)]
        users = [*filter(None, paths), self.CUSTOMER_DATA_PATH]
        super().__init__(extra_search_paths=[*users, str(MODELS)])

    def list_available_services(self, type_name: str) -> list[str]:
        """Return ours, instead of looking into four hundred folders."""
        return sorted(path.name for path in MODELS.iterdir())

    def load_data_with_path(self, name: str) -> Any:
        """Return data and where it is. Of the endpoints only what follows from the partitions.

        Where a service is, its rules say. The older table of endpoints is a megabyte that botocore wants all
        the same.
        """
        if name != "endpoints" or _has_own_endpoints(self):
            return super().load_data_with_path(name)
        data, path = super().load_data_with_path("partitions")
        return {"version": 3, "partitions": [_legacy(one) for one in data["partitions"]]}, path


def _has_own_endpoints(loader: Any) -> bool:
    """Whether the user describes endpoints in a place that botocore looks into first."""
    paths = (path for path in loader.search_paths if path != loader.BUILTIN_DATA_PATH)
    return any((Path(path) / "endpoints.json").exists() for path in paths)


def _legacy(partition: dict[str, Any]) -> dict[str, Any]:
    """Return a partition of the rules as the older table has it."""
    outputs = partition["outputs"]
    plain, dual = outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]
    variants = (("-fips", plain, ["fips"]), ("", dual, ["dualstack"]), ("-fips", dual, ["dualstack", "fips"]))
    return {
        "partition": partition["id"],
        "dnsSuffix": plain,
        "regionRegex": partition["regionRegex"],
        "regions": partition["regions"],
        "defaults": {
            "hostname": "{service}.{region}.{dnsSuffix}",
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": [
                {
                    "hostname": f"{{service}}{infix}.{{region}}.{{dnsSuffix}}",
                    "dnsSuffix": suffix,
                    "tags": tags,
                }
                for infix, suffix, tags in variants
            ],
        },
        "services": {
            service: {
                "isRegionalized": False,
                "partitionEndpoint": "global",
                "endpoints": {"global": {"credentialScope": {"region": outputs["implicitGlobalRegion"]}}},
            }
            for service in _WITHOUT_REGIONS
        },
    }
