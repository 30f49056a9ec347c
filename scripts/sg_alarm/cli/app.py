"""The command line. Each command imports what it needs when it runs, so that every one starts fast."""

from __future__ import annotations

import gc
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sg_alarm import __version__
from sg_alarm.cli import streams
from sg_alarm.cli.help import Group
from sg_alarm.cli.outputs import OutputType, allow, settled
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.reports.formats import FORMATS

if TYPE_CHECKING:
    from sg_alarm.cli.audit import Request
    from sg_alarm.cli.console import Terminal
    from sg_alarm.cli.sources import Choice


@dataclass
class Settings:
    """The options of the program itself."""

    quiet: bool = False
    debug: bool = False


_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        "sg-alarm audit",
        "sg-alarm check infrastructure",
        "sg-alarm explain subscription",
    ),
)
@click.version_option(__version__, prog_name="sg-alarm")
@click.option("--quiet", "-q", is_flag=True, help="Only results and errors.")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_obj
def cli(settings: Settings | None, quiet: bool, debug: bool) -> None:
    """Make sure that nobody changes an AWS security group unseen.

    Credentials and region come from where the AWS CLI has them. Results go to standard output, everything
    about the work to standard error.
    """
    if settings is not None:
        settings.quiet, settings.debug = quiet, debug


def _terminal() -> Terminal:
    from sg_alarm.cli.console import Terminal

    settings = click.get_current_context().find_object(Settings)
    return Terminal(quiet=settings is not None and settings.quiet)


def _confirm(yes: bool) -> Callable[[str], bool]:
    """Return what asks a person, unless they said yes beforehand."""

    def confirm(question: str) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            raise UserError(
                "confirmation is needed, but standard input is not a terminal; nothing was changed",
                "pass --yes to go ahead",
            )
        return click.confirm(question, err=True)

    return confirm


def _assignments(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return the assignments by name. Raises UserError for what is not one."""
    return dict(one.split("=", 1) for one in _checked(context, parameter, values))


def _checked(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> Sequence[str]:
    """Return the assignments as they are. Raises UserError for what is not one."""
    if wrong := next((value for value in values if "=" not in value), None):
        raise UserError(f"{parameter.opts[0]} expects NAME=VALUE, got {wrong!r}", "write NAME=VALUE")
    return values


def _deployment_options(command: Any) -> Any:
    for option in (
        click.option("--region", metavar="R", help="Region, in the place of AWS_REGION."),
        click.option(
            "--endpoint-url", metavar="U", help="Another endpoint, for example of `sg-alarm local`."
        ),
        click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation."),
        click.option(
            "--backend-config", multiple=True, metavar="K=V", callback=_checked, help="As for terraform init."
        ),
        click.option("--var-file", multiple=True, metavar="FILE", help="As for terraform plan."),
        click.option("--var", multiple=True, metavar="K=V", callback=_checked, help="As for terraform plan."),
        click.argument("directory", metavar="DIR", type=_DIRECTORY),
    ):
        command = option(command)
    return command


def _deploy(
    directory: Path,
    var: Sequence[str],
    var_file: Sequence[str],
    backend_config: Sequence[str],
    yes: bool,
    endpoint_url: str | None,
    region: str | None,
    destroy: bool,
) -> None:
    from sg_alarm.cli import deploy

    request = deploy.Request(
        directory,
        variables=var,
        variable_files=[str(Path(file).absolute()) for file in var_file],
        backend_config=backend_config,
        destroy=destroy,
    )
    deploy.run(request, deploy.environment_for(endpoint_url, region), _terminal(), _confirm(yes))


_VALUES = "--var log_group_name=CloudTrail/logs \\\n  --var email_address=security@example.com"


_DEPLOYMENT_EXITS = {
    ExitCode.OK: "done",
    ExitCode.TERRAFORM: "Terraform failed; the state is kept",
    ExitCode.INTERRUPTED: "interrupted; the state is kept",
}


@cli.command(
    "deploy",
    examples=(
        f"sg-alarm deploy examples/minimal {_VALUES}",
        "sg-alarm deploy live --var-file prod.tfvars --yes",
    ),
    exit_codes=_DEPLOYMENT_EXITS,
)
@_deployment_options
def deploy_command(**options: Any) -> None:
    """Deploy the root module in DIR.

    Plans, shows what changes, asks, applies, and reminds of subscriptions that wait for confirmation.
    """
    _deploy(destroy=False, **options)


@cli.command(
    "destroy",
    examples=(f"sg-alarm destroy examples/minimal {_VALUES}",),
    exit_codes=_DEPLOYMENT_EXITS,
)
@_deployment_options
def destroy_command(**options: Any) -> None:
    """Destroy what `deploy DIR` made.

    Plans, shows what goes, asks, destroys.
    """
    _deploy(destroy=True, **options)


def _standards(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    from sg_alarm.rule.operations import PROFILES

    return [name for name in PROFILES if name.startswith(begun)]


def _folders(context: click.Context, parameter: click.Parameter, named: Sequence[str]) -> Any:
    from sg_alarm.sources.configuration import Folders

    return Folders(tuple(named), Path.cwd()) if named else None


def _expected(context: click.Context, parameter: click.Parameter, named: Sequence[str]) -> Any:
    from sg_alarm.rule.scan import CODEBASE, EVERY_ROOT

    keyword = next((one for one in named if one in (CODEBASE, EVERY_ROOT)), None)
    if keyword and len(named) > 1:
        raise UserError(f"--expect {keyword} and folders are both given", "choose one")
    return keyword or _folders(context, parameter, named)


def _waivers(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> Any:
    from sg_alarm.sources.configuration import waiver_of

    found = []
    for text in given:
        parts = text.split(",", 2)
        if len(parts) < 3:
            raise UserError(f"--waiver expects ID,DATE,REASON, got {text!r}", "write all three")
        found.append(waiver_of(parts[0].strip(), parts[2], parts[1].strip()))
    return tuple(found)


_STANDARD = click.option(
    "--standard",
    "--profile",
    "standard",
    metavar="S",
    shell_complete=_standards,
    help="The standard to judge by: conformity, securityhub, cis-v1.2 to cis-v7.0, effective. "
    "[default: conformity]",
)
_CODEBASE = (
    click.option(
        "--expect",
        multiple=True,
        metavar="E",
        callback=_expected,
        help="For Terraform code: where the alarm must be: codebase, every-root or a folder; a folder may be "
        "repeated. [default: codebase]",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="FOLDER",
        callback=_folders,
        help="For Terraform code: a folder, or a pattern of such, to leave out.",
    ),
    click.option(
        "--waiver",
        multiple=True,
        metavar="ID,DATE,REASON",
        callback=_waivers,
        help="Accept a finding until a day, by its id or that of a message; may be repeated.",
    ),
)
"""The options that .sg-alarm.toml has, too."""
_STRICT = click.option(
    "--strict", is_flag=True, help="Assume nothing that lies outside the code: UNKNOWN in its place."
)
_OUTPUTS = click.option(
    "--format",
    "outputs",
    type=OutputType(),
    multiple=True,
    metavar=f"[{'|'.join(FORMATS)}][=FILE]",
    help="Format of the report, and the file that it goes to; may be repeated. [default: table]",
)
_OUTPUT = click.option(
    "--output", type=_FILE, metavar="FILE", help="Write the only report there, not to standard output."
)
_PREDICT = click.option(
    "--predict", is_flag=True, help="Show instead what other reviewers would say, and why."
)
_VAR_FILE = click.option(
    "--var-file", type=_FILE, multiple=True, metavar="FILE", help="For Terraform code: values of variables."
)
_PARAMETER = click.option(
    "--parameter",
    multiple=True,
    metavar="K=V",
    callback=_assignments,
    help="For a template: value of a parameter.",
)
_ACCOUNT = click.option("--account", metavar="ID", help="For a plan or template: the account it is for.")


_ORGANIZATION = (
    click.option(
        "--role-name", metavar="NAME", help="With --organization: role in each. [default: sg-alarm-audit]"
    ),
    click.option("--external-id", metavar="ID", help="What the roles ask for, if they do."),
    click.option("--session-name", metavar="NAME", help="How CloudTrail names the sessions."),
    click.option(
        "--concurrency", type=click.IntRange(1, 512), metavar="N", help="Calls at a time. [default: 32]"
    ),
    click.option("--journal", type=_FILE, metavar="FILE", help="Save each account's result there."),
    click.option("--resume", type=_FILE, metavar="FILE", help="Continue with a journal."),
    click.option("--scheduler", metavar="U", help="Run on a Dask cluster, for example tcp://host:8786."),
    click.option("--include-account", multiple=True, metavar="ID", help="Only this one."),
    click.option("--exclude-account", multiple=True, metavar="ID", help="Not this one."),
    click.option("--ou", multiple=True, metavar="OU", help="Only what is below it: id, name or path."),
)
"""The options that an audit has with --organization alone."""


def _codebase_options(command: Any) -> Any:
    for option in reversed(_CODEBASE):
        command = option(command)
    return command


def _organization_options(command: Any) -> Any:
    for option in reversed(_ORGANIZATION):
        command = option(command)
    return command


_EXIT_CODES = {
    ExitCode.OK: "PASS, or no AWS resources to judge",
    ExitCode.FAIL: "FAIL",
    ExitCode.UNKNOWN: "UNKNOWN: something could not be read",
}


@cli.command(
    "check",
    examples=(
        "sg-alarm check infrastructure",
        "sg-alarm check infrastructure --var-file prod.tfvars --standard cis-v5.0",
        "terraform show -json plan.tfplan > plan.json && sg-alarm check plan.json",
        "sg-alarm check stack.yaml --parameter Email=security@example.com",
        "sg-alarm check . --format table --format sarif=found.sarif",
    ),
    exit_codes=_EXIT_CODES,
)
@click.argument("path", metavar="PATH", type=click.Path(exists=True, path_type=Path))
@_STANDARD
@_codebase_options
@_VAR_FILE
@_PARAMETER
@_ACCOUNT
@click.option(
    "--region", "regions", multiple=True, metavar="R", help="For a plan or template: the region it is for."
)
@_PREDICT
@_STRICT
@_OUTPUTS
@_OUTPUT
def check_command(path: Path, standard: str | None, **options: Any) -> None:
    """Judge Terraform code, a plan, a template or a snapshot.

    PATH is a folder with Terraform code, of which every root module is checked, or a file: a Terraform plan
    in JSON, a CloudFormation template, a snapshot. The content says which. Nothing is asked of AWS.
    """
    from sg_alarm.cli.sources import build
    from sg_alarm.sources.recognise import recognise

    request = _request(standard, options, path if path.is_dir() else path.parent)
    kind, document = recognise(path)
    given = {name: value for name, value in options.items() if value}
    known = {"document": document} if document is not None else {}
    choice = build(kind, {"path": path, **known, **given}, _flags())
    _audit(choice, request)


@cli.command(
    "audit",
    examples=(
        "sg-alarm audit",
        "sg-alarm audit --all-regions --standard cis-v5.0 --format json",
        "sg-alarm audit --format html=report.html --format table",
        "sg-alarm audit --predict",
        "sg-alarm audit --organization --role-name audit --journal audit.jsonl",
    ),
    exit_codes=_EXIT_CODES,
)
@_STANDARD
@click.option(
    "--region", "regions", multiple=True, metavar="R", help="Changes in this region; may be repeated."
)
@click.option("--all-regions", is_flag=True, help="Changes in every enabled region.")
@click.option("--role-arn", metavar="ARN", help="Role to look into other accounts with; may hold {account}.")
@click.option("--organization", is_flag=True, help="Every account of the organization.")
@_organization_options
@click.option("--aws-profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--endpoint-url", metavar="U", help="Another endpoint, for example of `sg-alarm local`.")
@click.option(
    "--deadline",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="What AWS has not answered by then is UNKNOWN; of an organization, in each account. Default: 300.",
)
@click.option(
    "--code", type=_DIRECTORY, metavar="DIR", help="Judge Terraform code instead, as `sg-alarm check DIR`."
)
@_codebase_options
@_VAR_FILE
@click.option(
    "--template", type=_FILE, metavar="FILE", help="Judge a CloudFormation template instead, as `check` does."
)
@_PARAMETER
@_ACCOUNT
@click.option("--plan", type=_FILE, metavar="FILE", help="Judge a plan in JSON instead, as `check` does.")
@click.option("--snapshot", type=_FILE, metavar="FILE", help="Judge a snapshot instead, as `check` does.")
@click.option(
    "--save-snapshot", type=_FILE, metavar="FILE", help="Save what was read, to judge it again later."
)
@click.option(
    "--confirm-with-aws", is_flag=True, help="Let AWS's TestMetricFilter check our reading of patterns."
)
@_PREDICT
@click.option("--print-iam-policy", is_flag=True, help="Print the least policy that an audit needs.")
@_STRICT
@_OUTPUTS
@_OUTPUT
@click.option(
    "--send-to-security-hub", is_flag=True, help="Import the findings into Security Hub of the account."
)
def audit_command(standard: str | None, print_iam_policy: bool, **options: Any) -> None:
    """Judge whether somebody is notified of each change.

    Reads trail, log group, metric filters, alarms, topic, key and subscriptions of the deployed state, and
    judges the whole chain. Without --region or --all-regions, it judges the home regions of the trails that
    the configured region sees, or every enabled region if none is multi-region.
    """
    from sg_alarm.cli.sources import chosen

    if print_iam_policy:
        if options["organization"]:
            from sg_alarm.cli import organization

            policy = organization.iam_policy(options["role_arn"], options["role_name"])
        else:
            from sg_alarm.readers.aws import iam_policy

            policy = iam_policy()
        click.echo(json.dumps(policy, indent=2))
        return
    request = _request(standard, options, options["code"] or Path())
    _audit(chosen(options, _flags()), request)


def _flags() -> dict[str, str]:
    """Return the options of the command as they are typed, by parameter."""
    return {str(one.name): one.opts[0] for one in click.get_current_context().command.params}


def _request(standard: str | None, options: dict[str, Any], folder: Path) -> Request:
    """Return how to judge and report; takes its part out of the options, and the rest from the folder."""
    from sg_alarm.cli.audit import Request
    from sg_alarm.rule.operations import find_profile
    from sg_alarm.sources.configuration import find

    outputs = settled(options.pop("outputs"), options.pop("output"))
    if options["predict"]:
        from sg_alarm.reports.predictions import FORMATS as PREDICTIONS

        allow(outputs, PREDICTIONS, "--predict")
    configuration = find(folder)
    asked = find_profile(standard or configuration.standard or "conformity")
    strict = options.pop("strict") or bool(configuration.strict)
    return Request(replace(asked, strict=strict), outputs, configuration)


def _audit(choice: Choice, request: Request) -> NoReturn:
    if choice.kind == "organization":
        from sg_alarm.cli import organization

        raise SystemExit(organization.run(choice.source, request.waivers(choice), request, _terminal()))
    from sg_alarm.cli import audit

    raise SystemExit(audit.run(choice, request, _terminal()))


@cli.command(
    "schema",
    examples=("sg-alarm schema > report.schema.json",),
)
def schema_command() -> None:
    """Print the JSON Schema of the report of `audit --format json`."""
    from sg_alarm.reports.json_report import schema

    click.echo(schema(), nl=False)


def _topics(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    from sg_alarm.handbook import names

    return [name for name in names() if name.lower().startswith(begun.lower())]


@cli.command(
    "explain",
    examples=(
        "sg-alarm explain",
        'sg-alarm explain "metric filter"',
        "sg-alarm explain CloudWatch.10",
        "sg-alarm explain subscription-pending",
        "sg-alarm explain key --format markdown",
    ),
)
@click.argument("topic", nargs=-1, shell_complete=_topics)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Form of the page.",
)
def explain_rule_command(topic: tuple[str, ...], form: str) -> None:
    """Explain the rule, one link or one message, and how to fix it.

    TOPIC is CWL-004 (the default) or CKV2_CWL_4; what a standard calls the rule, for example CloudWatch.10 or
    4.10; "standards", for what each of them asks; or a link: trail, log group, metric filter, metric, alarm,
    action, topic, key, subscription. Of each link: why it matters, how it breaks unnoticed, how to fix it by
    console, AWS CLI, Terraform and CloudFormation. Or it is a message as reports name them, for example
    subscription-pending.
    """
    from sg_alarm.handbook import explain

    page = explain(" ".join(topic) or "CWL-004")
    if form == "markdown":
        click.echo(page)
        return
    from sg_alarm.reports.handbook import print_page

    print_page(page, _terminal().out)


@cli.command(
    "diff",
    examples=(
        "sg-alarm audit --save-snapshot monday.json",
        "sg-alarm audit --save-snapshot friday.json",
        "sg-alarm diff monday.json friday.json",
    ),
    exit_codes={ExitCode.OK: "nothing changed", ExitCode.FAIL: "something did"},
)
@click.argument("before", type=_FILE, metavar="A")
@click.argument("after", type=_FILE, metavar="B")
@_STANDARD
def diff_command(before: Path, after: Path, standard: str) -> None:
    """Show what changed from snapshot A to snapshot B.

    It also shows what that does to the verdict.
    """
    from sg_alarm.rule.cleaning import lines
    from sg_alarm.rule.operations import find_profile
    from sg_alarm.snapshots.diff import diff, render
    from sg_alarm.snapshots.file import load_snapshot

    difference = diff(load_snapshot(before), load_snapshot(after), find_profile(standard))
    click.echo(lines(render(difference)))
    raise SystemExit(ExitCode.FAIL if difference else ExitCode.OK)


@cli.group(
    "pattern",
    cls=Group,
    examples=(
        "sg-alarm pattern explain '{ $.eventName = \"*SecurityGroup*\" }'",
        "sg-alarm pattern test --cases cases.json",
    ),
)
def pattern_group() -> None:
    """Explain a filter pattern, or test our reading of patterns."""


_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the answer.",
)


@pattern_group.command(
    "explain",
    examples=("sg-alarm pattern explain '{ $.eventName = \"*SecurityGroup*\" }'",),
)
@click.argument("pattern")
@_FORMAT
def explain_command(pattern: str, form: str) -> None:
    """Show what PATTERN covers, and what slips through.

    Shows its tree, the operations that it covers, narrows or misses, its noise, and the profiles that it
    satisfies.
    """
    from sg_alarm.rule.cleaning import no_commands
    from sg_alarm.rule.pattern_coverage import explain

    explanation = explain(pattern)
    if form == "json":
        click.echo(no_commands(json.dumps(explanation.to_json(), indent=2)))
        return
    from sg_alarm.reports.pattern import print_explanation

    print_explanation(explanation, _terminal().out)


@pattern_group.command(
    "test",
    examples=("sg-alarm pattern test --cases cases.json --format json",),
    exit_codes={ExitCode.OK: "all agree", ExitCode.FAIL: "some do not"},
)
@click.option(
    "--cases",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The cases, a JSON array.",
)
@_FORMAT
def test_command(path: Path, form: str) -> None:
    """Compare our answers with the observed ones in FILE.

    FILE is a JSON array of {"id", "pattern", "event", "matches"}; "matches": null says that AWS rejects the
    pattern, "disputed": true that observations contradict each other.
    """
    from sg_alarm.patterns.conformance import compare, read_cases
    from sg_alarm.rule.cleaning import no_commands

    comparison = compare(read_cases(path))
    if form == "json":
        click.echo(no_commands(json.dumps(comparison.to_json())))
    else:
        from sg_alarm.reports.pattern import print_comparison

        print_comparison(comparison, _terminal().out)
    raise SystemExit(ExitCode.FAIL if comparison.disagree else ExitCode.OK)


@cli.command(
    "drill",
    examples=(
        "sg-alarm drill",
        "sg-alarm drill --operations all",
        "sg-alarm drill --real --vpc-id vpc-0a1b2c3d \\\n  --queue-url https://sqs.eu-west-1.amazonaws.com/111122223333/changes",
    ),
    exit_codes={
        ExitCode.OK: "somebody was notified",
        ExitCode.FAIL: "nobody was",
        ExitCode.UNKNOWN: "the message was sent, and whether it arrived cannot be seen from here",
        ExitCode.INTERRUPTED: "interrupted",
    },
)
@click.option(
    "--synthetic/--real", default=True, help="Write one marked event (default), or change a real group."
)
@click.option(
    "--operations",
    type=click.Choice(("one", "all")),
    default="one",
    help="Write an event of one operation (default), or of each that changes a group.",
)
@click.option("--vpc-id", metavar="ID", help="With --real: the VPC to make the throw-away group in.")
@click.option("--region", metavar="R", help="Region of the trail's log group.")
@click.option("--log-group", metavar="NAME", help="Which, where several have the alarm.")
@click.option(
    "--queue-url", metavar="URL", help="A queue subscribed to the topic: wait for the message in it."
)
@click.option(
    "--listen", type=click.IntRange(0, 65535), metavar="PORT", help="Wait for the message by HTTP there."
)
@click.option(
    "--timeout",
    type=float,
    metavar="S",
    help="Seconds to wait. [default: 1200 and what the alarm takes; embedded AWS: 60]",
)
@click.option("--aws-profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--endpoint-url", metavar="U", help="Another endpoint, for example of `sg-alarm local`.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def drill_command(synthetic: bool, yes: bool, **options: Any) -> None:
    """Fire the alarm, and follow it until somebody is notified.

    Cleans up whatever it made, also after Ctrl-C.
    """
    from sg_alarm.cli import drill as command

    request = command.Request(real=not synthetic, **options)
    raise SystemExit(command.run(request, _terminal(), _confirm(yes)))


@cli.command(
    "checkov-dir",
    examples=('checkov -d . --external-checks-dir "$(sg-alarm checkov-dir)"',),
)
def checkov_dir_command() -> None:
    """Print the folder for Checkov's --external-checks-dir."""
    click.echo(Path(__file__).parents[1] / "checkov_checks")


@cli.command(
    "local",
    examples=("sg-alarm local --port 4566",),
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port; 0 takes a free one."
)
def local_command(port: int) -> None:
    """Run the embedded AWS until Ctrl-C, and print how to reach it."""
    from sg_alarm.local_aws import run_foreground

    terminal = _terminal()

    def ready(endpoint: str) -> None:
        click.echo(endpoint)
        terminal.lines(
            (
                f"export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
                f"mails: {endpoint}/sg-alarm/outbox",
                "Ctrl-C ends it.",
            )
        )

    run_foreground(port, ready)


@cli.command(
    "completion",
    examples=(
        'eval "$(sg-alarm completion bash)"                          # in ~/.bashrc',
        'eval "$(sg-alarm completion zsh)"                           # in ~/.zshrc',
        "sg-alarm completion fish > ~/.config/fish/completions/sg-alarm.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the script that completes commands in a shell.

    Commands, options and their values: profiles, formats, topics of `sg-alarm explain`.
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    if completion is not None:
        click.echo(completion(cli, {}, "sg-alarm", "_SG_ALARM_COMPLETE").source())


def _show_usage_error(error: click.ClickException) -> None:
    """Show a wrong option in our own form; a command without its arguments shows its help instead."""
    context = getattr(error, "ctx", None)
    if context is None or isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()
        return
    from sg_alarm.cli.console import Terminal

    Terminal().error(UserError(error.format_message(), f"see {context.command_path} --help"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every error is one line, a hint and an exit code, and the exit code is the command's."""
    # Imports and models are many objects that stay: looking for garbage so often takes a tenth of short runs.
    gc.set_threshold(50_000)
    streams.guard()
    code = _run(arguments)
    if failure := streams.flush():
        click.echo(f"error: not all of the output could be written: {failure}", err=True)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    settings = Settings()
    try:
        cli.main(args=arguments, prog_name="sg-alarm", standalone_mode=False, obj=settings)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.OK
    except UserError as error:
        return _failed(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo("error: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        _show_usage_error(error)
        return ExitCode.USAGE
    except Exception as error:
        if settings.debug:
            traceback.print_exc()
        what = " ".join(f"{type(error).__name__}: {error}".split())
        hint = "please report it, with the command and what `sg-alarm --debug …` shows beside"
        return _failed(UserError(f"internal error: {what}", hint, ExitCode.INTERNAL))
    return ExitCode.OK


def _failed(error: UserError) -> ExitCode:
    from sg_alarm.cli.console import Terminal

    Terminal().error(error)
    return error.exit_code
