"""CloudFormation's properties in the shape of :mod:`sg_alarm.readers.terraform_shapes`.

Both languages describe the same API calls, so that a table of names is nearly all there is to translate. A
placeholder may be handed on where it names something; a setting that the rule looks at is ``Unknown`` then.

Source: AWS CloudFormation Template Reference, the pages of the types named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.readers.terraform_shapes import (
    ALIAS,
    BUCKET,
    BUCKET_POLICY,
    COMPOSITE_ALARM,
    KEY,
    LOG_GROUP,
    METRIC_ALARM,
    METRIC_FILTER,
    ROLE,
    ROLE_ATTACHMENT,
    ROLE_POLICY,
    RULE,
    SUBSCRIPTION,
    TARGET,
    TOPIC,
    TOPIC_POLICY,
    TRAIL,
    Resource,
    Unread,
    Values,
    arn_of,
)
from sg_alarm.rule.arn import Arn, is_opaque
from sg_alarm.unknown import Unknown

_Table = Mapping[str, str]


_Shaped = Iterator[tuple[str, Values]]


@dataclass(frozen=True)
class Shape:
    """What a type of resources is in the other shape, and what its name is called here and there, if any."""

    kind: str
    resources: Callable[[Resource], _Shaped]
    name_property: str = ""
    name_attribute: str = ""


def _trail(one: Resource) -> _Shaped:
    yield (
        TRAIL,
        {
            "name": one.get("name"),
            **_names(
                one.values,
                {
                    "S3BucketName": "s3_bucket_name",
                    "CloudWatchLogsLogGroupArn": "cloud_watch_logs_group_arn",
                    "CloudWatchLogsRoleArn": "cloud_watch_logs_role_arn",
                },
            ),
            **_settings(
                one.values,
                {
                    "IsLogging": "enable_logging",
                    "IsMultiRegionTrail": "is_multi_region_trail",
                    "IsOrganizationTrail": "is_organization_trail",
                },
            ),
            "event_selector": _blocks(one.get("EventSelectors"), _event_selector),
            "advanced_event_selector": _blocks(one.get("AdvancedEventSelectors"), _advanced_selector),
        },
    )


def _event_selector(block: Values) -> Values:
    return {
        **_settings(
            block,
            {"ReadWriteType": "read_write_type", "IncludeManagementEvents": "include_management_events"},
        ),
        **_lists(block, {"ExcludeManagementEventSources": "exclude_management_event_sources"}),
    }


def _advanced_selector(block: Values) -> Values:
    return {"field_selector": _blocks(block.get("FieldSelectors"), _field_selector) or ()}


def _field_selector(block: Values) -> Values:
    conditions = {
        "Equals": "equals",
        "NotEquals": "not_equals",
        "StartsWith": "starts_with",
        "NotStartsWith": "not_starts_with",
        "EndsWith": "ends_with",
        "NotEndsWith": "not_ends_with",
    }
    return {**_settings(block, {"Field": "field"}), **_lists(block, conditions)}


def _log_group(one: Resource) -> _Shaped:
    yield LOG_GROUP, {"name": one.get("name"), **_settings(one.values, {"LogGroupClass": "log_group_class"})}


def _metric_filter(one: Resource) -> _Shaped:
    yield (
        METRIC_FILTER,
        {
            "name": one.get("name"),
            **_names(one.values, {"LogGroupName": "log_group_name", "FilterPattern": "pattern"}),
            **_settings(
                one.values,
                {
                    "ApplyOnTransformedLogs": "apply_on_transformed_logs",
                    "FieldSelectionCriteria": "field_selection_criteria",
                },
            ),
            **_lists(one.values, {"EmitSystemFieldDimensions": "emit_system_field_dimensions"}),
            "metric_transformation": _blocks(one.get("MetricTransformations"), _transformation),
        },
    )


def _transformation(block: Values) -> Values:
    return {
        **_names(block, {"MetricName": "name", "MetricNamespace": "namespace"}),
        **_settings(block, {"MetricValue": "value", "DefaultValue": "default_value", "Unit": "unit"}),
        "dimensions": _dimensions(block.get("Dimensions"), "Key"),
    }


def _dimensions(found: Any, name: str) -> Any:
    """Return a list of names and values as the mapping that it is."""
    pairs = _blocks(found, dict)
    if pairs is None or isinstance(pairs, Unknown):
        return pairs
    if any(not isinstance(pair.get(name), str) or "Value" not in pair for pair in pairs):
        return Unknown("a dimension has no name or no value that could be told")
    return {pair[name]: pair["Value"] for pair in pairs}


_METRIC = {"MetricName": "metric_name", "Namespace": "namespace"}
_STATISTIC = {
    "Statistic": "statistic",
    "ExtendedStatistic": "extended_statistic",
    "Stat": "stat",
    "Period": "period",
    "Unit": "unit",
}


def _actions(one: Resource) -> Values:
    names = {
        "AlarmActions": "alarm_actions",
        "OKActions": "ok_actions",
        "InsufficientDataActions": "insufficient_data_actions",
    }
    return {new: [_text(action) for action in _elements(one.get(old))] for old, new in names.items()}


def _metric_alarm(one: Resource) -> _Shaped:
    yield (
        METRIC_ALARM,
        {
            "alarm_name": one.get("alarm_name"),
            **_names(one.values, {**_METRIC, "ThresholdMetricId": "threshold_metric_id"}),
            **_actions(one),
            **_settings(
                one.values,
                {
                    **_STATISTIC,
                    "ActionsEnabled": "actions_enabled",
                    "ComparisonOperator": "comparison_operator",
                    "EvaluationPeriods": "evaluation_periods",
                    "DatapointsToAlarm": "datapoints_to_alarm",
                    "Threshold": "threshold",
                    "TreatMissingData": "treat_missing_data",
                    "EvaluateLowSampleCountPercentile": "evaluate_low_sample_count_percentiles",
                },
            ),
            "dimensions": _dimensions(one.get("Dimensions"), "Name"),
            "metric_query": _blocks(one.get("Metrics"), _query),
        },
    )


def _query(block: Values) -> Values:
    stat = block.get("MetricStat")
    return {
        **_names(block, {"Id": "id"}),
        **_settings(block, {"Expression": "expression", "Period": "period", "AccountId": "account_id"}),
        "return_data": _told(_text(block.get("ReturnData", True))),
        "metric": _blocks(None if stat is None else [stat], _metric_stat),
    }


def _metric_stat(block: Values) -> Values:
    metric = block.get("Metric", {})
    if not isinstance(metric, Mapping):
        reason = metric if isinstance(metric, Unknown) else Unknown("it is no metric")
        metric = {"MetricName": reason, "Namespace": reason}
    return {
        **_names(metric, _METRIC),
        **_settings(block, _STATISTIC),
        "dimensions": _dimensions(metric.get("Dimensions"), "Name"),
    }


def _composite_alarm(one: Resource) -> _Shaped:
    suppressor = {
        **_names(one.values, {"ActionsSuppressor": "alarm"}),
        **_settings(
            one.values,
            {
                "ActionsSuppressorWaitPeriod": "wait_period",
                "ActionsSuppressorExtensionPeriod": "extension_period",
            },
        ),
    }
    yield (
        COMPOSITE_ALARM,
        {
            "alarm_name": one.get("alarm_name"),
            **_names(one.values, {"AlarmRule": "alarm_rule"}),
            **_actions(one),
            **_settings(one.values, {"ActionsEnabled": "actions_enabled"}),
            "actions_suppressor": [suppressor] if suppressor else None,
        },
    )


def _topic(one: Resource) -> _Shaped:
    arn = arn_of(one)
    yield TOPIC, {"name": one.get("name"), "kms_master_key_id": _key(one, one.get("KmsMasterKeyId"))}
    for block in _elements(one.get("Subscription")):
        names = {"Endpoint": "endpoint", "Protocol": "protocol"}
        unsure = block if isinstance(block, Unknown) else Unknown("it is no subscription")
        read = _names(block, names) if isinstance(block, Mapping) else dict.fromkeys(names.values(), unsure)
        yield SUBSCRIPTION, {"topic_arn": arn, **read}


def _subscription(one: Resource) -> _Shaped:
    yield (
        SUBSCRIPTION,
        {
            **_names(
                one.values,
                {
                    "TopicArn": "topic_arn",
                    "Protocol": "protocol",
                    "Endpoint": "endpoint",
                },
            ),
            "filter_policy": one.get("FilterPolicy"),
            **_settings(one.values, {"FilterPolicyScope": "filter_policy_scope"}),
        },
    )


def _topic_policy(one: Resource) -> _Shaped:
    for topic in _elements(one.get("Topics")):
        yield TOPIC_POLICY, {"arn": _text(topic), "policy": one.get("PolicyDocument")}


def _topic_inline_policy(one: Resource) -> _Shaped:
    yield TOPIC_POLICY, {"arn": _text(one.get("TopicArn")), "policy": one.get("PolicyDocument")}


def _key_itself(one: Resource) -> _Shaped:
    yield KEY, {"policy": one.get("KeyPolicy"), **_settings(one.values, {"Enabled": "is_enabled"})}


def _alias(one: Resource) -> _Shaped:
    yield ALIAS, {"name": one.get("name"), "target_key_id": _key(one, one.get("TargetKeyId"))}


def _key(one: Resource, key: Any) -> Any:
    """Return the ARN of the key whose id or ARN this is; an alias as it is."""
    name = None if key is None else _text(key)
    if not isinstance(name, str) or not name or name.startswith(("arn:", "alias/")):
        return name
    return str(Arn(one.partition, "kms", one.region, one.account, f"key/{name}"))


def _rule(one: Resource) -> _Shaped:
    yield (
        RULE,
        {
            "name": one.get("name"),
            "event_pattern": one.get("EventPattern"),
            **_settings(one.values, {"State": "state", "EventBusName": "event_bus_name"}),
        },
    )
    for target in _elements(one.get("Targets")):
        arn = target.get("Arn") if isinstance(target, Mapping) else target
        yield TARGET, {"rule": arn_of(one), "arn": _text(arn)}


def _role(one: Resource) -> _Shaped:
    yield (
        ROLE,
        {
            "name": one.get("name"),
            "inline_policy": one.get("Policies"),
            "managed_policy_arns": one.get("ManagedPolicyArns"),
        },
    )


def _attached(kind: str) -> Callable[[Resource], _Shaped]:
    """Return what yields a policy for each of the roles that it names."""

    def shape(one: Resource) -> _Shaped:
        for role in _elements(one.get("Roles", one.get("RoleName"))):
            yield kind, {"role": _text(role)}

    return shape


def _bucket(one: Resource) -> _Shaped:
    yield BUCKET, {"bucket": one.get("bucket")}


def _bucket_policy(one: Resource) -> _Shaped:
    yield BUCKET_POLICY, {"bucket": _text(one.get("Bucket"))}


SHAPES: Mapping[str, Shape] = {
    "AWS::CloudTrail::Trail": Shape(TRAIL, _trail, "TrailName", "name"),
    "AWS::Logs::LogGroup": Shape(LOG_GROUP, _log_group, "LogGroupName", "name"),
    "AWS::Logs::MetricFilter": Shape(METRIC_FILTER, _metric_filter, "FilterName", "name"),
    "AWS::CloudWatch::Alarm": Shape(METRIC_ALARM, _metric_alarm, "AlarmName", "alarm_name"),
    "AWS::CloudWatch::CompositeAlarm": Shape(COMPOSITE_ALARM, _composite_alarm, "AlarmName", "alarm_name"),
    "AWS::SNS::Topic": Shape(TOPIC, _topic, "TopicName", "name"),
    "AWS::SNS::Subscription": Shape(SUBSCRIPTION, _subscription),
    "AWS::SNS::TopicPolicy": Shape(TOPIC_POLICY, _topic_policy),
    "AWS::SNS::TopicInlinePolicy": Shape(TOPIC_POLICY, _topic_inline_policy),
    "AWS::KMS::Key": Shape(KEY, _key_itself),
    "AWS::KMS::Alias": Shape(ALIAS, _alias, "AliasName", "name"),
    "AWS::Events::Rule": Shape(RULE, _rule, "Name", "name"),
    "AWS::IAM::Role": Shape(ROLE, _role, "RoleName", "name"),
    "AWS::IAM::Policy": Shape(ROLE_POLICY, _attached(ROLE_POLICY)),
    "AWS::IAM::RolePolicy": Shape(ROLE_POLICY, _attached(ROLE_POLICY)),
    "AWS::IAM::ManagedPolicy": Shape(ROLE_ATTACHMENT, _attached(ROLE_ATTACHMENT)),
    "AWS::S3::Bucket": Shape(BUCKET, _bucket, "BucketName", "bucket"),
    "AWS::S3::BucketPolicy": Shape(BUCKET_POLICY, _bucket_policy),
}
"""The types of resources that bear on the rule."""


def resources_of(type_: str, one: Resource) -> Iterator[Resource]:
    """Yield what a resource is in the other shape.

    ``one`` has the address and the place that all of them get, and the evaluated properties as values, with
    its name beside them as the attribute that it has in the other shape.
    """
    if isinstance(one.values, Unread):
        yield one
        return
    for kind, values in SHAPES[type_].resources(one):
        told = {name: value for name, value in values.items() if value is not None}
        yield replace(one, type=kind, values=told)


def _names(block: Values, table: _Table) -> dict[str, Any]:
    """Return what names something, under the other names; it may be a placeholder."""
    return {new: _text(block[old]) for old, new in table.items() if old in block}


def _settings(block: Values, table: _Table) -> dict[str, Any]:
    """Return what the rule looks at, under the other names."""
    return {new: _told(_text(block[old])) for old, new in table.items() if old in block}


def _lists(block: Values, table: _Table) -> dict[str, Any]:
    """Return lists of what the rule looks at, under the other names; ``Unknown`` where one element is."""
    found = {
        new: [_told(_text(one)) for one in _elements(block[old])]
        for old, new in table.items()
        if old in block
    }
    return {
        new: next((one for one in texts if isinstance(one, Unknown)), texts) for new, texts in found.items()
    }


def _text(value: Any) -> str | Unknown:
    """Return a scalar as text, which CloudFormation takes for every kind of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    return value if isinstance(value, Unknown) else Unknown("it is no text")


def _elements(found: Any) -> list[Any]:
    """Return the elements of a list; what is none stands for its only one."""
    return [] if found is None else found if isinstance(found, list) else [found]


def _told(value: str | Unknown) -> str | Unknown:
    if isinstance(value, str) and is_opaque(value):
        return Unknown(f"it holds {value[value.find('${') :].partition('}')[0]}}}")
    return value


def _blocks(found: Any, translate: Callable[[Values], Values]) -> Any:
    """Return a list of mappings, each translated; ``Unknown`` where one of them is."""
    if found is None or isinstance(found, Unknown):
        return found
    if not isinstance(found, list):
        return Unknown("it is no list")
    if wrong := [one for one in found if not isinstance(one, Mapping)]:
        return wrong[0] if isinstance(wrong[0], Unknown) else Unknown("it holds what is no mapping")
    return [translate(one) for one in found]
