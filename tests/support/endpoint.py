"""An endpoint of AWS on this machine that a test writes itself, over plain HTTP or TLS; and a proxy."""

from __future__ import annotations

import copy
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT = "123456789012"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/jo"
IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>{CALLER}</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
"""The answer to GetCallerIdentity."""


class Request(BaseHTTPRequestHandler):
    """A request, to which ``reply`` answers."""

    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.requests.append(copy.copy(self))  # the next one of the connection comes to this object
        self.server.answer(self)

    def reply(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Be silent."""

    @property
    def operation(self) -> str:
        """What is asked."""
        target = self.headers.get("X-Amz-Target", "")
        return target.rpartition(".")[2] or self.body.partition("Action=")[2].partition("&")[0]


class Endpoint(ThreadingHTTPServer):
    """The server; ``requests`` are those that came."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], None]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.context: ssl.SSLContext | None = None

    def finish_request(self, request, client_address) -> None:
        self.connections += 1
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:  # who connects does not trust us
                return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address) -> None:
        """Nothing: who connected has gone."""

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.server_port}"


@contextmanager
def serving(answer: Callable[[Request], None], context: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """Run an endpoint, over TLS where there is a context."""
    with Endpoint(answer) as endpoint:
        endpoint.context = context
        threading.Thread(target=endpoint.serve_forever, args=(0.01,), daemon=True).start()
        yield endpoint
        endpoint.shutdown()


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """Run a proxy for TLS (CONNECT); yield its URL and the hosts that were asked for."""
    asked: list[str] = []

    class Tunnel(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as there:
                self.send_response(200)
                self.end_headers()
                ways = {self.connection: there, there: self.connection}
                while True:
                    for source in select.select([*ways], [], [])[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        ways[source].sendall(data)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tunnel) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
