"""`sg-alarm audit` and `sg-alarm check`: read a source, judge it, write the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sg_alarm.cli.console import Terminal
from sg_alarm.cli.outputs import Output, write
from sg_alarm.cli.sources import Choice
from sg_alarm.errors import ExitCode
from sg_alarm.reports.report import judge
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Waiver
from sg_alarm.sources.configuration import Configuration


@dataclass(frozen=True)
class Request:
    """By which standard to judge, where the reports go, and what the file of the codebase says."""

    standard: Profile
    outputs: Sequence[Output]
    configuration: Configuration = field(default_factory=Configuration)

    def waivers(self, choice: Choice) -> tuple[Waiver, ...]:
        """Return those of the command, without any those of the file."""
        return tuple(choice.beside.get("waiver") or self.configuration.waiver or ())


def run(choice: Choice, request: Request, terminal: Terminal) -> ExitCode:
    """Read, judge and report; return the exit code. Raises UserError for what the user can fix."""
    source, expect = choice.source, None
    if choice.kind == "code":
        source = replace(source, exclude=source.exclude or request.configuration.exclude)
        expect = source.expected(choice.beside.get("expect") or request.configuration.expect)
    readings = source.read(terminal)
    if path := choice.beside.get("save_snapshot"):
        from sg_alarm.snapshots.file import save_snapshot

        save_snapshot([one.deployment for one in readings.of_aws if one.deployment], path)
    made = RunMetadata(caller=readings.caller, source=readings.origin, scope=readings.scope)
    report = judge(readings.readings, request.standard, made, expect=expect, waivers=request.waivers(choice))
    if not report.subjects:
        terminal.say(f"nothing to judge: no AWS resources in {readings.origin}")
    if choice.beside.get("predict"):
        from sg_alarm.reports import predictions

        write(
            request.outputs,
            terminal,
            lambda console: predictions.print_predictions(report, console),
            lambda form: [predictions.render(form, report)],
        )
    else:
        from sg_alarm.reports.formats import render
        from sg_alarm.reports.table import print_report

        write(
            request.outputs,
            terminal,
            lambda console: print_report(report, console),
            lambda form: [render(form, report)],
        )
    if choice.beside.get("send_to_security_hub"):
        from sg_alarm.cli.security_hub import send
        from sg_alarm.sources.account import AccountSource

        if isinstance(choice.source, AccountSource):
            count = send(choice.source.aws.with_every_operation(), report)
            terminal.say(f"Security Hub took {count} finding{'' if count == 1 else 's'}")
    return report.exit_code
