"""The clock, and what holds the bridge together."""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request

import pytest

from chains import Chain
from sg_alarm.errors import UserError
from sg_alarm.local_aws import LocalAws, read_clock
from sg_alarm.local_aws.bridge.clock import Clock
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded
from sg_alarm.local_aws.corrections.table import Correction


def ask(aws: LocalAws, body: object = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{aws.endpoint}/sg-alarm/clock", data)) as response:
        return str(json.load(response)["now"])


def test_it_shows_the_time_and_can_be_advanced(aws: LocalAws) -> None:
    started, before = time.time(), aws.now()
    after = aws.advance(300)
    assert 300 <= (after - before).total_seconds() <= 300 + time.time() - started + 0.001
    assert aws.now() >= after


def test_it_is_asked_and_moved_over_http(aws: LocalAws) -> None:
    before = ask(aws)
    assert ask(aws, {"advance_seconds": 3600}) > before


@pytest.mark.parametrize(
    "body", [{}, [], {"advance_seconds": -1}, {"advance_seconds": "x"}, {"advance_seconds": 1e9}]
)
def test_what_is_no_number_of_seconds_is_refused(aws: LocalAws, body: object) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        ask(aws, body)


@pytest.mark.parametrize("seconds", [-1, 1e9])
def test_it_is_advanced_by_a_week_at_most_and_never_set_back(aws: LocalAws, seconds: float) -> None:
    with pytest.raises(ValueError, match="the clock is advanced by 0 to 604800 seconds"):
        aws.advance(seconds)


def test_reading_where_nothing_answers_is_an_error_with_a_hint() -> None:
    with pytest.raises(UserError, match=r"no clock of an embedded AWS at http://127\.0\.0\.1:1") as error:
        read_clock("http://127.0.0.1:1")
    assert error.value.hint == "start one with: sg-alarm local"


def test_reset_sets_it_back(aws: LocalAws) -> None:
    aws.advance(3600)
    aws.reset()
    before = time.time()
    assert before <= aws.now().timestamp() <= time.time()


def test_logs_metrics_alarms_and_trails_follow_it_days_ahead(aws: LocalAws) -> None:
    chain = Chain(aws).build()
    now = aws.advance(3 * 24 * 3600)
    chain.open()
    assert len(chain.messages()) == 1
    (event,) = chain.recorded("AuthorizeSecurityGroupIngress")
    assert event["eventTime"][:16] == f"{now:%Y-%m-%dT%H:%M}"
    (alarm,) = chain.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["StateUpdatedTimestamp"] >= now


def test_alarms_are_evaluated_by_themselves_when_the_machine_s_clock_ticks(server: LocalAws) -> None:
    server.reset()
    cloudwatch = server.client("cloudwatch")
    server.advance(10 - server.now().timestamp() % 10)
    server.advance(9.5)  # the next tick is half a second away
    cloudwatch.put_metric_alarm(
        AlarmName="changes",
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    for _ in range(2400):  # it takes half a second where nothing else runs
        states = {alarm["StateValue"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
        if states == {"OK"}:
            break
        time.sleep(0.05)
    assert states == {"OK"}


def test_time_moves_on_while_it_is_advanced() -> None:
    clock = Clock()
    clock.advance(100)
    before = time.time()
    assert before + 100 <= clock.time() <= time.time() + 100
    clock.reset()
    before = time.time()
    assert before <= clock.time() <= time.time()


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.target)
def test_each_joint_has_a_place_in_the_installed_moto(patch: Correction) -> None:
    assert patch.fits


def test_an_error_behind_a_call_is_logged_and_does_not_break_it(caplog: pytest.LogCaptureFixture) -> None:
    @guarded
    def fails() -> None:
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR):
        fails()
    assert "fails failed" in caplog.text
    assert "broken" in caplog.text
