"""`sg-alarm drill`: choose what to fire, ask, fire, print the timeline."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from sg_alarm.rule.operations import ELEVEN
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown, known_items

_TIMEOUT = 1200.0
"""CloudTrail delivers within five minutes on average (its User Guide), an alarm may take as long again."""
_TIMEOUT_EMBEDDED = 60.0


@dataclass(frozen=True)
class Request:
    """The options of the command."""

    real: bool
    operations: str
    vpc_id: str | None
    region: str | None
    log_group: str | None
    queue_url: str | None
    listen: int | None
    timeout: float | None
    aws_profile: str | None
    endpoint_url: str | None


def run(request: Request, terminal: Terminal, confirm: Callable[[str], bool]) -> ExitCode:
    """Drill; return 0 where somebody was notified, 1 where nobody was, 4 where that cannot be seen."""
    if request.real and not request.vpc_id:
        raise UserError("--real needs a VPC to make the group in", "name it with --vpc-id vpc-…")
    if request.real and request.operations == "all":
        raise UserError("--real does not fire every operation", "drill twice: --real, and --operations all")
    aws = Aws(request.aws_profile, request.region, request.endpoint_url)
    embedded = _embedded(request.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"))
    with terminal.step("looking for the alarm"):
        deployment = read_account(aws, Scope((request.region,) if request.region else ()))
    aws = aws.with_every_operation()
    target = _choose(drill.find_targets(deployment), request.log_group)
    drill.refuse_if_not_ready(aws, target)
    count = "marked events" if request.operations == "all" else "one marked event"
    does = (
        f"create, edit and delete a security group in {request.vpc_id}"
        if request.real
        else f"write {count} into {target.log_group}"
    )
    question = f"This will {does} (account {target.account}, {target.region}) and raise the alarm. Go on?"
    if not embedded and not confirm(question):
        raise UserError("not confirmed, nothing was changed", "say yes, or pass --yes")
    timeout = request.timeout or (_TIMEOUT_EMBEDDED if embedded else _TIMEOUT + max(target.alarms.values()))
    pause = 0.2 if embedded else 2.0
    now = _time_of(aws, embedded)
    fire = (
        drill.real(aws, target.region, str(request.vpc_id))
        if request.real
        else drill.synthetic(aws, target, now)
    )
    with _receivers(request, aws, drill.Notices(target, now), embedded, terminal) as receivers:
        alarm = drill.AlarmWatch(aws, target, now)
        expected: list[drill.Watch] = [one.watch for one in receivers if one.expected]
        watches: list[drill.Watch] = [
            drill.MetricWatch(aws, target, now),
            alarm,
            *(one.watch for one in receivers),
        ]
        drill.run(fire, watches, expected or [alarm], timeout, _printer(terminal), pause)
    code, said = _outcome(target, alarm, receivers, timeout)
    if request.operations == "all" and code is not ExitCode.FAIL:
        every = _choose(drill.find_targets(deployment, ELEVEN), target.log_group)
        metric = drill.MetricWatch(aws, every, now)
        others = replace(every, operations=tuple(one for one in ELEVEN if one != drill.OPERATION))
        events = drill.synthetic(aws, others, _time_of(aws, embedded))
        drill.run(events, [metric], [metric], timeout, _printer(terminal), pause)
        if every.uncounted:
            lost = ", ".join(every.uncounted)
            code, said = ExitCode.FAIL, f"nobody is notified of {lost}: no metric filter counts it"
        elif not metric.seen:
            code, said = ExitCode.FAIL, "not every event was counted"
    colour = {ExitCode.OK: "bold green", ExitCode.FAIL: "bold red"}.get(code, "bold yellow")
    terminal.out.print(Text(said, colour))
    if code is ExitCode.OK:
        terminal.out.print(Text(_shown(request), "dim"))
    return code


@dataclass(frozen=True)
class _Receiver:
    """Where a message may arrive; ``protocols`` and ``endpoint``: whose it is, of any endpoint if empty.

    ``expected``: a message should come here. ``named``: the user said that it should.
    """

    watch: drill.Watch
    protocols: tuple[str, ...]
    endpoint: str = ""
    expected: bool = True
    named: bool = False

    def is_of(self, recipient: drill.Recipient) -> bool:
        return recipient.protocol in self.protocols and self.endpoint in ("", recipient.endpoint)


def _outcome(
    target: drill.Target, alarm: drill.AlarmWatch, receivers: list[_Receiver], timeout: float
) -> tuple[ExitCode, str]:
    if any(one.watch.seen for one in receivers):
        return ExitCode.OK, "notified"
    late = max((delay for name, delay in target.alarms.items() if name not in alarm.raised), default=0)
    if not alarm.seen and timeout < late:
        return ExitCode.UNKNOWN, f"nobody was notified yet: the alarm takes up to {late} seconds"
    if not alarm.seen:
        return ExitCode.FAIL, "nobody was notified"
    if isinstance(target.recipients, Unknown):
        why = target.recipients.reason
        return ExitCode.UNKNOWN, f"sent to the topic; its subscriptions are not known: {why}"
    serving = [one for one in target.recipients if one.verdict is not Verdict.FAIL]
    if not serving:
        return ExitCode.FAIL, "nobody was notified: no subscriber of the topic takes the message"
    unseen = [str(one) for one in serving if not any(each.is_of(one) for each in receivers)]
    if any(one.named for one in receivers) or not unseen:
        return ExitCode.FAIL, "nobody was notified: the message was sent to the topic, and did not arrive"
    return ExitCode.UNKNOWN, f"sent to the topic; see whether it arrives at {', '.join(unseen)}"


def _shown(request: Request) -> str:
    """Return what the drill shows and what it does not."""
    if request.real:
        return (
            "This shows the way from the trail on. Whether each operation is counted, --operations all shows."
        )
    if request.operations == "all":
        return (
            "This shows that a change notifies, and that each operation is counted, by an IAM user. Whether "
            "the trail delivers them, --real shows."
        )
    return (
        f"This shows the way of {drill.OPERATION} by an IAM user from the log group on. Whether the other "
        "operations are counted, --operations all shows; whether the trail delivers, --real."
    )


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
) -> Iterator[list[_Receiver]]:
    """Look where the user says, or on the embedded AWS everywhere."""
    receivers: list[_Receiver] = []
    if request.queue_url:
        receivers.append(_Receiver(drill.QueueWatch(aws, notices, request.queue_url), ("sqs",), named=True))
    elif embedded and request.listen is None:
        receivers += _everywhere(aws, notices, embedded)
    if request.listen is None:
        yield receivers
        return
    listener = drill.ListenWatch(notices, request.listen)
    terminal.say(f"listening on {listener.url}")
    try:
        yield [*receivers, _Receiver(listener, ("http", "https"), named=True)]
    finally:
        listener.close()


def _everywhere(aws: Aws, notices: drill.Notices, endpoint: str) -> Iterator[_Receiver]:
    """Yield the outbox of the embedded AWS, and the queues that are subscribed."""
    recipients = known_items(notices.target.recipients)
    serving = [one for one in recipients if one.verdict is not Verdict.FAIL]
    outbox = drill.OutboxWatch
    mailed = any(one.protocol in outbox.PROTOCOLS for one in serving)
    yield _Receiver(outbox(notices, endpoint), outbox.PROTOCOLS, expected=mailed)
    for one in recipients:
        if one.protocol == "sqs" and (url := drill.queue_url(aws, one.endpoint)):
            watch = drill.QueueWatch(aws, notices, url, keep=True)
            yield _Receiver(watch, ("sqs",), one.endpoint, expected=one in serving)


def _printer(terminal: Terminal) -> Callable[[float, drill.Sight], None]:
    def show(after: float, sight: drill.Sight) -> None:
        colour = {True: "green", False: "red", None: ""}[sight.notified]
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
