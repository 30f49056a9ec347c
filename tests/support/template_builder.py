"""A small template with the whole chain, and ways to alter one thing in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sg_alarm.readers.cloudformation import Reading, read_template
from sg_alarm.readers.cloudformation.document import load, nested
from sg_alarm.rule.audit import judged_reading
from sg_alarm.rule.operations import PATTERN_OF_SIX, find_profile
from sg_alarm.rule.wording import DescribedJudgement, Names, describe

TRAIL = """
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: bucket
      IsLogging: true
      IsMultiRegionTrail: true
      CloudWatchLogsLogGroupArn: !GetAtt TrailLogs.Arn
      CloudWatchLogsRoleArn: arn:aws:iam::111122223333:role/trail
"""

LOG_GROUP = """
  TrailLogs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: trail
"""

FILTER = f"""
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref TrailLogs
      FilterPattern: "{PATTERN_OF_SIX}"
      MetricTransformations:
        - MetricName: Changes
          MetricNamespace: Security
          MetricValue: "1"
"""

ALARM = """
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: changes
      MetricName: Changes
      Namespace: Security
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      AlarmActions:
        - !Ref Topic
"""

TOPIC = """
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: Alarms
"""

SUBSCRIPTION = """
  Mail:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: email
      Endpoint: security@example.com
"""

PARTS = {
    "trail": TRAIL,
    "log_group": LOG_GROUP,
    "filter": FILTER,
    "alarm": ALARM,
    "topic": TOPIC,
    "subscription": SUBSCRIPTION,
}


def template(*resources: str, sections: str = "") -> str:
    """Return a template of these resources; ``sections`` stand before them."""
    return f'AWSTemplateFormatVersion: "2010-09-09"\n{sections}\nResources:\n{"".join(resources)}'


WHOLE = template(*PARTS.values())


def changed(*pairs: tuple[str, str], further: str = "", sections: str = "") -> str:
    """The whole chain with some texts replaced, and resources and sections put to it."""
    text = "".join(PARTS.values())
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return template(text, further, sections=sections)


def without(*parts: str, further: str = "", sections: str = "") -> str:
    """The whole chain without some of its parts."""
    left = (text for name, text in PARTS.items() if name not in parts)
    return template(*left, further, sections=sections)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def reading_of(path: Path) -> Reading:
    """Read a template file and those that it nests."""
    document = load(path)
    return read_template(
        document.template, path.name, document.lines, lambda location: nested(path.parent, location)
    )


def judged(reading: Reading, profile: str = "conformity") -> DescribedJudgement:
    """Judge a template as it was read."""
    found = judged_reading(reading, find_profile(profile))
    assert found is not None
    return describe(found[1], Names(reading.addresses))
