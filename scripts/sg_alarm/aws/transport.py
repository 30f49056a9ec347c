"""How requests of botocore get to AWS and answers back: one TLS context, and no answer that takes for ever.

botocore gives every client an HTTP session with a TLS context of its own, and urllib3 loads the bundle of
certificates into it anew for every connection, which takes OpenSSL 3 some 20 ms (boto/botocore#3171,
urllib3/urllib3#3623, python/cpython#95031). And its timeouts are for silence: an answer that comes byte by
byte has none.
"""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from http.client import HTTPResponse
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 30
"""Seconds of silence."""

_MAX_CONNECTIONS = 64
"""How many are kept to one host."""

_MAX_HOSTS = 512
"""To how many hosts connections are kept: a host is a service in a region."""


@dataclass(frozen=True)
class Call:
    """A call under way: where, with whose credentials, and until when (``time.monotonic``) it may last."""

    region: str
    credentials: Any
    ends: float


CALL: ContextVar[Call] = ContextVar("CALL")
"""The call that this thread makes."""


class Transport:
    """Sends requests of all clients: registered for botocore's event ``before-send``."""

    def __init__(self, verify: str | bool | None, config: Config) -> None:
        """Verify certificates by ``verify`` as botocore does: a bundle, its default, or not at all."""
        self._verify = verify or os.environ.get("REQUESTS_CA_BUNDLE", True) if verify is not False else False
        self._config = config
        self._of_hosts: dict[str, URLLib3Session] = {}
        self._sessions: dict[tuple[tuple[str, str], ...], URLLib3Session] = {}
        self._lock = threading.Lock()

    def send(self, request: Any, **_: Any) -> Any:
        """Return the answer. Raises what botocore's own sessions raise."""
        host = request.url.partition("://")[2].partition("/")[0]
        with self._lock:
            if host not in self._of_hosts:
                self._of_hosts[host] = self._session(get_environ_proxies(request.url))
        return self._of_hosts[host].send(request)

    def _session(self, proxies: dict[str, str]) -> URLLib3Session:
        """Return the one session for all hosts that these proxies are for."""
        key = tuple(sorted(proxies.items()))
        if key not in self._sessions:
            self._sessions[key] = _Session(
                verify=self._verify,
                proxies=proxies,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                max_pool_connections=_MAX_CONNECTIONS,
                socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
                client_cert=self._config.client_cert,
                proxies_config=self._config.proxies_config,
            )
        return self._sessions[key]


class _Session(URLLib3Session):  # type: ignore[misc] # botocore has no types
    """A session for all hosts. What botocore may rename in it costs time if it is gone, and nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pool_classes_by_scheme.update(http=_HttpPool, https=_HttpsPool)

    def _get_pool_manager_kwargs(self, **more: Any) -> dict[str, Any]:
        options = super()._get_pool_manager_kwargs(**more)
        context = options["ssl_context"]
        # The same bundle each time: loaded once, it is there for all connections.
        context.load_verify_locations = cache(context.load_verify_locations)
        return {**options, "num_pools": _MAX_HOSTS}


class _Timed(io.RawIOBase):
    """What comes out of a socket, until the call's time is up."""

    def __init__(self, sock: Any, raw: Any) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = CALL.get().ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not end in time")
        self._sock.settimeout(min(left, READ_TIMEOUT))
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Timed(sock, self.fp.detach()))


class _Http(AWSHTTPConnection):  # type: ignore[misc]
    response_class = _Response


class _Https(AWSHTTPSConnection):  # type: ignore[misc]
    response_class = _Response


class _HttpPool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Http


class _HttpsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Https
