"""Metric filters."""

from __future__ import annotations

from typing import Any

import pytest

from logs_call import call
from sg_alarm.local_aws import LocalAws

GROUP = "trail"
PATTERN = "{ ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
COUNT = {"metricName": "Changes", "metricNamespace": "CloudTrailMetrics", "metricValue": "1"}


@pytest.fixture
def logs(aws: LocalAws) -> Any:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    return logs


def put(logs: Any, name: str = "changes", pattern: str = PATTERN, group: str = GROUP, **metric: Any) -> None:
    logs.put_metric_filter(
        filterName=name,
        filterPattern=pattern,
        logGroupName=group,
        metricTransformations=[{**COUNT, **metric}],
    )


def filters(logs: Any, **query: str) -> list[str]:
    return [each["filterName"] for each in logs.describe_metric_filters(**query)["metricFilters"]]


def test_a_filter_is_kept_with_the_time_it_was_made(logs: Any) -> None:
    put(logs)
    (made,) = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert made["filterPattern"] == PATTERN
    assert made["metricTransformations"] == [COUNT]
    assert made["creationTime"] > 1_600_000_000_000


def test_a_filter_keeps_what_narrows_or_changes_what_it_sees(logs: Any, aws: LocalAws) -> None:
    fields = {
        "applyOnTransformedLogs": True,
        "fieldSelectionCriteria": "@aws.region = 'eu-west-1'",
        "emitSystemFieldDimensions": ["@aws.account"],
    }
    call(
        aws,
        "PutMetricFilter",
        filterName="changes",
        filterPattern=PATTERN,
        logGroupName=GROUP,
        metricTransformations=[COUNT],
        **fields,
    )
    (made,) = call(aws, "DescribeMetricFilters", logGroupName=GROUP)["metricFilters"]
    assert {field: made[field] for field in fields} == fields

    put(logs)  # none of them
    (made,) = call(aws, "DescribeMetricFilters", logGroupName=GROUP)["metricFilters"]
    assert not fields.keys() & made.keys()


def test_putting_it_again_changes_it(logs: Any) -> None:
    put(logs, pattern="{ $.a = 1 }")
    put(logs)
    (made,) = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert made["filterPattern"] == PATTERN


def test_filters_are_described_by_name_and_counted(logs: Any) -> None:
    for name in ("b", "a"):
        put(logs, name)
    assert filters(logs) == ["a", "b"]
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 2


def test_a_filter_needs_its_group(logs: Any, refused: Any) -> None:
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        put(logs, group="gone")
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        filters(logs, logGroupName="gone")


def test_filters_go_with_their_group(logs: Any) -> None:
    logs.create_log_group(logGroupName="other")
    put(logs, "other", group="other")
    put(logs, "one")
    put(logs, "two")
    logs.delete_log_group(logGroupName=GROUP)
    assert filters(logs) == ["other"]
    logs.create_log_group(logGroupName=GROUP)
    assert filters(logs, logGroupName=GROUP) == []


def test_only_an_existing_filter_can_be_deleted(logs: Any, refused: Any) -> None:
    put(logs)
    logs.delete_metric_filter(logGroupName=GROUP, filterName="changes")
    with refused("ResourceNotFoundException", "The specified metric filter does not exist."):
        logs.delete_metric_filter(logGroupName=GROUP, filterName="changes")


def test_a_group_has_at_most_100_filters_each_of_which_can_still_be_changed(logs: Any, refused: Any) -> None:
    for number in range(100):
        put(logs, f"changes-{number}")
    with refused("LimitExceededException", "Resource limit exceeded."):
        put(logs, "one-too-many")
    put(logs, "changes-0", pattern="{ $.a = 1 }")


def test_a_default_value_excludes_dimensions(logs: Any, refused: Any) -> None:
    with refused("InvalidParameterException", "dimensions and default value are mutually exclusive"):
        put(logs, defaultValue=0.0, dimensions={"Region": "$.awsRegion"})
    put(logs, "dimensions", dimensions={"Region": "$.awsRegion"})
    put(logs, "default-value", defaultValue=0.0)


def test_an_invalid_pattern_is_rejected(logs: Any, refused: Any) -> None:
    with refused("InvalidParameterException", "Invalid metric filter pattern"):
        put(logs, pattern="{ ($.eventName = CreateSecurityGroup }")
    assert filters(logs) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "CreateSecurityGroup",
        "?ERROR ?WARN",
        "[ip, user, request, status = 4*]",
        '{ $.a = "(%" }',
        "{ $.a = b } ",
    ],
)
def test_patterns_of_every_kind_are_taken(logs: Any, pattern: str) -> None:
    put(logs, pattern=pattern)
    (made,) = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert made["filterPattern"] == pattern


@pytest.mark.parametrize("pattern", [" { $.a = b }", "{ $.a IS NOT NULL }", '{ $."a-b" = c }', "{ $.a < b }"])
def test_what_the_pattern_engine_rejects_is_rejected_here(logs: Any, refused: Any, pattern: str) -> None:
    with refused("InvalidParameterException", "Invalid metric filter pattern"):
        put(logs, pattern=pattern)
