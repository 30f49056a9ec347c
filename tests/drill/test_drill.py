"""`sg-alarm drill`: what it says, what it leaves behind, and when it asks."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.client import BaseClient

import family
from chains import GROUP, OPS, TOPIC, Chain
from sg_alarm.aws import Aws
from sg_alarm.drill.firing import synthetic
from sg_alarm.drill.targets import Target
from sg_alarm.local_aws import LocalAws
from sg_alarm.local_aws.outbox import without_proxy
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_SEVEN, SEVEN
from sg_alarm.rule.verdict import Verdict
from subscribers_on_aws import SETUPS, OnAws, make_chain

NOBODY = "nobody was notified"
ON_ITS_WAY = "the message was sent to the topic, and did not arrive"
NO_SUBSCRIBER = "no subscriber of the topic takes the message"

NOW = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)

Done = subprocess.CompletedProcess[str]
Drill = Callable[..., Done]


@pytest.fixture
def chain(server: LocalAws) -> Chain:
    server.reset()
    return Chain(server).build()


class Clock:
    """Time that passes only while the drill waits, so that a slow machine does not use it up."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        time.sleep(seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sg_alarm.drill.firing.time", Clock())


@pytest.fixture
def drill(sg_alarm: Drill, server: LocalAws) -> Drill:
    """Drill on the embedded AWS."""

    def run(*options: str, endpoint: str = "") -> Done:
        return sg_alarm(
            "drill", "--endpoint-url", endpoint or server.endpoint, *options, env=environment(server)
        )

    return run


def environment(server: LocalAws) -> dict[str, str]:
    return {name: value for name, value in server.environment().items() if name != "AWS_ENDPOINT_URL"}


def steps(done: Done) -> list[str]:
    """Return the first word of each line of the timeline, and the verdict."""
    lines = done.stdout.splitlines()
    if done.returncode == 0:
        assert lines.pop().startswith("This shows ")
    *timeline, verdict = lines
    said = [re.fullmatch(r" +\d+\.\d s  (\w+) +\S.*", line) for line in timeline]
    assert all(said), done.stdout
    return [found[1] for found in said if found] + [verdict]


def assert_refused(done: Done, code: int, error: str, hint: str) -> None:
    """Expect one line and a hint, and nothing besides."""
    assert done.returncode == code
    first, second = [line for line in done.stderr.splitlines() if line != "looking for the alarm …"]
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith("hint: ")
    assert hint in second
    assert done.stdout == ""


def left_behind(chain: Chain) -> list[str]:
    """Return the log streams and security groups of drills."""
    streams = chain.client("logs").describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix="sg-alarm-drill"
    )
    groups = chain.client("ec2").describe_security_groups()["SecurityGroups"]
    names = [group["GroupName"] for group in groups if group["GroupName"].startswith("sg-alarm-drill")]
    return [stream["logStreamName"] for stream in streams["logStreams"]] + names


def vpc(chain: Chain) -> str:
    return str(chain.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


# --- somebody is notified


def test_the_timeline_follows_the_change_to_the_mailbox(chain: Chain, drill: Drill) -> None:
    done = drill()
    assert done.returncode == 0, done.stderr
    assert steps(done) == ["change", "metric", "alarm", "action", "message", "message", "notified"]
    assert f'mail to {OPS}: ALARM: "changes" in EU (Ireland)' in done.stdout
    assert f"Successfully executed action {TOPIC}" in done.stdout


def test_a_synthetic_drill_writes_one_marked_event_and_deletes_its_stream(chain: Chain, drill: Drill) -> None:
    done = drill("--synthetic")
    assert (
        "one event of CreateSecurityGroup written to CloudTrail/logs, stream sg-alarm-drill-" in done.stdout
    )
    assert left_behind(chain) == []
    assert chain.recorded("CreateSecurityGroup") == []  # nothing but the stream, which is gone


def test_a_real_drill_creates_edits_and_deletes_a_group(chain: Chain, drill: Drill) -> None:
    done = drill("--real", "--vpc-id", vpc(chain))
    assert done.returncode == 0, done.stderr
    assert steps(done) == ["change", "metric", "alarm", "action", "message", "message", "notified"]
    assert left_behind(chain) == []
    made = [event["eventName"] for event in chain.recorded() if "SecurityGroup" in event["eventName"]]
    changes = [name for name in made if not name.startswith("Describe")]
    assert changes == ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "DeleteSecurityGroup"]
    (opened,) = chain.recorded("AuthorizeSecurityGroupIngress")
    assert "192.0.2.1/32" in json.dumps(opened["requestParameters"])  # nobody is let in


def test_every_mailbox_that_gets_it_is_listed(chain: Chain, drill: Drill) -> None:
    family.subscribers(True, True)(chain)
    assert steps(drill()) == ["change", "metric", "alarm", "action", "message", "message", "notified"]


def test_the_message_is_awaited_in_a_queue(chain: Chain, drill: Drill) -> None:
    queue = chain.client("sqs").get_queue_url(QueueName="tickets")["QueueUrl"]
    done = drill("--queue-url", queue)
    assert done.returncode == 0, done.stderr
    assert "the queue received the message of changes" in done.stdout
    assert chain.messages() == []  # taken out


def test_an_old_message_in_the_queue_does_not_count(chain: Chain, drill: Drill) -> None:
    chain.open()
    chain.aws.advance(1260)
    family.subscribers(True)(chain)  # the queue has the old message, and gets no new one
    queue = chain.client("sqs").get_queue_url(QueueName="tickets")["QueueUrl"]
    done = drill("--queue-url", queue, "--timeout", "3")
    assert (done.returncode, steps(done)[-1]) == (1, f"{NOBODY}: {ON_ITS_WAY}")
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = chain.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=counts)["Attributes"]
    assert sum(map(int, left.values())) == 1


def test_the_message_is_awaited_by_http(chain: Chain, drill: Drill) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    sns = chain.client("sns")
    sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=url)
    sns.confirm_subscription(TopicArn=TOPIC, Token=chain.aws.outbox(url)[-1].token)
    done = drill("--listen", str(port))
    assert done.returncode == 0, done.stderr
    assert f"{url} received the message of changes" in done.stdout
    assert f"listening on {url}" in done.stderr


def test_a_composite_alarm_is_followed(chain: Chain, drill: Drill) -> None:
    family.composite("ALARM(changes)")(chain)
    done = drill()
    assert done.returncode == 0, done.stdout
    assert steps(done) == ["change", "metric", "alarm", "alarm", "action", "message", "message", "notified"]


def test_the_endpoint_of_the_environment_is_the_embedded_aws_too(
    chain: Chain, sg_alarm: Drill, server: LocalAws
) -> None:
    done = sg_alarm("drill", env=server.environment())
    assert (done.returncode, steps(done)[-1]) == (0, "notified")


def test_one_action_that_fails_does_not_hide_one_that_works(chain: Chain, drill: Drill) -> None:
    chain.put_alarm(AlarmActions=[f"{TOPIC}-gone", TOPIC])
    done = drill()
    assert steps(done) == ["change", "metric", "alarm", "action", "action", "message", "message", "notified"]
    assert done.returncode == 0


# --- nobody is notified


def test_a_pending_subscriber_is_not_notified(chain: Chain, drill: Drill) -> None:
    family.subscribers(False)(chain)
    done = drill("--timeout", "2")
    assert done.returncode == 1
    assert steps(done) == ["change", "metric", "alarm", "action", f"{NOBODY}: {NO_SUBSCRIBER}"]
    assert left_behind(chain) == []


def test_a_key_that_refuses_ends_it_at_once(chain: Chain, drill: Drill) -> None:
    family.key()(chain)
    done = drill("--timeout", "100")
    assert done.returncode == 1
    assert steps(done) == ["change", "metric", "alarm", "action", "nobody was notified"]
    assert (
        "CloudWatch Alarms does not have authorization to access the SNS topic encryption key" in done.stdout
    )
    last = done.stdout.splitlines()[-2]
    assert float(last.split()[0]) == 0  # it did not even wait once
    assert left_behind(chain) == []


def test_without_an_alarm_there_is_nothing_to_drill(chain: Chain, drill: Drill) -> None:
    family.without_alarm(chain)
    assert_refused(drill(), 1, "there is no alarm to drill", "sg-alarm audit")
    assert left_behind(chain) == []


def test_an_alarm_that_is_in_alarm_already_would_notify_nobody(chain: Chain, drill: Drill) -> None:
    chain.open()
    assert_refused(drill(), 2, "changes is in ALARM already", "wait until it is OK again")
    assert left_behind(chain) == []


# --- what it needs to know


def test_a_real_drill_needs_a_vpc(chain: Chain, drill: Drill) -> None:
    assert_refused(drill("--real"), 2, "--real needs a VPC", "--vpc-id")


def test_a_vpc_that_does_not_exist_is_one_line(chain: Chain, drill: Drill) -> None:
    done = drill("--real", "--vpc-id", "vpc-00000000")
    assert_refused(done, 2, "The vpc ID 'vpc-00000000' does not exist", "")


def test_one_of_several_log_groups_is_to_be_named(chain: Chain, drill: Drill) -> None:
    logs = chain.client("logs")
    logs.create_log_group(logGroupName="another")
    trail = chain.client("cloudtrail")
    trail.create_trail(
        Name="second",
        S3BucketName="trail-bucket",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=family.GROUP_ARN.replace(GROUP, "another"),
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/trail",
    )
    logs.put_metric_filter(
        logGroupName="another",
        filterName="changes",
        filterPattern=chain.patterns[0],
        metricTransformations=[
            {
                "metricName": "SecurityGroupEventCount",
                "metricNamespace": "CloudTrailMetrics",
                "metricValue": "1",
            }
        ],
    )
    assert_refused(drill(), 2, "several log groups have the alarm: CloudTrail/logs, another", "--log-group")
    assert steps(drill("--log-group", "another"))[-1] == "notified"


# --- interrupted


@pytest.mark.parametrize("kind", ["synthetic", "real"])
def test_an_interrupted_drill_cleans_up(chain: Chain, server: LocalAws, kind: str) -> None:
    chain.put_alarm(EvaluationPeriods=5, TreatMissingData="missing")  # so that the drill waits for it
    options = ["--synthetic"] if kind == "synthetic" else ["--real", "--vpc-id", vpc(chain)]
    with subprocess.Popen(
        [sys.executable, "-m", "sg_alarm", "drill", "--endpoint-url", server.endpoint, *options],
        env={**os.environ, **environment(server), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as drilling:
        assert drilling.stdout
        assert drilling.stderr
        assert "change" in drilling.stdout.readline()
        assert len(left_behind(chain)) == 1
        drilling.send_signal(signal.SIGINT)
        assert drilling.wait() == 130
        assert drilling.stderr.read().splitlines()[-1] == "error: interrupted"
    assert left_behind(chain) == []


def test_ctrl_c_while_it_cleans_up_is_acted_on_afterwards(
    chain: Chain, server: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target(chain.account, chain.region, GROUP, (ELEVEN[0],), (), {}, {}, ())
    aws = Aws(region=chain.region, endpoint_url=server.endpoint).with_every_operation()
    call = BaseClient._make_api_call

    def interrupted(*given: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return call(*given)

    def drilled() -> None:
        with monkeypatch.context() as patch:
            for name, value in environment(server).items():
                patch.setenv(name, value)
            with synthetic(aws, target, NOW):
                patch.setattr(BaseClient, "_make_api_call", interrupted)

    with pytest.raises(KeyboardInterrupt):
        drilled()
    assert left_behind(chain) == []


# --- an account that is not embedded


@pytest.fixture
def account(server: LocalAws) -> Iterator[str]:
    """The endpoint of an AWS that looks like a real one: it has no outbox."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"{server.endpoint}{self.path}"
            if self.path.startswith("/sg-alarm/"):
                self.send_error(404)
                return
            asked = urllib.request.Request(url, body, dict(self.headers), method=self.command)
            try:
                answer: Any = without_proxy().open(asked)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in ("content-length", "date", "server", "connection"):
                        self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815 - the name is the base class's

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_an_account_is_not_touched_unless_somebody_says_yes(chain: Chain, drill: Drill, account: str) -> None:
    before = len(chain.recorded())
    assert_refused(
        drill(endpoint=account),
        2,
        "confirmation is needed, but standard input is not a terminal",
        "pass --yes",
    )
    made = [event["eventName"] for event in chain.recorded()[before:] if not event["readOnly"]]
    assert made == []


def test_after_a_yes_where_the_arrival_cannot_be_seen_it_says_so(
    chain: Chain, drill: Drill, account: str
) -> None:
    done = drill("--yes", endpoint=account)
    assert done.returncode == 4, done.stderr
    *timeline, verdict = steps(done)
    assert timeline == ["change", "metric", "alarm", "action"]
    assert verdict.startswith("sent to the topic; see whether it arrives at ")
    assert f"{OPS} (email)" in verdict
    assert left_behind(chain) == []


def test_a_message_in_the_queue_that_is_named_is_seen_there_too(
    chain: Chain, drill: Drill, account: str
) -> None:
    queue = chain.client("sqs").get_queue_url(QueueName="tickets")["QueueUrl"]
    done = drill("--yes", "--queue-url", queue, endpoint=account)
    assert (done.returncode, steps(done)[-1]) == (0, "notified")


def test_where_nobody_takes_the_message_it_need_not_arrive_to_be_known(
    chain: Chain, drill: Drill, account: str
) -> None:
    family.subscribers(False)(chain)
    done = drill("--yes", endpoint=account)
    assert (done.returncode, steps(done)[-1]) == (1, f"{NOBODY}: {NO_SUBSCRIBER}")


# --- what it shows


def test_one_event_shows_one_operation_and_it_says_so(chain: Chain, drill: Drill) -> None:
    chain.put_filter("changes", "{ $.eventName = CreateSecurityGroup }")
    done = drill()
    assert (done.returncode, steps(done)[-1]) == (0, "notified")
    assert done.stdout.splitlines()[-1].startswith(
        "This shows the way of CreateSecurityGroup by an IAM user from the log group"
    )


def test_every_operation_is_fired_where_that_is_asked_for(chain: Chain, drill: Drill) -> None:
    done = drill("--operations", "all")
    assert done.returncode == 0, done.stdout
    assert "one event of CreateSecurityGroup written to CloudTrail/logs" in done.stdout
    assert "10 events written to CloudTrail/logs" in done.stdout
    assert "CloudTrailMetrics/SecurityGroupEventCount counts its events" in done.stdout
    assert "each operation is counted" in done.stdout.splitlines()[-1]
    assert left_behind(chain) == []


def test_an_operation_that_no_filter_counts_is_named(chain: Chain, drill: Drill) -> None:
    chain.put_filter("changes", PATTERN_OF_SEVEN)
    done = drill("--operations", "all")
    assert done.returncode == 1
    for name in ELEVEN:
        assert (name in steps(done)[-1]) is (name not in SEVEN)


def test_two_filters_count_the_operations_together(chain: Chain, drill: Drill) -> None:
    chain.put_filter("changes", PATTERN_OF_SEVEN)
    rest = " || ".join(f"($.eventName = {name})" for name in ELEVEN if name not in SEVEN)
    chain.put_filter("other-changes", f"{{ {rest} }}")
    assert drill("--operations", "all").returncode == 0


def test_many_events_at_once_do_not_stand_for_one(chain: Chain, drill: Drill) -> None:
    chain.put_alarm(Threshold=2)
    done = drill("--operations", "all", "--timeout", "1")
    assert (done.returncode, steps(done)[-1]) == (1, NOBODY)


def test_an_alarm_that_takes_longer_than_the_drill_may_still_notify(chain: Chain, drill: Drill) -> None:
    chain.put_alarm(EvaluationPeriods=5, TreatMissingData="missing")
    done = drill("--timeout", "1")
    assert done.returncode == 4
    assert steps(done)[-1].startswith("nobody was notified yet: the alarm takes up to ")


def test_a_real_drill_does_not_fire_them_all(chain: Chain, drill: Drill) -> None:
    done = drill("--real", "--vpc-id", vpc(chain), "--operations", "all")
    assert_refused(done, 2, "--real does not fire every operation", "drill twice")


# --- what the audit says


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_drill_and_audit_say_the_same_of_a_subscriber(server: LocalAws, drill: Drill, setup: OnAws) -> None:
    """The audit's verdict on each of them is specified in tests/audit/test_subscribers.py."""
    server.reset()
    chain = make_chain(server, setup)
    done = drill("--timeout", "1")
    assert done.returncode == setup.drill, done.stdout + done.stderr
    assert (setup.drill == 1) is (setup.verdict is Verdict.FAIL)
    assert left_behind(chain) == []
