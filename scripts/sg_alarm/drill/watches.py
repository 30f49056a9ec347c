"""What a drill follows: metric, alarm, and where the message may arrive."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

from sg_alarm.aws import Aws
from sg_alarm.drill.firing import Sight
from sg_alarm.drill.targets import ALARM_TYPES, Target
from sg_alarm.errors import UserError
from sg_alarm.local_aws.outbox import read_outbox


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
                AlarmTypes=ALARM_TYPES,
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
