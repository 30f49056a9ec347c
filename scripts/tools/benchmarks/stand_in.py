"""A stand-in for AWS that answers what was recorded, after a latency: light enough for a thousand accounts.

The embedded AWS computes its answers, and a thousand accounts at once would measure its speed instead of the
audit's. So its answers are recorded for one account, and given to all, with the account's number in the place
of the recorded one. A call that was not recorded is refused.

    python -m benchmarks.stand_in RECORDING SECONDS FOLDER

serves them over TLS, from so far away: see ``tls``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from benchmarks.tls import Answer, answer_of, serve

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


def answers(recording: Mapping[str, Sequence[Any]]) -> Answer:
    """Return what answers each call as it was recorded."""

    async def answer(first: str, headers: Mapping[str, str], body: bytes) -> bytes:
        authorization, text = headers.get("authorization", ""), body.decode()
        account = account_of(authorization, text)
        found = recording.get(key_of(authorization, headers.get("x-amz-target", ""), text, account))
        if found is None:
            return answer_of(400, "text/plain", "this was not recorded")
        status, kind, answer = found
        return answer_of(status, kind, keyed(answer.replace(ACCOUNT, account), account))

    return answer


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    serve(answers(recorded), float(sys.argv[2]), Path(sys.argv[3]))
