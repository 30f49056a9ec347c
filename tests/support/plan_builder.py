"""Plans in JSON as Terraform writes them before anything is there, with the expressions that matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sg_alarm.rule.operations import PATTERN_OF_SIX

THE_FILTER = "aws_cloudwatch_log_metric_filter.sg"
THE_ALARM = "aws_cloudwatch_metric_alarm.sg"
THE_TOPIC = "aws_sns_topic.alarms"
THE_GROUP = "aws_cloudwatch_log_group.trail"


def references(*written: str) -> dict[str, Any]:
    """The expression that refers to these, each followed by its prefixes, as Terraform lists them."""
    listed = []
    for one in written:
        listed.append(one)
        parts = re.findall(r'\["[^"]*"\]|\[\d+\]|\.?[^.\[\]]+', one)
        least = 3 if parts[0] == "data" else 2
        while len(parts) > least:
            parts.pop()
            listed.append("".join(parts))
    return {"references": listed}


class Resource:
    """A resource of a plan: ``refers`` are the arguments that are known only after apply."""

    def __init__(
        self,
        address: str,
        values: Mapping[str, Any] | None = None,
        refers: Mapping[str, Sequence[str]] | None = None,
        unknown: Sequence[str] = ("arn", "id"),
        keys: Sequence[str] = ("",),
    ) -> None:
        self.address, self.values, self.refers = address, dict(values or {}), dict(refers or {})
        self.unknown, self.keys = tuple(unknown), tuple(keys)

    def instances(self, prefix: str = "") -> list[dict[str, Any]]:
        type_, _, name = self.address.partition(".")
        return [
            {
                "address": f"{prefix}{self.address}{key}",
                "mode": "managed",
                "type": type_,
                "name": name,
                "values": {
                    argument: value[key] if isinstance(value, Keyed) else value
                    for argument, value in self.values.items()
                },
            }
            for key in self.keys
        ]

    def changes(self, prefix: str = "") -> list[dict[str, Any]]:
        unknown = dict.fromkeys((*self.unknown, *self.refers), True)
        return [
            {"address": one["address"], "change": {"actions": ["create"], "after_unknown": unknown}}
            for one in self.instances(prefix)
        ]

    def configuration(self) -> dict[str, Any]:
        type_, _, name = self.address.partition(".")
        return {
            "address": self.address,
            "mode": "managed",
            "type": type_,
            "name": name,
            "provider_config_key": "aws",
            "expressions": {
                **{name: {} for name in self.values},
                **{argument: references(*named) for argument, named in self.refers.items()},
            },
        }


class Keyed(dict[str, Any]):
    """Values of one argument by the key of the instance."""


def chain(**changed: Resource | None) -> dict[str, Resource]:
    """The whole chain behind a trail of its own, with resources exchanged or taken out."""
    found: dict[str, Resource | None] = {
        "trail": Resource(
            "aws_cloudtrail.main",
            {"name": "main", "is_multi_region_trail": True, "enable_logging": True, "event_selector": []},
            {
                "cloud_watch_logs_group_arn": [f"{THE_GROUP}.arn"],
                "cloud_watch_logs_role_arn": ["aws_iam_role.trail.arn"],
            },
        ),
        "role": Resource("aws_iam_role.trail", {"name": "trail", "inline_policy": [{"name": "write"}]}),
        "group": Resource(THE_GROUP, {"name": "trail"}),
        "filter": Resource(
            THE_FILTER,
            {
                "name": "changes",
                "pattern": PATTERN_OF_SIX,
                "log_group_name": "trail",
                "metric_transformation": [{"name": "changes", "namespace": "Security", "value": "1"}],
            },
            unknown=["id"],
        ),
        "alarm": alarm(),
        "topic": Resource(THE_TOPIC, {"name": "alarms"}),
        "mail": Resource(
            "aws_sns_topic_subscription.mail",
            {"protocol": "email", "endpoint": "a@example.com"},
            {"topic_arn": [f"{THE_TOPIC}.arn"]},
        ),
    }
    found.update(changed)
    return {name: one for name, one in found.items() if one is not None}


def alarm(
    actions: Sequence[str] = (f"{THE_TOPIC}.arn",), metric: Sequence[str] | str = "changes", **values: Any
) -> Resource:
    """An alarm whose actions, and whose metric unless it is a text, are known only after apply."""
    refers = {"alarm_actions": actions} if actions else {}
    if not isinstance(metric, str):
        refers["metric_name"] = metric
    return Resource(
        THE_ALARM,
        {
            "alarm_name": "sg",
            "namespace": "Security",
            "statistic": "Sum",
            "period": 300,
            "evaluation_periods": 1,
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": 1,
            "treat_missing_data": "notBreaching",
            **({"metric_name": metric} if isinstance(metric, str) else {}),
            **values,
        },
        refers,
    )


def plan_of(
    resources: Mapping[str, Resource], variables: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """A plan of these resources, in the root module; ``parts`` are further parts of the document."""
    every = resources.values()
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "planned_values": {
            "root_module": {"resources": [instance for one in every for instance in one.instances()]}
        },
        "resource_changes": [change for one in every for change in one.changes()],
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}
            },
            "root_module": {
                "resources": [one.configuration() for one in every],
                "variables": {name: {} for name in variables or {}},
            },
        },
        "relevant_attributes": [],
        **parts,
    }
