"""ARNs are compared in full; placeholders are distinguished from what is known."""

import pytest

from sg_alarm.rule.arn import Arn, arn_like, fits, like, same_account, without_streams

ALARM = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:sg"


def test_the_parts():
    parts = Arn.parse("arn:aws-cn:logs:cn-north-1:111122223333:log-group:a:b:*")
    assert parts == Arn("aws-cn", "logs", "cn-north-1", "111122223333", "log-group:a:b:*")
    assert str(parts) == "arn:aws-cn:logs:cn-north-1:111122223333:log-group:a:b:*"
    assert Arn.parse("aws_sns_topic.this") is None
    assert Arn.parse("alias/aws/sns") is None


def test_log_groups():
    assert without_streams("arn:aws:logs:a:b:log-group:c:*") == "arn:aws:logs:a:b:log-group:c"
    assert without_streams("arn:aws:logs:a:b:log-group:c") == "arn:aws:logs:a:b:log-group:c"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (ALARM, True),
        ("arn:aws:cloudwatch:*:111122223333:alarm:*", True),
        ("arn:*:cloudwatch:eu-west-?:*:alarm:s?", True),
        ("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:SG", False),
        ("arn:aws:cloudwatch:eu-west-2:*:alarm:*", False),
        ("arn:aws-cn:cloudwatch:*:*:*", False),
        ("arn:aws:*:alarm:sg", None),
        ("*", None),
        ("arn:${partition}:cloudwatch:eu-west-1:111122223333:alarm:sg", None),
        ("arn:${partition}:cloudwatch:eu-west-1:111122223333:alarm:other", False),
        ("aws_cloudwatch_metric_alarm.sg", None),
    ],
)
def test_arn_like(pattern, expected):
    assert arn_like(pattern, ALARM) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "${anything}", True),
        ("sns:*", "sns:Publish", True),
        ("s?s:P*h", "sns:Publish", True),
        ("sns.Publish", "sns:Publish", False),
        ("a[b]", "ab", False),
        ("${a}", "b", None),
        ("${a}", "${a}", True),
        ("alarm:*", "alarm:${a}-sg", True),
        ("alarm:s*", "alarm:${a}-sg", None),
        ("alarm:*g", "alarm:${a}-sg", None),
        ("alarm:sg", "alarm:${a}", None),
    ],
)
def test_like(pattern, text, expected):
    assert like(pattern, text) is expected


def test_accounts():
    assert same_account("111122223333", "111122223333") is True
    assert same_account("111122223333", "444455556666") is False
    assert same_account("${a}", "444455556666") is None
    assert same_account("${a}", "${a}") is True


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*ab", "aab", True),
        ("*ab", "aba", False),
        ("a*b*c", "abcbc", True),
        ("?*", "", False),
        ("?*", "a", True),
    ],
)
def test_a_star_tries_every_place(pattern, text, expected):
    assert fits(pattern, text) is expected
