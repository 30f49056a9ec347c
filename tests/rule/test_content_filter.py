"""Filters on the content of messages and events."""

import pytest

from sg_alarm.rule.content_filter import ABSENT, passes
from sg_alarm.unknown import Unknown

DOCUMENT = {"name": "SecurityGroups", "state": "ALARM", "old": Unknown("either"), "gone": ABSENT}


@pytest.mark.parametrize(
    ("content_filter", "expected"),
    [
        ({}, True),
        ({"state": ["ALARM"]}, True),
        ({"state": ["OK", "ALARM"]}, True),
        ({"state": ["OK"]}, False),
        ({"state": []}, False),
        ({"state": ["ALARM"], "name": ["other"]}, False),
        ({"name": [{"prefix": "Security"}]}, True),
        ({"name": [{"prefix": "prod"}]}, False),
        ({"name": [{"suffix": "Groups"}]}, True),
        ({"name": [{"suffix": "groups"}]}, False),
        ({"name": [{"equals-ignore-case": "securitygroups"}]}, True),
        ({"name": [{"anything-but": "other"}]}, True),
        ({"name": [{"anything-but": ["other", "SecurityGroups"]}]}, False),
        ({"name": [{"anything-but": {"prefix": "prod"}}]}, True),
        ({"name": [{"anything-but": {"prefix": "Sec"}}]}, False),
        ({"name": [{"exists": True}]}, True),
        ({"name": [{"exists": False}]}, False),
        ({"name": [{"wildcard": "Sec*"}]}, None),
        ({"name": [{"prefix": {"equals-ignore-case": "sec"}}]}, None),
        ({"name": "SecurityGroups"}, None),
        ({"old": ["OK"]}, None),
        ({"old": [{"exists": True}]}, True),
        ({"old": [{"anything-but": "OK"}]}, None),
        ({"old": [{"anything-but": {"prefix": "O"}}]}, None),
        ({"gone": ["x"]}, False),
        ({"gone": [{"exists": False}]}, True),
        ({"gone": {"deeper": ["x"]}}, False),
        ({"stranger": ["x"]}, None),
        ({"stranger": [{"exists": False}]}, None),
        ({"stranger": ["x"], "state": ["OK"]}, False),
        ({"$or": [{"state": ["OK"]}, {"name": [{"prefix": "Sec"}]}]}, True),
        ({"$or": [{"state": ["OK"]}, {"name": ["other"]}]}, False),
        ({"$or": {"state": ["ALARM"]}}, None),
        ({"$or": "state"}, None),
        ({"state": [{"prefix": "AL", "suffix": "ARM"}]}, None),
        (Unknown("access denied"), None),
        ({"state": [Unknown("access denied")]}, None),
    ],
)
def test_passes(content_filter, expected):
    assert passes(content_filter, DOCUMENT) is expected


def test_a_complete_document_has_no_other_fields():
    assert passes({"stranger": ["x"]}, {}, complete=True) is False
    assert passes({"stranger": [{"exists": False}]}, {}, complete=True) is True
    assert passes({"stranger": [{"anything-but": "x"}]}, {}, complete=True) is False
