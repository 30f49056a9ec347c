"""The values of a plan's resources, with references followed, and one identity for each resource."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sg_alarm.readers.plan.instances import KNOWN_AFTER_APPLY, Instance, Plan, Step, parent, steps
from sg_alarm.readers.plan.places import Places, Where
from sg_alarm.readers.plan.references import (
    Source,
    Wanted,
    expressions_at,
    maximal_references,
    single_source,
    wanted,
)
from sg_alarm.readers.terraform_shapes import Resource, json_object
from sg_alarm.unknown import Unknown

KEY_TYPES = (
    "aws_kms_key",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
)

TOPIC = wanted("arn", "aws_sns_topic")
# What CloudWatch takes as an alarm's action: API Reference, PutMetricAlarm, AlarmActions.
ACTION = wanted(
    "arn",
    "aws_sns_topic",
    "aws_appautoscaling_policy",
    "aws_autoscaling_policy",
    "aws_lambda_alias",
    "aws_lambda_function",
    "aws_ssmincidents_response_plan",
)
TARGET = wanted(
    "arn",
    *ACTION.types,
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_log_group",
    "aws_kinesis_firehose_delivery_stream",
    "aws_kinesis_stream",
    "aws_sfn_state_machine",
    "aws_sqs_queue",
)
LOG_GROUP = wanted("arn", "aws_cloudwatch_log_group")
LOG_GROUP_NAME = wanted("name", "aws_cloudwatch_log_group")
FILTER_NAME = wanted("id", "aws_cloudwatch_log_metric_filter")
ALARM_NAME = wanted("alarm_name", "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
ROLE = wanted("arn", "aws_iam_role")
ROLE_NAME = wanted("name", "aws_iam_role")
KEY = wanted("arn", *KEY_TYPES)
RULE_NAME = wanted("name", "aws_cloudwatch_event_rule")
DOCUMENT = wanted("json", "aws_iam_policy_document")
IN_POLICY = wanted(
    "arn",
    *KEY_TYPES,
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_role",
    "aws_sns_topic",
)

# What arguments name, wherever they stand.
_REFERENCES: Mapping[str, Wanted] = {
    "alarm": ALARM_NAME,
    "alarm_actions": ACTION,
    "insufficient_data_actions": ACTION,
    "log_group_name": LOG_GROUP_NAME,
    "metric_name": FILTER_NAME,
    "ok_actions": ACTION,
}
# Arguments that AWS decides on where they are not configured.
_LEFT_TO_AWS = frozenset(
    {"apply_on_transformed_logs", "evaluate_low_sample_count_percentiles", "field_selection_criteria"}
)

# Service and resource part of the ARNs that follow from a name: Service Authorization Reference.
_ARNS: Mapping[str, tuple[str, str]] = {
    "aws_cloudtrail": ("cloudtrail", "trail/{name}"),
    "aws_cloudwatch_composite_alarm": ("cloudwatch", "alarm:{name}"),
    "aws_cloudwatch_event_rule": ("events", "rule/{name}"),
    "aws_cloudwatch_log_group": ("logs", "log-group:{name}"),
    "aws_cloudwatch_metric_alarm": ("cloudwatch", "alarm:{name}"),
    "aws_kms_alias": ("kms", "{name}"),
    "aws_sns_topic": ("sns", "{name}"),
    **dict.fromkeys(KEY_TYPES, ("kms", "key/{name}")),
}
_NAMES = {"aws_cloudwatch_composite_alarm": "alarm_name", "aws_cloudwatch_metric_alarm": "alarm_name"}


class View:
    """Values, identities and policies of one plan."""

    def __init__(self, plan: Plan, places: Places) -> None:
        self.plan = plan
        self._places = places

    def where(self, instance: Instance) -> Where:
        """Return where a resource is."""
        return self._places.of(instance)

    def arn(self, instance: Instance) -> str:
        """Return a resource's ARN; parts that are not known are placeholders of its own."""
        known = instance.get("arn")
        if isinstance(known, str) and known:
            return known
        if instance.type not in _ARNS:
            return f"${{{instance.address}.arn}}"
        service, resource = _ARNS[instance.type]
        return self.where(instance).arn(service, resource.format(name=self.name(instance)))

    def name(self, instance: Instance) -> str:
        """Return a resource's name, or a placeholder."""
        attribute = "key_id" if instance.type in KEY_TYPES else _NAMES.get(instance.type, "name")
        known = instance.get(attribute)
        return known if isinstance(known, str) and known else f"${{{instance.address}.{attribute}}}"

    def resource(self, instance: Instance, where: Where | None = None) -> Resource:
        """Return a resource as :mod:`sg_alarm.readers.terraform_shapes` takes it."""
        where = where or self.where(instance)
        values = self._evaluated(instance, ())
        values |= {"arn": self.arn(instance), _NAMES.get(instance.type, "name"): self.name(instance)}
        return Resource(instance.type, instance.address, values, where.region, where.account, where.partition)

    def _evaluated(self, instance: Instance, path: tuple[Step, ...]) -> Any:
        """Return a value with its references followed; ``None`` for the empty text that means nothing."""
        value = instance.get(*path)
        argument = next((step for step in reversed(path) if isinstance(step, str)), "")
        what = _REFERENCES.get(argument)
        if isinstance(value, Unknown):
            if argument in _LEFT_TO_AWS and argument not in instance.expressions:
                return None
            if what is ACTION and path[-1:] == (argument,):
                return self.texts(instance, path, what)
            return self.text(instance, path, what) if what else value
        if isinstance(value, Mapping):
            return {name: self._evaluated(instance, (*path, name)) for name in instance.names(*path)}
        if isinstance(value, list):
            return [self._evaluated(instance, (*path, index)) for index in range(len(value))]
        return None if value == "" else value

    def text(self, instance: Instance, path: Sequence[Step], what: Wanted) -> Any:
        """Return what an argument names; where it is unknown, the identity of the one thing it refers to."""
        value = instance.get(*path)
        if not isinstance(value, Unknown):
            return value
        source = single_source(self.plan, instance, path, what)
        return source if isinstance(source, Unknown) else self._identity(source, what)

    def _identity(self, source: Source, what: Wanted) -> str | Unknown:
        if source.instance.type not in what.types:
            return Unknown(f"known after apply: it comes from {source.address}")
        if what.attribute == "arn":
            return self.arn(source.instance)
        # The id of a metric filter is its name.
        return self.name(source.instance)

    def texts(self, instance: Instance, path: Sequence[Step], what: Wanted) -> tuple[str | Unknown, ...]:
        """Return what a list of arguments names; an ``Unknown`` may stand for several."""
        value = instance.get(*path)
        if isinstance(value, Unknown):
            named = self.text(instance, path, what)
            return (named, *self._beside(instance, path))
        return tuple(
            self.text(instance, (*path, index), what)
            if isinstance(instance.get(*path, index), Unknown)
            else one
            for index, one in enumerate(value or ())
        )

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

    def computed(self, instance: Instance, argument: str, default: Any) -> Any:
        """Return an argument for which AWS has a default: unknown and not configured, it will be that."""
        value = instance.get(argument)
        is_open = isinstance(value, Unknown) and argument not in instance.expressions
        return default if value is None or is_open else value

    def policy(self, instance: Instance, argument: str = "policy") -> Mapping[str, Any] | Unknown | None:
        """Return a policy that is written as JSON or comes from ``aws_iam_policy_document``."""
        text = instance.get(argument)
        if isinstance(text, Unknown):
            source = single_source(self.plan, instance, (argument,), DOCUMENT)
            if isinstance(source, Unknown):
                return source
            if source.instance.type not in DOCUMENT.types:
                return KNOWN_AFTER_APPLY
            return self._document(source.instance)
        return json_object(text)

    def _document(self, data: Instance) -> Mapping[str, Any] | Unknown:
        merged = ("source_json", "override_json", "source_policy_documents", "override_policy_documents")
        statements = data.blocks("statement")
        if any(data.get(name) for name in merged) or isinstance(statements, Unknown):
            return KNOWN_AFTER_APPLY
        return {"Statement": [self._statement(data, path) for path in statements]}

    def _statement(self, data: Instance, path: tuple[Step, ...]) -> Mapping[str, Any] | Unknown:
        if isinstance(data.get(*path), Unknown):
            return KNOWN_AFTER_APPLY
        statement: dict[str, Any] = {"Effect": data.get(*path, "effect") or "Allow"}
        for name, argument in (
            ("Action", "actions"),
            ("NotAction", "not_actions"),
            ("Resource", "resources"),
            ("NotResource", "not_resources"),
        ):
            if data.get(*path, argument):
                statement[name] = list(self.texts(data, (*path, argument), IN_POLICY))
        for name, argument in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
            principals = self._principals(data, (*path, argument))
            if principals:
                statement[name] = principals
        conditions = data.blocks(*path, "condition")
        if isinstance(conditions, Unknown):
            statement["Condition"] = conditions
        elif conditions:
            block: dict[str, dict[str, list[str | Unknown]]] = {}
            statement["Condition"] = block
            for condition in conditions:
                test, variable = data.get(*condition, "test"), data.get(*condition, "variable")
                if isinstance(test, Unknown) or isinstance(variable, Unknown):
                    return KNOWN_AFTER_APPLY
                values = list(self.texts(data, (*condition, "values"), IN_POLICY))
                block.setdefault(test, {}).setdefault(variable, []).extend(values)
        return statement

    def _principals(self, data: Instance, path: tuple[Step, ...]) -> Any:
        blocks = data.blocks(*path)
        if isinstance(blocks, Unknown):
            return blocks
        principals: dict[str, list[str | Unknown]] = {}
        for block in blocks:
            kind = data.get(*block, "type")
            if isinstance(kind, Unknown):
                return kind
            principals.setdefault(kind, []).extend(self.texts(data, (*block, "identifiers"), IN_POLICY))
        return "*" if "*" in principals else principals
