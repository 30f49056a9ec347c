"""Which events a trail's selectors select: EventSelector and AdvancedEventSelector of the CloudTrail API."""

from __future__ import annotations

import pytest

from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.unknown import Unknown

HIDDEN = Unknown("known after apply")
MANAGEMENT = FieldSelector("eventCategory", equals=("Management",))


def answer(*selectors, reads=False):
    return selected(selectors, OPERATIONS["AuthorizeSecurityGroupIngress"], reads=reads)


@pytest.mark.parametrize(
    ("selector", "writes", "reads"),
    [
        (EventSelector(), "all", "all"),
        (EventSelector(read_write_type="WriteOnly"), "all", "none"),
        (EventSelector(read_write_type="ReadOnly"), "none", "all"),
        (EventSelector(include_management_events=False), "none", "none"),
        (EventSelector(exclude_management_event_sources=("kms.amazonaws.com",)), "all", "all"),
        (EventSelector(exclude_management_event_sources=("ec2.amazonaws.com",)), "none", "none"),
        (EventSelector(read_write_type=HIDDEN), "cannot tell", "cannot tell"),
        (EventSelector(include_management_events=HIDDEN), "cannot tell", "cannot tell"),
        (EventSelector(exclude_management_event_sources=HIDDEN), "cannot tell", "cannot tell"),
        # What is known to deselect decides, whatever the rest is.
        (EventSelector("ReadOnly", exclude_management_event_sources=HIDDEN), "none", "cannot tell"),
    ],
)
def test_a_basic_selector(selector, writes, reads):
    assert answer(selector) == writes
    assert answer(selector, reads=True) == reads


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (FieldSelector("readOnly", equals=("false",)), "all"),
        (FieldSelector("readOnly", equals=("true",)), "none"),
        (FieldSelector("eventSource", not_equals=("kms.amazonaws.com",)), "all"),
        (FieldSelector("eventSource", not_equals=("ec2.amazonaws.com",)), "none"),
        (FieldSelector("eventName", starts_with=("Delete", "Authorize", "Create")), "all"),
        (FieldSelector("eventName", ends_with=("Instances",)), "none"),
        (FieldSelector("eventName", not_starts_with=("Authorize", "Create")), "none"),
        (FieldSelector("eventName", not_ends_with=("Ingress", "Group")), "none"),
        (FieldSelector("eventName", starts_with=("Describe",), ends_with=("Ingress", "Group")), "all"),
        (FieldSelector("userIdentity.arn", starts_with=("arn:",)), "some"),
        (FieldSelector(HIDDEN, equals=("x",)), "cannot tell"),
        (FieldSelector("readOnly", equals=HIDDEN), "cannot tell"),
        (FieldSelector("readOnly", not_ends_with=HIDDEN), "cannot tell"),
    ],
)
def test_a_condition_of_an_advanced_selector(condition, expected):
    assert answer(AdvancedEventSelector((MANAGEMENT, condition))) == expected


def test_an_advanced_selector_without_a_category_is_none_that_cloudtrail_takes():
    writes = FieldSelector("readOnly", equals=("false",))
    assert answer(AdvancedEventSelector((writes,))) is Selected.CANNOT_TELL


def test_of_several_selectors_one_that_selects_all_is_enough():
    assert answer(EventSelector("ReadOnly"), EventSelector()) is Selected.ALL
    assert answer(EventSelector(HIDDEN), EventSelector()) is Selected.ALL
    assert answer(EventSelector("ReadOnly"), EventSelector(HIDDEN)) is Selected.CANNOT_TELL


def test_two_selectors_of_some_events_each_may_select_all_together():
    some = AdvancedEventSelector((MANAGEMENT, FieldSelector("userIdentity.arn", starts_with=("arn:",))))
    assert answer(some) is Selected.SOME
    assert answer(some, some) is Selected.CANNOT_TELL
