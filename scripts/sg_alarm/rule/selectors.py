"""Whether a trail's event selectors select the events of an operation.

Sources: CloudTrail API Reference, EventSelector, AdvancedEventSelector, AdvancedFieldSelector; CloudTrail
User Guide, "Filtering data events by using advanced event selectors", how several conditions for a field are
evaluated: the operators that deselect hold all, of those that select one is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector
from sg_alarm.rule.operations import Operation
from sg_alarm.unknown import Unknown


class Selected(str, Enum):
    """Which events of an operation are selected."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    CANNOT_TELL = "cannot tell"


def selected(
    selectors: Sequence[EventSelector | AdvancedEventSelector] | Unknown,
    operation: Operation,
    *,
    reads: bool = False,
) -> Selected:
    """Answer for one operation that changes something, or only ``reads``, and all selectors of a trail."""
    if isinstance(selectors, Unknown):
        return Selected.CANNOT_TELL
    if not selectors:
        return Selected.ALL  # "trails created without specific event selectors … log all … management events"
    answers = [
        _basic(selector, operation, reads)
        if isinstance(selector, EventSelector)
        else _advanced(selector, operation, reads)
        for selector in selectors
    ]
    if Selected.ALL in answers:
        return Selected.ALL
    # Two selectors of some events each may or may not select all of them together.
    if Selected.CANNOT_TELL in answers or answers.count(Selected.SOME) > 1:
        return Selected.CANNOT_TELL
    return Selected.SOME if Selected.SOME in answers else Selected.NONE


def _every(answers: Iterable[Selected]) -> Selected:
    found = set(answers)
    for answer in (Selected.NONE, Selected.CANNOT_TELL, Selected.SOME):
        if answer in found:
            return answer
    return Selected.ALL


def _basic(selector: EventSelector, operation: Operation, reads: bool) -> Selected:
    def meets(value: object, holds: bool) -> Selected:
        if isinstance(value, Unknown):
            return Selected.CANNOT_TELL
        return Selected.ALL if holds else Selected.NONE

    kind = "ReadOnly" if reads else "WriteOnly"
    excluded = selector.exclude_management_event_sources
    return _every(
        (
            meets(selector.include_management_events, selector.include_management_events is True),
            meets(selector.read_write_type, selector.read_write_type in ("All", kind)),
            meets(excluded, isinstance(excluded, tuple) and operation.event_source not in excluded),
        )
    )


def _advanced(selector: AdvancedEventSelector, operation: Operation, reads: bool) -> Selected:
    if isinstance(selector.field_selectors, Unknown):
        return Selected.CANNOT_TELL
    event = {
        "eventCategory": "Management",
        "eventSource": operation.event_source,
        "eventName": operation.name,
        "eventType": "AwsApiCall",
        "readOnly": "true" if reads else "false",
    }
    answers = [_field(condition, event) for condition in selector.field_selectors]
    if all(condition.field != "eventCategory" for condition in selector.field_selectors):
        answers.append(Selected.CANNOT_TELL)  # required: without it CloudTrail would not take the selector
    return _every(answers)


def _field(condition: FieldSelector, event: dict[str, str]) -> Selected:
    select = (condition.equals, condition.starts_with, condition.ends_with)
    deselect = (condition.not_equals, condition.not_starts_with, condition.not_ends_with)
    if isinstance(condition.field, Unknown) or any(isinstance(one, Unknown) for one in (*select, *deselect)):
        return Selected.CANNOT_TELL
    if condition.field not in event:
        # Who calls, or from where, differs from event to event.
        return Selected.SOME
    value = event[condition.field]

    def meets(values: Sequence[tuple[str, ...] | Unknown]) -> bool:
        equals, starts, ends = (() if isinstance(one, Unknown) else one for one in values)
        return value in equals or value.startswith(starts) or value.endswith(ends)

    if meets(deselect) or (any(select) and not meets(select)):
        return Selected.NONE
    return Selected.ALL
