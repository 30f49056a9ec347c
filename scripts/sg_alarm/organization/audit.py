"""The audit of an organization: the caller's own account first, then all others, into a journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.organization.job import Job, NotReadError, Task, judged, read, shared_by_all, unread
from sg_alarm.organization.journal import Journal
from sg_alarm.organization.model import Account, Organization, Record
from sg_alarm.organization.rows import Row, Rows
from sg_alarm.organization.runner import results
from sg_alarm.readers.aws import OrganizationTrails
from sg_alarm.rule.model import Deployment
from sg_alarm.snapshots.file import from_json, to_json

_MAX_CONCURRENCY_OF_AN_ACCOUNT = 16


def begin(job: Job, organization: Organization, own: str, journal: Journal, concurrency: int) -> None:
    """Read the caller's own account, whose number is ``own``, unless the journal has gone past that.

    What it shows of the organization's trails stands in the journal for all accounts. Raises ``UserError``
    where the journal is of another job.
    """
    about = {
        "organization": organization.id,
        "caller": own,
        "profile": job.profile,
        "strict": job.strict,
        "waivers": [f"{one.id},{one.expires},{one.reason}" for one in job.waivers],
        "regions": list(job.scope.regions),
        "role": job.scope.role,
    }
    if journal.header is None:
        record, shared = _own_account(
            Task(job, own, concurrency=min(concurrency, _MAX_CONCURRENCY_OF_AN_ACCOUNT))
        )
        journal.begin({**about, "shared": _to_json(own, shared), "suffice": bool(shared and shared.suffice)})
        journal.append(record)
        return
    for name, value in about.items():
        if journal.header.get(name) != value:
            raise UserError(
                f"{journal.path} is of an audit with another {name}: {journal.header.get(name)}",
                "resume with the options that it was begun with",
            )


def _own_account(task: Task) -> tuple[Record, OrganizationTrails | None]:
    try:
        deployment = read(task)
    except NotReadError as error:
        return unread(task, error.reason), None
    return judged(task, deployment), shared_by_all(deployment)


def done(journal: Journal) -> set[str]:
    """Return the accounts that need not be asked again: AWS answered, or denied."""
    return {record["account"] for _, record in journal.records() if not record["unanswered"]}


def go_on(
    job: Job, accounts: Iterable[Account], journal: Journal, executor: Executor, window: int
) -> Iterator[str]:
    """Audit accounts, and yield the number of each when its record is in the journal.

    ``window`` is how many calls are under way at a time, at most; few accounts make several each.
    """
    left = {account.id for account in accounts}
    assert journal.header is not None
    shared = _from_json(journal.header, journal)
    concurrency = max(1, min(_MAX_CONCURRENCY_OF_AN_ACCOUNT, window // max(1, len(left))))
    tasks = (Task(job, account, shared, concurrency) for account in sorted(left))
    for record in results(executor, tasks, window):
        account = record["account"]
        if account in left:
            left.remove(account)
            journal.append(record)
            yield account


def rows(journal: Journal, accounts: Iterable[Account]) -> list[Row]:
    """Return the rows of the accounts that the journal has."""
    wanted = {account.id: account for account in accounts}
    making = Rows()
    return [
        making.row(wanted[record["account"]], record, place)
        for place, record in journal.records()
        if record["account"] in wanted
    ]


def _to_json(own: str, shared: OrganizationTrails | None) -> Any:
    return to_json([Deployment(own, (), shared.trails, shared.places)]) if shared else None


def _from_json(header: dict[str, Any], journal: Journal) -> OrganizationTrails | None:
    if not header.get("shared"):
        return None
    found = from_json(header["shared"], journal.path)
    if len(found) != 1 or not isinstance(found[0].trails, tuple):
        raise UserError(
            f"{journal.path}, line 1: this is not what an audit writes", "begin a new journal with --journal"
        )
    return OrganizationTrails(found[0].trails, found[0].places, header.get("suffice") is True)
