"""TLS and distance in front of a local endpoint: what plain HTTP next door hides of an audit of real AWS.

    python -m benchmarks.tls URL SECONDS FOLDER

terminates TLS with a certificate of its own authority, passes each call on to URL, and delays every byte as a
network with that round-trip time does, the connection's own handshake included. It has a port for each
service, as AWS has a host, so that services share no connection; it prints the ports, serves until its
standard input ends, and shows at ``/stats`` how many calls came over how many connections.
``FOLDER/bundle.pem`` is what to trust: the bundle that botocore comes with and the authority, because a short
bundle loads faster than what users have.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
THIS_MACHINE = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST)))
SERVICES = (
    *("cloudtrail", "cloudwatch", "ec2", "eventbridge", "iam", "kms", "organizations", "s3", "sns", "sqs"),
    *("cloudwatch_logs", "securityhub", "sts"),
)
"""As AWS_ENDPOINT_URL_… calls them."""

_DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority for tests: writes certificates and their keys as PEM files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sg-alarm test authority")])
        self._key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.BasicConstraints(ca=True, path_length=None)
        signed = self._certificate(self._name, self._key, usage)
        self.file = self._write("authority.pem", signed.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, addresses: Sequence[x509.GeneralName] = THIS_MACHINE) -> Path:
        """Return a file with a certificate of that name, for those addresses, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signed = self._certificate(subject, key, x509.SubjectAlternativeName(addresses))
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._write(f"{name}.pem", signed.public_bytes(serialization.Encoding.PEM) + secret)

    def server_context(self, addresses: Sequence[x509.GeneralName] = THIS_MACHINE) -> ssl.SSLContext:
        """Return what a server needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issue("server", addresses))
        return context

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )

    def _write(self, name: str, content: bytes) -> Path:
        file = self._folder / name
        file.write_bytes(content)
        return file


class _Wire(asyncio.Protocol):
    """Half of a connection that takes its time: what comes in goes out at the other end a delay later."""

    def __init__(self, delay: float, first: float) -> None:
        self.other: _Wire | None = None
        self._delay = delay
        self._first = first  # what the first bytes wait for besides: the handshake of TCP
        self._waiting: list[bytes] | None = []
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def join(self, other: _Wire) -> None:
        self.other = other
        waiting, self._waiting = self._waiting, None
        for data in waiting or ():
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if self._waiting is not None:
            self._waiting.append(data)
            return
        delay, self._first = self._delay + self._first, 0
        asyncio.get_running_loop().call_later(delay, self._pass_on, data)

    def _pass_on(self, data: bytes) -> None:
        if self.other and not self.other.transport.is_closing():
            self.other.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.other:
            asyncio.get_running_loop().call_later(self._delay, self.other.transport.close)


Answer = Callable[[str, Mapping[str, str], bytes], Awaitable[bytes]]
"""Takes a call's first line, its headers and its body, and returns the whole answer."""


@dataclass
class Server:
    """A server of HTTP over TLS, a round-trip time away."""

    answer: Answer
    context: ssl.SSLContext
    round_trip: float
    calls: int = 0
    connections: int = 0

    async def run(self, folder: Path) -> None:
        """Serve until standard input ends."""
        behind = str(folder / "behind")
        await asyncio.start_unix_server(self._serve, behind, ssl=self.context, limit=1 << 20, backlog=1024)

        loop = asyncio.get_running_loop()

        def far() -> _Wire:
            near = _Wire(self.round_trip / 2, self.round_trip)

            async def connect() -> None:
                _, beyond = await loop.create_unix_connection(lambda: _Wire(self.round_trip / 2, 0), behind)
                near.join(beyond)
                beyond.join(near)

            near.connecting = loop.create_task(connect())  # type: ignore[attr-defined]
            return near

        servers = [await loop.create_server(far, HOST, 0, backlog=1024) for _ in SERVICES]
        sys.stdout.write(json.dumps([server.sockets[0].getsockname()[1] for server in servers]) + "\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)
        os._exit(0)  # with connections that nobody uses any more

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                first, headers, body = await read_message(reader)
                if first.startswith("GET /stats"):
                    counts = {"calls": self.calls, "connections": self.connections}
                    writer.write(answer_of(200, "application/json", json.dumps(counts)))
                else:
                    self.calls += 1
                    writer.write(await self.answer(first, headers, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            writer.close()


async def read_message(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Read a message of HTTP: its first line, its headers in lower case, its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
    }
    return first, headers, await reader.readexactly(int(headers.get("content-length", 0)))


def answer_of(status: int, kind: str, text: str) -> bytes:
    """Return an answer of HTTP."""
    content = text.encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def passing_on(url: str) -> Answer:
    """Return what makes each call of an endpoint of plain HTTP, over a connection of its own."""
    target = urlsplit(url)

    async def answer(first: str, headers: Mapping[str, str], body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        try:
            sent = {**headers, "connection": "close"}
            writer.write(
                "\r\n".join([first, *(f"{k}: {v}" for k, v in sent.items()), "", ""]).encode() + body
            )
            status, received, content = await read_message(reader)
            return answer_of(
                int(status.split()[1]), received.get("content-type", "text/xml"), content.decode()
            )
        finally:
            writer.close()

    return answer


@dataclass(frozen=True)
class Far:
    """An endpoint that is reached over TLS, from some way off."""

    ports: Sequence[int]
    bundle: Path

    @property
    def environment(self) -> dict[str, str]:
        """What turns boto3 to it."""
        urls = {name: f"https://{HOST}:{port}" for name, port in zip(SERVICES, self.ports, strict=True)}
        of_services = {f"AWS_ENDPOINT_URL_{name.upper()}": url for name, url in urls.items()}
        return {"AWS_ENDPOINT_URL": urls["sts"], **of_services, "AWS_CA_BUNDLE": str(self.bundle)}

    def stats(self) -> dict[str, int]:
        """Return how many calls came over how many connections."""
        context = ssl.create_default_context(cafile=str(self.bundle))
        url = f"https://{HOST}:{self.ports[0]}/stats"
        with urllib.request.urlopen(url, context=context) as answer:
            return dict(json.load(answer))


@contextmanager
def far(module: str, *arguments: str) -> Iterator[Far]:
    """Run a module that serves over TLS, in a process of its own; its last argument is a folder."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with process:
            assert process.stdout
            yield Far(json.loads(process.stdout.readline()), Path(folder) / "bundle.pem")


def serve(answer: Answer, round_trip: float, folder: Path) -> None:
    """Serve a folder's ``Far``."""
    from certifi import where

    authority = Authority(folder)
    (folder / "bundle.pem").write_bytes(Path(where()).read_bytes() + authority.file.read_bytes())
    asyncio.run(Server(answer, authority.server_context(), round_trip).run(folder))


if __name__ == "__main__":
    serve(passing_on(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
