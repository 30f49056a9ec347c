"""A plan's resources with their references followed to what they refer to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sg_alarm.readers import assembly
from sg_alarm.readers.assembly import Resource
from sg_alarm.readers.plan.instances import Instance, Plan, Step, parent, steps
from sg_alarm.readers.plan.places import Places, Where
from sg_alarm.readers.plan.references import (
    Wanted,
    expressions_at,
    maximal_references,
    single_source,
    wanted,
)
from sg_alarm.readers.policy_document import policy_of
from sg_alarm.readers.terraform_names import TYPES, resource
from sg_alarm.unknown import Unknown

_KEYS = tuple(type_ for type_, name in TYPES.items() if name == assembly.KEY)

_TOPIC = wanted("arn", "aws_sns_topic")
# What CloudWatch takes as an alarm's action: API Reference, PutMetricAlarm, AlarmActions.
_ACTION = wanted(
    "arn",
    "aws_sns_topic",
    "aws_appautoscaling_policy",
    "aws_autoscaling_policy",
    "aws_lambda_alias",
    "aws_lambda_function",
    "aws_ssmincidents_response_plan",
)
_TARGET = wanted(
    "arn",
    *_ACTION.types,
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_log_group",
    "aws_kinesis_firehose_delivery_stream",
    "aws_kinesis_stream",
    "aws_sfn_state_machine",
    "aws_sqs_queue",
)
_KEY = wanted("arn", *_KEYS)
_DOCUMENT = wanted("json", "aws_iam_policy_document")
_IN_POLICY = wanted(
    "arn",
    *_KEYS,
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_role",
    "aws_sns_topic",
)

# What arguments name, wherever they stand or in one type of resources.
_REFERENCES: Mapping[str, Wanted] = {
    "alarm": wanted("alarm_name", "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
    "aws_cloudwatch_event_target.arn": _TARGET,
    "aws_kms_key_policy.key_id": _KEY,
    "aws_sns_topic_policy.arn": _TOPIC,
    "cloud_watch_logs_group_arn": wanted("arn", "aws_cloudwatch_log_group"),
    "cloud_watch_logs_role_arn": wanted("arn", "aws_iam_role"),
    "kms_master_key_id": _KEY,
    "log_group_name": wanted("name", "aws_cloudwatch_log_group"),
    "metric_name": wanted("id", "aws_cloudwatch_log_metric_filter"),
    "policy": _DOCUMENT,
    "rule": wanted("name", "aws_cloudwatch_event_rule"),
    "target_key_id": _KEY,
    "topic_arn": _TOPIC,
}
_LISTS: Mapping[str, Wanted] = {
    **dict.fromkeys(("alarm_actions", "insufficient_data_actions", "ok_actions"), _ACTION),
    **dict.fromkeys(
        ("actions", "identifiers", "not_actions", "not_resources", "resources", "values"), _IN_POLICY
    ),
    **dict.fromkeys(("override_policy_documents", "source_policy_documents"), _DOCUMENT),
}
# Arguments that AWS decides on where they are not configured.
_LEFT_TO_AWS = frozenset(
    {
        "apply_on_transformed_logs",
        "enable_logging",
        "enabled",
        "evaluate_low_sample_count_percentiles",
        "field_selection_criteria",
        "filter_policy_scope",
        "inline_policy",
        "is_enabled",
        "is_multi_region_trail",
        "is_organization_trail",
        "log_group_class",
        "managed_policy_arns",
        "pending_confirmation",
        "policy",
        "state",
    }
)
_NAMED_BY = ("alarm_name", "arn", "bucket", "key_id", "name")


class View:
    """Values and identities of one plan."""

    def __init__(self, plan: Plan, places: Places) -> None:
        self.plan = plan
        self._places = places

    def where(self, instance: Instance) -> Where:
        """Return where a resource is."""
        return self._places.of(instance)

    def identity(self, instance: Instance) -> Resource:
        """Return a resource with no more than what it is called."""
        return self._made(instance, {name: instance.get(name) for name in _NAMED_BY})

    def resource(self, instance: Instance) -> Resource:
        """Return a resource with all its settings."""
        values = self._evaluated(instance, ())
        if "policy" not in instance.expressions and self._loses_policy(instance):
            values["policy"] = None
        return self._made(instance, values)

    def _made(self, instance: Instance, values: Mapping[str, Any]) -> Resource:
        where = self.where(instance)
        return resource(
            instance.type,
            instance.address,
            values,
            where.region,
            where.account,
            where.partition,
            is_data=instance.mode == "data",
        )

    def _loses_policy(self, instance: Instance) -> bool:
        """Whether the plan takes the attached policy away, which brings the default one back."""
        arn = self.identity(instance).arn
        for address, change in self.plan.changes.items():
            before = change.get("before") or {}
            if change.get("actions") == ["delete"] and f"{instance.type}_policy." in str(address):
                key = before.get("key_id")
                if before.get("arn") == arn or (key and arn.endswith(str(key))):
                    return True
        return False

    def _evaluated(self, instance: Instance, path: tuple[Step, ...]) -> Any:
        """Return a value with its references followed; ``None`` for the empty text that means nothing."""
        value = instance.get(*path)
        argument = next((step for step in reversed(path) if isinstance(step, str)), "")
        if isinstance(value, Unknown):
            if argument in _LEFT_TO_AWS and argument not in instance.expressions:
                return None
            if argument in _LISTS and path[-1:] == (argument,):
                # One of them is found, and there may be others.
                return (self._named(instance, path, _LISTS[argument]), *self._beside(instance, path))
            by_type = _REFERENCES.get(f"{instance.type}.{argument}")
            what = by_type or _REFERENCES.get(argument) or _LISTS.get(argument)
            return self._named(instance, path, what) if what else value
        if isinstance(value, Mapping):
            return {name: self._evaluated(instance, (*path, name)) for name in instance.names(*path)}
        if isinstance(value, list):
            return [self._evaluated(instance, (*path, index)) for index in range(len(value))]
        return None if value == "" else value

    def _named(self, instance: Instance, path: Sequence[Step], what: Wanted) -> Any:
        """Return the identity of the one thing that an unknown argument refers to."""
        source = single_source(self.plan, instance, path, what)
        if isinstance(source, Unknown):
            return source
        if source.instance.type not in what.types:
            return Unknown(f"known after apply: it comes from {source.address}")
        if what is _DOCUMENT:
            return policy_of(self._evaluated(source.instance, ()))
        if source.instance.type not in TYPES:
            return f"${{{source.address}}}"
        named = self.identity(source.instance)
        return named.arn if what.attribute == "arn" else named.name

    def _beside(self, instance: Instance, path: Sequence[Step]) -> tuple[Unknown, ...]:
        """Return whether a list, of which one element is found, may have others, too: inputs and locals."""
        references = maximal_references(expressions_at(instance, path))
        more = len([one for one in references if one.startswith("local.")]) > 1 or (
            len(references) > 1
            and any(one.startswith("var.") and self._may_name(one, instance.module) for one in references)
        )
        return (Unknown("known after apply: there may be others"),) if more else ()

    def _may_name(self, reference: str, module: str) -> bool:
        """Whether an input may name something: not where it is known to be empty or no ARN."""
        name = steps(reference)[1]
        if not module:
            return "arn:" in json.dumps(self.plan.variable(name, module))
        passed = self.plan.call(module).get("expressions", {}).get(name)
        if passed is not None and "constant_value" not in passed:
            references = maximal_references(passed)
            if len(references) == 1 and references[0].startswith("var."):
                return self._may_name(references[0], parent(module))
            return bool(references)
        return "arn:" in json.dumps(self.plan.variable(name, module))
