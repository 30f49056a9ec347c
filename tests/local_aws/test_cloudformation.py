"""Stacks on the embedded AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from logs_call import call
from sg_alarm.local_aws import LocalAws

HEAD = """
Parameters:
  Wanted: {Type: String, Default: "true"}
Conditions:
  IsWanted: !Equals [!Ref Wanted, "true"]
  IsUnwanted: !Not [!Condition IsWanted]
  IsEither: !Or [!Condition IsWanted, !Condition IsUnwanted]
Resources:
"""
TOPIC = """
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: alarms}
"""
GROUP = """
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: trail}
"""
FILTER = """
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref Group
      FilterPattern: "{ $.eventName = CreateSecurityGroup }"
      FieldSelectionCriteria: '@aws.region = "eu-west-1"'
      MetricTransformations:
        - MetricName: Changes
          MetricNamespace: Security
          MetricValue: "1"
          Dimensions: [{Key: Operation, Value: $.eventName}]
"""
ALARM = """
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Security
      MetricName: Changes
      Statistic: Sum
      Period: "60"
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      AlarmActions: [!Ref Topic, !If [IsUnwanted, !Ref Topic, !Ref "AWS::NoValue"]]
"""
SUBSCRIPTION = """
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: tickets}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: true
      FilterPolicyScope: MessageBody
      FilterPolicy: {AlarmName: [changes]}
"""
POLICY = """
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: cloudwatch.amazonaws.com}, Action: "sns:Publish"}
"""
KEY = """
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: [{Effect: Allow, Principal: "*", Action: kms:*, Resource: "*"}]}
"""
OUTPUT = """
Outputs:
  Arn: {Value: !GetAtt Alarm.Arn}
"""


def create(aws: LocalAws, *parts: str, **parameters: str) -> list[dict[str, Any]]:
    """Make a stack; return its resources."""
    client = aws.client("cloudformation")
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    client.create_stack(StackName="stack", TemplateBody=HEAD + "".join(parts), Parameters=given)
    resources: list[dict[str, Any]] = client.describe_stack_resources(StackName="stack")["StackResources"]
    return resources


def topic(aws: LocalAws) -> str:
    [found] = aws.client("sns").list_topics()["Topics"]
    return str(found["TopicArn"])


def test_a_metric_filter_is_made_with_all_that_narrows_it(aws: LocalAws) -> None:
    create(aws, GROUP, FILTER)
    [found] = call(aws, "DescribeMetricFilters", logGroupName="trail")["metricFilters"]
    assert found["filterName"].startswith("stack-Filter-")
    assert found["metricTransformations"][0]["dimensions"] == {"Operation": "$.eventName"}
    assert found["fieldSelectionCriteria"] == '@aws.region = "eu-west-1"'


def test_a_metric_filter_that_logs_would_refuse_fails_the_stack(aws: LocalAws) -> None:
    with pytest.raises(ClientError):
        create(aws, GROUP, FILTER.replace("$.eventName =", "$.eventName IS"))


def test_an_alarm_is_made_and_its_arn_returned(aws: LocalAws) -> None:
    create(aws, TOPIC, ALARM, OUTPUT)
    [alarm] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    [stack] = aws.client("cloudformation").describe_stacks(StackName="stack")["Stacks"]
    assert [output["OutputValue"] for output in stack["Outputs"]] == [alarm["AlarmArn"]]
    assert (alarm["Period"], alarm["StateValue"]) == (60, "INSUFFICIENT_DATA")


def test_no_value_is_no_element_of_a_list(aws: LocalAws) -> None:
    create(aws, TOPIC, ALARM)
    [alarm] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [topic(aws)]


def test_a_subscription_is_made_with_its_attributes(aws: LocalAws) -> None:
    create(aws, TOPIC, SUBSCRIPTION)
    sns = aws.client("sns")
    [found] = sns.list_subscriptions()["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    assert attributes["FilterPolicyScope"] == "MessageBody"
    assert json.loads(attributes["FilterPolicy"]) == {"AlarmName": ["changes"]}
    assert attributes["RawMessageDelivery"] == "true"


def test_the_policies_of_topics_and_keys_are_texts(aws: LocalAws) -> None:
    create(aws, TOPIC, POLICY, KEY)
    attributes = aws.client("sns").get_topic_attributes(TopicArn=topic(aws))["Attributes"]
    assert json.loads(attributes["Policy"])["Statement"][0]["Action"] == "sns:Publish"
    kms = aws.client("kms")
    [key] = kms.list_keys()["Keys"]
    policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    assert json.loads(policy)["Statement"][0]["Action"] == "kms:*"


@pytest.mark.parametrize(("wanted", "resources"), [("true", {"Topic", "Group"}), ("false", {"Group"})])
def test_conditions_of_conditions_say_what_is_made(wanted: str, resources: set[str], aws: LocalAws) -> None:
    parts = (
        TOPIC.replace("Type", "Condition: IsWanted\n    Type"),
        GROUP.replace("Type", "Condition: IsEither\n    Type"),
    )
    found = create(aws, *parts, Wanted=wanted)
    assert {one["LogicalResourceId"] for one in found} == resources


def test_a_stack_is_changed_and_deleted_with_all_it_has(aws: LocalAws) -> None:
    create(aws, TOPIC, GROUP, FILTER, ALARM, POLICY, SUBSCRIPTION)
    client = aws.client("cloudformation")
    [before] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    body = HEAD + TOPIC + GROUP + FILTER + ALARM.replace('"60"', '"300"') + POLICY + SUBSCRIPTION
    client.update_stack(StackName="stack", TemplateBody=body)
    [alarm] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["Period"]) == (before["AlarmName"], 300)

    client.delete_stack(StackName="stack")
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert aws.client("logs").describe_metric_filters()["metricFilters"] == []
    assert aws.client("sns").list_subscriptions()["Subscriptions"] == []
