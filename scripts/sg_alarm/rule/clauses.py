"""What a standard asks for besides an unbroken chain: small predicates over single parts of the model.

A clause speaks of one link, and is judged for the trail, filter or alarm that stands there in a chain. All
texts are data here. What the chain itself proves (the trail logs, the topic has a confirmed subscription)
needs no clause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sg_alarm.alarms import Alarm, MetricAlarm
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, MetricFilter, Trail
from sg_alarm.rule.truth import Truth, every, some
from sg_alarm.rule.verdict import Link
from sg_alarm.unknown import Unknown


@dataclass(frozen=True)
class Clause:
    """Something that a standard asks for at one link.

    ``asks`` completes "the standard asks for …". The messages ``standard-ID`` and ``standard-ID-unclear`` say
    what was seen where it does not hold, or cannot be decided; ``text`` is the text that they ask for, if
    any. ``holds`` takes the Trail, MetricFilter or Alarm of the link.
    """

    id: str
    link: Link
    asks: str
    source: str
    holds: Callable[[Any], Truth]
    text: str = ""


# Predicates


def is_multi_region(trail: Trail) -> Truth:
    """Whether ``IsMultiRegionTrail`` is true."""
    return None if isinstance(trail.is_multi_region, Unknown) else trail.is_multi_region


def selects_reads_and_writes(trail: Trail) -> Truth:
    """Whether one event selector takes read and write management events.

    A basic one does so with ``IncludeManagementEvents`` and the ``ReadWriteType`` All; its counterpart among
    the advanced ones has no condition on ``readOnly``. A trail without selectors has CloudTrail's default,
    which takes both.
    """
    selectors = trail.event_selectors
    if isinstance(selectors, Unknown):
        return None
    return not selectors or some(map(_takes_both, selectors))


def _takes_both(selector: EventSelector | AdvancedEventSelector) -> Truth:
    if isinstance(selector, EventSelector):
        asked = ((selector.include_management_events, True), (selector.read_write_type, "All"))
        return every(None if isinstance(value, Unknown) else value == wanted for value, wanted in asked)
    conditions = selector.field_selectors
    if isinstance(conditions, Unknown):
        return None
    if any(isinstance(one.field, Unknown) for one in conditions):
        return None
    categories = [one.equals for one in conditions if one.field == "eventCategory"]
    if any(isinstance(one, Unknown) for one in categories):
        return None
    return ("Management",) in categories and all(one.field != "readOnly" for one in conditions)


def reads_one_metric(alarm: Alarm) -> Truth:
    """Whether the alarm reads a single metric by its name: no metric math, no rule over other alarms."""
    return isinstance(alarm, MetricAlarm) and alarm.metric_stat is not None


def has_text(texts: tuple[str, ...]) -> Callable[[MetricFilter], Truth]:
    """Return a predicate: whether the pattern is one of these to the letter.

    One that differs in white space only cannot be decided: nothing published says how it is compared.
    """

    def holds(metric_filter: MetricFilter) -> Truth:
        if isinstance(metric_filter.pattern, Unknown):
            return None
        try:
            pattern = compile_pattern(metric_filter.pattern)
        except PatternError:
            return False
        if any(pattern.has_text(text) for text in texts):
            return True
        return None if any(pattern.equals(compile_pattern(text)) for text in texts) else False

    return holds


# The clauses


def multi_region(source: str) -> Clause:
    """Ask for a multi-region trail."""
    return Clause(
        "multi-region-trail",
        Link.TRAIL,
        "a multi-region trail",
        source,
        is_multi_region,
    )


def reads_and_writes(source: str) -> Clause:
    """Ask for a trail of all management events."""
    return Clause(
        "read-and-write-events",
        Link.TRAIL,
        "a trail that selects read and write management events (ReadWriteType All)",
        source,
        selects_reads_and_writes,
    )


def metric_alarm(source: str) -> Clause:
    """Ask for an alarm that can be found by the name of its metric."""
    return Clause(
        "alarm-on-the-metric",
        Link.ALARM,
        "an alarm on the filter's metric itself, found by the metric's name",
        source,
        reads_one_metric,
    )


def exact_text(texts: tuple[str, ...], source: str) -> Clause:
    """Ask for the published pattern and no other."""
    return Clause(
        "exact-pattern",
        Link.METRIC_FILTER,
        "an exact text and nothing besides",
        source,
        has_text(texts),
        texts[0],
    )
