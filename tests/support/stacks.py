"""The module as a CloudFormation stack: its parameters by variables of the module, and what it makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sg_alarm.local_aws import LocalAws

TEMPLATE = Path(__file__).parents[2] / "modules/security-group-changes-alarm/cloudformation.yaml"

OBJECTS = {"existing_topic": "ExistingTopicArn", "existing_kms_key": "ExistingKmsKeyArn"}
"""Variables that are objects around an ARN, and the parameters for it."""


def pascal_case(name: str) -> str:
    """Return what the parameter for a variable is called."""
    return "".join(word.capitalize() for word in name.split("_"))


def parameters_of(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that say what variables of the module say."""
    found: dict[str, str] = {}
    for name, value in variables.items():
        if name in OBJECTS:
            found[OBJECTS[name]] = value["arn"]
        elif name == "subscriptions":
            [one] = value.values()
            found |= {"SubscriptionProtocol": one["protocol"], "SubscriptionEndpoint": one["endpoint"]}
        elif name == "notify_each_change":
            found["NotifyEachChange"] = "true"
            found["NotifyEachChangeTopicArn"] = value.get("topic_arn", "")
        else:
            found[pascal_case(name)] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def create_stack(
    aws: LocalAws, region: str, parameters: Mapping[str, str], name: str = "alarm"
) -> dict[str, str]:
    """Deploy the template; return the outputs of the stack."""
    client = aws.client("cloudformation", region)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    client.create_stack(StackName=name, TemplateBody=TEMPLATE.read_text("utf-8"), Parameters=given)
    [stack] = client.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def described(aws: LocalAws, region: str) -> dict[str, Any]:
    """Return everything of the alarm that stands in a region, attribute by attribute.

    What AWS makes up differs from one deployment to the next: keys are called by their alias, and times and
    states are left out.
    """
    keys = _keys(aws, region)
    return {
        "metric filters": _metric_filters(aws, region),
        "alarms": _alarms(aws, region),
        "topics": _topics(aws, region, {arn: key["aliases"][0] for arn, key in keys.items()}),
        "keys": {key["aliases"][0]: key for key in keys.values()},
        "rules": _rules(aws, region),
    }


def _metric_filters(aws: LocalAws, region: str) -> dict[str, Any]:
    filters = aws.client("logs", region).describe_metric_filters()["metricFilters"]
    return {
        one["filterName"]: {
            "group": one["logGroupName"],
            "pattern": one["filterPattern"],
            # The provider writes the unit that an unset one is.
            "metrics": [{"unit": "None", **metric} for metric in one["metricTransformations"]],
        }
        for one in filters
    }


_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_STATE = ("AlarmConfigurationUpdatedTimestamp", "StateValue", "StateReason", "StateReasonData")


def _alarms(aws: LocalAws, region: str) -> dict[str, Any]:
    alarms = aws.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
    left_out = {*_STATE, "StateUpdatedTimestamp", "StateTransitionedTimestamp"}
    return {
        one["AlarmName"]: {
            # The provider takes actions for sets, and gives them in an order of its own.
            name: sorted(value) if name in _ACTIONS else value
            for name, value in one.items()
            if name not in left_out
        }
        for one in alarms
    }


def _topics(aws: LocalAws, region: str, aliases: Mapping[str, str]) -> dict[str, Any]:
    sns = aws.client("sns", region)
    found = {}
    for topic in sns.list_topics()["Topics"]:
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]
        key = attributes.get("KmsMasterKeyId", "")
        found[topic["TopicArn"]] = {
            **attributes,
            "Policy": json.loads(attributes["Policy"]),
            "KmsMasterKeyId": aliases.get(key, key),
            "subscriptions": sorted((one["Protocol"], one["Endpoint"]) for one in subscriptions),
        }
    return found


def _keys(aws: LocalAws, region: str) -> dict[str, Any]:
    kms = aws.client("kms", region)
    found = {}
    for one in kms.list_keys()["Keys"]:
        key = kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]
        if key["KeyManager"] == "CUSTOMER":
            aliases = kms.list_aliases(KeyId=one["KeyId"])["Aliases"]
            found[key["Arn"]] = {
                "aliases": [alias["AliasName"] for alias in aliases],
                "description": key["Description"],
                "policy": json.loads(kms.get_key_policy(KeyId=one["KeyId"], PolicyName="default")["Policy"]),
                "rotated": kms.get_key_rotation_status(KeyId=one["KeyId"])["KeyRotationEnabled"],
            }
    return found


def _rules(aws: LocalAws, region: str) -> dict[str, Any]:
    events = aws.client("events", region)
    return {
        rule["Name"]: {
            **rule,
            "EventPattern": json.loads(rule["EventPattern"]),
            "targets": events.list_targets_by_rule(Rule=rule["Name"])["Targets"],
        }
        for rule in events.list_rules()["Rules"]
    }
