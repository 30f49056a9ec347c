"""What the audit of an organization costs: the whole process of the command, over more and more accounts.

Every account has 17 regions and a whole chain of its own, which is the most there is to read of one. The
calls go over TLS to a stand-in for AWS that replays answers of the embedded AWS (see ``stand_in``), 100
milliseconds away, as a region on another continent is. The ideal is calls × latency / concurrency: as if the
audit itself took no time, and connections none to make. 32 calls at a time are some 300 a second, for which
botocore alone needs a good part of one processor, and the stand-in some of another.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from botocore.httpsession import URLLib3Session

from benchmarks.audit import MEASURE, make_chain
from benchmarks.stand_in import ACCOUNT, access_key_of, account_of, key_of
from benchmarks.tls import far
from sg_alarm.cli.app import main
from sg_alarm.local_aws import LocalAws
from sg_alarm.local_aws.server import ACCOUNT_ID

_SIZES = (10, 100, 1_000)
_CONCURRENCY = 32
_LATENCY = 0.1  # seconds
_ENABLED = (  # what every account has unless it asks for more
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
ROLE = "sg-alarm-audit"
_MAX_UNIT = 50


def rows() -> Iterator[tuple[str, str]]:
    """Yield wall time, its ratio to the ideal, CPU and memory for each size."""
    for size in _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            recording = Path(folder) / "recording.json"
            recording.write_text(json.dumps(_record(size)), "utf-8")
            yield f"{size:,} accounts × {len(_ENABLED)} regions", _measure(recording, Path(folder))


def _measure(recording: Path, folder: Path) -> str:
    arguments = ["--quiet", "audit", "--organization", "--concurrency", str(_CONCURRENCY), "--format", "json"]
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "sg_alarm", *arguments]
    with far("benchmarks.stand_in", str(recording), str(_LATENCY)) as there:
        environment = {**_environment(), **there.environment}
        report = [*command, "--output", str(folder / "report.json")]
        done = subprocess.run(report, env=environment, check=True, capture_output=True, text=True)
        stats = there.stats()
    code, wall, cpu, memory = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"the audit of good chains ended with {code}: {done.stderr}")
    ideal = stats["calls"] * _LATENCY / _CONCURRENCY
    return (
        f"{wall:.1f} s, {wall / ideal:.2f} of the ideal {ideal:.1f} s ({stats['calls']:,} calls over "
        f"{stats['connections']:,} connections), CPU {cpu:.1f} s, {memory / 1024:.0f} MB"
    )


def _environment() -> dict[str, str]:
    with LocalAws() as aws:
        return aws.environment()


# Recording


def _record(size: int) -> dict[str, list[Any]]:
    """Return the answers of an embedded AWS with so many accounts, of which one has a chain and is read."""
    with LocalAws() as aws:
        member = _make_organization(aws, size)
        make_chain(Member(aws, member), member)
        make_chain(aws)
        return _recorded(aws, member)


def _make_organization(aws: LocalAws, size: int) -> str:
    organizations = aws.client("organizations", "us-east-1")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    member = ""
    for number in range(size - 1):  # one is the management account
        if number % _MAX_UNIT == 0:
            made = organizations.create_organizational_unit(ParentId=root, Name=f"unit-{number // _MAX_UNIT}")
            unit = made["OrganizationalUnit"]["Id"]
        name = f"account-{number}"
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com", RoleName=ROLE)
        member = made["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    return member


class Member:
    """Clients of a member account."""

    def __init__(self, aws: LocalAws, account: str) -> None:
        self._endpoint = aws.endpoint
        found = aws.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="benchmark"
        )["Credentials"]
        self._session = boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of a service in a region."""
        return self._session.client(service, region, endpoint_url=self._endpoint)


def _recorded(aws: LocalAws, member: str) -> dict[str, list[Any]]:
    """Audit the caller's account and the member's in this process, and listen."""
    recording: dict[str, list[Any]] = {}
    accounts: dict[str, str] = {}
    send = URLLib3Session.send

    def listening(session: Any, request: Any) -> Any:
        answer = send(session, request)
        authorization = str(request.headers["Authorization"], "ascii")
        target = str(request.headers.get("X-Amz-Target") or b"", "ascii")
        body = request.body if isinstance(request.body, str) else bytes(request.body or b"").decode()
        account = account_of(authorization, body) or accounts.get(access_key_of(authorization), "")
        if session_key := re.search("<AccessKeyId>([^<]*)", answer.text):
            accounts[session_key[1]] = account
        if "Action=DescribeRegions" in body:
            answer._content = _only_enabled(answer.text).encode()
        text = answer.content.decode()
        recording[key_of(authorization, target, body, account)] = [
            answer.status_code,
            answer.headers.get("Content-Type", "text/xml"),
            text.replace(account, ACCOUNT) if account else text,
        ]
        return answer

    arguments = ["--quiet", "audit", "--organization", "--endpoint-url", aws.endpoint, "--output", os.devnull]
    only = ["--include-account", member, "--include-account", ACCOUNT_ID]
    with mock.patch.object(URLLib3Session, "send", listening), mock.patch.dict(os.environ, aws.environment()):
        try:
            main([*arguments, *only])
        except SystemExit as ended:
            if ended.code:
                raise RuntimeError(f"the audit to be recorded ended with {ended.code}") from ended
    return recording


def _only_enabled(text: str) -> str:
    """Leave the regions in DescribeRegions that every account has."""
    items = re.compile(r"<item>(?:(?!</item>).)*?<regionName>([^<]*)</regionName>.*?</item>", re.DOTALL)
    return items.sub(lambda item: item[0] if item[1] in _ENABLED else "", text)
