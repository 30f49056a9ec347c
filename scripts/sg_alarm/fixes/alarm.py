"""An alarm that is not raised, or that does not act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sg_alarm.alarms import Alarm, MetricAlarm
from sg_alarm.fixes.fix import Broken, Fix, changed, exchanged, find, listed
from sg_alarm.fixes.hcl_writer import Block
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.links.alarm import resource_of
from sg_alarm.rule.model import Deployment, Place


def _alarm_at(broken: Broken) -> tuple[Place, Alarm] | None:
    return find(
        broken.deployment, lambda at: at.alarms, lambda one: resource_of(one) == broken.finding.resource
    )


def _alarm_block(broken: Broken, alarm: Alarm, attributes: Mapping[str, Any]) -> Block:
    kind = (
        "aws_cloudwatch_metric_alarm" if isinstance(alarm, MetricAlarm) else "aws_cloudwatch_composite_alarm"
    )
    return broken.resource(kind, alarm.name, {"alarm_name": alarm.name, **attributes})


def _with_alarm(broken: Broken, place: Place, old: Alarm, new: Alarm) -> Deployment:
    return changed(broken.deployment, place, alarms=exchanged(listed(place.alarms), old, new))


def fix_alarm(broken: Broken) -> Iterator[Fix]:
    """Let the alarm read the metric as the standards have it; only what differs is written."""
    found = _alarm_at(broken)
    if found is None or not isinstance(found[1], MetricAlarm) or found[1].metric_stat is None:
        return
    place, old = found
    stat = found[1].metric_stat
    wanted = {
        "comparison_operator": (found[1].comparison_operator, "GreaterThanOrEqualToThreshold"),
        "threshold": (found[1].threshold, 1),
        "statistic": (stat.stat, "Sum"),
        "period": (stat.period, 300),
        "evaluation_periods": (found[1].evaluation_periods, 1),
        "datapoints_to_alarm": (found[1].datapoints_to_alarm or 1, 1),
        "treat_missing_data": (found[1].treat_missing_data, "notBreaching"),
        "unit": (stat.unit, None),
        "dimensions": (stat.metric.dimensions, ()),
    }
    attributes = {name: value for name, (is_now, value) in wanted.items() if is_now != value}
    if "dimensions" in attributes:
        attributes["dimensions"] = {}
    new = replace(
        found[1],
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1.0,
        evaluation_periods=1,
        datapoints_to_alarm=None,
        treat_missing_data="notBreaching",
        metric_stat=replace(
            stat, stat="Sum", period=300, unit=None, metric=replace(stat.metric, dimensions=())
        ),
    )
    yield Fix(_with_alarm(broken, place, old, new), (_alarm_block(broken, old, attributes),))


def fix_action(broken: Broken) -> Iterator[Fix]:
    """Let the alarm act, on the one topic that can be meant."""
    found = _alarm_at(broken)
    if found is None:
        return
    place, old = found
    new, attributes = old, dict[str, Any]()
    if old.actions_enabled is False:
        new, attributes["actions_enabled"] = replace(new, actions_enabled=True), True
    if old.alarm_actions == ():
        topics = set(_topics_of(place, old))
        if len(topics) != 1:
            return
        new, attributes["alarm_actions"] = replace(new, alarm_actions=tuple(topics)), list(topics)
    yield Fix(_with_alarm(broken, place, old, new), (_alarm_block(broken, old, attributes),))


def _topics_of(place: Place, alarm: Alarm) -> Iterator[str]:
    """Yield the topics that the alarm may be meant to notify: its others', and those of its region."""
    for action in (*listed(alarm.ok_actions), *listed(alarm.insufficient_data_actions)):
        parts = Arn.parse(action) if isinstance(action, str) else None
        if parts is not None and (parts.service, parts.region) == ("sns", place.region):
            yield str(parts)
    yield from (one.arn for one in listed(place.topics))
