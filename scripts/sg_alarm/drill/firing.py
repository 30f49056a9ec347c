"""Firing the alarm, and following it. Whatever was made is removed at the end, also after Ctrl-C."""

from __future__ import annotations

import json
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sg_alarm.aws import Aws, as_user_error
from sg_alarm.drill.targets import ALARM_TYPES, Target
from sg_alarm.errors import UserError
from sg_alarm.rule.events import Caller, event

MARK = "sg-alarm-drill"


@dataclass(frozen=True)
class Sight:
    """Something that was seen; ``notified``: it shows that somebody is notified (True) or nobody (False)."""

    what: str
    detail: str = ""
    notified: bool | None = None


class Watch(Protocol):
    """Something to look at again and again."""

    @property
    def seen(self) -> bool:
        """Whether it has shown what it is there for."""

    def look(self) -> Iterator[Sight]:
        """Yield what is new since the last look."""


def refuse_if_not_ready(aws: Aws, target: Target) -> None:
    """Raise UserError where every alarm is in ALARM already: so that nobody would be notified."""
    with as_user_error():
        found = aws.client("cloudwatch", target.region).describe_alarms(
            AlarmNames=list(target.alarms), AlarmTypes=ALARM_TYPES
        )
    alarms = (*found["MetricAlarms"], *found["CompositeAlarms"])
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
    if states and set(states.values()) == {"ALARM"}:
        raise UserError(
            f"{', '.join(states)} is in ALARM already, so another change would notify nobody",
            "wait until it is OK again, or shorten its period",
        )


def run(
    fire: AbstractContextManager[str],
    watches: Sequence[Watch],
    awaited: Sequence[Watch],
    timeout: float,
    on_sight: Callable[[float, Sight], None],
    pause: float = 1.0,
) -> None:
    """Fire, and follow until all that is ``awaited`` was seen, or ``timeout`` s passed.

    It ends at once where all that was seen says that nobody is notified. ``fire`` makes the change on entry,
    says what it did, and cleans up on exit. ``on_sight`` gets the seconds since the change and what was seen.
    """
    with as_user_error(), fire as what:
        started = time.monotonic()
        on_sight(0.0, Sight("change", what))
        answers: set[bool | None] = set()
        while True:
            for watch in watches:
                for sight in watch.look():
                    on_sight(time.monotonic() - started, sight)
                    answers.add(sight.notified)
            is_over = all(one.seen for one in awaited) or (False in answers and True not in answers)
            if is_over or time.monotonic() - started >= timeout:
                break
            time.sleep(pause)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Act on Ctrl-C only at the end, so that nothing that the drill made is left behind."""
    interrupted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt


@contextmanager
def synthetic(aws: Aws, target: Target, now: datetime) -> Iterator[str]:
    """Write marked events into a log stream of their own, and delete the stream at the end."""
    logs = aws.client("logs", target.region)
    stream = f"{MARK}-{uuid.uuid4()}"
    try:
        logs.create_log_stream(logGroupName=target.log_group, logStreamName=stream)
        messages = [
            {
                **event(name, Caller.IAM_USER, target.region),
                "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "eventID": str(uuid.uuid4()),
                "userAgent": MARK,
                "recipientAccountId": target.account,
                "requestParameters": {
                    "groupName": stream,
                    "groupDescription": "A drill: nothing was changed",
                },
            }
            for name in target.operations
        ]
        logs.put_log_events(
            logGroupName=target.log_group,
            logStreamName=stream,
            logEvents=[
                {"timestamp": int(now.timestamp() * 1000), "message": json.dumps(message)}
                for message in messages
            ],
        )
        count = len(target.operations)
        events = f"one event of {target.operations[0]}" if count == 1 else f"{count} events"
        yield f"{events} written to {target.log_group}, stream {stream}"
    finally:
        with _uninterrupted(), suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_stream(logGroupName=target.log_group, logStreamName=stream)


@contextmanager
def real(aws: Aws, region: str, vpc_id: str) -> Iterator[str]:
    """Create and edit a security group that nothing uses, and delete it at the end."""
    ec2 = aws.client("ec2", region)
    name = f"{MARK}-{uuid.uuid4()}"
    group = ""
    try:
        with _uninterrupted():
            made = ec2.create_security_group(GroupName=name, Description="A drill of sg-alarm", VpcId=vpc_id)
            group = made["GroupId"]
        # An address that is reserved for documentation (RFC 5737): nobody is let in.
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.1/32"
        )
        yield f"security group {group} created and edited in {vpc_id}"
    finally:
        try:
            with _uninterrupted():
                if group:
                    ec2.delete_security_group(GroupId=group)
        except ec2.exceptions.ClientError as error:
            raise UserError(
                f"the security group {group} could not be deleted: {error}",
                f"delete it with: aws ec2 delete-security-group --region {region} --group-id {group}",
            ) from error
