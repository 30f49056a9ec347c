"""`sg-alarm audit`: where to read, whom to ask for confirmation, where the report goes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sg_alarm.cli.console import Terminal
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.fixes.module_block import stack_command
from sg_alarm.rule.audit import Audit, audit, find_profile
from sg_alarm.rule.model import Deployment

if TYPE_CHECKING:
    from sg_alarm.aws import Aws
    from sg_alarm.readers.reading import Reading
    from sg_alarm.reports.run_metadata import RunMetadata


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
    template: Path | None
    parameter: tuple[str, ...]
    plan: Path | None
    snapshot: Path | None
    save_snapshot: Path | None
    confirm_with_aws: bool
    form: str
    output: Path | None
    send_to_security_hub: bool = False
    predict: bool = False
    deadline: float = 300.0


def run(request: Request, terminal: Terminal) -> ExitCode:
    """Read, judge and report; return the exit code. Raises UserError for what the user can mend."""
    check(request)
    if request.code or request.template:
        return _run_on_code(request, terminal)
    aws = _aws(request)
    deployments = _read(request, aws, terminal)
    if request.save_snapshot:
        from sg_alarm.snapshots.file import save_snapshot

        save_snapshot(deployments, request.save_snapshot)
    result = audit(deployments, request.profile)
    made = _run_metadata(request, aws)
    _report(result, made, request, terminal)
    if request.send_to_security_hub:
        from sg_alarm.cli.security_hub import send

        assert aws, "what asks no AWS sends nothing"
        count = send(aws.with_every_operation(), result, made)
        terminal.say(f"Security Hub took {count} finding{'' if count == 1 else 's'}")
    return result.exit_code


def check(request: Request) -> None:
    """Raise UserError for options that contradict each other, or cannot be met."""
    find_profile(request.profile)
    sources = {
        "--code": request.code,
        "--template": request.template,
        "--plan": request.plan,
        "--snapshot": request.snapshot,
    }
    given = [name for name, value in sources.items() if value]
    if len(given) > 1:
        raise UserError(f"{given[0]} and {given[1]} are both given", "choose one")
    if request.var_file and not request.code:
        raise UserError("--var-file is given without --code", "a plan has its variables, an account has none")
    if request.parameter and not request.template:
        raise UserError("--parameter is given without --template", "only a template has parameters")
    if wrong := next((one for one in request.parameter if "=" not in one), None):
        raise UserError(f"{wrong!r} is no assignment", "write it as name=value")
    offline = given[0] if given else ""
    if offline in ("--code", "--template") and request.save_snapshot:
        raise UserError(f"{offline} and --save-snapshot are both given", "a snapshot is of deployed state")
    online = {
        "--region": request.regions,
        "--all-regions": request.all_regions,
        "--role-arn": request.role_arn,
        "--aws-profile": request.aws_profile,
        "--endpoint-url": request.endpoint_url,
        "--confirm-with-aws": request.confirm_with_aws,
        "--send-to-security-hub": request.send_to_security_hub,
    }
    if offline and (clash := next((name for name, value in online.items() if value), None)):
        raise UserError(f"{offline} asks no AWS, so {clash} has no meaning", f"leave out {clash}")
    if request.regions and request.all_regions:
        raise UserError("--region and --all-regions are both given", "choose one")
    if request.predict and request.form not in ("table", "json"):
        raise UserError(f"--predict has no format {request.form}", "choose table or json")
    if request.output and not request.output.parent.is_dir():
        raise UserError(f"there is no folder {request.output.parent}", "make it first")


def _run_on_code(request: Request, terminal: Terminal) -> ExitCode:
    from sg_alarm.rule.wording import Names

    readings = [one for one in _readings(request, terminal) if one.deployment is not None]
    result = audit([one.deployment for one in readings if one.deployment], request.profile)
    result = replace(result, names=tuple(Names(one.addresses) for one in readings))
    if request.template:
        result = replace(result, declare_missing=stack_command)
    positions = [
        {address: f"{os.path.relpath(at.file)}:{at.line}" for address, at in one.positions.items()}
        for one in readings
    ]
    if not readings:
        where = f"in {request.template}" if request.template else f"in Terraform code below {request.code}"
        terminal.say(f"there is nothing of AWS {where}: nothing to judge")
    _report(result, _run_metadata(request), request, terminal, positions)
    # Without AWS there is nobody to be told, and nothing that is broken.
    return result.exit_code if readings else ExitCode.OK


def _readings(request: Request, terminal: Terminal) -> list[Reading]:
    if path := request.template:
        from sg_alarm.readers.cloudformation import read_template
        from sg_alarm.readers.cloudformation.document import load, nested

        document = load(path)
        inner = partial(nested, path.parent)
        parameters = dict(one.split("=", 1) for one in request.parameter)
        document.check(parameters)
        return [read_template(document.template, str(path), document.lines, inner, parameters)]
    from sg_alarm.readers.terraform import read_code

    directory = _from_here(request.code or Path())
    with terminal.step("reading Terraform code") as step:
        return read_code(directory, request.var_file, begun=step.expect, done=step.advance)


def _from_here(directory: Path) -> Path:
    """Return a folder as seen from the working directory, in full where it is not below that.

    The ids of findings hold the paths of root modules: they shall not hang on how somebody wrote a path.
    """
    here, there = Path.cwd(), directory.resolve()
    return there.relative_to(here) if there.is_relative_to(here) else there


def _read(request: Request, aws: Aws | None, terminal: Terminal) -> Sequence[Deployment]:
    if request.plan:
        from sg_alarm.readers.plan import read_plan

        return read_plan(request.plan)
    if request.snapshot:
        from sg_alarm.snapshots.file import load_snapshot

        if not (found := load_snapshot(request.snapshot)):
            raise UserError(f"{request.snapshot} holds no account", "take another snapshot")
        return found
    from sg_alarm.readers.aws import Scope, read_account
    from sg_alarm.readers.aws.confirmation import confirmed

    assert aws, "there is no other source"
    scope = Scope(request.regions, request.all_regions, request.role_arn)
    with terminal.step("audit") as step:
        deployment = read_account(aws, scope, lambda what: step.advance())
        return [confirmed(aws, deployment) if request.confirm_with_aws else deployment]


def _aws(request: Request) -> Aws | None:
    """Return how to ask AWS, unless something else is judged."""
    if request.plan or request.snapshot:
        return None
    from sg_alarm.aws import Aws

    region = request.regions[0] if request.regions else None
    ends = time.monotonic() + request.deadline
    return Aws(request.aws_profile, region, request.endpoint_url, ends=ends)


def _run_metadata(request: Request, aws: Aws | None = None) -> RunMetadata:
    from sg_alarm.reports.run_metadata import RunMetadata

    if aws:
        return RunMetadata(
            caller=aws.caller,
            source="the AWS account" + (f", at {request.endpoint_url}" if request.endpoint_url else ""),
            scope=", ".join(request.regions)
            or (
                "all regions"
                if request.all_regions
                else "home regions of multi-region trails, else all regions"
            ),
        )
    sources = (
        ("Terraform code", request.code),
        ("a CloudFormation template", request.template),
        ("a Terraform plan", request.plan),
        ("a snapshot", request.snapshot),
    )
    source = next(f"{what}: {path}" for what, path in sources if path)
    return RunMetadata(source=source, scope="as the source has it")


def _report(
    result: Audit,
    made: RunMetadata,
    request: Request,
    terminal: Terminal,
    positions: Sequence[Mapping[str, str]] = (),
) -> None:
    if request.form == "table" and request.output is None:
        from sg_alarm.reports.predictions import print_predictions
        from sg_alarm.reports.table import print_audit

        if request.predict:
            print_predictions(result, terminal.out)
        else:
            print_audit(result, terminal.out, positions)
        return
    from sg_alarm.reports import predictions
    from sg_alarm.reports.formats import render

    text = (
        predictions.render(request.form, result, made)
        if request.predict
        else render(request.form, result, positions, made)
    )
    # Names of resources and files may hold what is no character; a report shows them all the same.
    data = text.encode("utf-8", "backslashreplace")
    if request.output is None:
        terminal.write(data)
        return
    try:
        request.output.write_bytes(data)
    except OSError as error:
        raise UserError(f"cannot write {request.output}: {error.strerror}", "name another file") from error
