"""The drill: fire the alarm for real and follow the message, with the time that each step took.

Either one marked event is written into the trail's log group (synthetic), or a throw-away security group is
created, edited and deleted (real, which also tests the trail). Whatever was made is removed at the end, also
after Ctrl-C.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any, Protocol

from sg_alarm.alarms import MetricTransformation
from sg_alarm.aws import Aws, as_user_error
from sg_alarm.errors import UserError
from sg_alarm.local_aws.outbox import read_outbox
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.arn import without_streams
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.links.alarm import alarms_reading
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.unknown import Unknown

OPERATION = "CreateSecurityGroup"
"""What the synthetic event says; every standard's pattern names it."""

MARK = "sg-alarm-drill"

_ALARM_TYPES = ["MetricAlarm", "CompositeAlarm"]


@dataclass(frozen=True)
class Target:
    """What a drill fires: the log group that the event gets into, and the alarms that should tell it."""

    account: str
    region: str
    log_group: str
    metrics: tuple[tuple[str, str], ...]
    """(namespace, name) of the metrics that the event counts in."""
    alarms: tuple[str, ...]


@dataclass(frozen=True)
class Sight:
    """Something that was seen; ``told``: it shows that somebody was told (True) or that nobody is (False)."""

    what: str
    detail: str = ""
    told: bool | None = None


class Watch(Protocol):
    """Something to look at again and again."""

    def look(self) -> Iterator[Sight]:
        """Yield what is new since the last look."""


def find_targets(deployment: Deployment) -> list[Target]:
    """Return what can be drilled: every log group of a trail whose filters count the drill's event."""
    sample = json.dumps(event(OPERATION, Caller.IAM_USER))
    found = []
    for place in deployment.places:
        filters = () if isinstance(place.metric_filters, Unknown) else place.metric_filters
        for group in sorted({str(one.log_group_arn) for one in filters}):
            counting = [one for one in filters if one.log_group_arn == group and _counts(one, sample)]
            metrics = tuple(dict.fromkeys(_metric(one) for one in counting))
            alarms = tuple(
                dict.fromkeys(
                    alarm.name
                    for one in counting
                    if isinstance(one.transformation, MetricTransformation)
                    for alarm in alarms_reading(place, one.transformation)
                )
            )
            if metrics and alarms:
                name = without_streams(group).split(":", 6)[6]
                found.append(Target(place.account, place.region, name, metrics, alarms))
    return found


def _counts(one: MetricFilter, message: str) -> bool:
    if isinstance(one.pattern, Unknown) or not isinstance(one.transformation, MetricTransformation):
        return False
    try:
        return compile_pattern(one.pattern).matches(message)
    except PatternError:
        return False


def _metric(one: MetricFilter) -> tuple[str, str]:
    assert isinstance(one.transformation, MetricTransformation)
    return str(one.transformation.namespace), str(one.transformation.name)


def refuse_if_not_ready(aws: Aws, target: Target) -> None:
    """Raise UserError where every alarm is in ALARM already: no state would change, and nobody be told."""
    with as_user_error():
        found = aws.client("cloudwatch", target.region).describe_alarms(
            AlarmNames=list(target.alarms), AlarmTypes=_ALARM_TYPES
        )
    alarms = (*found["MetricAlarms"], *found["CompositeAlarms"])
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
    if states and set(states.values()) == {"ALARM"}:
        raise UserError(
            f"{', '.join(states)} is in ALARM already, so another change would tell nobody",
            "wait until it is OK again, or shorten its period",
        )


def run(
    fire: AbstractContextManager[str],
    watches: Sequence[Watch],
    awaited: Sequence[Watch],
    timeout: float,
    on_sight: Callable[[float, Sight], None],
    pause: float = 1.0,
) -> bool:
    """Fire, and follow until each of ``awaited`` has seen that somebody was told, or ``timeout`` s passed.

    It ends at once where all that was seen says that nobody is told. ``fire`` makes the change on entry, says
    what it did, and cleans up on exit. ``on_sight`` gets the seconds since the change and what was seen.
    Returns whether any of ``awaited`` saw that somebody was told.
    """
    with as_user_error(), fire as what:
        started = time.monotonic()
        on_sight(0.0, Sight("change", what))
        missing = list(awaited)
        answers: set[bool | None] = set()
        while missing and time.monotonic() - started < timeout:
            for watch in watches:
                for sight in watch.look():
                    on_sight(time.monotonic() - started, sight)
                    answers.add(sight.told)
                    if sight.told and watch in missing:
                        missing.remove(watch)
            if False in answers and True not in answers:
                break
            if missing:
                time.sleep(pause)
        return len(missing) < len(awaited)


# What a drill can do


@contextmanager
def synthetic(aws: Aws, target: Target, now: datetime) -> Iterator[str]:
    """Write one marked event into a log stream of its own, and delete the stream at the end."""
    logs = aws.client("logs", target.region)
    stream = f"{MARK}-{uuid.uuid4()}"
    try:
        logs.create_log_stream(logGroupName=target.log_group, logStreamName=stream)
        message = {
            **event(OPERATION, Caller.IAM_USER, target.region),
            "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventID": str(uuid.uuid4()),
            "userAgent": MARK,
            "recipientAccountId": target.account,
            "requestParameters": {"groupName": stream, "groupDescription": "A drill: no group was made"},
        }
        logs.put_log_events(
            logGroupName=target.log_group,
            logStreamName=stream,
            logEvents=[{"timestamp": int(now.timestamp() * 1000), "message": json.dumps(message)}],
        )
        yield f"one event of {OPERATION} written to {target.log_group}, stream {stream}"
    finally:
        with suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_stream(logGroupName=target.log_group, logStreamName=stream)


@contextmanager
def real(aws: Aws, region: str, vpc_id: str) -> Iterator[str]:
    """Create and edit a security group that nothing uses, and delete it at the end."""
    ec2 = aws.client("ec2", region)
    name = f"{MARK}-{uuid.uuid4()}"
    group = ec2.create_security_group(GroupName=name, Description="A drill of sg-alarm", VpcId=vpc_id)[
        "GroupId"
    ]
    try:
        # An address that is reserved for documentation (RFC 5737): nobody is let in.
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.1/32"
        )
        yield f"security group {group} created and edited in {vpc_id}"
    finally:
        try:
            ec2.delete_security_group(GroupId=group)
        except ec2.exceptions.ClientError as error:
            raise UserError(
                f"the security group {group} could not be deleted: {error}",
                f"delete it with: aws ec2 delete-security-group --region {region} --group-id {group}",
            ) from error


# What is followed


class MetricWatch:
    """The metric's first datapoint."""

    def __init__(self, aws: Aws, target: Target, since: datetime) -> None:
        self._cloudwatch = aws.client("cloudwatch", target.region)
        self._waiting = set(target.metrics)
        # The datapoint carries the minute of the event.
        self._since = since.replace(second=0, microsecond=0)

    def look(self) -> Iterator[Sight]:
        """Yield each metric once."""
        for namespace, name in sorted(self._waiting):
            points = self._cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=name,
                StartTime=self._since,
                EndTime=self._since + timedelta(days=1),
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            if any(point["Sum"] > 0 for point in points):
                self._waiting.discard((namespace, name))
                yield Sight("metric", f"{namespace}/{name} counts it")


class AlarmWatch:
    """The alarms' states and the fate of their actions, out of the alarm history."""

    def __init__(self, aws: Aws, target: Target, since: datetime) -> None:
        self._cloudwatch = aws.client("cloudwatch", target.region)
        self._alarms = target.alarms
        self._since = since
        self._seen: set[tuple[str, str, str]] = set()

    def look(self) -> Iterator[Sight]:
        """Yield each new change of state to ALARM, and each action of it."""
        for alarm in self._alarms:
            items = self._cloudwatch.describe_alarm_history(
                AlarmName=alarm,
                AlarmTypes=_ALARM_TYPES,
                StartDate=self._since,
                ScanBy="TimestampAscending",
                MaxRecords=100,
            )["AlarmHistoryItems"]
            for item in items:
                key = (alarm, str(item["Timestamp"]), item["HistorySummary"])
                if key in self._seen or item["Timestamp"] < self._since:
                    continue
                self._seen.add(key)
                if item["HistoryItemType"] == "StateUpdate" and "to ALARM" in item["HistorySummary"]:
                    yield Sight("alarm", f"{alarm} is in ALARM")
                elif item["HistoryItemType"] == "Action":
                    failed = "fail" in item["HistorySummary"].lower()
                    yield Sight("action", item["HistorySummary"], told=not failed)


@dataclass(frozen=True)
class Notices:
    """Which messages tell the drill: those that a drilled alarm went to ALARM, and not some time before."""

    target: Target
    since: datetime

    def alarm_in(self, body: str) -> str:
        """Return the alarm of such a message, empty for any other: JSON, plain or inside SNS's envelope."""
        content = _object(body)
        if isinstance(content.get("Message"), str):
            content = _object(content["Message"])
        if content.get("NewStateValue") != "ALARM":
            return ""
        return self._fresh(str(content.get("AlarmName", "")), str(content.get("StateChangeTime")))

    def alarm_in_mail(self, subject: str, body: str) -> str:
        """Return the alarm of a mail, which is text for people or, as email-json, JSON."""
        named = re.match(r'ALARM: "(.+)" in ', subject)
        time = re.search(r"^- Timestamp:\s+(\S+)$", body, re.MULTILINE)
        return self._fresh(named[1], time[1]) if named and time else self.alarm_in(body)

    def _fresh(self, name: str, time: str) -> str:
        """Return the name of a drilled alarm that changed its state since the drill began."""
        if name not in self.target.alarms:
            return ""
        try:
            changed = datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")
        except ValueError:
            return ""
        return name if changed >= self.since.replace(microsecond=0) else ""


class QueueWatch:
    """A queue that is subscribed to the topic. Messages of the drilled alarms are taken out of it."""

    def __init__(self, aws: Aws, notices: Notices, queue_url: str) -> None:
        self._sqs = aws.client("sqs", notices.target.region)
        self._url = queue_url
        self._notices = notices

    def look(self) -> Iterator[Sight]:
        """Yield each message about a drilled alarm."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=5
        )
        for message in answer.get("Messages", []):
            if told := self._notices.alarm_in(message["Body"]):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                yield Sight("message", f"the queue received the message of {told}", told=True)


class OutboxWatch:
    """The mails of the embedded AWS."""

    def __init__(self, notices: Notices, endpoint: str) -> None:
        self._notices = notices
        self._endpoint = endpoint
        self._seen: set[tuple[str, str]] = set()

    def look(self) -> Iterator[Sight]:
        """Yield each new mail about a drilled alarm."""
        for mail in read_outbox(self._endpoint):
            if (mail.id, mail.to) not in self._seen and self._notices.alarm_in_mail(mail.subject, mail.body):
                self._seen.add((mail.id, mail.to))
                yield Sight("message", f"mail to {mail.to}: {mail.subject}", told=True)


class ListenWatch:
    """An HTTP endpoint of our own on 127.0.0.1 that is subscribed to the topic, through a tunnel perhaps."""

    def __init__(self, notices: Notices, port: int) -> None:
        self._notices = notices
        posted: SimpleQueue[str] = SimpleQueue()
        self._posted = posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.put(
                    self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
                )
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                pass

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise UserError(
                f"cannot listen on 127.0.0.1:{port}: {error.strerror}", "choose another port"
            ) from error
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def look(self) -> Iterator[Sight]:
        """Yield each message about a drilled alarm, and what a subscription waits for."""
        while not self._posted.empty():
            body = self._posted.get()
            if told := self._notices.alarm_in(body):
                yield Sight("message", f"{self.url} received the message of {told}", told=True)
            elif url := _confirmation_in(body):
                yield Sight("subscription", f"to confirm it, open {url}")


def _confirmation_in(body: str) -> str:
    return str(_object(body).get("SubscribeURL", ""))


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
