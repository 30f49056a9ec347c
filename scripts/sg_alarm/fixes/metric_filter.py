"""A metric filter that does not match the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sg_alarm.alarms import MetricTransformation
from sg_alarm.fixes.fix import Broken, Fix, changed, exchanged, find, listed
from sg_alarm.fixes.hcl_writer import Block, label
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.links.metric_filter import resource_of
from sg_alarm.rule.model import MetricFilter, Place
from sg_alarm.unknown import Unknown


def fix_metric_filter(broken: Broken) -> Iterator[Fix]:
    """Give the filter the text of the standard, or a second filter to the metric."""
    deployment, finding, profile = broken.deployment, broken.finding, broken.profile
    found = find(deployment, lambda at: at.metric_filters, lambda one: resource_of(one) == finding.resource)
    if found is None or not isinstance(found[1].log_group_arn, str):
        return
    if any(message.id == "filter-of-other-control" for message in finding.evidence):
        return  # it is right for what it is about
    place, old = found
    filters = listed(place.metric_filters)
    if profile.exact or finding.partial or not _is_valid(old.pattern):
        text = profile.texts[0]
        yield Fix(
            changed(deployment, place, metric_filters=exchanged(filters, old, replace(old, pattern=text))),
            (
                broken.resource(
                    "aws_cloudwatch_log_metric_filter", old.name, {"name": old.name, "pattern": text}
                ),
            ),
        )
        return
    yield from _further_filter(broken, place, old)


def _is_valid(pattern: str | Unknown) -> bool:
    try:
        return isinstance(pattern, Unknown) or bool(compile_pattern(pattern))
    except PatternError:
        return False


def _further_filter(broken: Broken, place: Place, old: MetricFilter) -> Iterator[Fix]:
    """Return a second filter on the metric of the first: disjoint, so that no change counts twice."""
    metric = old.transformation
    group = Arn.parse(without_streams(str(old.log_group_arn)))
    if (
        group is None  # in code: its address
        or not isinstance(metric, MetricTransformation)
        or metric.dimensions
        or metric.emit_system_field_dimensions
    ):
        return
    names = [name for name in broken.profile.operations if name in broken.finding.operations]
    new = replace(
        old,
        name=f"{old.name}Remaining",
        pattern="{ " + " || ".join(f"($.eventName = {name})" for name in names) + " }",
        transformation=MetricTransformation(metric.namespace, metric.name),
        address="",
    )
    block = Block(
        "resource",
        ("aws_cloudwatch_log_metric_filter", label(new.name)),
        {
            "name": new.name,
            "log_group_name": group.resource.removeprefix("log-group:"),
            "pattern": new.pattern,
        },
        (
            Block(
                "metric_transformation",
                (),
                {"name": metric.name, "namespace": metric.namespace, "value": "1"},
            ),
        ),
    )
    filters = listed(place.metric_filters)
    if all(one.name != new.name for one in filters):
        yield Fix(changed(broken.deployment, place, metric_filters=(*filters, new)), (block,))
