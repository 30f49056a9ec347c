"""Metric filters publish what they match, and TestMetricFilter shows it beforehand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chains import GROUP, METRIC
from sg_alarm.local_aws import LocalAws

MINUTE = 60


class Group:
    """A log group, and the metric that its filter publishes."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws, self.logs, self.cloudwatch = aws, aws.client("logs"), aws.client("cloudwatch")
        self.logs.create_log_group(logGroupName=GROUP)
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName="stream")
        aws.advance(MINUTE - aws.now().timestamp() % MINUTE)  # what follows is in one minute

    def put_filter(self, pattern: str = "{ $.a = 1 }", **metric: Any) -> None:
        self.logs.put_metric_filter(
            filterName="changes",
            filterPattern=pattern,
            logGroupName=GROUP,
            metricTransformations=[{**METRIC, **metric}],
        )

    def write(self, *messages: Any, ago: float = 0) -> None:
        moment = int((self.aws.now().timestamp() - ago) * 1000)
        texts = [each if isinstance(each, str) else json.dumps(each) for each in messages]
        events = [{"timestamp": moment, "message": text} for text in texts]
        self.logs.put_log_events(logGroupName=GROUP, logStreamName="stream", logEvents=events)

    def datapoints(self, statistic: str = "Sum", **query: Any) -> list[float]:
        now = self.aws.now().timestamp()
        found = self.cloudwatch.get_metric_statistics(
            Namespace=METRIC["metricNamespace"],
            MetricName=METRIC["metricName"],
            StartTime=now - 3600,
            EndTime=now + 60,
            Period=MINUTE,
            Statistics=[statistic],
            **query,
        )["Datapoints"]
        return [point[statistic] for point in sorted(found, key=lambda point: point["Timestamp"])]

    def test(self, pattern: str, *messages: Any) -> list[dict[str, Any]]:
        texts = [each if isinstance(each, str) else json.dumps(each) for each in messages]
        answer = self.logs.test_metric_filter(filterPattern=pattern, logEventMessages=texts)
        return list(answer["matches"])


@pytest.fixture
def group(aws: LocalAws) -> Group:
    return Group(aws)


def test_each_matching_event_counts(group: Group) -> None:
    group.put_filter()
    group.write({"a": 1}, {"a": 2}, {"a": 1}, "no JSON")
    group.write({"a": 1})
    assert group.datapoints() == [3.0]
    assert group.datapoints("SampleCount") == [3.0]
    assert group.datapoints("Average") == [1.0]


def test_an_event_counts_in_its_own_minute(group: Group) -> None:
    group.put_filter()
    group.write({"a": 1}, {"a": 1}, ago=2 * MINUTE)
    group.write({"a": 1})
    assert group.datapoints() == [2.0, 1.0]


def test_events_without_a_match_publish_nothing(group: Group) -> None:
    group.put_filter()
    group.write({"a": 2})
    group.aws.advance(MINUTE)
    assert group.datapoints() == []


def test_events_before_the_filter_do_not_count(group: Group) -> None:
    group.write({"a": 1})
    group.put_filter()
    assert group.datapoints() == []


def test_the_value_may_come_from_the_event(group: Group) -> None:
    group.put_filter("{ $.a = * }", metricValue="$.size.bytes")
    group.write(
        {"a": 1, "size": {"bytes": 2.5}}, {"a": 1, "size": {"bytes": 4}}, {"a": 1}, {"a": 1, "size": "x"}
    )
    assert group.datapoints() == [6.5]
    assert group.datapoints("Maximum") == [4.0]
    assert group.datapoints("SampleCount") == [2.0]


def test_the_value_may_come_from_a_column(group: Group) -> None:
    group.put_filter("[ip, ..., bytes]", metricValue="$bytes")
    group.write("10.0.0.1 GET / 200 1534")
    assert group.datapoints() == [1534.0]


def test_dimensions_come_from_the_event_and_make_metrics_of_their_own(group: Group) -> None:
    group.put_filter("{ $.a = * }", dimensions={"Region": "$.region"})
    group.write({"a": 1, "region": "x"}, {"a": 1, "region": "x"}, {"a": 1, "region": "y"}, {"a": 1})
    assert group.datapoints(Dimensions=[{"Name": "Region", "Value": "x"}]) == [2.0]
    assert group.datapoints(Dimensions=[{"Name": "Region", "Value": "y"}]) == [1.0]


def test_the_unit_is_kept(group: Group) -> None:
    group.put_filter(unit="Count")
    group.write({"a": 1})
    assert group.datapoints(Unit="Count") == [1.0]
    assert group.datapoints(Unit="Bytes") == []


def test_the_default_value_is_for_minutes_with_events_but_no_match(group: Group) -> None:
    group.put_filter(defaultValue=0.0)
    group.write({"a": 2})
    assert group.datapoints() == []  # the minute is not over
    group.aws.advance(MINUTE)
    assert group.datapoints() == [0.0]
    group.write({"a": 2})
    group.write({"a": 1})
    group.aws.advance(MINUTE)
    group.aws.advance(MINUTE)  # a minute without events
    assert group.datapoints("SampleCount") == [1.0, 1.0]
    assert group.datapoints() == [0.0, 1.0]


def test_values_can_be_read_as_metric_data(group: Group) -> None:
    group.put_filter()
    group.write({"a": 1}, {"a": 1})
    metric = {"Namespace": METRIC["metricNamespace"], "MetricName": METRIC["metricName"]}
    now = group.aws.now().timestamp()
    (found,) = group.cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": MINUTE, "Stat": "Sum"}},
        ],
        StartTime=now - 5 * MINUTE,
        EndTime=now + MINUTE,
    )["MetricDataResults"]
    assert found["Values"] == [2.0]


# --- TestMetricFilter


def test_a_pattern_is_tried_on_messages(group: Group) -> None:
    pattern = '{ ($.eventName = CreateSecurityGroup) && ($.userIdentity.type = "Root") }'
    root = {"eventName": "CreateSecurityGroup", "userIdentity": {"type": "Root"}}
    assert group.test(pattern, {"eventName": "DeleteSecurityGroup"}, root) == [
        {
            "eventNumber": 2,
            "eventMessage": json.dumps(root),
            "extractedValues": {"$.eventName": "CreateSecurityGroup", "$.userIdentity.type": "Root"},
        }
    ]


def test_columns_are_extracted_by_name_and_skipped_ones_by_number(group: Group) -> None:
    (match,) = group.test("[ip, ..., status = 4*, bytes]", "10.0.0.1 - alice 404 1534", "10.0.0.1 - 200 1")
    assert match["extractedValues"] == {
        "$ip": "10.0.0.1",
        "$2": "-",
        "$3": "alice",
        "$status": "404",
        "$bytes": "1534",
    }


def test_a_pattern_for_text_extracts_nothing(group: Group) -> None:
    (match,) = group.test("ERROR", "an ERROR here", "fine")
    assert (match["eventNumber"], match["extractedValues"]) == (1, {})


def test_an_invalid_pattern_is_refused(group: Group, refused: Any) -> None:
    with refused("InvalidParameterException", "Invalid metric filter pattern"):
        group.test("{ $.a = }", {"a": 1})


def test_at_most_50_messages_are_tried(group: Group, refused: Any) -> None:
    assert len(group.test("{ $.a = 1 }", *[{"a": 1}] * 50)) == 50
    with refused("InvalidParameterException", "from 1 to 50 messages"):
        group.test("{ $.a = 1 }", *[{"a": 1}] * 51)
