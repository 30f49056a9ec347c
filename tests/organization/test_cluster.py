"""The same job on a Dask cluster: several workers, one of them killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future

import dask
import distributed
import pytest

from chains import ACCOUNT
from json_reports import untimed
from sg_alarm.errors import UserError
from sg_alarm.organization import runner
from sg_alarm.organization.job import Access, Job, Task, audit_account
from sg_alarm.organization.runner import on_cluster, results
from sg_alarm.readers.aws import Scope

pytestmark = pytest.mark.slow

ACCOUNTS = 16
REGION = "eu-west-1"
ROLE = "arn:aws:iam::{account}:role/sg-alarm-audit"


@pytest.fixture
def cluster(caller):
    """Three workers, each a process of its own that is started again when it dies."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
    ):
        yield cluster


def test_an_audit_is_complete_although_a_worker_is_killed_in_the_middle(
    audit, environment, organization, cluster, tmp_path
):
    numbers = [ACCOUNT, *(organization.account(f"account-{number:02d}") for number in range(ACCOUNTS))]
    journal = tmp_path / "journal"
    scheduler = ["--scheduler", cluster.scheduler_address]
    command = [sys.executable, "-m", "sg_alarm", "--quiet", "audit", "--organization", "--format", "json"]
    wanted = {**os.environ, **environment}
    process = subprocess.Popen(
        [*command, *scheduler, "--journal", str(journal)],
        env={name: value for name, value in wanted.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not journal.exists() or len(journal.read_bytes().splitlines()) < 4:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    with distributed.Client(cluster, set_as_default=False) as client:
        busy = {address for address, tasks in client.processing().items() if tasks}
        (victim, *_) = [pid for address, pid in client.run(os.getpid).items() if address in busy]
        os.kill(victim, signal.SIGKILL)
    out, reported = process.communicate()
    assert (process.returncode, reported) == (1, "")
    report = json.loads(out)
    assert sorted(one["account"] for one in report["accounts"]) == sorted(numbers)
    assert {one["verdict"] for one in report["accounts"]} == {"FAIL"}
    written = [json.loads(line)["account"] for line in journal.read_bytes().splitlines()[1:]]
    assert sorted(written) == sorted(numbers)
    assert untimed(out) == untimed(audit(regions=()).out)


def test_an_account_that_kills_every_worker_is_unknown_and_stops_no_other(
    organization, cluster, aws, monkeypatch
):
    deadly, web = organization.account("deadly"), organization.account("web")

    def audit_or_die(task):
        if task.account == deadly:
            os._exit(1)
        return audit_account(task)

    monkeypatch.setattr("sg_alarm.organization.runner.audit_account", audit_or_die)
    job = Job(Access(region=REGION), Scope((REGION,), role=ROLE), "conformity")
    tasks = [Task(job, account) for account in (web, deadly, ACCOUNT)]
    with on_cluster(cluster.scheduler_address) as (executor, slots):
        assert slots == 3
        found = {record["account"]: record for record in results(executor, tasks, 3)}
    assert {account: record["report"]["verdict"] for account, record in found.items()} == {
        web: "FAIL",
        deadly: "UNKNOWN",
        ACCOUNT: "FAIL",
    }
    assert "KilledWorker" in found[deadly]["unread"]


def test_a_scheduler_that_does_not_answer_is_reported(audit, organization, monkeypatch):
    monkeypatch.setattr(runner, "_CONNECT_TIMEOUT", "1s")
    refused = audit("--scheduler", "tcp://127.0.0.1:9")
    assert refused.code == 2
    assert "error: no Dask scheduler answers at tcp://127.0.0.1:9" in refused.err
    assert "Traceback" not in refused.err


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError) as error, on_cluster("tcp://127.0.0.1:8786"):
        pass
    assert error.value.hint == "pip install 'sg-alarm[dask]'"


class Closed(Executor):
    """An executor that is out of reach."""

    def submit(self, fn, /, *arguments, **options):
        raise OSError("the connection is closed")


class Cancelling(Executor):
    """An executor that loses what it took, as a Dask client does when its scheduler goes."""

    def submit(self, fn, /, *arguments, **options):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


@pytest.mark.parametrize("executor", [Closed(), Cancelling()])
def test_when_the_workers_are_gone_no_account_is_blamed(executor):
    job = Job(Access(region=REGION), Scope((REGION,), role=ROLE), "conformity")
    with pytest.raises(UserError, match="the workers are gone") as error:
        list(results(executor, [Task(job, ACCOUNT)], 3))
    assert "--resume" in error.value.hint
