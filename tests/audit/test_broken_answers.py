"""Whatever becomes of the answers on the wire, the audit ends, says UNKNOWN or why, and never PASS for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chains import Chain
from faults import FAULTS, faulty
from sg_alarm.local_aws import LocalAws

REGION = "eu-west-1"
LINKS = {"DescribeTrails": "trail", "DescribeMetricFilters": "metric filter", "DescribeAlarms": "alarm"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "operation"),
    [
        (fault, operation)
        for fault in FAULTS
        for operation in LINKS
        if (fault, operation) != ("there is always one more page", "DescribeTrails")  # which has no pages
    ],
)
def test_a_broken_answer_is_unknown(
    aws: LocalAws, chain: Chain, audit: Callable[..., Any], fault: str, operation: str
) -> None:
    with faulty(aws.endpoint, FAULTS[fault], operation) as proxy:
        done = audit("--region", REGION, "--endpoint-url", proxy.url, "--deadline", "3")
    assert "Traceback" not in done.err
    assert operation in proxy.asked
    assert done.code == 4, (done.err, done.out[-3000:])
    broken = [one for one in done.report["findings"] if one["verdict"] != "PASS"]
    assert {one["verdict"] for one in broken} == {"UNKNOWN"}
    assert LINKS[operation] in {one["link"] for one in broken}


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "page" not in fault or "web" in fault])
def test_where_everything_is_broken_it_is_said_in_a_line(
    aws: LocalAws, chain: Chain, audit: Callable[..., Any], fault: str
) -> None:
    with faulty(aws.endpoint, FAULTS[fault], "GetCallerIdentity") as proxy:
        done = audit("--region", REGION, "--endpoint-url", proxy.url, "--deadline", "2")
    assert "Traceback" not in done.err
    assert done.code in (2, 4), (done.code, done.err)
    if done.code == 2:
        assert done.err.startswith("error: ")
        assert len(done.err.splitlines()) <= 2
