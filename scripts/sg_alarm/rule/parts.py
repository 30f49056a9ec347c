"""Whether a deployment holds a part of this chain, or has nothing to do with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sg_alarm.alarms import Metric, MetricAlarm, MetricTransformation
from sg_alarm.patterns import Coverage, PatternError
from sg_alarm.rule.arn import is_opaque, without_streams
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.rule.operations import OPERATIONS, coverage
from sg_alarm.rule.per_change import matches_call
from sg_alarm.unknown import Unknown, known_items

_NAMES_AN_OPERATION = re.compile(rf"\b(?:{'|'.join(OPERATIONS)})\b")
_NAMES_GROUPS = re.compile(r"security[-_ ]?group", re.IGNORECASE)
_CALLED_AFTER_GROUPS = re.compile(rf"{_NAMES_GROUPS.pattern}|(?<![^\W_])sg(?![^\W_])", re.IGNORECASE)
_OF_CALLS = re.compile(r"\$\.event|security[-_ ]?group|ec2\.amazonaws\.com", re.IGNORECASE)

MetricId = tuple[str, str]
"""The namespace and the name of a metric."""


def filters_for_changes(deployment: Deployment) -> tuple[MetricFilter, ...]:
    """Return the metric filters for changes of security groups, and those that may be such filters."""
    fed = {_group(one.log_group_arn) for one in known_items(deployment.trails)} - {""}

    def may_be_meant(one: MetricFilter) -> bool:
        on_trail = _group(one.log_group_arn) in fed
        known = is_for_changes(one.pattern, on_trail) if isinstance(one.pattern, str) else None
        return _is_called_after_groups(one) if known is None else known

    return tuple(
        one for place in deployment.places for one in known_items(place.metric_filters) if may_be_meant(one)
    )


def _group(log_group_arn: object) -> str:
    return without_streams(log_group_arn) if isinstance(log_group_arn, str) else ""


@lru_cache(maxsize=1024)
def is_for_changes(pattern: str, on_trail: bool = False) -> bool | None:
    """Whether a pattern is for changes of security groups; ``None`` for one that AWS would not take.

    It is if it names an operation, or matches every call of one. What names none and matches some of the
    calls, such as those of the root user, belongs to another control. What names nothing of API calls at all,
    such as the empty pattern, counts only ``on_trail``: where a trail delivers to the log group.
    """
    if _NAMES_AN_OPERATION.search(pattern):
        return True
    try:
        found = {proof.coverage for proof in coverage(pattern).values()}
    except PatternError:
        return None
    if Coverage.COVERED in found:
        return on_trail or _OF_CALLS.search(pattern) is not None
    return found != {Coverage.MISSED} and _NAMES_GROUPS.search(pattern) is not None


def _is_called_after_groups(metric_filter: MetricFilter) -> bool:
    """Whether a filter is called after security groups, or has no known name."""
    name = metric_filter.name
    is_named = isinstance(name, str) and not is_opaque(name)
    return not is_named or bool(_CALLED_AFTER_GROUPS.search(f"{name} {metric_filter.address}"))


def published(filters: Iterable[MetricFilter]) -> frozenset[MetricId]:
    """Return the metrics that filters publish, as far as their names are known."""
    made = (one.transformation for one in filters)
    return _known(one for one in made if isinstance(one, MetricTransformation))


def watched(deployment: Deployment) -> frozenset[MetricId]:
    """Return the metrics that alarms read, as far as their names are known."""
    stats = (
        stat
        for place in deployment.places
        for alarm in known_items(place.alarms)
        if isinstance(alarm, MetricAlarm)
        for stat in (alarm.metric_stat, *(query.metric_stat for query in alarm.metrics))
    )
    return _known(stat.metric for stat in stats if stat is not None)


def _known(metrics: Iterable[Metric | MetricTransformation]) -> frozenset[MetricId]:
    return frozenset(
        (one.namespace, one.name)
        for one in metrics
        if isinstance(one.namespace, str) and isinstance(one.name, str)
    )


def has_rule_for_changes(deployment: Deployment) -> bool:
    """Whether an EventBridge rule matches the calls, and not whatever else happens in EC2."""
    return any(
        _NAMES_GROUPS.search(str(rule.event_pattern)) and matches_call(rule, place, operation)
        for place in deployment.places
        for rule in known_items(place.event_rules)
        for operation in OPERATIONS
    )


def unread(deployment: Deployment) -> str:
    """Return why a deployment as a whole could not be read; empty where it was."""
    reasons = [
        place.metric_filters.reason
        for place in deployment.places
        if isinstance(place.metric_filters, Unknown)
    ]
    return reasons[0] if reasons and len(reasons) == len(deployment.places) else ""
