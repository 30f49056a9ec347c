"""`sg-alarm audit`: where to read, whom to ask for confirmation, where the report goes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from sg_alarm.audit import Audit, audit, find_profile
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.rule.model import Deployment
from sg_alarm.terminal import Terminal

if TYPE_CHECKING:
    from sg_alarm.reports.html import Circumstances


@dataclass(frozen=True)
class Request:
    """The options of the command."""

    profile: str
    regions: tuple[str, ...]
    all_regions: bool
    role_arn: str | None
    aws_profile: str | None
    endpoint_url: str | None
    code: Path | None
    var_file: tuple[Path, ...]
    plan: Path | None
    snapshot: Path | None
    save_snapshot: Path | None
    confirm_with_aws: bool
    form: str
    output: Path | None


def run(request: Request, terminal: Terminal) -> ExitCode:
    """Read, judge and report; return the exit code. Raises UserError for what the user can mend."""
    _check(request)
    if request.code:
        return _run_on_code(request, request.code, terminal)
    deployments = _read(request, terminal)
    if request.save_snapshot:
        from sg_alarm.snapshot import save_snapshot

        save_snapshot(deployments, request.save_snapshot)
    result = audit(deployments, request.profile)
    _report(result, request, terminal)
    return result.exit_code


def _check(request: Request) -> None:
    find_profile(request.profile)
    sources = {"--code": request.code, "--plan": request.plan, "--snapshot": request.snapshot}
    given = [name for name, value in sources.items() if value]
    if len(given) > 1:
        raise UserError(f"{given[0]} and {given[1]} are both given", "choose one")
    if request.var_file and not request.code:
        raise UserError("--var-file is given without --code", "a plan has its variables, an account has none")
    if request.code and request.save_snapshot:
        raise UserError("--code and --save-snapshot are both given", "a snapshot is of deployed state")
    offline = given[0] if given else ""
    online = {
        "--region": request.regions,
        "--all-regions": request.all_regions,
        "--role-arn": request.role_arn,
        "--aws-profile": request.aws_profile,
        "--endpoint-url": request.endpoint_url,
        "--confirm-with-aws": request.confirm_with_aws,
    }
    if offline and (clash := next((name for name, value in online.items() if value), None)):
        raise UserError(f"{offline} asks no AWS, so {clash} has no meaning", f"leave out {clash}")
    if request.regions and request.all_regions:
        raise UserError("--region and --all-regions are both given", "choose one")
    if request.output and not request.output.parent.is_dir():
        raise UserError(f"there is no folder {request.output.parent}", "make it first")


def _run_on_code(request: Request, directory: Path, terminal: Terminal) -> ExitCode:
    from sg_alarm.readers.code import in_code, read_code, roots_below

    roots = roots_below(directory)
    with terminal.step("reading Terraform code", len(roots)) as step:
        readings = read_code(directory, request.var_file, done=step.advance)
    readings = [one for one in readings if one.deployment is not None]
    if not readings:
        terminal.say(f"there is no Terraform code for AWS below {directory}: nothing to judge")
        if request.form == "table":
            return ExitCode.OK
    result = audit([one.deployment for one in readings if one.deployment], request.profile)
    judgements = tuple(in_code(*pair) for pair in zip(result.judgements, readings, strict=True))
    result = replace(result, judgements=judgements)
    positions = [
        {address: f"{os.path.relpath(at.file)}:{at.line}" for address, at in one.positions.items()}
        for one in readings
    ]
    _report(result, request, terminal, positions)
    return result.exit_code if readings else ExitCode.OK


def _read(request: Request, terminal: Terminal) -> Sequence[Deployment]:
    if request.plan:
        from sg_alarm.readers.plan import read_plan

        return read_plan(request.plan)
    if request.snapshot:
        from sg_alarm.snapshot import load_snapshot

        return load_snapshot(request.snapshot)
    from sg_alarm.aws import Aws
    from sg_alarm.readers.aws import Scope, read_account
    from sg_alarm.readers.aws.confirmation import confirmed

    aws = Aws(request.aws_profile, request.regions[0] if request.regions else None, request.endpoint_url)
    scope = Scope(request.regions, request.all_regions, request.role_arn)
    with terminal.step("audit") as step:
        deployment = read_account(aws, scope, lambda what: step.advance())
        return [confirmed(aws, deployment) if request.confirm_with_aws else deployment]


def _report(
    result: Audit, request: Request, terminal: Terminal, positions: Sequence[Mapping[str, str]] = ()
) -> None:
    from sg_alarm.reports import json_report

    if request.form == "html":
        from sg_alarm.reports.html import to_html

        _write(to_html(result, positions, _circumstances(request)), request.output, terminal)
        return
    if request.form != "table":
        text = json_report.to_json(result) + "\n" if request.form == "json" else json_report.to_csv(result)
        _write(text, request.output, terminal)
        return
    from sg_alarm.reports.table import print_audit

    if request.output is None:
        print_audit(result, terminal.out, positions)
        return
    with terminal.out.capture() as capture:
        print_audit(result, terminal.out, positions)
    _write(capture.get(), request.output, terminal)


def _circumstances(request: Request) -> Circumstances:
    from sg_alarm.reports.html import Circumstances

    sources = {
        "Terraform code": request.code,
        "a Terraform plan": request.plan,
        "a snapshot": request.snapshot,
    }
    offline = [f"{what}: {path}" for what, path in sources.items() if path]
    account = "the AWS account" + (f", at {request.endpoint_url}" if request.endpoint_url else "")
    regions = ", ".join(request.regions) or (
        "all regions" if request.all_regions else "home regions of the trails"
    )
    return Circumstances(
        made_at=datetime.now(timezone.utc),
        source=offline[0] if offline else account,
        scope="as the source has it" if offline else regions,
    )


def _write(text: str, path: Path | None, terminal: Terminal) -> None:
    if path is None:
        terminal.out.out(text, end="", highlight=False)
        return
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}", "name another file") from error
