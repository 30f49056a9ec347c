"""A small codebase with the whole chain, and ways to alter one thing in it."""

from __future__ import annotations

from pathlib import Path

from sg_alarm.readers.reading import Reading
from sg_alarm.readers.terraform import Files, Loader, read_root
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PATTERN_OF_SIX, find_profile
from sg_alarm.rule.verdict import Verdict
from sg_alarm.rule.wording import DescribedJudgement, Names, describe

PROVIDER = 'provider "aws" { region = "eu-west-1" }\n'

TRAIL = """
resource "aws_cloudtrail" "main" {
  name                       = "main"
  s3_bucket_name             = "bucket"
  is_multi_region_trail      = true
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail"
}
"""

LOG_GROUP = """
resource "aws_cloudwatch_log_group" "trail" {
  name = "trail"
}
"""

FILTER = f"""
resource "aws_cloudwatch_log_metric_filter" "sg" {{
  name           = "sg"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{PATTERN_OF_SIX}"

  metric_transformation {{
    name      = "Changes"
    namespace = "Security"
    value     = "1"
  }}
}}
"""

ALARM = """
resource "aws_cloudwatch_metric_alarm" "sg" {
  alarm_name          = "sg"
  metric_name         = aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name
  namespace           = aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].namespace
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
"""

TOPIC = """
resource "aws_sns_topic" "alarms" {
  name = "alarms"
}
"""

SUBSCRIPTION = """
resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = "security@example.com"
}
"""

PARTS = {
    "provider": PROVIDER,
    "trail": TRAIL,
    "log_group": LOG_GROUP,
    "filter": FILTER,
    "alarm": ALARM,
    "topic": TOPIC,
    "subscription": SUBSCRIPTION,
}
WHOLE = "".join(PARTS.values())


EACH_ALONE = {".sg-alarm.toml": 'expect = "every-root"\n'}
"""The file by which each root module, plan or template of a scan is a codebase of its own."""


def changed(old: str, new: str, further: str = "", text: str = WHOLE) -> str:
    """The whole chain with one text replaced, and something put behind it."""
    assert old in text
    return text.replace(old, new) + further


def without(*parts: str) -> str:
    """The whole chain without some of its parts."""
    return "".join(text for name, text in PARTS.items() if name not in parts)


def written(folder: Path, files: str | dict[str, str]) -> Path:
    """Write files, or one ``main.tf``; return the folder."""
    for name, text in ({"main.tf": files} if isinstance(files, str) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def judged(reading: Reading, profile: str = "conformity") -> DescribedJudgement:
    """Judge a root as it was read."""
    assert reading.deployment is not None
    return describe(evaluate(reading.deployment, find_profile(profile)), Names(reading.addresses))


def judgement_of(folder: Path, *variable_files: Path, inside: Path | None = None) -> DescribedJudgement:
    """Read and judge one root module, of a codebase in the folder ``inside``."""
    loader = Loader(Files(inside or folder))
    return judged(read_root(folder, folder.name, variable_files, loader))


def worst_resources(judgement: DescribedJudgement) -> set[str]:
    """What the findings that decide point at."""
    return {one.resource for one in judgement.findings if one.verdict is not Verdict.PASS}
