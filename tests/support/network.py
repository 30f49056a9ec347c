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
    """A call on its way."""

    service: str
    region: str
    operation: str
    body: str
    access_key: str = ""


def call_of(request: AWSPreparedRequest) -> Call:
    """Read a call from its signature and its body, in whichever protocol it is."""
    authorization = str(request.headers["Authorization"], "ascii")
    key, _, region, service, _ = authorization.split("Credential=")[1].split(",")[0].split("/")
    body = request.body if isinstance(request.body, str) else bytes(request.body or b"").decode()
    target = request.headers.get("X-Amz-Target")
    if target:
        operation = str(target, "ascii").rpartition(".")[2]
    elif service == "lambda":
        operation = "GetPolicy" if request.method == "GET" and request.url.endswith("/policy") else ""
    else:
        operation = parse_qs(body).get("Action", [""])[0]
    return Call(service, region, operation, body, key)


@dataclass
class Network:
    """The way to AWS, with faults on it; counts the calls that were sent."""

    faults: list[tuple[Callable[[Call], bool], Fault]] = field(default_factory=list)
    sent: Counter[Call] = field(default_factory=Counter)
    accounts: dict[str, str] = field(default_factory=dict)
    """Access keys of roles that were assumed, and of which account each is."""

    def fail(
        self,
        fault: Fault,
        operation: str | None = None,
        *,
        regions: Callable[[str], bool] = lambda region: True,
        body: str = "",
        account: str = "",
    ) -> None:
        """Let a fault happen to an operation; if unset, to every one but those of STS.

        Only in the regions asked for, where the body of the call holds a text, and for whom a role of the
        account was assumed.
        """

        def meets(call: Call) -> bool:
            wanted = call.service != "sts" if operation is None else call.operation == operation
            asked_by = not account or self.accounts.get(call.access_key) == account
            return wanted and asked_by and regions(call.region) and body in call.body

        self.faults.append((meets, fault))

    def count(self, operation: str, account: str = "") -> int:
        """Return how often a call was sent, by anybody or through a role of an account."""
        return sum(
            times
            for call, times in self.sent.items()
            if call.operation == operation and (not account or self.accounts.get(call.access_key) == account)
        )

    def install(self, monkeypatch: Any) -> None:
        """Stand between boto3 and its network until the end of the test."""

        def sending(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
            call = call_of(request)
            self.sent[call] += 1
            fault = next((fault for meets, fault in self.faults if meets(call)), None)
            answer: AWSResponse = fault(request) if fault else _send(session, request)
            if call.operation == "AssumeRole" and answer.status_code == 200:
                key = answer.text.partition("<AccessKeyId>")[2].partition("<")[0]
                role = parse_qs(call.body)["RoleArn"][0]
                self.accounts[key] = role.split(":")[4]
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
        reported = f"<Error><Code>{escape(code)}</Code><Message>because of the test</Message></Error>"
        if service == "lambda":
            return _answer(request, status, json.dumps({"Code": code, "Message": "because of the test"}))
        if service == "ec2":
            return _answer(request, status, f"<Response><Errors>{reported}</Errors></Response>")
        return _answer(request, status, f"<ErrorResponse>{reported}</ErrorResponse>")

    return fault


def page(text: str) -> Fault:
    """Return a fault that answers a web page with status 200, as a proxy in between may."""
    return lambda request: _answer(request, 200, text)


_send = URLLib3Session.send


def through(request: AWSPreparedRequest) -> AWSResponse:
    """No fault: let the call through."""
    answer: AWSResponse = _send(URLLib3Session(), request)
    return answer


def times(number: int, first: Fault, then: Fault) -> Fault:
    """Return a fault that happens so often, and then another one."""
    left = [number]

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        left[0] -= 1
        return first(request) if left[0] >= 0 else then(request)

    return fault


def raising(exception: Callable[..., Exception]) -> Fault:
    """Return a fault of the network itself."""

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        raise exception(endpoint_url=request.url, error="because of the test")

    return fault


def _answer(request: AWSPreparedRequest, status: int, text: str) -> AWSResponse:
    return AWSResponse(request.url, status, {}, _Raw(text.encode()))


class _Raw(BytesIO):
    def stream(self) -> Any:
        yield self.read()
