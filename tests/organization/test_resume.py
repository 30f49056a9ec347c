"""A real audit, killed in the middle and resumed: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chains import ACCOUNT
from json_reports import untimed

pytestmark = pytest.mark.slow

REGION = "eu-west-1"
ACCOUNTS = 12


@pytest.fixture
def numbers(organization):
    """A dozen accounts and the management account."""
    return [ACCOUNT, *(organization.account(f"account-{number:02d}") for number in range(ACCOUNTS))]


@pytest.fixture
def start(environment) -> Callable[..., subprocess.Popen]:
    """Start an audit that reads one account after the other, in a process of its own."""

    def start(*options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "sg_alarm", "audit", "--organization", "--concurrency", "1"]
        wanted = {**os.environ, **environment}
        return subprocess.Popen(
            [*command, *options],
            env={name: value for name, value in wanted.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def lines(journal: Path) -> list[bytes]:
    return journal.read_bytes().splitlines(keepends=True) if journal.exists() else []


def killed_in_the_middle(process: subprocess.Popen, journal: Path) -> None:
    """Kill an audit without warning once its journal has some accounts, and not yet all."""
    while len(lines(journal)) < 4:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_killed_audit_goes_on_where_it_stopped(audit, start, numbers, tmp_path):
    journal = tmp_path / "journal"
    killed_in_the_middle(start("--journal", str(journal)), journal)
    before = lines(journal)
    assert 4 <= len(before) < 1 + len(numbers)
    with journal.open("ab") as file:
        file.write(b'{"account":"1234')  # as a kill in the middle of a line leaves it
    resumed = audit("--resume", str(journal), regions=())
    assert resumed.code == 1
    assert sorted(one["account"] for one in resumed.report["accounts"]) == sorted(numbers)
    after = lines(journal)
    assert after[: len(before)] == before
    assert sorted(json.loads(line)["account"] for line in after[1:]) == sorted(numbers)
    assert untimed(resumed.out) == untimed(audit(regions=()).out)


def test_an_audit_that_is_complete_is_only_reported_again(audit, numbers, tmp_path):
    journal = tmp_path / "journal"
    first = audit("--journal", str(journal))
    written = journal.read_bytes()
    again = audit("--resume", str(journal), form="table")
    assert (first.code, again.code) == (1, 1)
    assert journal.read_bytes() == written


def test_accounts_that_joined_since_are_audited_and_those_that_left_are_not_reported(
    audit, organization, numbers, tmp_path
):
    journal = tmp_path / "journal"
    audit("--journal", str(journal))
    organization.account("late")
    organization.suspend("account-00")
    resumed = audit("--resume", str(journal))
    assert set(resumed.verdicts) == {
        "master",
        "late",
        *(f"account-{number:02d}" for number in range(1, ACCOUNTS)),
    }
    assert [one["name"] for one in resumed.report["not_judged"]] == ["account-00"]


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        (["--profile", "effective"], "another profile: conformity"),
        (["--role-name", "another"], "another role: arn:aws:iam::{account}:role/sg-alarm-audit"),
        (["--region", "us-east-1"], "another regions: ['eu-west-1']"),
    ],
)
def test_a_journal_is_of_one_job(audit, organization, tmp_path, options, reported):
    journal = tmp_path / "journal"
    audit("--journal", str(journal))
    refused = audit("--resume", str(journal), *options)
    assert refused.code == 2
    assert reported in refused.err


def test_what_the_organizations_trail_showed_is_not_read_again(audit, organization, tmp_path):
    """After it broke, the accounts that are left are judged by what the journal says of it, as the others."""
    web, pay = organization.account("web"), organization.account("pay")
    trail = organization.trail()
    journal = tmp_path / "journal"
    audit("--journal", str(journal), "--exclude-account", pay)
    trail.put_alarm(ActionsEnabled=False)
    resumed = audit("--resume", str(journal))
    assert resumed.account(web)["covered_by"] == resumed.account(pay)["covered_by"] == [trail.trail_arn]


def test_an_audit_without_a_journal_says_what_to_resume_and_leaves_nothing_at_the_end(
    sg_alarm_process, environment, organization, tmp_path
):
    done = sg_alarm_process(
        "audit", "--organization", "--region", REGION, env={**environment, "TMPDIR": str(tmp_path)}
    )
    assert done.returncode == 1
    assert f"go on with --resume {tmp_path}/sg-alarm-" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_audit_keeps_what_it_has(audit, start, numbers, tmp_path):
    journal = tmp_path / "journal"
    process = start("--journal", str(journal))
    while len(lines(journal)) < 4:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in reported
    assert "error: interrupted" in reported
    assert audit("--resume", str(journal), regions=()).code == 1
