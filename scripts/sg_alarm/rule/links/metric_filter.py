"""Whether the metric filter counts the change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sg_alarm.alarms import MetricTransformation
from sg_alarm.patterns import (
    Coverage,
    Noise,
    PatternError,
    Proof,
    compile_pattern,
    prove,
    prove_everything,
    prove_read,
)
from sg_alarm.patterns.cloudtrail import FIELDS
from sg_alarm.patterns.search import TOO_MANY
from sg_alarm.patterns.syntax import JsonPattern, conditions
from sg_alarm.rule.arn import Arn, is_opaque
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.links.checks import finding, unless_known
from sg_alarm.rule.links.trail import Change
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import MetricFilter, Place
from sg_alarm.rule.operations import OPERATIONS, OTHERS, ROUTINE_READS, Operation, Profile, noise
from sg_alarm.rule.truth import Truth
from sg_alarm.rule.verdict import Finding, Link, Message
from sg_alarm.steps import of_deployment
from sg_alarm.unknown import Unknown


def resource_of(metric_filter: MetricFilter) -> str:
    """Return what to call a filter: its address in the code, or log group and name."""
    if metric_filter.address:
        return metric_filter.address
    group = metric_filter.log_group_arn
    return f"{'' if isinstance(group, Unknown) else group}:metric-filter:{metric_filter.name}"


_NAMED = re.compile(rf"\b(?:{'|'.join(OPERATIONS)})\b")


def is_relevant(metric_filter: MetricFilter) -> bool:
    """Whether the filter may have anything to do with security groups: by what it matches, or names."""
    pattern = metric_filter.pattern
    if isinstance(pattern, Unknown) or _NAMED.search(pattern):
        return True
    try:
        return any(
            _prove(pattern, operation).coverage is not Coverage.MISSED for operation in OPERATIONS.values()
        )
    except PatternError:
        return True


def judge_filter(place: Place, metric_filter: MetricFilter, change: Change, profile: Profile) -> Finding:
    """Judge whether the filter matches every event of the change."""
    return finding(
        Link.METRIC_FILTER,
        resource_of(metric_filter),
        _messages(place, metric_filter, change, profile),
        say("filter-matches"),
    )


def judge_metric(metric_filter: MetricFilter) -> Finding:
    """Judge what the filter publishes."""
    published = metric_filter.transformation
    if isinstance(published, Unknown):
        message = not_known("metric-unknown", published)
    elif published is None:
        message = say("no-metric")
    elif isinstance(published.namespace, Unknown):
        message = not_known("metric-name-unknown", published.namespace)
    elif isinstance(published.name, Unknown):
        message = not_known("metric-name-unknown", published.name)
    else:
        message = say("metric-published", metric=metric_name(published))
    return finding(Link.METRIC, resource_of(metric_filter), [message])


def metric_name(published: MetricTransformation) -> str:
    """Return namespace and name of a metric, as the console shows them."""
    parts = (published.namespace, published.name)
    return "/".join("(unknown)" if isinstance(part, Unknown) else part for part in parts)


def _messages(
    place: Place, metric_filter: MetricFilter, change: Change, profile: Profile
) -> Iterator[Message]:
    yield from unless_known(metric_filter.log_group_arn, "filter-log-group-unknown")
    yield from _pattern(metric_filter.pattern, change, profile)
    yield from _criteria(metric_filter.field_selection_criteria, place, change)
    yield from unless_known(metric_filter.apply_on_transformed_logs, "filter-transformed-unknown")
    if metric_filter.apply_on_transformed_logs is True:
        yield say("filter-transformed")


def _pattern(pattern: str | Unknown, change: Change, profile: Profile) -> Iterator[Message]:
    if isinstance(pattern, Unknown):
        yield not_known("filter-pattern-unknown", pattern)
        return
    try:
        proof = _prove(pattern, change.operation)
        here = proof
        if proof.coverage in (Coverage.NARROWED, Coverage.CANNOT_TELL):
            here = _prove(pattern, change.operation, *known_of(change))
    except PatternError as error:
        yield say("filter-pattern-invalid", error=str(error))
        return
    if here.coverage is Coverage.COVERED:
        return
    if misspelt := _misspelt_field(pattern):
        yield say("filter-field-unknown", field=f"$.{misspelt}", right=f"$.{FIELDS[misspelt.lower()]}")
    elif proof.coverage is Coverage.NARROWED and _is_of_other_control(pattern):
        yield say("filter-of-other-control", condition=proof.condition, pattern=profile.texts[0])
    elif proof.coverage is Coverage.NARROWED:
        yield say("filter-pattern-narrowed", condition=proof.condition)
    elif proof.coverage is Coverage.CANNOT_TELL:
        yield say("filter-pattern-unclear", reason=proof.reason)
    else:
        yield say("filter-pattern-misses")


def is_quiet(metric_filter: MetricFilter) -> bool:
    """Whether the filter counts changes of security groups, and nothing else for certain."""
    try:
        pattern = metric_filter.pattern
        return isinstance(pattern, str) and noise(pattern).noise is Noise.QUIET
    except PatternError:
        return False


def counts(metric_filter: MetricFilter, reads: Truth) -> tuple[bool, str]:
    """Return whether the filter counts all calls of an account, and what it counts that is routine.

    ``reads``: whether its log group receives calls that only read.
    """
    pattern = metric_filter.pattern
    if isinstance(pattern, Unknown):
        return False, ""
    try:
        if _prove(pattern, EVERYTHING).coverage is Coverage.COVERED:
            return reads is True, "every event that it sees"
        if reads is False:
            return False, ""
        covered = (one.name for one in ROUTINE_READS if _prove(pattern, one).coverage is Coverage.COVERED)
        return False, next(covered, "")
    except PatternError:
        return False, ""


def _is_of_other_control(pattern: str) -> bool:
    """Whether the pattern is about calls of any name: of the root user, say, or without permission."""
    return all(_prove(pattern, other).coverage is not Coverage.MISSED for other in _UNRELATED)


EVERYTHING = Operation("*", "is any call at all", "*")
"""Stands for all events that a trail records."""

_UNRELATED = tuple(other for other in OTHERS if other.name in ("CreateVpc", "RunInstances"))


def _misspelt_field(pattern: str) -> str:
    """Return a field of the pattern that events do not have, but for the case of its letters."""
    tree = compile_pattern(pattern).tree
    if not isinstance(tree, JsonPattern):
        return ""
    first = (condition.selector.steps[0] for condition in conditions(tree.expression))
    names = (step for step in first if isinstance(step, str))
    return next((name for name in names if FIELDS.get(name.lower(), name) != name), "")


_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d+")


def known_of(change: Change) -> tuple[str, str]:
    """Return account and region that all events of the change have, empty where they are placeholders."""
    return (
        change.account if change.account.isdigit() else "",
        change.region if _REGION.fullmatch(change.region) else "",
    )


def _prove(pattern: str, operation: Operation, account: str = "", region: str = "") -> Proof:
    """Prove it from the budget of the deployment; once that is used up, the answer is unknown."""
    about = (pattern, operation, account, region)
    budget = of_deployment()
    if budget is None:
        return _proof(*about)
    if about not in budget.paid:
        if budget.left < 0:
            return Proof(Coverage.CANNOT_TELL, reason=TOO_MANY)
        budget.paid[about] = _proof(*about)
        budget.left -= budget.paid[about].steps
    proof: Proof = budget.paid[about]
    return proof


@lru_cache(maxsize=4096)
def _proof(pattern: str, operation: Operation, account: str, region: str) -> Proof:
    compiled = compile_pattern(pattern)
    if operation is EVERYTHING:
        return prove_everything(compiled)
    if operation in ROUTINE_READS:
        return prove_read(compiled, operation.name, operation.event_source)
    return prove(compiled, operation.name, operation.event_source, account, region)


_CONDITION = re.compile(r"(@aws\.(?:account|region))\s*(?:=\s*(\S+)|IN\s*\[([^\]]*)\])", re.IGNORECASE)


def _criteria(criteria: str | Unknown | None, place: Place, change: Change) -> Iterator[Message]:
    """Judge ``fieldSelectionCriteria``.

    Source: CloudWatch Logs API Reference, PutMetricFilter: it selects events by their source account and
    region. Whether that means where CloudTrail recorded the call or where the log group is, is not
    documented, so both must be admitted.
    """
    if isinstance(criteria, Unknown):
        yield not_known("filter-criteria-unknown", criteria)
        return
    if not criteria or not criteria.strip():
        return
    condition = _CONDITION.fullmatch(criteria.strip())
    if condition is None:
        yield say("filter-criteria-unclear", criteria=criteria.strip())
        return
    field, single, several = condition.groups()
    admitted = {value.strip().strip("\"'") for value in (single or several).split(",")}
    sources = (
        {place.account, change.account} if field.lower() == "@aws.account" else {place.region, change.region}
    )
    if sources <= admitted:
        return
    unclear = sources & admitted or any(Arn.parse(one) or is_opaque(one) for one in (*admitted, *sources))
    id_ = "filter-criteria-unclear" if unclear else "filter-criteria-exclude"
    yield say(id_, criteria=criteria.strip())
