"""The drill: fire the alarm for real and follow the message, with the time that each step took.

Either marked events are written into the trail's log group (synthetic), one or one of each operation, or a
throw-away security group is created, edited and deleted (real, which also tests the trail). Whatever was made
is removed at the end, also after Ctrl-C.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any, Protocol

from sg_alarm.alarms import Alarm, AlarmState, MetricTransformation, would_fire
from sg_alarm.aws import Aws, as_user_error
from sg_alarm.errors import UserError
from sg_alarm.local_aws.outbox import read_outbox
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.alarm_message import alarm_message
from sg_alarm.rule.arn import without_streams
from sg_alarm.rule.chains import beside
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.links.alarm import alarms_reading
from sg_alarm.rule.links.subscription import judge_subscription
from sg_alarm.rule.lookup import find_topic
from sg_alarm.rule.model import Deployment, MetricFilter, Place
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown, known_items

OPERATION = "CreateSecurityGroup"
"""What a single synthetic event says; every standard's pattern names it."""

MARK = "sg-alarm-drill"

_ALARM_TYPES = ["MetricAlarm", "CompositeAlarm"]


@dataclass(frozen=True)
class Recipient:
    """A subscription of a topic that a drilled alarm notifies; ``verdict``: whether it takes the message."""

    protocol: str
    endpoint: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.endpoint} ({self.protocol})"


@dataclass(frozen=True)
class Target:
    """What a drill fires: the log group that events get into, and the alarms that they should raise."""

    account: str
    region: str
    log_group: str
    operations: tuple[str, ...]
    """What the events say, one each."""
    uncounted: tuple[str, ...]
    """Those of the operations that no metric filter with an alarm counts."""
    metrics: Mapping[tuple[str, str], float]
    """The metrics that the events count in, by (namespace, name), and what they add to each."""
    alarms: Mapping[str, int]
    """The alarms that read the metrics, and how many seconds each may take; 0 where that is not known."""
    recipients: tuple[Recipient, ...] | Unknown
    """Who is subscribed to the topics of the alarms."""


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


def find_targets(deployment: Deployment, operations: tuple[str, ...] = (OPERATION,)) -> list[Target]:
    """Return what can be drilled: every log group of a trail whose filters count such an event."""
    samples = {name: json.dumps(event(name, Caller.IAM_USER)) for name in operations}
    found = []
    for place in deployment.places:
        filters = () if isinstance(place.metric_filters, Unknown) else place.metric_filters
        for group in sorted({str(one.log_group_arn) for one in filters}):
            metrics: dict[tuple[str, str], float] = {}
            alarms: dict[str, Alarm] = {}
            delays: dict[str, int] = {}
            counted: set[str] = set()
            for one in filters:
                matched = [name for name, sample in samples.items() if _counts(one, sample)]
                published = one.transformation
                if one.log_group_arn != group or not isinstance(published, MetricTransformation):
                    continue
                reading = {alarm.name: alarm for alarm in alarms_reading(place, published)}
                if matched and reading:
                    counted.update(matched)
                    alarms |= reading
                    for alarm in reading.values():
                        delay = _delay(place, one, published, alarm)
                        delays[alarm.name] = max(delay, delays.get(alarm.name, 0))
                    metric = str(published.namespace), str(published.name)
                    metrics[metric] = metrics.get(metric, 0) + len(matched) * _value(published)
            if alarms:
                name = without_streams(group).split(":", 6)[6]
                uncounted = tuple(one for one in operations if one not in counted)
                recipients = _recipients(deployment, place, alarms.values())
                found.append(
                    Target(
                        place.account,
                        place.region,
                        name,
                        operations,
                        uncounted,
                        metrics,
                        delays,
                        recipients,
                    )
                )
    return found


def _delay(place: Place, one: MetricFilter, published: MetricTransformation, alarm: Alarm) -> int:
    answer = would_fire(alarm, published, beside(place, one), known_items(place.alarms))
    return answer.delay_seconds or 0


def _recipients(
    deployment: Deployment, place: Place, alarms: Iterable[Alarm]
) -> tuple[Recipient, ...] | Unknown:
    found: dict[Recipient, None] = {}
    for alarm in alarms:
        message = alarm_message(alarm, place, alarm.arn or alarm.name, frozenset(AlarmState))
        for action in known_items(alarm.alarm_actions):
            topic = find_topic(deployment, action)
            if isinstance(topic, Unknown):
                return topic
            subscriptions = topic[1].subscriptions if topic else ()
            if isinstance(subscriptions, Unknown):
                return subscriptions
            for one in subscriptions:
                assert topic
                verdict = judge_subscription(deployment, one, topic[1], message).verdict
                found[Recipient(str(one.protocol), str(one.endpoint), verdict)] = None
    return tuple(found)


def _counts(one: MetricFilter, message: str) -> bool:
    if isinstance(one.pattern, Unknown) or not isinstance(one.transformation, MetricTransformation):
        return False
    try:
        return compile_pattern(one.pattern).matches(message)
    except PatternError:
        return False


def _value(published: MetricTransformation) -> float:
    """Return what an event adds to the metric; next to nothing where that differs from event to event."""
    try:
        return float(str(published.value))
    except ValueError:
        return 1e-9


def refuse_if_not_ready(aws: Aws, target: Target) -> None:
    """Raise UserError where every alarm is in ALARM already: so that nobody would be notified."""
    with as_user_error():
        found = aws.client("cloudwatch", target.region).describe_alarms(
            AlarmNames=list(target.alarms), AlarmTypes=_ALARM_TYPES
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


# What a drill can do


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
    """The metrics' datapoints, until they add up to what the events add."""

    def __init__(self, aws: Aws, target: Target, since: datetime) -> None:
        self._cloudwatch = aws.client("cloudwatch", target.region)
        self._waiting = dict(target.metrics)
        self._events = len(target.operations) - len(target.uncounted)
        # The datapoint carries the minute of the event.
        self._since = since.replace(second=0, microsecond=0)

    @property
    def seen(self) -> bool:
        """Whether all events were counted."""
        return not self._waiting

    def look(self) -> Iterator[Sight]:
        """Yield each metric once."""
        for (namespace, name), added in sorted(self._waiting.items()):
            points = self._cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=name,
                StartTime=self._since,
                EndTime=self._since + timedelta(days=1),
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            if points and sum(point["Sum"] for point in points) >= added:
                del self._waiting[namespace, name]
                what = "it" if self._events == 1 else "its events"
                yield Sight("metric", f"{namespace}/{name} counts {what}")


class AlarmWatch:
    """The alarms' states and the fate of their actions, out of the alarm history."""

    def __init__(self, aws: Aws, target: Target, since: datetime) -> None:
        self._cloudwatch = aws.client("cloudwatch", target.region)
        self._alarms = target.alarms
        self._since = since
        self._known: set[tuple[str, str, str]] = set()
        self.seen = False
        """Whether a topic took a message."""
        self.raised: set[str] = set()
        """The alarms that went to ALARM."""

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
                if key in self._known or item["Timestamp"] < self._since:
                    continue
                self._known.add(key)
                if item["HistoryItemType"] == "StateUpdate" and "to ALARM" in item["HistorySummary"]:
                    self.raised.add(alarm)
                    yield Sight("alarm", f"{alarm} is in ALARM")
                elif item["HistoryItemType"] == "Action":
                    failed = "fail" in item["HistorySummary"].lower()
                    self.seen = self.seen or not failed
                    yield Sight("action", item["HistorySummary"], notified=not failed)


@dataclass(frozen=True)
class Notices:
    """Which messages count: those that a drilled alarm went to ALARM, and not some time before."""

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
    """A queue that is subscribed to the topic. Messages of the drilled alarms are taken out of it.

    ``keep``: they are left where they are, for whom they are meant.
    """

    def __init__(self, aws: Aws, notices: Notices, queue_url: str, *, keep: bool = False) -> None:
        self._sqs = aws.client("sqs", notices.target.region)
        self._url = queue_url
        self._notices = notices
        self._keep = keep
        self._known: set[str] = set()
        self.seen = False

    def look(self) -> Iterator[Sight]:
        """Yield each message about a drilled alarm."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0 if self._keep else 1,
            VisibilityTimeout=5,
        )
        for message in answer.get("Messages", []):
            handle = {"QueueUrl": self._url, "ReceiptHandle": message["ReceiptHandle"]}
            if self._keep:
                self._sqs.change_message_visibility(**handle, VisibilityTimeout=0)
            if alarm := self._notices.alarm_in(message["Body"]):
                if not self._keep:
                    self._sqs.delete_message(**handle)
                elif message["MessageId"] in self._known:
                    continue
                self._known.add(message["MessageId"])
                self.seen = True
                yield Sight("message", f"the queue received the message of {alarm}", notified=True)


def queue_url(aws: Aws, arn: str) -> str:
    """Return the URL of a queue; empty where there is no such queue."""
    from botocore.exceptions import ClientError

    _, _, _, region, account, name = arn.split(":", 5)
    try:
        found = aws.client("sqs", region).get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
    except ClientError:
        return ""
    return str(found["QueueUrl"])


class OutboxWatch:
    """The outbox of the embedded AWS: mails, and what web endpoints and functions get."""

    PROTOCOLS = ("email", "email-json", "http", "https", "lambda")

    def __init__(self, notices: Notices, endpoint: str) -> None:
        self._notices = notices
        self._endpoint = endpoint
        self._known: set[tuple[str, str]] = set()
        self.seen = False

    def look(self) -> Iterator[Sight]:
        """Yield each new message about a drilled alarm."""
        for mail in read_outbox(self._endpoint):
            if (mail.id, mail.to) not in self._known and self._notices.alarm_in_mail(mail.subject, mail.body):
                self._known.add((mail.id, mail.to))
                self.seen = True
                kind = "mail" if mail.protocol.startswith("email") else mail.protocol
                yield Sight("message", f"{kind} to {mail.to}: {mail.subject}", notified=True)


class ListenWatch:
    """An HTTP endpoint of our own on 127.0.0.1 that is subscribed to the topic, through a tunnel perhaps."""

    def __init__(self, notices: Notices, port: int) -> None:
        self._notices = notices
        posted: SimpleQueue[str] = SimpleQueue()
        self._posted = posted
        self.seen = False

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
            if alarm := self._notices.alarm_in(body):
                self.seen = True
                yield Sight("message", f"{self.url} received the message of {alarm}", notified=True)
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
