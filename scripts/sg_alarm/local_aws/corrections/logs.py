"""CloudWatch Logs: metric filters."""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time_millis, utcnow
from moto.logs.exceptions import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from moto.logs.models import logs_backends

from sg_alarm.local_aws.corrections.table import corrects
from sg_alarm.patterns import PatternError, parse

FILTERS_PER_GROUP = 100
STANDARD = "STANDARD"
KEPT = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions")


def _filters_of(backend: Any, log_group_name: str) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = backend.filters.get_matching_filters(log_group_name=log_group_name)
    return filters


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def filters_have_a_name_and_a_time(
    original: Any,
    backend: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    metric_transformations: list[dict[str, Any]],
) -> None:
    """AWS creates a filter or updates the one of that name, and returns when it was made.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html

    moto adds a second filter of the same name, and knows no time.
    """
    backend.filters.delete_filter(filter_name, log_group_name)
    original(backend, filter_name, filter_pattern, log_group_name, metric_transformations)
    backend.filters.metric_filters[-1]["creationTime"] = int(unix_time_millis(utcnow()))


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def a_group_has_at_most_100_filters(
    original: Any,
    backend: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    transformations: Any,
) -> None:
    """AWS allows 100 metric filters per log group.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html

    moto knows no limit.
    """
    names = {each["filterName"] for each in _filters_of(backend, log_group_name)}
    if len(names | {filter_name}) > FILTERS_PER_GROUP:
        raise LimitExceededException()
    original(backend, filter_name, filter_pattern, log_group_name, transformations)


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def default_value_excludes_dimensions(
    original: Any,
    backend: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    transformations: Any,
) -> None:
    """AWS rejects a default value for a metric with dimensions.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html

    moto keeps both.
    """
    for each in transformations:
        if each.get("dimensions") and each.get("defaultValue") is not None:
            raise InvalidParameterException(
                "Invalid metric transformation: "
                "dimensions and default value are mutually exclusive properties."
            )
    original(backend, filter_name, filter_pattern, log_group_name, transformations)


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def invalid_patterns_are_rejected(
    original: Any,
    backend: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    transformations: Any,
) -> None:
    """AWS answers InvalidParameterException to a pattern that is none.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

    moto takes any text of up to 1024 characters.
    """
    try:
        parse(filter_pattern)
    except PatternError as error:
        raise InvalidParameterException("Invalid metric filter pattern") from error
    original(backend, filter_name, filter_pattern, log_group_name, transformations)


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def filters_need_their_group(
    original: Any,
    backend: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    transformations: Any,
) -> None:
    """AWS answers ResourceNotFoundException for a log group that does not exist.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html

    moto keeps the filter.
    """
    _require_group(backend, log_group_name)
    original(backend, filter_name, filter_pattern, log_group_name, transformations)


@corrects("moto.logs.responses:LogsResponse.create_log_group")
def groups_have_a_class(original: Any, response: Any) -> Any:
    """AWS keeps the class of a log group, which is STANDARD by default.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html

    moto knows no classes.
    """
    answer = original(response)
    group = response.logs_backend.groups[response._get_param("logGroupName")]
    group.log_class = response._get_param("logGroupClass") or STANDARD
    return answer


@corrects("moto.logs.models:LogGroup.to_describe_dict")
def classes_are_described(original: Any, group: Any) -> dict[str, Any]:
    """AWS says of which class a log group is.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html

    moto does not.
    """
    return {**original(group), "logGroupClass": getattr(group, "log_class", STANDARD)}


@corrects("moto.logs.models:LogsBackend.put_metric_filter")
def filters_need_a_group_of_the_standard_class(
    original: Any, backend: Any, filter_name: str, filter_pattern: str, log_group_name: str, *further: Any
) -> None:
    """AWS has metric filters on log groups of the standard class only.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html

    moto takes them on any.
    """
    group = backend.groups.get(log_group_name)
    if group is not None and getattr(group, "log_class", STANDARD) != STANDARD:
        raise InvalidParameterException("Metric filters are not supported on a log group of this class.")
    original(backend, filter_name, filter_pattern, log_group_name, *further)


@corrects("moto.logs.responses:LogsResponse.put_metric_filter")
def narrowing_fields_are_kept(original: Any, response: Any) -> Any:
    """AWS keeps the fields that narrow or change what a filter sees.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html

    moto drops them.
    """
    answer = original(response)
    name, group = response._get_param("filterName"), response._get_param("logGroupName")
    for each in _filters_of(response.logs_backend, group):
        if each["filterName"] == name:
            fields = {field: response._get_param(field) for field in KEPT}
            each.update({field: value for field, value in fields.items() if value is not None})
    return answer


@corrects("moto.logs.models:LogsBackend.describe_metric_filters")
def filters_of_no_group_are_not_described(
    original: Any, backend: Any, prefix: str | None, log_group_name: str | None, *metric: str | None
) -> list[dict[str, Any]]:
    """AWS answers ResourceNotFoundException for a log group that does not exist, and sorts by name.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html

    moto answers an empty list for any group, and sorts by age.
    """
    if log_group_name:
        _require_group(backend, log_group_name)
    return sorted(original(backend, prefix, log_group_name, *metric), key=lambda each: each["filterName"])


@corrects("moto.logs.models:LogsBackend.delete_metric_filter")
def only_existing_filters_are_deleted(
    original: Any, backend: Any, filter_name: str, log_group_name: str
) -> None:
    """AWS answers ResourceNotFoundException for a filter that does not exist.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html

    moto accepts it.
    """
    if not any(each["filterName"] == filter_name for each in _filters_of(backend, log_group_name)):
        raise ResourceNotFoundException("The specified metric filter does not exist.")
    original(backend, filter_name, log_group_name)


@corrects("moto.logs.models:LogsBackend.delete_log_group")
def filters_go_with_their_group(original: Any, backend: Any, log_group_name: str) -> None:
    """AWS deletes a log group with all that is in it.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html

    moto keeps the metric filters, and a new group of that name has them again.
    """
    original(backend, log_group_name)
    for each in _filters_of(backend, log_group_name):
        backend.filters.delete_filter(each["filterName"], log_group_name)


@corrects("moto.logs.models:LogGroup.to_describe_dict")
def filters_are_counted(original: Any, group: Any) -> dict[str, Any]:
    """AWS counts the metric filters of a log group.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html

    moto answers 0.
    """
    count = len(_filters_of(logs_backends[group.account_id][group.region], group.name))
    return {**original(group), "metricFilterCount": count}


def _require_group(backend: Any, log_group_name: str) -> None:
    if log_group_name not in backend.groups:
        raise ResourceNotFoundException()
