"""The job of one account: its calls, what happens when AWS refuses, and that none harms another."""

from __future__ import annotations

import pickle
import threading
import time

import pytest
from botocore.httpsession import URLLib3Session

from chains import ACCOUNT, GROUP, make_good_chain
from network import denied, error, page, through, times
from sg_alarm.organization import audit
from sg_alarm.organization.accounts import read_organization
from sg_alarm.organization.job import Access, Job, Task, audit_account, caller_of, read, shared_by_all
from sg_alarm.organization.journal import Journal
from sg_alarm.organization.runner import on_this_machine
from sg_alarm.readers.aws import Scope

pytestmark = pytest.mark.slow

REGION = "eu-west-1"
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
ROLE = "arn:aws:iam::{account}:role/sg-alarm-audit"


@pytest.fixture
def job(aws) -> Job:
    return Job(Access(region=REGION), Scope(REGIONS, role=ROLE), "conformity")


@pytest.fixture
def shared(job):
    """Return what the caller's account shows of the organization's trails."""
    return lambda: shared_by_all(read(Task(job, ACCOUNT)))


def verdict(record) -> str:
    return str(record["report"]["verdict"])


# Calls


def test_a_member_that_the_organizations_trail_covers_in_full_takes_three_calls(
    organization, job, shared, network
):
    web = organization.account("web")
    organization.trail()
    known = shared()
    network.sent.clear()
    every_region = Job(job.access, Scope(every_region=True, role=ROLE), job.profile)
    record = audit_account(Task(every_region, web, known))
    assert verdict(record) == "PASS"
    assert len(record["report"]["accounts"][0]["regions"]) > 16
    assert sorted(call.operation for call in network.sent.elements()) == [
        "AssumeRole",
        "DescribeRegions",
        "DescribeTrails",
    ]


def test_the_organizations_chain_is_read_once_also_where_members_are_read_in_full(
    organization, job, shared, network
):
    """A chain that leaves five operations to the members' own ones."""
    accounts = [organization.account(name) for name in ("web", "pay", "ops")]
    chain = organization.trail()
    chain.client("logs").delete_metric_filter(logGroupName=GROUP, filterName="other-changes")
    known = shared()
    network.sent.clear()
    assert [verdict(audit_account(Task(job, account, known))) for account in accounts] == ["PASS"] * 3
    asked = {call.operation for call in network.sent}
    assert asked == {"AssumeRole", "DescribeTrails"}
    assert network.count("DescribeTrails", accounts[0]) == len(REGIONS)


def test_a_member_is_not_covered_by_a_trail_that_it_does_not_see(organization, job, shared, network):
    web = organization.account("web")
    organization.trail()
    known = shared()
    network.fail(page('{"trailList": []}'), "DescribeTrails", account=web)
    assert verdict(audit_account(Task(job, web, known))) == "FAIL"


def test_a_role_of_the_callers_own_account_is_not_assumed(organization, job, network):
    assert verdict(audit_account(Task(job, ACCOUNT))) == "FAIL"
    assert network.count("AssumeRole") == 0


# Faults


def test_what_is_denied_in_an_account_is_unknown_there_alone(organization, job, network):
    web, pay = organization.account("web"), organization.account("pay")
    network.fail(denied, account=web)
    assert verdict(audit_account(Task(job, web))) == "UNKNOWN"
    assert verdict(audit_account(Task(job, pay))) == "FAIL"


def test_a_member_whose_trails_may_not_be_listed_is_unknown_although_the_organizations_covers_it(
    organization, job, shared, network
):
    web = organization.account("web")
    organization.trail()
    known = shared()
    network.fail(denied, "DescribeTrails", account=web)
    assert verdict(audit_account(Task(job, web, known))) == "UNKNOWN"


def test_a_member_whose_regions_may_not_be_listed_is_unknown(organization, job, network):
    web = organization.account("web")
    network.fail(denied, "DescribeRegions", account=web)
    every_region = Job(job.access, Scope(every_region=True, role=ROLE), job.profile)
    record = audit_account(Task(every_region, web))
    assert verdict(record) == "UNKNOWN"
    assert "allow ec2:DescribeRegions" in record["unread"]


def test_whatever_breaks_in_an_account_is_reported_of_it(organization, job, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("sg_alarm.organization.job.read_account", broken)
    record = audit_account(Task(job, organization.account("web")))
    assert verdict(record) == "UNKNOWN"
    assert record["unread"] == "the audit of it broke: ZeroDivisionError: of all things"


# What is asked again by --resume


@pytest.mark.parametrize("code", ["ThrottlingException", "ExpiredTokenException", "InternalFailure"])
@pytest.mark.parametrize("operation", ["DescribeTrails", "DescribeRegions"])
def test_where_aws_did_not_answer_it_is_asked_again(organization, job, network, code, operation):
    web = organization.account("web")
    network.fail(error(code, 500), operation, account=web)
    every_region = Job(job.access, Scope(every_region=True, role=ROLE), job.profile)
    record = audit_account(Task(every_region, web))
    assert (verdict(record), record["unanswered"]) == ("UNKNOWN", True)


@pytest.mark.parametrize("operation", ["DescribeTrails", "DescribeRegions"])
def test_what_was_denied_is_not_asked_again(organization, job, network, operation):
    web = organization.account("web")
    network.fail(denied, operation, account=web)
    every_region = Job(job.access, Scope(every_region=True, role=ROLE), job.profile)
    record = audit_account(Task(every_region, web))
    assert (verdict(record), record["unanswered"]) == ("UNKNOWN", False)


def test_a_role_that_could_not_be_assumed_for_an_outage_is_assumed_again(organization, job, network):
    web = organization.account("web")
    network.fail(error("ServiceUnavailable", 503), "AssumeRole")
    assert audit_account(Task(job, web))["unanswered"] is True


def test_a_verdict_that_does_not_rest_on_the_missing_answer_is_final(organization, job, network):
    """Whatever the metric filters would have been: there is no trail."""
    web = organization.account("web")
    network.fail(error("ThrottlingException", 400), "DescribeMetricFilters", account=web)
    record = audit_account(Task(job, web))
    assert (verdict(record), record["unanswered"]) == ("FAIL", False)


def test_the_journal_knows_which_accounts_are_left(organization, job, network, tmp_path):
    web, pay = organization.account("web"), organization.account("pay")
    network.fail(times(1, error("InternalFailure", 500), through), "AssumeRole")
    with Journal(tmp_path / "journal") as journal:
        journal.begin({})
        for account in (web, pay):
            journal.append(audit_account(Task(job, account)))
        assert audit.done(journal) == {pay}
        journal.append(audit_account(Task(job, web)))
        assert audit.done(journal) == {web, pay}


@pytest.fixture
def pauses(monkeypatch):
    """Let callers try again, without waiting; return after which attempts they would have waited."""
    found = []
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.setattr("sg_alarm.aws.account._pause", lambda attempt: found.append(attempt) or 0)
    caller_of.cache_clear()
    return found


def test_what_is_throttled_is_asked_again(organization, network, job, pauses):
    web = organization.account("web")
    network.fail(times(3, error("ThrottlingException", 400), through), "DescribeTrails", account=web)
    assert verdict(audit_account(Task(job, web))) == "FAIL"
    assert network.count("DescribeTrails", web) == len(REGIONS) + 3


def test_a_throttled_account_uses_up_no_attempts_of_another(organization, network, job, pauses):
    """Were they one client's, as in botocore, they would be gone after a hundred."""
    one_region = Job(job.access, Scope((REGION,), role=ROLE), job.profile)
    busy = [organization.account(f"busy-{number}") for number in range(30)]
    for account in busy:
        network.fail(error("ThrottlingException", 400), "DescribeTrails", account=account)
        assert verdict(audit_account(Task(one_region, account))) == "UNKNOWN"
    assert {network.count("DescribeTrails", account) for account in busy} == {5}
    web = organization.account("web")
    network.fail(times(4, error("ThrottlingException", 400), through), "DescribeTrails", account=web)
    assert verdict(audit_account(Task(one_region, web))) == "FAIL"


def test_a_throttled_account_slows_no_other(organization, network, job, pauses):
    one_region = Job(job.access, Scope((REGION,), role=ROLE), job.profile)
    busy, web = organization.account("busy"), organization.account("web")
    network.fail(error("ThrottlingException", 400), "DescribeTrails", account=busy)
    audit_account(Task(one_region, busy))
    assert pauses[:4] == [1, 2, 3, 4]
    pauses.clear()
    assert verdict(audit_account(Task(one_region, web))) == "FAIL"
    assert not pauses


# Many at a time


@pytest.mark.parametrize(("concurrency", "accounts"), [(1, 3), (3, 8), (8, 3)])
def test_never_are_more_calls_under_way_than_allowed(
    organization, aws, job, tmp_path, monkeypatch, concurrency, accounts
):
    for number in range(accounts):
        organization.account(f"account-{number}")
    make_good_chain(organization.aws, REGION)
    found = read_organization(aws)
    lock, under_way, most = threading.Lock(), [0], [0]
    send = URLLib3Session.send

    def counting(session, request):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        try:
            time.sleep(0.01)
            return send(session, request)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(URLLib3Session, "send", counting)
    with Journal(tmp_path / "journal") as journal:
        audit.begin(job, found, ACCOUNT, journal, concurrency)
        left = [account for account in found.accounts if account.id != ACCOUNT]
        with on_this_machine(concurrency) as executor:
            done = list(audit.go_on(job, left, journal, executor, concurrency))
        assert sorted(done) == sorted(organization.accounts.values())
        assert len(audit.rows(journal, found.accounts)) == accounts + 1
    assert 1 <= most[0] <= concurrency
    assert concurrency == 1 or most[0] > 1


def test_the_clients_are_as_many_as_services_however_many_accounts_and_regions(organization, job, aws):
    for number in range(3):
        audit_account(Task(job, organization.account(f"account-{number}")))
    assert sorted(aws.clients._clients) == [("cloudtrail", REGION), ("sts", REGION)]


def test_each_call_is_signed_for_its_own_account_whichever_thread_makes_it(organization, aws):
    accounts = [organization.account(f"account-{number}") for number in range(4)]
    ways = [aws.assuming(ROLE.replace("{account}", account)) for account in accounts]
    for _ in range(3):
        with on_this_machine(4) as executor:
            asked = executor.map(lambda aws: aws.client("sts").get_caller_identity()["Account"], ways)
            assert list(asked) == accounts
    assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_job_and_record_can_go_to_another_machine_and_back(organization, job, shared):
    organization.trail()
    task = Task(job, organization.account("web"), shared())
    copied = pickle.loads(pickle.dumps(task))
    assert copied == task
    record = audit_account(copied)
    assert pickle.loads(pickle.dumps(record)) == record
