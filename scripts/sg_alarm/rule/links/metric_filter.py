"""Whether the metric filter counts the change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sg_alarm.alarms import MetricTransformation
from sg_alarm.patterns import Coverage, PatternError, Proof, compile_pattern, prove
from sg_alarm.rule.arn import Arn
from sg_alarm.rule.links.checks import OK, Check, cannot_tell, failed, finding, passed
from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.model import MetricFilter, Place
from sg_alarm.rule.operations import OPERATIONS, Operation
from sg_alarm.rule.verdict import Finding, Link
from sg_alarm.unknown import Unknown


def resource_of(metric_filter: MetricFilter) -> str:
    """Return what to call a filter: its address in the code, or log group and name."""
    if metric_filter.address:
        return metric_filter.address
    group = metric_filter.log_group_arn
    return f"{'' if isinstance(group, Unknown) else group}:metric-filter:{metric_filter.name}"


def is_relevant(metric_filter: MetricFilter) -> bool:
    """Whether the filter may have anything to do with security groups."""
    pattern = metric_filter.pattern
    if isinstance(pattern, Unknown):
        return True
    try:
        return any(
            _prove(pattern, operation).coverage is not Coverage.MISSED for operation in OPERATIONS.values()
        )
    except PatternError:
        return True


def judge_filter(place: Place, metric_filter: MetricFilter, change: Change) -> Finding:
    """Judge whether the filter matches every event of the change."""
    return finding(
        Link.METRIC_FILTER,
        resource_of(metric_filter),
        _checks(place, metric_filter, change),
        "the pattern matches every such change",
    )


def judge_metric(metric_filter: MetricFilter) -> Finding:
    """Judge what the filter publishes."""
    found = metric_filter.transformation
    if isinstance(found, Unknown):
        one = cannot_tell(f"the filter's metric is unknown: {found.reason}")
    elif found is None:
        one = failed("the filter publishes no metric", "give it a metric transformation")
    else:
        unknown = [part for part in (found.namespace, found.name) if isinstance(part, Unknown)]
        one = (
            cannot_tell(f"the metric's name is unknown: {unknown[0].reason}")
            if unknown
            else passed(f"the filter publishes {_metric(found)}")
        )
    return finding(Link.METRIC, resource_of(metric_filter), (one,))


def _metric(found: MetricTransformation) -> str:
    return f"{found.namespace}/{found.name}"


def _checks(place: Place, metric_filter: MetricFilter, change: Change) -> Iterator[Check]:
    if isinstance(metric_filter.log_group_arn, Unknown):
        yield cannot_tell(f"the filter's log group is unknown: {metric_filter.log_group_arn.reason}")
    yield _pattern(metric_filter.pattern, change)
    yield _criteria(metric_filter.field_selection_criteria, place, change)
    transformed = metric_filter.apply_on_transformed_logs
    if isinstance(transformed, Unknown):
        yield cannot_tell(f"whether it sees transformed events is unknown: {transformed.reason}")
    elif transformed:
        yield cannot_tell(
            "the filter sees the events as the log group's transformer leaves them, which nobody can tell",
            "apply the filter to the original events",
        )


def _pattern(pattern: str | Unknown, change: Change) -> Check:
    if isinstance(pattern, Unknown):
        return cannot_tell(f"the pattern is unknown: {pattern.reason}")
    operation = change.operation
    try:
        proof = _prove(pattern, operation)
        here = proof
        if proof.coverage in (Coverage.NARROWED, Coverage.CANNOT_TELL):
            here = _prove(pattern, operation, *known_of(change))
    except PatternError as error:
        return failed(f"CloudWatch Logs does not accept the pattern: {error}", "correct the pattern")
    if here.coverage is Coverage.COVERED:
        return OK
    if proof.coverage is Coverage.NARROWED:
        return failed(
            f"the pattern matches only changes with {proof.condition}",
            "take the condition out of the pattern, or add a filter for the other changes",
            partial=True,
        )
    if proof.coverage is Coverage.MISSED:
        return failed(
            "the pattern does not match it",
            "add a term ($.eventName = …) for it to the pattern, or another filter on the same metric",
        )
    return cannot_tell(
        f"cannot tell whether the pattern matches every such change: {proof.reason}",
        "compare $.eventName with the names of the operations",
    )


_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d+")


def known_of(change: Change) -> tuple[str, str]:
    """Return account and region that all events of the change have, empty where they are placeholders."""
    return (
        change.account if change.account.isdigit() else "",
        change.region if _REGION.fullmatch(change.region) else "",
    )


@lru_cache(maxsize=4096)
def _prove(pattern: str, operation: Operation, account: str = "", region: str = "") -> Proof:
    return prove(compile_pattern(pattern), operation.name, operation.event_source, account, region)


_CONDITION = re.compile(r"(@aws\.(?:account|region))\s*(?:=\s*(\S+)|IN\s*\[([^\]]*)\])", re.IGNORECASE)


def _criteria(criteria: str | Unknown | None, place: Place, change: Change) -> Check:
    """Judge ``fieldSelectionCriteria``.

    Source: CloudWatch Logs API Reference, PutMetricFilter: it selects events by their source account and
    region. Whether that means where CloudTrail recorded the call or where the log group is, is not
    documented, so both must be admitted.
    """
    if isinstance(criteria, Unknown):
        return cannot_tell(f"its field selection criteria are unknown: {criteria.reason}")
    if not criteria or not criteria.strip():
        return OK
    evidence = f"its field selection criteria {criteria.strip()}"
    remedy = "remove the field selection criteria"
    condition = _CONDITION.fullmatch(criteria.strip())
    if condition is None:
        return cannot_tell(f"{evidence} may leave out the change", remedy)
    field, single, several = condition.groups()
    admitted = {value.strip().strip("\"'") for value in (single or several).split(",")}
    candidates = (
        {place.account, change.account} if field.lower() == "@aws.account" else {place.region, change.region}
    )
    if candidates <= admitted:
        return OK
    if candidates & admitted or any(Arn.parse(one) or "${" in one for one in (*admitted, *candidates)):
        return cannot_tell(f"{evidence} may leave out the change", remedy)
    return failed(f"{evidence} leave out the change", remedy)
