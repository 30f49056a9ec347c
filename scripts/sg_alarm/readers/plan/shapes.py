"""From a plan's resources to the model: one function for each shape, named as the model names it.

Source: schemas of the AWS provider, 5.x and 6.x.
"""

from __future__ import annotations

from collections.abc import Callable
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
from sg_alarm.readers.plan.instances import Instance, Step
from sg_alarm.readers.plan.view import ACTION, ALARM_NAME, FILTER_NAME, View
from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector
from sg_alarm.unknown import Unknown

Path = tuple[Step, ...]


def _or(value: Any, default: Any) -> Any:
    """Return the value, the default where it is not set; the provider writes empty texts for nothing."""
    return default if value is None or value == "" else value


def _number(value: Any, kind: Callable[[Any], Any]) -> Any:
    if value is None or value == "" or isinstance(value, Unknown):
        return _or(value, None)
    try:
        return kind(value)
    except (TypeError, ValueError):
        return Unknown(f"{value!r} is no number")


def _tuple(instance: Instance, path: Path) -> tuple[str, ...] | Unknown:
    value = instance.get(*path)
    if isinstance(value, Unknown):
        return value
    elements = tuple(instance.get(*path, index) for index in range(len(value or ())))
    return next((one for one in elements if isinstance(one, Unknown)), elements)


def _dimensions(instance: Instance, path: Path) -> tuple[Dimension, ...] | Unknown:
    value = instance.get(*path)
    if isinstance(value, Unknown):
        return value
    return tuple(Dimension(name, instance.get(*path, name)) for name in value or {})


def event_selectors(trail: Instance) -> tuple[EventSelector | AdvancedEventSelector, ...] | Unknown:
    """Return the basic and advanced event selectors of ``aws_cloudtrail``."""
    basic, advanced = trail.blocks("event_selector"), trail.blocks("advanced_event_selector")
    if isinstance(basic, Unknown):
        return basic
    if isinstance(advanced, Unknown):
        return advanced
    return (
        *(
            EventSelector(
                _or(trail.get(*path, "read_write_type"), "All"),
                _or(trail.get(*path, "include_management_events"), True),
                _tuple(trail, (*path, "exclude_management_event_sources")),
            )
            for path in basic
        ),
        *(AdvancedEventSelector(_field_selectors(trail, path)) for path in advanced),
    )


def _field_selectors(trail: Instance, path: Path) -> tuple[FieldSelector, ...] | Unknown:
    blocks = trail.blocks(*path, "field_selector")
    if isinstance(blocks, Unknown):
        return blocks
    operators = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
    return tuple(
        FieldSelector(trail.get(*block, "field"), *(_tuple(trail, (*block, one)) for one in operators))
        for block in blocks
    )


def transformation(metric_filter: Instance) -> MetricTransformation | Unknown | None:
    """Return the metric of ``aws_cloudwatch_log_metric_filter``."""
    blocks = metric_filter.blocks("metric_transformation")
    if isinstance(blocks, Unknown):
        return blocks
    if not blocks:
        return None
    path = blocks[0]
    unit = metric_filter.get(*path, "unit")
    return MetricTransformation(
        namespace=metric_filter.get(*path, "namespace"),
        name=metric_filter.get(*path, "name"),
        value=metric_filter.get(*path, "value"),
        default_value=_number(metric_filter.get(*path, "default_value"), float),
        unit=None if unit in (None, "", "None") else unit,
        dimensions=_dimensions(metric_filter, (*path, "dimensions")),
        emit_system_field_dimensions=_tuple(metric_filter, ("emit_system_field_dimensions",)),
    )


def metric_alarm(alarm: Instance, view: View) -> MetricAlarm:
    """Return ``aws_cloudwatch_metric_alarm``."""
    get = alarm.get
    has_metric = get("metric_name") not in (None, "")
    queries = alarm.blocks("metric_query")
    return MetricAlarm(
        name=view.name(alarm),
        arn=view.arn(alarm),
        comparison_operator=get("comparison_operator"),
        evaluation_periods=get("evaluation_periods"),
        threshold=_number(get("threshold"), float),
        threshold_metric_id=_known_or_none(get("threshold_metric_id")),
        metric_stat=_single_metric(alarm, view) if has_metric else None,
        # Queries that nobody knows: one whose expression is unknown stands for them.
        metrics=(MetricDataQuery("unknown", expression=queries),)
        if isinstance(queries, Unknown)
        else tuple(_query(alarm, path, view) for path in queries),
        datapoints_to_alarm=get("datapoints_to_alarm") or None,
        treat_missing_data=_or(get("treat_missing_data"), "missing"),
        evaluate_low_sample_count_percentile=_or(
            view.computed(alarm, "evaluate_low_sample_count_percentiles", "evaluate"), "evaluate"
        ),
        **_acting(alarm, view),
    )


def _known_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _single_metric(alarm: Instance, view: View) -> MetricStat:
    statistic = alarm.get("statistic")
    return MetricStat(
        Metric(
            alarm.get("namespace"),
            view.text(alarm, ("metric_name",), FILTER_NAME),
            _dimensions(alarm, ("dimensions",)),
        ),
        stat=_or(statistic, _or(alarm.get("extended_statistic"), "")),
        period=alarm.get("period"),
        unit=_or(alarm.get("unit"), None),
    )


def _query(alarm: Instance, path: Path, view: View) -> MetricDataQuery:
    blocks = alarm.blocks(*path, "metric")
    unknown = blocks if isinstance(blocks, Unknown) else None
    metric = None
    if not isinstance(blocks, Unknown) and blocks:
        block = blocks[0]
        metric = MetricStat(
            Metric(
                alarm.get(*block, "namespace"),
                view.text(alarm, (*block, "metric_name"), FILTER_NAME),
                _dimensions(alarm, (*block, "dimensions")),
            ),
            stat=alarm.get(*block, "stat"),
            period=alarm.get(*block, "period"),
            unit=_or(alarm.get(*block, "unit"), None),
        )
    identifier = alarm.get(*path, "id")
    return MetricDataQuery(
        id=identifier if isinstance(identifier, str) else f"${{{alarm.address}.metric_query.id}}",
        expression=unknown or _or(alarm.get(*path, "expression"), None),
        metric_stat=metric,
        period=_or(alarm.get(*path, "period"), None),
        return_data=_or(alarm.get(*path, "return_data"), False),
        account_id=_or(alarm.get(*path, "account_id"), None),
    )


def composite_alarm(alarm: Instance, view: View) -> CompositeAlarm:
    """Return ``aws_cloudwatch_composite_alarm``."""
    suppressors = alarm.blocks("actions_suppressor")
    suppressor: Any = suppressors if isinstance(suppressors, Unknown) else None
    wait: Any = None
    extension: Any = None
    if not isinstance(suppressors, Unknown) and suppressors:
        block = suppressors[0]
        suppressor = view.text(alarm, (*block, "alarm"), ALARM_NAME)
        wait, extension = alarm.get(*block, "wait_period"), alarm.get(*block, "extension_period")
    return CompositeAlarm(
        name=view.name(alarm),
        arn=view.arn(alarm),
        alarm_rule=alarm.get("alarm_rule"),
        actions_suppressor=suppressor,
        actions_suppressor_wait_period=wait,
        actions_suppressor_extension_period=extension,
        **_acting(alarm, view),
    )


def _acting(alarm: Instance, view: View) -> dict[str, Any]:
    return {
        "actions_enabled": _or(alarm.get("actions_enabled"), True),
        "alarm_actions": view.texts(alarm, ("alarm_actions",), ACTION),
        "ok_actions": view.texts(alarm, ("ok_actions",), ACTION),
        "insufficient_data_actions": view.texts(alarm, ("insufficient_data_actions",), ACTION),
    }
