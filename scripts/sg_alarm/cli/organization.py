"""`sg-alarm audit --organization`: which accounts, the journal, on how many machines, the report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_alarm.aws import as_user_error
from sg_alarm.cli import audit as audit_command
from sg_alarm.cli.console import Terminal
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.organization import audit
from sg_alarm.organization.accounts import ACTIONS, chosen, read_organization
from sg_alarm.organization.job import Access, Job, caller_of
from sg_alarm.organization.journal import Journal
from sg_alarm.organization.runner import on_cluster, on_this_machine
from sg_alarm.readers.aws import Scope
from sg_alarm.readers.aws import iam_policy as of_one_account
from sg_alarm.reports import organization as reports
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.audit import EXIT_CODES, find_profile

ROLE_NAME = "sg-alarm-audit"
"""The role that is looked for in each account, unless another one is named."""

CONCURRENCY = 32
"""How many calls are under way at a time on one machine, unless told otherwise."""


@dataclass(frozen=True)
class Options:
    """The options that only an organization's audit has."""

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


def run(request: audit_command.Request, options: Options, terminal: Terminal) -> ExitCode:
    """Audit every account and report; return the exit code. Raises UserError for what the user can mend."""
    _check(request, options)
    access = Access(
        request.aws_profile,
        request.regions[0] if request.regions else None,
        request.endpoint_url,
        options.external_id,
        options.session_name or "sg-alarm",
    )
    aws = caller_of(access)
    with as_user_error():
        for region in request.regions:
            aws.check_region(region)
        caller = Arn.parse(aws.caller)
    assert caller
    role = _role(request.role_arn, options.role_name)
    scope = Scope(request.regions, not request.regions, role.replace("{partition}", caller.partition))
    job = Job(access, scope, request.profile, request.deadline)
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
            find_profile(request.profile),
            audit.rows(journal, working),
            [account for account in accounts if not account.is_working],
            RunMetadata(
                caller=str(caller),
                source=f"organization {organization.id}",
                scope=", ".join(request.regions) or "all regions",
            ),
        )
        _report(result, journal, request, terminal)
    return EXIT_CODES[result.verdict]


def _role(arn: str | None, name: str | None) -> str:
    return arn or f"arn:{{partition}}:iam::{{account}}:role/{name or ROLE_NAME}"


def _check(request: audit_command.Request, options: Options) -> None:
    others = {
        "--code": request.code,
        "--template": request.template,
        "--plan": request.plan,
        "--snapshot": request.snapshot,
        "--var-file": request.var_file,
        "--save-snapshot": request.save_snapshot,
        "--confirm-with-aws": request.confirm_with_aws,
        "--send-to-security-hub": request.send_to_security_hub,
    }
    if clash := next((name for name, value in others.items() if value), None):
        raise UserError(f"--organization and {clash} are both given", f"leave out {clash}")
    audit_command.check(request)
    if request.form not in ("table", "json", "csv"):
        raise UserError(f"an organization has no report as {request.form}", "choose table, json or csv")
    if options.role_name and request.role_arn:
        raise UserError("--role-name and --role-arn are both given", "choose one")
    if request.role_arn and "{account}" not in request.role_arn:
        raise UserError(
            f"{request.role_arn} is a role of one account", "write {account} for each account's number in it"
        )
    if options.journal and options.resume:
        raise UserError(
            "--journal and --resume are both given", "choose one: --resume goes on with a journal"
        )
    if options.journal and options.journal.exists() and options.journal.stat().st_size:
        raise UserError(f"{options.journal} exists already", f"go on with --resume {options.journal}")
    if options.resume and not options.resume.exists():
        raise UserError(f"there is no journal {options.resume}", "begin one with --journal")


@contextmanager
def _journal(options: Options) -> Iterator[Journal]:
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
def _executor(options: Options) -> Iterator[tuple[Executor, int]]:
    """Yield what runs the jobs, and how many of them it gets at a time."""
    if options.scheduler is None:
        window = options.concurrency or CONCURRENCY
        with on_this_machine(window) as executor:
            yield executor, window
    else:
        # More than the workers take now: others may join them.
        with on_cluster(options.scheduler) as (executor, slots):
            yield executor, options.concurrency or max(CONCURRENCY, 2 * slots)


def _report(
    result: reports.OrganizationAudit, journal: Journal, request: audit_command.Request, terminal: Terminal
) -> None:
    if request.form == "table":
        if request.output is None:
            reports.print_organization(result, terminal.out)
            return
        with terminal.out.capture() as capture:
            reports.print_organization(result, terminal.out)
        _write([capture.get()], request.output, terminal)
    elif request.form == "json":
        report = reports.to_json(result, lambda row: dict(journal.read(row.place)["report"]))
        _write(report, request.output, terminal)
    else:
        _write(reports.to_csv(result), request.output, terminal)


def _write(pieces: Iterable[str], path: Path | None, terminal: Terminal) -> None:
    if path is None:
        for piece in pieces:
            terminal.out.out(piece, end="", highlight=False)
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}", "name another file") from error
