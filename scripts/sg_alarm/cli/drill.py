"""`sg-alarm drill`: choose what to fire, ask, fire, print the timeline."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from rich.text import Text

from sg_alarm import drill
from sg_alarm.aws import Aws, as_user_error
from sg_alarm.cli.console import Terminal
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.local_aws.clock import read_clock
from sg_alarm.local_aws.outbox import read_outbox
from sg_alarm.readers.aws import Scope, read_account

_TIMEOUT = 1200.0
"""CloudTrail delivers within five minutes on average (its User Guide), an alarm may take as long again."""
_TIMEOUT_EMBEDDED = 60.0


@dataclass(frozen=True)
class Request:
    """The options of the command."""

    real: bool
    vpc_id: str | None
    region: str | None
    log_group: str | None
    queue_url: str | None
    listen: int | None
    timeout: float | None
    aws_profile: str | None
    endpoint_url: str | None


def run(request: Request, terminal: Terminal, confirm: Callable[[str], bool]) -> ExitCode:
    """Drill; return 0 where somebody was told, 1 where nobody was."""
    if request.real and not request.vpc_id:
        raise UserError("--real needs a VPC to make the group in", "name it with --vpc-id vpc-…")
    aws = Aws(request.aws_profile, request.region, request.endpoint_url)
    embedded = _embedded(request.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"))
    with terminal.step("looking for the alarm"):
        deployment = read_account(aws, Scope((request.region,) if request.region else ()))
    aws = aws.with_every_operation()
    target = _choose(drill.find_targets(deployment), request.log_group)
    drill.refuse_if_not_ready(aws, target)
    does = (
        f"create, edit and delete a security group in {request.vpc_id}"
        if request.real
        else (f"write one marked event into {target.log_group}")
    )
    question = f"This will {does} (account {target.account}, {target.region}) and raise the alarm. Go on?"
    if not embedded and not confirm(question):
        raise UserError("not confirmed, nothing was changed", "say yes, or pass --yes")
    timeout = request.timeout or (_TIMEOUT_EMBEDDED if embedded else _TIMEOUT)
    now = _time_of(aws, embedded)
    fire = (
        drill.real(aws, target.region, str(request.vpc_id))
        if request.real
        else drill.synthetic(aws, target, now)
    )
    with _receivers(request, aws, drill.Notices(target, now), embedded, terminal) as receivers:
        alarm = drill.AlarmWatch(aws, target, now)
        watches: list[drill.Watch] = [drill.MetricWatch(aws, target, now), alarm, *receivers]
        pause = 0.2 if embedded else 2.0
        told = drill.run(fire, watches, receivers or [alarm], timeout, _printer(terminal), pause)
    if not told:
        terminal.out.print(Text("nobody was told", "bold red"))
    elif receivers:
        terminal.out.print(Text("told", "bold green"))
    else:
        terminal.out.print(
            Text.assemble(("sent to the topic", "bold green"), "; see whether it arrives at a subscriber")
        )
    return ExitCode.OK if told else ExitCode.FAIL


def _choose(targets: list[drill.Target], log_group: str | None) -> drill.Target:
    wanted = [target for target in targets if log_group in (None, target.log_group)]
    if not wanted:
        raise UserError(
            "there is no alarm to drill: no metric filter on a trail's log group leads to one",
            "see what is missing with: sg-alarm audit",
            ExitCode.FAIL,
        )
    if len(wanted) > 1:
        groups = ", ".join(target.log_group for target in wanted)
        raise UserError(f"several log groups have the alarm: {groups}", "choose one with --log-group")
    return wanted[0]


@contextmanager
def _receivers(
    request: Request, aws: Aws, notices: drill.Notices, embedded: str | None, terminal: Terminal
) -> Iterator[list[drill.Watch]]:
    receivers: list[drill.Watch] = []
    if request.queue_url:
        receivers.append(drill.QueueWatch(aws, notices, request.queue_url))
    elif embedded and request.listen is None:
        receivers.append(drill.OutboxWatch(notices, embedded))
    if request.listen is None:
        yield receivers
        return
    listener = drill.ListenWatch(notices, request.listen)
    terminal.say(f"listening on {listener.url}")
    try:
        yield [*receivers, listener]
    finally:
        listener.close()


def _printer(terminal: Terminal) -> Callable[[float, drill.Sight], None]:
    def show(after: float, sight: drill.Sight) -> None:
        colour = {True: "green", False: "red", None: ""}[sight.told]
        terminal.out.print(
            Text.assemble((f"{after:7.1f} s  ", "dim"), (f"{sight.what:<13}", colour), sight.detail)
        )

    return show


def _time_of(aws: Aws, embedded: str | None) -> datetime:
    """Return AWS's own time: events, datapoints and history are dated by it; this machine's may differ."""
    if embedded:
        return read_clock(embedded)
    with as_user_error():
        answer = aws.client("sts").get_caller_identity()["ResponseMetadata"]
    date = answer["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else datetime.now(timezone.utc)


def _embedded(endpoint: str | None) -> str | None:
    """Return the endpoint if it is an embedded AWS on this machine: only there nobody needs to be asked."""
    if not endpoint or urllib.parse.urlsplit(endpoint).hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    try:
        read_outbox(endpoint)
    except UserError:
        return None
    return endpoint
