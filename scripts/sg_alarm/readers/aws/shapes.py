"""From AWS's answers to the model: one function for each shape, named as the model names it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sg_alarm.alarms import (
    CompositeAlarm,
    Dimension,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    MetricTransformation,
)
from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector, MetricFilter
from sg_alarm.unknown import Unknown


def selectors(answer: Mapping[str, Any]) -> tuple[EventSelector | AdvancedEventSelector, ...]:
    """Return the basic and advanced selectors of GetEventSelectors."""
    basic = [
        EventSelector(
            one.get("ReadWriteType", "All"),
            one.get("IncludeManagementEvents", True),
            tuple(one.get("ExcludeManagementEventSources", ())),
        )
        for one in answer.get("EventSelectors") or []
    ]
    advanced = [
        AdvancedEventSelector(
            tuple(
                FieldSelector(
                    field=condition["Field"],
                    equals=tuple(condition.get("Equals", ())),
                    not_equals=tuple(condition.get("NotEquals", ())),
                    starts_with=tuple(condition.get("StartsWith", ())),
                    not_starts_with=tuple(condition.get("NotStartsWith", ())),
                    ends_with=tuple(condition.get("EndsWith", ())),
                    not_ends_with=tuple(condition.get("NotEndsWith", ())),
                )
                for condition in one.get("FieldSelectors", [])
            )
        )
        for one in answer.get("AdvancedEventSelectors") or []
    ]
    return (*basic, *advanced)


def metric_filter(found: Mapping[str, Any], group_arn: str) -> MetricFilter:
    """Return one of DescribeMetricFilters."""
    transformations = found.get("metricTransformations") or [None]
    return MetricFilter(
        name=found["filterName"],
        log_group_arn=group_arn,
        pattern=found.get("filterPattern", ""),
        transformation=_transformation(transformations[0], found) if transformations[0] else None,
        field_selection_criteria=found.get("fieldSelectionCriteria") or None,
        apply_on_transformed_logs=found.get("applyOnTransformedLogs", False),
    )


def _transformation(one: Mapping[str, Any], found: Mapping[str, Any]) -> MetricTransformation:
    return MetricTransformation(
        namespace=one["metricNamespace"],
        name=one["metricName"],
        value=one["metricValue"],
        default_value=one.get("defaultValue"),
        unit=None if one.get("unit") in (None, "None") else one["unit"],
        dimensions=tuple(Dimension(name, value) for name, value in (one.get("dimensions") or {}).items()),
        emit_system_field_dimensions=tuple(found.get("emitSystemFieldDimensions") or ()),
    )


def metric_alarm(alarm: Mapping[str, Any]) -> MetricAlarm:
    """Return one of the MetricAlarms of DescribeAlarms."""
    return MetricAlarm(
        name=alarm["AlarmName"],
        arn=alarm["AlarmArn"],
        comparison_operator=alarm.get("ComparisonOperator", Unknown("the alarm has no comparison")),
        evaluation_periods=alarm.get("EvaluationPeriods", Unknown("the alarm has no evaluation periods")),
        threshold=alarm.get("Threshold"),
        threshold_metric_id=alarm.get("ThresholdMetricId"),
        metric_stat=_metric_stat(alarm, alarm) if alarm.get("MetricName") else None,
        metrics=tuple(_query(query) for query in alarm.get("Metrics", [])),
        datapoints_to_alarm=alarm.get("DatapointsToAlarm"),
        treat_missing_data=alarm.get("TreatMissingData") or "missing",
        evaluate_low_sample_count_percentile=alarm.get("EvaluateLowSampleCountPercentile") or "evaluate",
        evaluation_window=alarm.get("EvaluationWindow") or "SlidingWindow",
        **_acting(alarm),
    )


def _metric_stat(metric: Mapping[str, Any], settings: Mapping[str, Any]) -> MetricStat:
    dimensions = metric.get("Dimensions") or []
    return MetricStat(
        metric=Metric(
            metric["Namespace"],
            metric["MetricName"],
            tuple(Dimension(one["Name"], one["Value"]) for one in dimensions),
        ),
        stat=settings.get("Stat") or settings.get("Statistic") or settings.get("ExtendedStatistic") or "",
        period=settings["Period"],
        unit=settings.get("Unit"),
    )


def _query(query: Mapping[str, Any]) -> MetricDataQuery:
    stat = query.get("MetricStat")
    return MetricDataQuery(
        id=query["Id"],
        expression=query.get("Expression"),
        metric_stat=_metric_stat(stat["Metric"], stat) if stat else None,
        period=query.get("Period"),
        return_data=query.get("ReturnData", True),
        account_id=query.get("AccountId"),
    )


def composite_alarm(alarm: Mapping[str, Any]) -> CompositeAlarm:
    """Return one of the CompositeAlarms of DescribeAlarms."""
    return CompositeAlarm(
        name=alarm["AlarmName"],
        arn=alarm["AlarmArn"],
        alarm_rule=alarm["AlarmRule"],
        actions_suppressor=alarm.get("ActionsSuppressor") or None,
        actions_suppressor_wait_period=alarm.get("ActionsSuppressorWaitPeriod"),
        actions_suppressor_extension_period=alarm.get("ActionsSuppressorExtensionPeriod"),
        **_acting(alarm),
    )


def _acting(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "actions_enabled": alarm.get("ActionsEnabled", True),
        "alarm_actions": tuple(alarm.get("AlarmActions", ())),
        "ok_actions": tuple(alarm.get("OKActions", ())),
        "insufficient_data_actions": tuple(alarm.get("InsufficientDataActions", ())),
    }


def json_or_none(text: str | None) -> Any:
    """Return what a JSON text says; ``None`` for no text."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return Unknown("it is no JSON")


def text_or_none(value: Any) -> str | None:
    """Return a value as text; ``None`` for none."""
    return None if value is None else str(value)
