"""What an audit of one account costs: the whole process of the command, over TLS, from near and far.

The calls go to the embedded AWS, whose own time is part of the wall time, which is therefore longer than the
audit's own; CPU and memory are those of the command alone. The critical path is how many round trips the
command waits for one after the other: what wall time grows by with the distance. A new connection takes two
of its own, TCP's and that of TLS.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.tls import Far, far
from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import PATTERN_OF_SIX

ROUND_TRIPS = (0.0, 0.03, 0.15)
"""Seconds: the same machine, the same continent, another one."""

_RUNS = 5
_REGION = "eu-west-1"

# A process of its own, since the memory of a child counts from that of the parent that started it.
MEASURE = """
import json, os, sys, time
started = time.perf_counter()
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed, with the compiled modules kept
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
took = time.perf_counter() - started
print(json.dumps([os.waitstatus_to_exitcode(status), took, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def rows() -> Iterator[tuple[str, str]]:
    """Yield the medians of several runs."""
    with LocalAws(region=_REGION) as aws:
        make_chain(aws)
        for options in ([], ["--all-regions"]):
            name = " ".join(["sg-alarm audit", *options])
            walls = []
            for round_trip in ROUND_TRIPS:
                with far("benchmarks.tls", aws.endpoint, str(round_trip)) as there:
                    arguments = ["--quiet", "audit", "--format", "json", *options]
                    wall, figures = _measure(arguments, {**aws.environment(), **there.environment}, there)
                walls.append(wall)
                yield f"{name}, {round_trip * 1000:.0f} ms away", figures
            trips = (walls[-1] - walls[0]) / (ROUND_TRIPS[-1] - ROUND_TRIPS[0])
            yield f"{name}, critical path", f"{trips:.1f} round trips"


def _measure(arguments: list[str], environment: dict[str, str], there: Far) -> tuple[float, str]:
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "sg_alarm", *arguments]
    before = there.stats()
    runs = []
    for _ in range(1 + _RUNS):  # the first one warms the caches of the disk and of moto
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        code, *figures = json.loads(done.stdout)
        if code:
            raise RuntimeError(f"the audit of a good chain ended with {code}: {done.stderr}")
        runs.append(figures)
    wall, cpu, memory = (statistics.median(figures) for figures in zip(*runs[1:], strict=True))
    calls, connections = (
        (there.stats()[what] - before[what]) / (1 + _RUNS) for what in ("calls", "connections")
    )
    return wall, (
        f"{wall:.2f} s, CPU {cpu:.2f} s, {memory / 1024:.0f} MB, {calls:.0f} calls over {connections:.0f} "
        f"connections (median of {_RUNS}; least CPU {min(run[1] for run in runs):.2f} s)"
    )


def make_chain(aws: Any, account: str = "123456789012") -> None:
    """Make a chain whose links all pass, by ``aws.client(service, region)`` of an account."""

    def client(service: str) -> Any:
        return aws.client(service, _REGION)

    aws.client("s3", "us-east-1").create_bucket(Bucket=f"trail-{account}")
    client("logs").create_log_group(logGroupName="CloudTrail/logs")
    client("cloudtrail").create_trail(
        Name="trail",
        S3BucketName=f"trail-{account}",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{_REGION}:{account}:log-group:CloudTrail/logs:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account}:role/trail",
    )
    client("cloudtrail").start_logging(Name="trail")
    client("logs").put_metric_filter(
        filterName="changes",
        filterPattern=PATTERN_OF_SIX,
        logGroupName="CloudTrail/logs",
        metricTransformations=[
            {
                "metricName": "SecurityGroupEventCount",
                "metricNamespace": "CloudTrailMetrics",
                "metricValue": "1",
            }
        ],
    )
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15005550006")
    client("cloudwatch").put_metric_alarm(
        AlarmName="changes",
        Namespace="CloudTrailMetrics",
        MetricName="SecurityGroupEventCount",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )
