"""What an audit of one account costs: the whole process of the command, on the embedded AWS.

Moto's own time is part of the wall time, which is therefore longer than the audit's own; CPU and memory are
those of the command alone. Real AWS speaks TLS, which the embedded one does not: there, every region costs
some 40 ms of CPU more, for the certificates of two connections, and the network has its own time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import PATTERN_OF_SIX

_RUNS = 5
_REGION = "eu-west-1"

# A process of its own, since the memory of a child counts from that of the parent that started it.
MEASURE = """
import json, os, sys, time
started = time.perf_counter()
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
took = time.perf_counter() - started
print(json.dumps([os.waitstatus_to_exitcode(status), took, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""

_COUNT = """
import sys
from botocore.client import BaseClient
from sg_alarm.cli.app import main
make, count = BaseClient._make_api_call, []
def counting(client, *arguments):
    count.append(arguments)
    return make(client, *arguments)
BaseClient._make_api_call = counting
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write(str(len(count)))
"""


def rows() -> Iterator[tuple[str, str]]:
    """Yield the medians of several runs."""
    with LocalAws(region=_REGION) as aws:
        make_chain(aws)
        environment = aws.environment()
        for options in ([], ["--all-regions"]):
            arguments = ["--quiet", "audit", "--format", "json", *options]
            yield " ".join(["sg-alarm audit", *options]), _measure(arguments, environment)


def _measure(arguments: list[str], environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "sg_alarm", *arguments]
    runs = []
    for _ in range(1 + _RUNS):  # the first one warms the caches of the disk and of moto
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        code, *figures = json.loads(done.stdout)
        if code:
            raise RuntimeError(f"the audit of a good chain ended with {code}: {done.stderr}")
        runs.append(figures)
    wall, cpu, memory = (statistics.median(figures) for figures in zip(*runs[1:], strict=True))
    return (
        f"{wall:.2f} s, CPU {cpu:.2f} s, {memory / 1024:.0f} MB, {_calls(arguments, environment)} API calls "
        f"(median of {_RUNS})"
    )


def _calls(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-c", _COUNT, *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return int(done.stderr)


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
