"""Faults between boto3 and the embedded AWS: what comes back instead of an answer, for the calls named.

It stands where botocore hands a signed request to the network, so that everything of botocore is real: its
parsing of errors in the three protocols, and its retries.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

Fault = Callable[[AWSPreparedRequest], AWSResponse]


@dataclass(frozen=True)
class Call:
    """A call on its way: service, region and operation, and the account of the caller's access key."""

    service: str
    region: str
    operation: str
    access_key: str


def call_of(request: AWSPreparedRequest) -> Call:
    """Read a call from its signature and its body, in whichever protocol it is."""
    authorization = str(request.headers["Authorization"], "ascii")
    access_key, _, region, service, _ = authorization.split("Credential=")[1].split(",")[0].split("/")
    target = request.headers.get("X-Amz-Target")
    if target:
        return Call(service, region, str(target, "ascii").rpartition(".")[2], access_key)
    body = request.body if isinstance(request.body, str) else bytes(request.body or b"").decode()
    return Call(service, region, parse_qs(body)["Action"][0], access_key)


@dataclass
class Network:
    """The way to AWS, with faults on it; counts the calls that were sent."""

    faults: list[tuple[Callable[[Call], bool], Fault]] = field(default_factory=list)
    sent: Counter[Call] = field(default_factory=Counter)

    def fail(
        self, fault: Fault, operation: str | None = None, *, regions: Callable[[str], bool] | None = None
    ) -> None:
        """Let a fault happen to an operation (every one but STS's if unset), in the regions asked for."""

        def meets(call: Call) -> bool:
            wanted = call.service != "sts" if operation is None else call.operation == operation
            return wanted and (regions is None or regions(call.region))

        self.faults.append((meets, fault))

    def count(self, operation: str) -> int:
        """Return how often a call was sent."""
        return sum(times for call, times in self.sent.items() if call.operation == operation)

    def install(self, monkeypatch: Any) -> None:
        """Stand between boto3 and its network until the end of the test."""
        send = URLLib3Session.send

        def sending(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
            call = call_of(request)
            self.sent[call] += 1
            fault = next((fault for meets, fault in self.faults if meets(call)), None)
            answer: AWSResponse = fault(request) if fault else send(session, request)
            return answer

        monkeypatch.setattr(URLLib3Session, "send", sending)


_DENIED = {
    "ec2": "UnauthorizedOperation",
    "sns": "AuthorizationError",
    "monitoring": "AccessDenied",
    "sts": "AccessDenied",
}
"""How each service says that a call is not allowed; all others say AccessDeniedException."""


def denied(request: AWSPreparedRequest) -> AWSResponse:
    """Answer as the service does to whom lacks the permission."""
    service = call_of(request).service
    status = 400 if service not in _DENIED else 403
    return error(_DENIED.get(service, "AccessDeniedException"), status)(request)


def error(code: str, status: int) -> Fault:
    """Return a fault that answers an error, in the protocol of the call."""

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        service = call_of(request).service
        if request.headers.get("X-Amz-Target"):
            return _answer(request, status, json.dumps({"__type": code, "message": "because of the test"}))
        told = f"<Error><Code>{escape(code)}</Code><Message>because of the test</Message></Error>"
        if service == "ec2":
            return _answer(request, status, f"<Response><Errors>{told}</Errors></Response>")
        return _answer(request, status, f"<ErrorResponse>{told}</ErrorResponse>")

    return fault


def page(text: str) -> Fault:
    """Return a fault that answers a web page with status 200, as a proxy in between may."""
    return lambda request: _answer(request, 200, text)


def times(number: int, fault: Fault, send: Callable[..., Any] = URLLib3Session.send) -> Fault:
    """Return a fault that happens so often, and then no more."""
    left = [number]

    def sometimes(request: AWSPreparedRequest) -> AWSResponse:
        left[0] -= 1
        answer: AWSResponse = fault(request) if left[0] >= 0 else send(URLLib3Session(), request)
        return answer

    return sometimes


def raising(exception: type[Exception]) -> Fault:
    """Return a fault of the network itself."""

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        raise exception(endpoint_url=request.url, error="because of the test")

    return fault


def _answer(request: AWSPreparedRequest, status: int, text: str) -> AWSResponse:
    return AWSResponse(request.url, status, {}, _Raw(text.encode()))


class _Raw(BytesIO):
    def stream(self) -> Any:
        yield self.read()
