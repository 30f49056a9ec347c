"""A call costs the same after a thousand alarms and a hundred thousand events: work is counted, not time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

# In a process of its own: it corrects moto for good.
MEASURE = """
import json, time
from sg_alarm.local_aws import bridge, corrections
from work import calls_of

corrections.apply()
bridge.apply()
from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

ACCOUNT, REGION = "123456789012", "eu-west-1"
cloudwatch, logs = cloudwatch_backends[ACCOUNT][REGION], logs_backends[ACCOUNT][REGION]
transformation = {"metricName": "changes", "metricNamespace": "security", "metricValue": "1"}
logs.create_log_group("trail", {})
logs.create_log_stream("trail", "stream")
logs.put_metric_filter("changes", "{ $.eventName = *SecurityGroup* }", "trail", [transformation])
message = json.dumps({"eventName": "CreateSecurityGroup"})

def write(count):
    now = int(time.time() * 1000)
    logs.put_log_events("trail", "stream", [{"timestamp": now, "message": message}] * count)

def alarms(count):
    for number in range(count):
        cloudwatch.put_metric_alarm(
            name=f"alarm-{number}", namespace="security", metric_name=f"changes{number or ''}",
            statistic="Sum", period=300, evaluation_periods=1, threshold=1, alarm_actions=[],
            comparison_operator="GreaterThanOrEqualToThreshold", treat_missing_data="notBreaching",
            description="", dimensions=[], ok_actions=[], insufficient_data_actions=[], unit=None,
            actions_enabled=True,
        )

alarms(1)
write(1)
before = calls_of(lambda: write(1), 10**9)
alarms(1000)
for _ in range(10):
    write(10_000)
after = calls_of(lambda: write(1), 10**9)
tick = calls_of(lambda: bridge.TICKER.advance(60), 10**9)
print(json.dumps([before, after, tick]))
"""


def test_writing_an_event_costs_no_more_with_many_alarms_and_events() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}/scripts{os.pathsep}{REPOSITORY}/tests/support"},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after, tick = json.loads(done.stdout.splitlines()[-1])
    assert after < before + 20_000  # a look at each of the alarms' metric: a tenth of a second at most
    assert tick < 1_000_000  # every alarm evaluated, at two or three ticks
