"""A plan's resources with their references followed to what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sg_alarm.readers import assembly
from sg_alarm.readers.assembly import Resource
from sg_alarm.readers.plan.instances import Instance, Plan, Step
from sg_alarm.readers.plan.places import Places
from sg_alarm.readers.plan.references import source_of
from sg_alarm.readers.policy_document import policy_of
from sg_alarm.readers.terraform_names import TYPES, resource
from sg_alarm.unknown import Unknown

_Types = frozenset[str]

_TOPIC = frozenset({"aws_sns_topic"})
_GROUP = frozenset({"aws_cloudwatch_log_group"})
_METRIC_FILTER = frozenset({"aws_cloudwatch_log_metric_filter"})
_KEY = frozenset(type_ for type_, name in TYPES.items() if name == assembly.KEY)
_DOCUMENT = frozenset({"aws_iam_policy_document"})
# What CloudWatch takes as an alarm's action: API Reference, PutMetricAlarm, AlarmActions.
_ACTION = _TOPIC | {
    "aws_appautoscaling_policy",
    "aws_autoscaling_policy",
    "aws_lambda_alias",
    "aws_lambda_function",
    "aws_ssmincidents_response_plan",
}
_TARGET = (
    _ACTION
    | _GROUP
    | {
        "aws_cloudwatch_event_bus",
        "aws_kinesis_firehose_delivery_stream",
        "aws_kinesis_stream",
        "aws_sfn_state_machine",
        "aws_sqs_queue",
    }
)
_FUNCTION = frozenset({"aws_lambda_alias", "aws_lambda_function"})
_QUEUE = frozenset({"aws_sqs_queue"})
_RECEIVER = _FUNCTION | _QUEUE | {"aws_kinesis_firehose_delivery_stream"}
_ALARM = frozenset({"aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"})
_IN_POLICY = _TOPIC | _KEY | _ALARM | _QUEUE | {"aws_cloudwatch_event_rule", "aws_iam_role"}

# What arguments name, wherever they stand or in one type of resources.
_REFERENCES: Mapping[str, _Types] = {
    "alarm": _ALARM,
    "aws_cloudwatch_event_target.arn": _TARGET,
    "aws_kms_key_policy.key_id": _KEY,
    "aws_lambda_permission.function_name": _FUNCTION,
    "aws_lambda_permission.source_arn": _TOPIC,
    "aws_sns_topic_policy.arn": _TOPIC,
    "aws_sns_topic_subscription.endpoint": _RECEIVER,
    "cloud_watch_logs_group_arn": _GROUP,
    "cloud_watch_logs_role_arn": frozenset({"aws_iam_role"}),
    "kms_master_key_id": _KEY,
    "log_group_name": _GROUP,
    "metric_name": _METRIC_FILTER,
    "policy": _DOCUMENT,
    "queue_url": _QUEUE,
    "rule": frozenset({"aws_cloudwatch_event_rule"}),
    "target_key_id": _KEY,
    "topic_arn": _TOPIC,
}
_LISTS: Mapping[str, _Types] = {
    **dict.fromkeys(("alarm_actions", "insufficient_data_actions", "ok_actions"), _ACTION),
    **dict.fromkeys(
        ("actions", "identifiers", "not_actions", "not_resources", "resources", "values"), _IN_POLICY
    ),
    **dict.fromkeys(("override_policy_documents", "source_policy_documents"), _DOCUMENT),
}
_BY_NAME = frozenset({"alarm", "function_name", "log_group_name", "queue_url", "rule"})
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
_NAMED_BY = ("alarm_name", "arn", "bucket", "function_name", "key_id", "name")


class View:
    """Values and identities of one plan.

    ``taken`` are by address what the arguments of a resource were taken to be: a plan shows what they refer
    to, and not what is made of it.
    """

    def __init__(self, plan: Plan, places: Places) -> None:
        self.plan = plan
        self.taken: dict[str, dict[str, str]] = {}
        self._places = places

    def resource(self, instance: Instance) -> Resource:
        """Return a resource with all its settings."""
        values = self._evaluated(instance, ())
        if "policy" not in instance.expressions and self._loses_policy(instance):
            values["policy"] = None
        return self._made(instance, values)

    def _identity(self, instance: Instance) -> Resource:
        """Return a resource with no more than what it is called."""
        return self._made(instance, {name: instance.get(name) for name in _NAMED_BY})

    def _made(self, instance: Instance, values: Mapping[str, Any]) -> Resource:
        where = self._places.of(instance)
        return resource(
            instance.type,
            instance.address,
            values,
            where.region,
            where.account,
            where.partition,
            instance.existence,
            instance.mode == "data",
        )

    def _loses_policy(self, instance: Instance) -> bool:
        """Whether the plan takes the attached policy away, which brings the default one back."""
        arn = self._identity(instance).arn
        for address, change in self.plan.changes.items():
            before = change.get("before")
            if change.get("actions") == ["delete"] and f"{instance.type}_policy." in str(address):
                named = [before.get("arn"), before.get("key_id")] if isinstance(before, Mapping) else []
                if any(isinstance(one, str) and one and arn.endswith(one) for one in named):
                    return True
        return False

    def _evaluated(self, instance: Instance, path: tuple[Step, ...]) -> Any:
        """Return a value with its references followed; ``None`` for the empty text that means nothing."""
        value = instance.get(*path)
        if isinstance(value, Unknown):
            return self._followed(instance, path)
        if isinstance(value, Mapping):
            return {name: self._evaluated(instance, (*path, name)) for name in instance.names(*path)}
        if isinstance(value, list):
            return [self._evaluated(instance, (*path, index)) for index in range(len(value))]
        return None if value == "" else value

    def _followed(self, instance: Instance, path: tuple[Step, ...]) -> Any:
        """Return what an unknown argument is taken to be, or why that is not known."""
        argument = next((step for step in reversed(path) if isinstance(step, str)), "")
        if argument in _LEFT_TO_AWS and argument not in instance.expressions:
            return None
        by_type = _REFERENCES.get(f"{instance.type}.{argument}")
        types = by_type or _REFERENCES.get(argument) or _LISTS.get(argument)
        found = source_of(self.plan, instance, path, types) if types else instance.get(*path)
        if not types or isinstance(found, Unknown):
            return found
        source, others = found
        is_list = argument in _LISTS and path[-1] == argument
        if source.instance.type not in types:
            named: Any = Unknown(f"known after apply: it comes from {source.address}")
        elif others and not is_list:
            named = Unknown(f"known after apply: it comes from {source.address} or from something else")
        else:
            named = self._named(source.instance, argument)
        if isinstance(named, str):
            self.taken.setdefault(instance.address, {})[argument] = source.address
        if not is_list or isinstance(named, Unknown):
            return named
        return (named, Unknown("known after apply: there may be others")) if others else (named,)

    def _named(self, source: Instance, argument: str) -> Any:
        """Return what an argument says that names this resource."""
        if source.type in _DOCUMENT:
            return policy_of(self._evaluated(source, ()))
        if source.type not in TYPES:
            return f"${{{source.address}}}"
        identity = self._identity(source)
        if argument in _BY_NAME:
            return identity.name
        if source.type not in _METRIC_FILTER:
            return identity.arn
        # What the filter exports is its own name, which need not be that of its metric.
        blocks = source.get("metric_transformation")
        metrics = (
            [one.get("name") for one in blocks if isinstance(one, Mapping)]
            if isinstance(blocks, list)
            else []
        )
        if identity.name in metrics:
            return identity.name
        return Unknown(
            f"known after apply: {source.address} is called {identity.name}, and its metric is not"
        )
