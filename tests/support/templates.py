"""CloudFormation templates in every form that people write, each with its verdict and what it points at.

One table for every suite that judges templates: the reader in this process, and Checkov with our check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sg_alarm.readers.cloudformation.document import parse
from sg_alarm.rule.operations import PATTERN_OF_SIX, SIX
from sg_alarm.rule.verdict import Verdict
from template_builder import (
    ALARM,
    FILTER,
    LOG_GROUP,
    SUBSCRIPTION,
    TOPIC,
    TRAIL,
    WHOLE,
    changed,
    template,
    without,
)

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


@dataclass(frozen=True)
class Template:
    """A template and what must be said of it.

    ``files`` are texts by path; the first is judged, the others are nested in it. ``verdict`` is ``None``
    where there is nothing to judge. ``points_at`` is the logical id that a finding of this verdict must name,
    ``says`` a part of its evidence; empty where it does not matter.
    """

    name: str
    files: Mapping[str, str]
    verdict: Verdict | None
    points_at: str = ""
    says: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The file that is judged."""
        return next(iter(self.files))


def _of(verdict: Verdict | None, cases: Mapping[str, object]) -> list[Template]:
    found = []
    for name, case in cases.items():
        text, *expected = case if isinstance(case, tuple) else (case,)
        files = text if isinstance(text, dict) else {"template.yaml": text}
        found.append(Template(name, files, verdict, *expected))
    return found


PATTERN = f'"{PATTERN_OF_SIX}"'
NAMES = ", ".join(SIX)
ACTION = "- !Ref Topic"
PARAMETERS = "Parameters:\n"

TEXT = "    Type: String\n"
PUBLISH = """
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: cloudwatch.amazonaws.com}
            Action: sns:Publish
            Resource: !Ref Topic
            Condition:
              StringEquals: {"aws:SourceAccount": !Ref AWS::AccountId}
"""
KEY = """
  TopicKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal: {Service: cloudwatch.amazonaws.com}
            Action: [kms:Decrypt, "kms:GenerateDataKey*"]
            Resource: "*"
"""
ALIAS = """
  TopicKeyAlias:
    Type: AWS::KMS::Alias
    Properties:
      AliasName: alias/alarms
      TargetKeyId: !Ref TopicKey
"""
ENCRYPTED = ("DisplayName: Alarms", "KmsMasterKeyId: %s")


def encrypted(with_: str) -> tuple[str, str]:
    return ENCRYPTED[0], ENCRYPTED[1] % with_


BUCKET = """
  Bucket:
    Type: AWS::S3::Bucket
"""
BUCKET_POLICY = """
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:PutObject
            Resource: !Sub "${Bucket.Arn}/*"
"""
ROLE = """
  TrailRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: sts:AssumeRole
"""
ROLE_POLICY = """
  TrailRolePolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: write
      Roles: [!Ref TrailRole]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [logs:CreateLogStream, logs:PutLogEvents]
            Resource: !GetAtt TrailLogs.Arn
"""
THE_ROLE = ("arn:aws:iam::111122223333:role/trail", "!GetAtt TrailRole.Arn")
THE_BUCKET = ("S3BucketName: bucket", "S3BucketName: !Ref Bucket")

INLINE_MAIL = (
    "DisplayName: Alarms",
    "Subscription: [{Protocol: email, Endpoint: security@example.com}]",
)


def inline(*pairs: tuple[str, str], further: str = "", sections: str = "") -> str:
    """The whole chain with the subscription as a property of the topic."""
    text = "".join((TRAIL, LOG_GROUP, FILTER, ALARM, TOPIC.replace(*INLINE_MAIL)))
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return template(text, further, sections=sections)


def given(part: str, condition: str) -> tuple[str, str]:
    """What puts a condition to a resource."""
    return f"  {part}:\n", f"  {part}:\n    Condition: {condition}\n"


STAGE = """
Parameters:
  Stage:
    Type: String
    Default: %s
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
"""
NO_STAGE = STAGE.replace("    Default: %s\n", "")
BY_STAGE = """
Mappings:
  Periods:
    test: {Period: 86400}
    production: {Period: 300}
"""

NESTED = """
  SecurityGroupAlarm:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: %s
      Parameters:
        LogGroup: !Ref TrailLogs
        Topic: !Ref Topic
"""
CHILD = template(
    FILTER.replace("!Ref TrailLogs", "!Ref LogGroup"),
    ALARM,
    sections="Parameters:\n  LogGroup:\n    Type: String\n  Topic:\n    Type: String\n",
)
NESTED_TOPIC = """
  Notify:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./notify.yaml
"""
CHILD_WITH_TOPIC = template(TOPIC, SUBSCRIPTION) + "Outputs:\n  TopicArn:\n    Value: !Ref Topic\n"

METRIC_MATH = (
    "      MetricName: Changes\n      Namespace: Security\n      Statistic: Sum\n      Period: 300\n",
    """      Metrics:
        - Id: changes
          ReturnData: false
          MetricStat:
            Stat: Sum
            Period: 300
            Metric: {Namespace: Security, MetricName: Changes}
        - Id: all
          Expression: FILL(changes, 0)
""",
)
COMPOSITE = """
  Both:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmName: both
      AlarmRule: !Sub ALARM("${Alarm}")
      AlarmActions: [!Ref Topic]
"""
EACH = """
  Fn::ForEach::Filters:
    - Operation
    - [%s]
    - Filter${Operation}:
        Type: AWS::Logs::MetricFilter
        Properties:
          LogGroupName: !Ref TrailLogs
          FilterPattern: !Sub "{ $.eventName = ${Operation} }"
          MetricTransformations:
            - {MetricName: Changes, MetricNamespace: Security, MetricValue: 1}
"""
EACH_RULE = """
  EachChange:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.ec2], detail-type: [AWS API Call via CloudTrail]}
      Targets: [{Id: topic, Arn: !Ref Topic}]
"""
SELECTED = ("IsLogging: true", "IsLogging: true\n      %s")

WORKING = {
    "the whole chain": WHOLE,
    "JSON": {"template.json": json.dumps(parse(WHOLE).template, indent=2)},
    "JSON, indented by tabs": {"template.json": json.dumps(parse(WHOLE).template, indent="\t")},
    "the log group without a name": changed(("\n    Properties:\n      LogGroupName: trail", "")),
    "the log group's ARN put together": changed(
        (
            "!GetAtt TrailLogs.Arn",
            '!Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${TrailLogs}:*"',
        )
    ),
    "the subscription as a property of the topic": inline(),
    "no trail in the template": without("trail", "log_group").replace("!Ref TrailLogs", "CloudTrail/logs"),
    "the log group's name from a parameter": without(
        "trail", "log_group", sections=PARAMETERS + "  LogGroup:\n" + TEXT
    ).replace("!Ref TrailLogs", "!Ref LogGroup"),
    "the log group's name from another stack": without("trail", "log_group").replace(
        "!Ref TrailLogs", "!ImportValue trail-log-group"
    ),
    "the log group's name from the parameter store": without("trail", "log_group").replace(
        "!Ref TrailLogs", '"{{resolve:ssm:/trail/log-group:1}}"'
    ),
    "the pattern from a parameter's default": changed(
        (PATTERN, "!Ref Pattern"),
        sections=f"{PARAMETERS}  Pattern:\n{TEXT}    Default: {PATTERN}\n",
    ),
    "the pattern joined of its parts": changed(
        (
            PATTERN,
            "!Sub\n        - '{ ${Terms} }'\n        - Terms: !Join\n            - ' || '\n            - "
            + json.dumps([f"($.eventName = {name})" for name in SIX]),
        )
    ),
    "the pattern over several lines": changed(
        (PATTERN, ">-\n        " + PATTERN_OF_SIX.replace(" || ", " ||\n        "))
    ),
    "the metric's name from a parameter without a default": changed(
        ("MetricName: Changes", "MetricName: !Ref Metric"), sections=f"{PARAMETERS}  Metric:\n{TEXT}"
    ),
    "numbers as texts, and from parameters": changed(
        ("Period: 300", "Period: !Ref Period"),
        ("Threshold: 1", 'Threshold: "1"'),
        sections=f"{PARAMETERS}  Period:\n    Type: Number\n    Default: 60\n",
    ),
    "booleans as texts": changed(("IsLogging: true", 'IsLogging: "true"')),
    "a period from a mapping": changed(
        ("Period: 300", "Period: !FindInMap [Periods, !Ref Stage, Period]"),
        sections=BY_STAGE + STAGE % "production",
    ),
    "all that a true condition asks for": changed(
        given("Filter", "IsProduction"),
        given("Alarm", "IsProduction"),
        ("Threshold: 1", "Threshold: !If [IsProduction, 1, 100]"),
        sections=STAGE % "production",
    ),
    "a second action by a condition": changed(
        (
            ACTION,
            ACTION
            + "\n        - !If [IsProduction, arn:aws:sns:eu-west-1:111122223333:x, !Ref AWS::NoValue]",
        ),
        sections=STAGE % "test",
    ),
    "conditions of conditions": changed(
        given("Alarm", "Wanted"),
        sections=STAGE % "test"
        + "  Wanted: !Or [!Condition IsProduction, !And [!Not [!Condition IsProduction], !Equals [a, a]]]\n",
    ),
    "an action selected from a list": changed((ACTION, "- !Select [1, [x, !Ref Topic]]")),
    "an action joined and split": changed(
        (
            ACTION,
            '- !Select [0, !Split ["|", !Join ["|", [arn:aws:sns:eu-west-1:111122223333:x, x]]]]\n        '
            + ACTION,
        )
    ),
    "the topic's policy": changed(further=PUBLISH),
    "the topic's policy for itself": changed(
        further=PUBLISH.replace("TopicPolicy", "TopicInlinePolicy").replace(
            "Topics: [!Ref Topic]", "TopicArn: !Ref Topic"
        )
    ),
    "the topic's policy by the topic's name": changed(
        ("DisplayName: Alarms", "TopicName: alarms"),
        further=PUBLISH.replace(
            "Resource: !Ref Topic",
            'Resource: !Sub "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Topic.TopicName}"',
        ),
    ),
    "a key of its own": changed(encrypted("!Ref TopicKey"), further=KEY),
    "a key by its ARN": changed(encrypted("!GetAtt TopicKey.Arn"), further=KEY),
    "a key by its alias": changed(encrypted("!Ref TopicKeyAlias"), further=KEY + ALIAS),
    "a trail with its bucket and role": changed(
        THE_BUCKET, THE_ROLE, further=BUCKET + BUCKET_POLICY + ROLE + ROLE_POLICY
    ),
    "classic event selectors": changed(
        (
            SELECTED[0],
            SELECTED[1] % "EventSelectors: [{ReadWriteType: WriteOnly, IncludeManagementEvents: true}]",
        )
    ),
    "advanced event selectors": changed(
        (
            SELECTED[0],
            SELECTED[1]
            % "AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]",
        )
    ),
    "metric math": changed(METRIC_MATH),
    "a composite alarm": changed(
        ("AlarmActions:\n        " + ACTION, "ActionsEnabled: false"), further=COMPOSITE
    ),
    "a filter for each operation": without(
        "filter", further=EACH % NAMES, sections="Transform: AWS::LanguageExtensions\n"
    ),
    "a nested stack with filter and alarm": {
        "template.yaml": without("filter", "alarm", further=NESTED % "nested/alarm.yaml"),
        "nested/alarm.yaml": CHILD,
    },
    "a nested stack with topic and subscription": {
        "template.yaml": without("topic", "subscription", further=NESTED_TOPIC).replace(
            "!Ref Topic", "!GetAtt Notify.Outputs.TopicArn"
        ),
        "notify.yaml": CHILD_WITH_TOPIC,
    },
    "a serverless application": changed(sections="Transform: AWS::Serverless-2016-10-31\n"),
}

BROKEN = {
    "nothing of the chain": (template(BUCKET), "Bucket"),
    "no metric filter": (without("filter", "alarm"), "TrailLogs", "the log group has no metric filter"),
    "no alarm": (without("alarm"), "Filter", "no alarm"),
    "an alarm on another metric": (
        changed(("      MetricName: Changes\n      Namespace", "      MetricName: Others\n      Namespace")),
        "Filter",
        "no alarm",
    ),
    "a pattern that misses operations": (
        changed((PATTERN, '"{ ($.eventName = CreateSecurityGroup) }"')),
        "Filter",
        "does not match",
    ),
    "a pattern with a condition more": (
        changed(
            (
                PATTERN,
                f'"{{ ($.userIdentity.type = Root) && ({PATTERN_OF_SIX[2:-2]}) }}"',
            )
        ),
        "Filter",
    ),
    "a pattern that is none": (changed((PATTERN, '"{ $.eventName IS CreateSecurityGroup }"')), "Filter"),
    "a pattern by a condition that does not hold": (
        changed(
            (PATTERN, f'!If [IsProduction, {PATTERN}, "{{ $.eventName = ConsoleLogin }}"]'),
            sections=STAGE % "test",
        ),
        "TrailLogs",
    ),
    "a trail that is stopped": (changed(("IsLogging: true", "IsLogging: false")), "Trail", "stopped"),
    "a trail without a log group": (
        changed(("\n      CloudWatchLogsLogGroupArn: !GetAtt TrailLogs.Arn", "")),
        "Trail",
    ),
    "a trail of data events only": (
        changed(
            (
                SELECTED[0],
                SELECTED[1] % "EventSelectors: [{ReadWriteType: All, IncludeManagementEvents: false}]",
            )
        ),
        "Trail",
    ),
    "a trail of read events only": (
        changed((SELECTED[0], SELECTED[1] % "EventSelectors: [{ReadWriteType: ReadOnly}]")),
        "Trail",
    ),
    "a log group of infrequent access": (
        changed(("LogGroupName: trail", "LogGroupName: trail\n      LogGroupClass: INFREQUENT_ACCESS")),
        "TrailLogs",
    ),
    "an alarm without actions": (
        changed((f"AlarmActions:\n        {ACTION}", "ActionsEnabled: true")),
        "Alarm",
    ),
    "actions for OK only": (changed(("AlarmActions", "OKActions")), "Alarm"),
    "actions that are switched off": (
        changed(("AlarmName", "ActionsEnabled: false\n      AlarmName")),
        "Alarm",
    ),
    "an action that a condition takes away": (
        changed((ACTION, "- !If [IsProduction, !Ref Topic, !Ref AWS::NoValue]"), sections=STAGE % "test"),
        "Alarm",
    ),
    "a threshold that one change does not reach": (changed(("Threshold: 1", "Threshold: 5")), "Alarm"),
    "a threshold from a mapping": (
        changed(
            ("Threshold: 1", "Threshold: !FindInMap [Thresholds, !Ref Stage, Threshold]"),
            sections=BY_STAGE.replace("Period: 86400", "Threshold: 9")
            .replace("Period: 300", "Threshold: 1")
            .replace("Periods", "Thresholds")
            + STAGE % "test",
        ),
        "Alarm",
    ),
    "five periods of five": (changed(("EvaluationPeriods: 1", "EvaluationPeriods: 5")), "Alarm"),
    "a dimension that the filter does not publish": (
        changed(("Statistic: Sum", "Statistic: Sum\n      Dimensions: [{Name: Region, Value: eu-west-1}]")),
        "Alarm",
    ),
    "a unit that the filter does not publish": (
        changed(("Statistic: Sum", "Statistic: Sum\n      Unit: Bytes")),
        "Alarm",
    ),
    "a metric that counts nothing": (changed(('MetricValue: "1"', 'MetricValue: "0"')), "Alarm"),
    "a topic policy without CloudWatch": (
        changed(further=PUBLISH.replace("cloudwatch", "events")),
        "Topic",
        "no statement of the topic's policy allows",
    ),
    "the key of AWS": (changed(encrypted("alias/aws/sns")), "alias/aws/sns"),
    "a key whose policy leaves CloudWatch out": (
        changed(encrypted("!Ref TopicKey"), further=KEY.replace("cloudwatch.amazonaws", "events.amazonaws")),
        "TopicKey",
    ),
    "a key with its default policy": (
        changed(
            encrypted("!Ref TopicKey"),
            further="\n  TopicKey:\n    Type: AWS::KMS::Key\n    Properties:\n      Enabled: true\n",
        ),
        "TopicKey",
    ),
    "a key that is disabled": (
        changed(
            encrypted("!Ref TopicKey"), further=KEY.replace("KeyPolicy", "Enabled: false\n      KeyPolicy")
        ),
        "TopicKey",
    ),
    "nobody subscribed": (without("subscription"), "Topic", "no subscription"),
    "a subscription that a false condition leaves out": (
        changed(given("Mail", "IsProduction"), sections=STAGE % "test"),
        "Topic",
        "no subscription",
    ),
    "an address that is empty by default": (
        changed(
            given("Mail", "HasAddress"),
            ("security@example.com", "!Ref Address"),
            sections=f"{PARAMETERS}  Address:\n{TEXT}    Default: ''\n"
            "Conditions:\n  HasAddress: !Not [!Equals [!Ref Address, '']]\n",
        ),
        "Topic",
    ),
    "a filter policy that drops the alarm's message": (
        changed(("Protocol: email", "FilterPolicy: {kind: [deploy]}\n      Protocol: email")),
        "Mail",
    ),
    "an alarm that a false condition leaves out": (
        changed(given("Alarm", "IsProduction"), sections=STAGE % "test"),
        "Filter",
        "no alarm",
    ),
    "an event rule in the place of the alarm": (without("filter", "alarm", further=EACH_RULE), "TrailLogs"),
    "a filter for some operations": (
        without("filter", further=EACH % ", ".join(SIX[:5]), sections="Transform: AWS::LanguageExtensions\n"),
        "FilterAuthorizeSecurityGroupIngress",
    ),
    "a nested stack of something else": (
        without(
            "filter",
            "alarm",
            further=NESTED.replace("SecurityGroupAlarm", "Network") % "https://example.com/vpc.yaml",
        ),
        "TrailLogs",
    ),
    "a broken nested stack": (
        {
            "template.yaml": without("filter", "alarm", further=NESTED % "alarm.yaml"),
            "alarm.yaml": CHILD.replace("Threshold: 1", "Threshold: 5"),
        },
        "SecurityGroupAlarm.Alarm",
    ),
}

# What is named here and declared elsewhere is assumed to be right.
ASSUMED = {
    "no trail feeds the log group of the template": without("trail"),
    "a topic from a parameter": without("topic", "subscription", sections=f"{PARAMETERS}  Topic:\n{TEXT}"),
    "a topic from another stack": without("topic", "subscription").replace(
        "!Ref Topic", "!ImportValue alarms"
    ),
    "a key from a parameter": changed(
        encrypted("!Ref TopicKey"), sections=f"{PARAMETERS}  TopicKey:\n{TEXT}"
    ),
    "a trail that a parameter stops": changed(
        ("IsLogging: true", "IsLogging: !Ref Logging"), sections=f"{PARAMETERS}  Logging:\n{TEXT}"
    ),
    "a trail whose bucket lets nobody in": changed(THE_BUCKET, further=BUCKET),
    "a trail whose role may do nothing": changed(THE_ROLE, further=ROLE),
}


UNCERTAIN = {
    "a pattern from a parameter without a default": (
        changed((PATTERN, "!Ref Pattern"), sections=f"{PARAMETERS}  Pattern:\n{TEXT}"),
        "Filter",
        "${Pattern}",
    ),
    "a threshold without a default": (
        changed(
            ("Threshold: 1", "Threshold: !Ref Threshold"),
            sections=f"{PARAMETERS}  Threshold:\n    Type: Number\n",
        ),
        "Alarm",
    ),
    "a statistic without a default": (
        changed(
            ("Statistic: Sum", "Statistic: !Ref Statistic"), sections=f"{PARAMETERS}  Statistic:\n{TEXT}"
        ),
        "Alarm",
    ),
    "a metric of which the alarm alone has it from a parameter": (
        changed(
            ("MetricName: Changes\n      Namespace", "MetricName: !Ref Metric\n      Namespace"),
            sections=f"{PARAMETERS}  Metric:\n{TEXT}",
        ),
        "Alarm",
    ),
    "an alarm by a condition on a parameter without a default": (
        changed(given("Alarm", "IsProduction"), sections=NO_STAGE),
        "Alarm",
        "IsProduction",
    ),
    "a subscription by a condition on the region": (
        changed(
            given("Mail", "IsHome"), sections="Conditions:\n  IsHome: !Equals [!Ref AWS::Region, eu-west-1]\n"
        ),
        "Mail",
    ),
    "a threshold that is right by one case of a condition on a parameter without a default": (
        changed(("Threshold: 1\n", "Threshold: !If [IsProduction, 1, 86400]\n"), sections=NO_STAGE),
        "Alarm",
    ),
    "a topic that is not in the template": (without("topic", "subscription"), "Alarm", "not in the template"),
    "a key's policy that a parameter makes": (
        changed(
            encrypted("!Ref TopicKey"),
            further=KEY.replace("cloudwatch.amazonaws.com", "!Ref Service"),
            sections=f"{PARAMETERS}  Service:\n{TEXT}",
        ),
        "TopicKey",
    ),
    "alarms that an include brings": (
        without(
            "filter",
            "alarm",
            further="\n  Fn::Transform:\n    Name: AWS::Include\n    Parameters: {Location: s3://bucket/alarms.yaml}\n",
        ),
        "Fn::Transform",
    ),
    "alarms that a macro may make": (
        without("filter", "alarm", sections="Transform: [Company::Alarms]\n"),
        "Transform",
    ),
    "a nested stack that is elsewhere, called an alarm": (
        without("filter", "alarm", further=NESTED % "https://example.com/alarm.yaml"),
        "SecurityGroupAlarm",
    ),
    "a nested stack that is not there": (
        without("filter", "alarm", further=NESTED % "alarm.yaml"),
        "SecurityGroupAlarm",
        "alarm.yaml",
    ),
    "a pattern that a transform brings": (
        changed((f"FilterPattern: {PATTERN}", "Fn::Transform: {Name: Patterns, Parameters: {Of: sg}}")),
        "Filter",
    ),
}

WITHOUT_AWS = {
    "resources of others only": template(
        "\n  Thing:\n    Type: Custom::Thing\n    Properties:\n      ServiceToken: x\n"
    ),
}

TEMPLATES = [
    *_of(PASS, {**WORKING, **ASSUMED}),
    *_of(FAIL, BROKEN),
    *_of(UNKNOWN, UNCERTAIN),
    *_of(None, WITHOUT_AWS),
]
"""All of them."""
