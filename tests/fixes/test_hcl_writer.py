"""Terraform's language as it is written: read back, it says the same, and `terraform fmt` changes nothing."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.fixes.hcl_writer import Block, Expression, JsonEncoded, label, quote, write
from sg_alarm.readers.terraform.evaluator import constant
from sg_alarm.readers.terraform.parser import parse

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        }
    ],
}
BLOCKS = (
    Block("resource", ("aws_sns_topic", "alarms"), {"name": "alarms", "kms_key": Expression("a.b.c")}),
    Block(
        "resource",
        ("aws_x", "y"),
        {"threshold": 1.0, "half": 0.5, "on": True, "unit": None, "empty": {}, "policy": JsonEncoded(POLICY)},
        (Block("selector", (), {"equals": ["a", "b"]}, (Block("inner", (), {"a": "b"}),)),),
        comment="why",
    ),
)


def test_what_is_written():
    assert write(BLOCKS[0]) == (
        'resource "aws_sns_topic" "alarms" {\n  name    = "alarms"\n  kms_key = a.b.c\n}\n'
    )


def test_terraform_would_format_it_no_other_way(tmp_path, terraform_binary):
    (tmp_path / "main.tf").write_text(write(*BLOCKS), "utf-8")
    done = subprocess.run(
        [terraform_binary, "fmt", "-check", "-diff", tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_it_says_what_was_meant():
    topic, other = parse(write(*BLOCKS)).blocks
    (selector,) = other.blocks
    (inner,) = selector.blocks

    assert (topic.labels, values(topic.attributes, "name")) == (("aws_sns_topic", "alarms"), ["alarms"])
    assert values(other.attributes, "threshold", "half", "on", "unit", "empty") == [1, 0.5, True, None, {}]
    assert values(selector.attributes, "equals") == [["a", "b"]]
    assert values(inner.attributes, "a") == ["b"]
    assert json.loads(constant(other.attributes["policy"].node)) == POLICY


def values(attributes, *names):
    return [constant(attributes[name].node) for name in names]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('say "no"', r'"say \"no\""'),
        ("a\\b\n", r'"a\\b\n"'),
        ("${var.x} %{if}", '"$${var.x} %%{if}"'),
        ("a\u202eb\u200b\x00", r'"a\u202eb\u200b\u0000"'),
        ("\U000e0041", r'"\U000e0041"'),
    ],
)
def test_a_text_is_never_code(text, quoted):
    assert quote(text) == quoted


@given(st.text())
def test_a_quoted_text_is_one_line_that_can_be_seen(text):
    assert quote(text).isprintable()


@given(st.text())
def test_a_label_is_an_identifier(text):
    assert label(text).isidentifier()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("SecurityGroupConfigChangesAlarm", "security_group_config_changes_alarm"),
        ("CloudWatchAlarmSNSTopic", "cloud_watch_alarm_sns_topic"),
        ("security-alarms", "security_alarms"),
        ("/aws/cloudtrail/logs", "aws_cloudtrail_logs"),
        ("2024", "this_2024"),
        ("警報", "this"),
    ],
)
def test_labels_read_like_the_name(name, written):
    assert label(name) == written


def test_what_is_no_json_is_not_written():
    with pytest.raises(TypeError):
        write(Block("resource", ("a", "b"), {"c": object()}))
