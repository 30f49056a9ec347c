"""A stand-in for AWS that answers what was recorded, after a latency: light enough for a thousand accounts.

The embedded AWS computes its answers, and a thousand accounts at once would measure its speed instead of the
audit's. So its answers are recorded for one account, and given to all, with the account's number in the place
of the recorded one. A call that was not recorded is refused.

    python -m benchmarks.stand_in RECORDING SECONDS

prints its URL, serves until its standard input ends, and tells at ``/stats`` how many calls came, over how
many connections, and how many were under way at once, at most.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "{account}"
_TARGET = re.compile(r"iam(?:%3A|:){2}(\d{12})(?:%3A|:)role")
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
_ACCESS_KEY = re.compile(r"<AccessKeyId>[^<]*")


def key_of(authorization: str, target: str, body: str, account: str) -> str:
    """Return by what a call is known: service, region, operation and what it says, whichever the account."""
    found = _CREDENTIAL.search(authorization)
    _, region, service = found.groups() if found else ("", "", "")
    operation = target or parse_qs(body).get("Action", [""])[0]
    said = "&".join(sorted(body.split("&"))) if not target else json.dumps(json.loads(body), sort_keys=True)
    who, said = (ACCOUNT, said.replace(account, ACCOUNT)) if account else ("caller", said)
    return "|".join((who, service, region, operation, said))


def account_of(authorization: str, body: str) -> str:
    """Return the account that a call is for; empty for the caller's own."""
    if "Action=AssumeRole" in body and (role := _TARGET.search(body)):
        return role[1]
    key = access_key_of(authorization)
    return key[4:16] if key.startswith("ASIA") and key[4:16].isdigit() and len(key) == 20 else ""


def access_key_of(authorization: str) -> str:
    """Return by which access key a call is signed."""
    found = _CREDENTIAL.search(authorization)
    return found[1] if found else ""


def keyed(body: str, account: str) -> str:
    """Return an answer that gives a role's session an access key with the account's number in it."""
    return _ACCESS_KEY.sub(f"<AccessKeyId>ASIA{account}0000", body) if account else body


class StandIn:
    """The server."""

    def __init__(self, recording: dict[str, list[Any]], latency: float) -> None:
        self._recording = recording
        self._latency = latency
        self._calls = self._connections = self._under_way = self._most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection."""
        self._connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines[1:])
                }
                body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
                if lines[0].startswith("GET /stats"):
                    answer = [200, "application/json", json.dumps(self._stats())]
                else:
                    answer = await self._answer(headers, body)
                status, kind, text = answer
                content = text.encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _stats(self) -> dict[str, int]:
        return {"calls": self._calls, "connections": self._connections, "most": self._most}

    async def _answer(self, headers: dict[str, str], body: str) -> list[Any]:
        self._calls += 1
        self._under_way += 1
        self._most = max(self._most, self._under_way)
        await asyncio.sleep(self._latency)
        self._under_way -= 1
        authorization = headers.get("authorization", "")
        account = account_of(authorization, body)
        found = self._recording.get(key_of(authorization, headers.get("x-amz-target", ""), body, account))
        if found is None:
            return [400, "text/plain", "this was not recorded"]
        status, kind, text = found
        return [status, kind, keyed(text.replace(ACCOUNT, account), account)]


async def main(recording: Path, latency: float) -> None:
    """Serve until standard input ends."""
    stand_in = StandIn(json.loads(recording.read_text("utf-8")), latency)
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        os._exit(0)  # with connections that nobody uses any more


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
