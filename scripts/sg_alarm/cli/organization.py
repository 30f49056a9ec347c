"""`sg-alarm audit --organization`: which accounts, the journal, on how many machines, the report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_alarm.aws import DEADLINE, as_user_error
from sg_alarm.cli.audit import Request
from sg_alarm.cli.console import Terminal
from sg_alarm.cli.outputs import Output, allow, write
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.organization import audit
from sg_alarm.organization.accounts import ACTIONS, chosen, read_organization
from sg_alarm.organization.job import Access, Job, caller_of
from sg_alarm.organization.journal import Journal
from sg_alarm.organization.runner import on_cluster, on_this_machine
from sg_alarm.readers.aws import Scope
from sg_alarm.readers.aws import iam_policy as of_one_account
from sg_alarm.reports import organization as reports
from sg_alarm.reports.report import EXIT_CODES
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.verdict import Waiver

ROLE_NAME = "sg-alarm-audit"
"""The role that is looked for in each account, unless another one is named."""

CONCURRENCY = 32
"""How many calls are under way at a time on one machine, unless --concurrency says otherwise."""

_FORMS = ("table", "json", "csv")


@dataclass(frozen=True)
class Organization:
    """The options of an organization's audit."""

    regions: tuple[str, ...] = ()
    all_regions: bool = False
    role_arn: str | None = None
    aws_profile: str | None = None
    endpoint_url: str | None = None
    deadline: float = DEADLINE
    role_name: str | None = None
    external_id: str | None = None
    session_name: str | None = None
    concurrency: int | None = None
    journal: Path | None = None
    resume: Path | None = None
    scheduler: str | None = None
    include_account: tuple[str, ...] = ()
    exclude_account: tuple[str, ...] = ()
    ou: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        pairs = (
            ("--region and --all-regions", self.regions and self.all_regions, "choose one"),
            ("--role-name and --role-arn", self.role_name and self.role_arn, "choose one"),
            (
                "--journal and --resume",
                self.journal and self.resume,
                "choose one: --resume goes on with a journal",
            ),
        )
        for options, given, hint in pairs:
            if given:
                raise UserError(f"{options} are both given", hint)
        if self.role_arn and "{account}" not in self.role_arn:
            raise UserError(
                f"{self.role_arn} is a role of one account",
                "write {account} for each account's number in it",
            )


def iam_policy(role_arn: str | None, role_name: str | None) -> dict[str, Any]:
    """Return the caller's least policy: to list accounts, assume the roles and read its own account."""
    own = of_one_account()
    statements = [
        {"Sid": "SgAlarmOrganization", "Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"},
        {
            "Sid": "SgAlarmRoles",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": _role(role_arn, role_name).replace("{partition}", "aws").replace("{account}", "*"),
        },
    ]
    return {**own, "Statement": [*own["Statement"], *statements]}


def run(options: Organization, waivers: tuple[Waiver, ...], request: Request, terminal: Terminal) -> ExitCode:
    """Audit every account and report; return the exit code. Raises UserError for what the user can fix."""
    _check(options, request.outputs)
    access = Access(
        options.aws_profile,
        options.regions[0] if options.regions else None,
        options.endpoint_url,
        options.external_id,
        options.session_name or "sg-alarm",
    )
    aws = caller_of(access)
    with as_user_error():
        for region in options.regions:
            aws.check_region(region)
        caller = Arn.parse(aws.caller)
    if caller is None:
        raise UserError("AWS does not say who the caller is", "check the endpoint")
    role = _role(options.role_arn, options.role_name)
    scope = Scope(options.regions, not options.regions, role.replace("{partition}", caller.partition))
    job = Job(access, scope, request.standard.name, options.deadline, request.standard.strict, waivers)
    concurrency = options.concurrency or CONCURRENCY
    organization = read_organization(aws, concurrency)
    accounts = chosen(organization, options.include_account, options.exclude_account, options.ou)
    working = [account for account in accounts if account.is_working]
    with _journal(options) as journal:
        with _executor(options) as (executor, window):
            with terminal.step("reading the caller's own account"):
                audit.begin(job, organization, caller.account, journal, concurrency)
            terminal.say(f"if this is interrupted, go on with --resume {journal.path}")
            done = audit.done(journal)
            left = [account for account in working if account.id not in done]
            with terminal.step("auditing accounts", len(left)) as step:
                for _ in audit.go_on(job, left, journal, executor, window):
                    step.advance()
        result = reports.OrganizationAudit(
            organization,
            request.standard,
            audit.rows(journal, working),
            [account for account in accounts if not account.is_working],
            RunMetadata(
                caller=str(caller),
                source=f"organization {organization.id}",
                scope=", ".join(options.regions) or "all regions",
            ),
        )
        write(
            request.outputs,
            terminal,
            lambda console: reports.print_organization(result, console),
            lambda form: _pieces(form, result, journal),
        )
    return EXIT_CODES[result.verdict]


def _role(arn: str | None, name: str | None) -> str:
    return arn or f"arn:{{partition}}:iam::{{account}}:role/{name or ROLE_NAME}"


def _check(options: Organization, outputs: Sequence[Output]) -> None:
    allow(outputs, _FORMS, "--organization")
    if options.journal and options.journal.exists() and options.journal.stat().st_size:
        raise UserError(f"{options.journal} exists already", f"go on with --resume {options.journal}")
    if options.resume and not options.resume.exists():
        raise UserError(f"there is no journal {options.resume}", "begin one with --journal")


@contextmanager
def _journal(options: Organization) -> Iterator[Journal]:
    """Yield the journal. One that nobody asked for is kept only while there is something to go on with."""
    path = options.resume or options.journal
    if path is not None:
        with Journal(path) as journal:
            yield journal
        return
    descriptor, name = tempfile.mkstemp(prefix="sg-alarm-", suffix=".jsonl")
    os.close(descriptor)
    complete = False
    with Journal(Path(name)) as journal:
        try:
            yield journal
            complete = True
        finally:
            if complete or journal.header is None:
                os.unlink(name)


@contextmanager
def _executor(options: Organization) -> Iterator[tuple[Executor, int]]:
    """Yield what runs the jobs, and how many of them it gets at a time."""
    if options.scheduler is None:
        window = options.concurrency or CONCURRENCY
        with on_this_machine(window) as executor:
            yield executor, window
    else:
        # More than the workers take now: others may join them.
        with on_cluster(options.scheduler) as (executor, slots):
            yield executor, options.concurrency or max(CONCURRENCY, 2 * slots)


def _pieces(form: str, result: reports.OrganizationAudit, journal: Journal) -> Iterable[str]:
    """Return the text of a report, piece by piece: it may be long."""
    if form == "json":
        return reports.to_json(result, lambda row: dict(journal.read(row.place)["report"]))
    return reports.to_csv(result) if form == "csv" else reports.to_table(result)
