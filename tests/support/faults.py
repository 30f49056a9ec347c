"""A way to AWS that a fault lies on: an HTTP proxy in front of an endpoint, for whatever client.

Unlike :mod:`network`, which stands within boto3, it breaks what only a socket shows: answers that never come,
come by the byte, or end in the middle.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PASSED_ON = (
    "Authorization",
    "Content-Type",
    "X-Amz-Target",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "User-Agent",
)


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered."""

    status: int
    content_type: str
    body: bytes


class Handler(BaseHTTPRequestHandler):
    """Hands a request on, and the answer back, unless a fault happens to it."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(self.operation)
        with suppress(OSError):  # the client has gone
            if self.server.meets(self.operation):
                self.server.fault(self)
            else:
                self.reply(self.answer())

    do_GET = do_POST  # noqa: N815 - http.server calls it so

    @property
    def operation(self) -> str:
        """What is asked for."""
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return target or self.body.decode("utf-8", "replace").partition("Action=")[2].partition("&")[0]

    def answer(self) -> Answer:
        """Ask the endpoint."""
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        request = urllib.request.Request(
            self.server.endpoint + self.path, self.body or None, headers, method=self.command
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as found:
                return Answer(found.status, found.headers["Content-Type"] or "", found.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers["Content-Type"] or "", error.read())

    def reply(self, answer: Answer) -> None:
        """Hand an answer back."""
        self._begin(answer.status, answer.content_type, len(answer.body))
        self.wfile.write(answer.body)

    def _begin(self, status: int, content_type: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type or "text/plain")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Be silent."""


Fault = Callable[[Handler], None]


def never(handler: Handler) -> None:
    """Take the request and answer nothing until the proxy ends."""
    handler.server.ended.wait()


def by_the_byte(handler: Handler) -> None:
    """Answer a byte every two seconds."""
    answer = handler.answer()
    handler._begin(answer.status, answer.content_type, len(answer.body))
    for byte in answer.body:
        if handler.server.ended.wait(2):
            return
        handler.wfile.write(bytes([byte]))


def reset(handler: Handler) -> None:
    """Reset the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_off(handler: Handler) -> None:
    """End in the middle of the answer."""
    answer = handler.answer()
    handler._begin(answer.status, answer.content_type, len(answer.body))
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.close_connection = True


def saying(body: str, status: int = 200, content_type: str = "application/x-amz-json-1.1") -> Fault:
    """Return a fault that answers something else."""
    return lambda handler: handler.reply(Answer(status, content_type, body.encode()))


def endless_pages(handler: Handler) -> None:
    """Say that there is always one more page, each with a token of its own."""
    answer = handler.answer()
    token = f"page-{len(handler.server.asked)}"
    try:
        found = json.loads(answer.body)
    except ValueError:
        end = f"</{handler.operation}Result>".encode()
        more = f"<NextToken>{token}</NextToken>".encode()
        handler.reply(Answer(answer.status, answer.content_type, answer.body.replace(end, more + end)))
        return
    name = "NextToken" if handler.operation[:4] == "List" else "nextToken"
    handler.reply(Answer(answer.status, answer.content_type, json.dumps({**found, name: token}).encode()))


FAULTS: Mapping[str, Fault] = {
    "it never answers": never,
    "it answers a byte every two seconds": by_the_byte,
    "it resets the connection": reset,
    "it ends in the middle": cut_off,
    "it answers null": saying("null"),
    "it answers a list": saying("[]"),
    "it answers a text": saying('"text"'),
    "it answers nothing": saying(""),
    "it answers a web page": saying("<html><body>Sign in</body></html>", content_type="text/html"),
    "it answers another type": saying('{"metricFilters": 1, "MetricAlarms": {}, "trailList": "x"}'),
    "it is down": saying("", 503),
    "it breaks": saying('{"__type": "InternalFailure", "message": "x"}', 500),
    "it throttles": saying('{"__type": "ThrottlingException", "message": "x"}', 400),
    "the session has expired": saying('{"__type": "ExpiredTokenException", "message": "x"}', 400),
    "there is always one more page": endless_pages,
}


class Proxy(ThreadingHTTPServer):
    """The proxy; ``asked`` are the operations that came, in their order."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: str, fault: Fault, *operations: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.endpoint = endpoint
        self.fault = fault
        self.operations = operations
        self.asked: list[str] = []
        self.ended = threading.Event()

    def meets(self, operation: str) -> bool:
        """Whether the fault happens to an operation: to all but that of STS, where none is named."""
        return operation in self.operations if self.operations else operation != "GetCallerIdentity"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: who connected has gone."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def faulty(endpoint: str, fault: Fault, *operations: str) -> Iterator[Proxy]:
    """Run a proxy in front of an endpoint with a fault on it."""
    with Proxy(endpoint, fault, *operations) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.ended.set()
            proxy.shutdown()
