"""From AWS's own names to the model: one function for each kind of thing.

The names are those of the API as boto3 returns them. CloudFormation uses the same, and
:mod:`sg_alarm.readers.terraform_names` turns Terraform's into them.

Sources: API references of CloudTrail (Trail, EventSelector, AdvancedFieldSelector), CloudWatch (MetricAlarm,
CompositeAlarm, MetricDataQuery), CloudWatch Logs (MetricFilter, MetricTransformation), SNS (Subscribe).
"""

from __future__ import annotations

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
from sg_alarm.readers.settings import NOT_SET, Settings, text_of
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    Delivery,
    EventSelector,
    FieldSelector,
    LogGroup,
    MetricFilter,
    Subscription,
    Trail,
)
from sg_alarm.unknown import Outside, Unknown


def trail(found: Settings, delivery: Delivery | Unknown) -> Trail:
    """Return a trail from DescribeTrails, with what GetTrailStatus and GetEventSelectors add to it."""
    return Trail(
        arn=found.name("TrailARN"),
        home_region=found.name("HomeRegion"),
        log_group_arn=found.name("CloudWatchLogsLogGroupArn"),
        role_arn=found.name("CloudWatchLogsRoleArn"),
        is_logging=found.flag("IsLogging", True),
        is_multi_region=found.flag("IsMultiRegionTrail", False),
        is_organization=found.flag("IsOrganizationTrail", False),
        event_selectors=event_selectors(found),
        delivery=delivery,
    )


def event_selectors(found: Settings) -> tuple[EventSelector | AdvancedEventSelector, ...] | Unknown:
    """Return the basic and advanced selectors of GetEventSelectors."""
    for name in ("EventSelectors", "AdvancedEventSelectors"):
        if isinstance(unknown := found.get(name), Unknown):
            return unknown
    return (
        *(
            EventSelector(
                one.text("ReadWriteType", "All"),
                one.flag("IncludeManagementEvents", True),
                one.texts("ExcludeManagementEventSources"),
            )
            for one in found.blocks("EventSelectors")
        ),
        *(
            AdvancedEventSelector(tuple(_field_selector(field) for field in one.blocks("FieldSelectors")))
            for one in found.blocks("AdvancedEventSelectors")
        ),
    )


def _field_selector(found: Settings) -> FieldSelector:
    return FieldSelector(
        field=found.text("Field", NOT_SET),
        equals=found.texts("Equals"),
        not_equals=found.texts("NotEquals"),
        starts_with=found.texts("StartsWith"),
        not_starts_with=found.texts("NotStartsWith"),
        ends_with=found.texts("EndsWith"),
        not_ends_with=found.texts("NotEndsWith"),
    )


def log_group(found: Settings, arn: str) -> LogGroup:
    """Return one of DescribeLogGroups."""
    return LogGroup(arn, found.text("LogGroupClass", "STANDARD"))


def metric_filter(found: Settings, group_arn: str | Unknown, address: str = "") -> MetricFilter:
    """Return one of DescribeMetricFilters."""
    transformation = found.block("MetricTransformations")
    return MetricFilter(
        name=found.name("FilterName"),
        log_group_arn=group_arn,
        pattern=found.text("FilterPattern", ""),
        transformation=None if transformation is None else _transformation(transformation, found),
        field_selection_criteria=found.text("FieldSelectionCriteria"),
        apply_on_transformed_logs=found.flag("ApplyOnTransformedLogs", False),
        address=address,
    )


def _transformation(one: Settings, found: Settings) -> MetricTransformation | Unknown:
    if isinstance(one.values, Unknown):
        return one.values
    unit = one.text("Unit")
    return MetricTransformation(
        namespace=one.name("MetricNamespace", NOT_SET),
        name=one.name("MetricName", NOT_SET),
        value=one.text("MetricValue", NOT_SET),
        default_value=one.number("DefaultValue"),
        unit=None if unit == "None" else unit,
        dimensions=_dimensions(one),
        emit_system_field_dimensions=found.texts("EmitSystemFieldDimensions"),
    )


def _dimensions(found: Settings) -> tuple[Dimension, ...] | Unknown:
    """Return dimensions, which the API writes as a mapping or as a list of names and values."""
    values = found.get("Dimensions", {})
    if isinstance(values, Unknown):
        return values
    if isinstance(values, Mapping):
        return tuple(Dimension(name, text_of(value)) for name, value in values.items())
    pairs = [(one.name("Name") or one.name("Key"), one.name("Value")) for one in found.blocks("Dimensions")]
    if not all(isinstance(name, str) and value is not None for name, value in pairs):
        return Unknown("a dimension has no known name or no value")
    return tuple(Dimension(name, value) for name, value in pairs)


def metric_alarm(found: Settings) -> MetricAlarm:
    """Return one of the MetricAlarms of DescribeAlarms."""
    band = found.name("ThresholdMetricId")
    return MetricAlarm(
        name=found.name("AlarmName"),
        arn=found.name("AlarmArn"),
        comparison_operator=found.text("ComparisonOperator", NOT_SET),
        evaluation_periods=found.number("EvaluationPeriods", int, NOT_SET),
        threshold=band if isinstance(band, Unknown) else found.number("Threshold"),
        threshold_metric_id=None if isinstance(band, Unknown) else band,
        metric_stat=None if found.get("MetricName") is None else _metric_stat(found),
        metrics=tuple(_query(one) for one in found.blocks("Metrics")),
        datapoints_to_alarm=found.number("DatapointsToAlarm", int) or None,
        treat_missing_data=found.text("TreatMissingData", "missing"),
        evaluate_low_sample_count_percentile=found.text("EvaluateLowSampleCountPercentile", "evaluate"),
        evaluation_window=found.text("EvaluationWindow", "SlidingWindow"),
        **_acting(found),
    )


def _metric_stat(found: Settings) -> MetricStat:
    metric = found.block("Metric") or found
    statistics = (found.text(name) for name in ("Stat", "Statistic", "ExtendedStatistic"))
    return MetricStat(
        Metric(metric.name("Namespace", NOT_SET), metric.name("MetricName", NOT_SET), _dimensions(metric)),
        next((one for one in statistics if one is not None), Unknown("no statistic is set")),
        found.number("Period", int, NOT_SET),
        found.text("Unit"),
    )


def _query(found: Settings) -> MetricDataQuery:
    id_, expression, stat = found.name("Id"), found.text("Expression"), found.block("MetricStat")
    return MetricDataQuery(
        id=id_ if isinstance(id_, str) else "${id}",
        expression=expression,
        metric_stat=None if stat is None or expression is not None else _metric_stat(stat),
        period=found.number("Period", int),
        return_data=found.flag("ReturnData", True),
        account_id=found.text("AccountId"),
    )


def composite_alarm(found: Settings) -> CompositeAlarm:
    """Return one of the CompositeAlarms of DescribeAlarms."""
    return CompositeAlarm(
        name=found.name("AlarmName"),
        arn=found.name("AlarmArn"),
        alarm_rule=found.name("AlarmRule", NOT_SET),
        actions_suppressor=found.name("ActionsSuppressor"),
        actions_suppressor_wait_period=found.number("ActionsSuppressorWaitPeriod", int),
        actions_suppressor_extension_period=found.number("ActionsSuppressorExtensionPeriod", int),
        **_acting(found),
    )


def _acting(found: Settings) -> dict[str, Any]:
    return {
        "actions_enabled": found.flag("ActionsEnabled", True),
        "alarm_actions": found.names("AlarmActions"),
        "ok_actions": found.names("OKActions"),
        "insufficient_data_actions": found.names("InsufficientDataActions"),
    }


def subscription(
    found: Settings, arn: str, confirmed: bool | Unknown, existence: Unknown | None = None
) -> Subscription:
    """Return one of ListSubscriptionsByTopic, with what GetSubscriptionAttributes adds to it."""
    return Subscription(
        arn,
        found.text("Protocol", NOT_SET),
        wording if isinstance(wording := found.text("Endpoint"), Outside) else found.name("Endpoint"),
        confirmed,
        found.json("FilterPolicy"),
        found.text("FilterPolicyScope", "MessageAttributes"),
        existence=existence,
    )
