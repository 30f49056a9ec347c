"""From resources as Terraform writes them to the model; shared by the readers of code, plans and templates.

A reader hands over resources with their attributes evaluated. An attribute that is not set is absent or
``None``, one that cannot be told is ``Unknown``, nested blocks are lists of mappings, or one mapping. A
reference to a resource has become the text that :func:`arn_of` gives it, so that both ends of a reference are
equal texts.

Source: AWS provider documentation, the pages of the resources named here, for names and defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.alarms import (
    Alarm,
    CompositeAlarm,
    Dimension,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    MetricTransformation,
)
from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    Deployment,
    EventRule,
    EventSelector,
    FieldSelector,
    Json,
    Key,
    LogGroup,
    MetricFilter,
    Place,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.unknown import Assumed, Unknown

TRAIL = "aws_cloudtrail"
LOG_GROUP = "aws_cloudwatch_log_group"
METRIC_FILTER = "aws_cloudwatch_log_metric_filter"
METRIC_ALARM = "aws_cloudwatch_metric_alarm"
COMPOSITE_ALARM = "aws_cloudwatch_composite_alarm"
TOPIC = "aws_sns_topic"
TOPIC_POLICY = "aws_sns_topic_policy"
SUBSCRIPTION = "aws_sns_topic_subscription"
KEY = "aws_kms_key"
KEY_POLICY = "aws_kms_key_policy"
ALIAS = "aws_kms_alias"
RULE = "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"
ROLE = "aws_iam_role"
ROLE_POLICY = "aws_iam_role_policy"
ROLE_ATTACHMENT = "aws_iam_role_policy_attachment"
BUCKET = "aws_s3_bucket"
BUCKET_POLICY = "aws_s3_bucket_policy"

TYPES = frozenset(
    {
        TRAIL,
        LOG_GROUP,
        METRIC_FILTER,
        METRIC_ALARM,
        COMPOSITE_ALARM,
        TOPIC,
        TOPIC_POLICY,
        SUBSCRIPTION,
        KEY,
        KEY_POLICY,
        ALIAS,
        RULE,
        TARGET,
        ROLE,
        ROLE_POLICY,
        ROLE_ATTACHMENT,
        BUCKET,
        BUCKET_POLICY,
    }
)
"""The types of resources that bear on the rule."""

MERELY_THERE = frozenset({ROLE, ROLE_POLICY, ROLE_ATTACHMENT, BUCKET, BUCKET_POLICY})
"""Of those, the types of which only matters whether there is one."""

Values = Mapping[str, Any]

_ONLY_AN_ACCOUNT = "only an account can show it"
_A_CHANGE = next(iter(OPERATIONS.values()))


@dataclass(frozen=True)
class Resource:
    """A resource, evaluated. ``doubt`` is set where nobody can tell whether it exists."""

    type: str
    address: str
    values: Values
    region: str
    account: str
    partition: str = "aws"
    doubt: Unknown | None = None

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute; the default where it is not set."""
        return _get(self.values, name, default)


class Unread(Mapping[str, Any]):
    """The attributes of a resource of which nothing is known but that it may exist."""

    def __init__(self, reason: Unknown) -> None:
        self._reason = reason

    def __getitem__(self, name: str) -> Any:
        return self._reason

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _get(values: Values, name: str, default: Any = None) -> Any:
    found = values.get(name) if not isinstance(values, Unread) else values[name]
    return default if found is None else found


def blocks_of(values: Values, name: str) -> Sequence[Values] | Unknown:
    """Return the nested blocks of a kind; JSON has one alone without a list around it."""
    found = _get(values, name, ())
    return (found,) if isinstance(found, Mapping) else found


_RESOURCE_PARTS: Mapping[str, tuple[str, str, str]] = {
    TRAIL: ("cloudtrail", "trail/", "name"),
    LOG_GROUP: ("logs", "log-group:", "name"),
    METRIC_ALARM: ("cloudwatch", "alarm:", "alarm_name"),
    COMPOSITE_ALARM: ("cloudwatch", "alarm:", "alarm_name"),
    TOPIC: ("sns", "", "name"),
    RULE: ("events", "rule/", "name"),
    KEY: ("kms", "key/", ""),
    ROLE: ("iam", "role/", "name"),
}


def arn_of(resource: Resource) -> str:
    """Return the ARN that the resource has or will have, with placeholders for what is not known of it."""
    if resource.type not in _RESOURCE_PARTS:
        return f"${{{resource.address}}}"
    known = resource.get("arn")
    if isinstance(known, str):
        return known
    service, kind, attribute = _RESOURCE_PARTS[resource.type]
    name = resource.get(attribute) if attribute else None
    if not isinstance(name, str):
        name = f"${{{resource.address}}}"
    region = "" if service == "iam" else resource.region
    return str(Arn(resource.partition, service, region, resource.account, kind + name))


@dataclass(frozen=True)
class Scope:
    """Where the code is deployed to, as far as known, and what of it could not be looked at.

    ``elsewhere`` is set where something that was not read may hold trails.
    """

    account: str
    region: str
    partition: str = "aws"
    elsewhere: Unknown | None = None


def deployment_of(resources: Sequence[Resource], scope: Scope) -> Deployment:
    """Return the deployment that the resources make up."""
    parts = _Parts(resources)
    trails = tuple(_trail(one, parts) for one in parts.of(TRAIL))
    groups = [(one, _log_group(one)) for one in parts.of(LOG_GROUP)]
    filters = [
        (one, metric_filter(one) if groups or trails else _on_some_group(metric_filter(one), one))
        for one in parts.of(METRIC_FILTER)
    ]
    declared = {group.arn for _, group in groups}
    outside = _groups_outside(filters, declared, trails)
    places = {(scope.account, scope.region): None} | {(one.account, one.region): None for one in resources}

    found: dict[str, Sequence[tuple[Resource, Any]]] = {
        "log_groups": [*groups, *outside],
        "metric_filters": filters,
        "alarms": [(one, alarm(one)) for kind in (METRIC_ALARM, COMPOSITE_ALARM) for one in parts.of(kind)],
        "topics": [(one, _topic(one, parts)) for one in parts.of(TOPIC)],
        "keys": [(one, _key(one, parts)) for one in parts.of(KEY)],
        "event_rules": [(one, _event_rule(one, parts)) for one in parts.of(RULE)],
    }
    regions = [trail.home_region for trail in trails] or [one.region for one, _ in filters] or [scope.region]
    return Deployment(
        scope.account,
        tuple(dict.fromkeys(region for region in regions if isinstance(region, str))),
        scope.elsewhere or trails or _no_trail(filters, declared),
        tuple(_place(*place, found) for place in places),
        scope.partition,
    )


def _place(account: str, region: str, found: Mapping[str, Sequence[tuple[Resource, Any]]]) -> Place:
    here: dict[str, Any] = {
        name: tuple(thing for one, thing in things if (one.account, one.region) == (account, region))
        for name, things in found.items()
    }
    return replace(Place(account, region, mute_rules=Assumed(_ONLY_AN_ACCOUNT)), **here)


class _Parts:
    """The resources by type, and what hangs on each."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_type: dict[str, list[Resource]] = {}
        for one in resources:
            self._by_type.setdefault(one.type, []).append(one)

    def of(self, kind: str) -> list[Resource]:
        return self._by_type.get(kind, [])

    def on(self, kind: str, attribute: str, *names: str) -> list[Resource]:
        """Return the resources of a kind that hang on a thing of one of these names, or may do so."""
        return [
            one
            for one in self.of(kind)
            if isinstance(value := one.get(attribute), Unknown) or (isinstance(value, str) and value in names)
        ]


def _no_trail(
    filters: Sequence[tuple[Resource, MetricFilter]], declared: set[str]
) -> tuple[()] | Unknown | Assumed:
    if not filters:
        return ()
    if any(one.log_group_arn in declared for _, one in filters if isinstance(one.log_group_arn, str)):
        # The group is here, and what should fill it is not: nothing says that somebody fills it elsewhere.
        return Unknown("no trail in this code delivers to the log group")
    return Assumed("the trail is not part of this code")


def _on_some_group(found: MetricFilter, one: Resource) -> MetricFilter:
    """Return a filter of code without log groups and trails: its group is outside, whatever its name."""
    if not isinstance(found.log_group_arn, Unknown):
        return found
    return replace(found, log_group_arn=_group_arn(one, f"${{the log group of {one.address}}}"))


def _groups_outside(
    filters: Sequence[tuple[Resource, MetricFilter]], declared: set[str], trails: Sequence[Trail]
) -> list[tuple[Resource, LogGroup]]:
    """Return log groups that filters name and that are not declared."""
    fed = fed_from_outside(trails, "code")
    found: dict[str, tuple[Resource, LogGroup]] = {}
    for resource, one in filters:
        arn = one.log_group_arn
        if isinstance(arn, Unknown):
            continue
        if without_streams(arn) not in declared:
            found[arn] = (resource, LogGroup(arn, exists=Assumed("it is not part of this code"), trail=fed))
    return list(found.values())


def fed_from_outside(trails: Sequence[Trail], here: str) -> Assumed | Unknown | None:
    """Return what feeds a log group that is not here, but only named by a metric filter.

    A trail that is not here either: most keep it elsewhere, so it is assumed. But where a trail here records
    the changes, it is the one that counts. If it delivers to no log group, nothing speaks for another trail:
    the answer is ``None``, nothing feeds the group. If it delivers to another group, or to one that nobody
    can tell, that may be a mistake, or this group is that of an organization's trail: it is unknown.
    """
    recording = [one for one in trails if selected(one.event_selectors, _A_CHANGE) is not Selected.NONE]
    if any(one.log_group_arn is None for one in recording):
        return None
    if recording:
        trail, group = recording[0].arn, recording[0].log_group_arn
        named = "a group that is unknown" if isinstance(group, Unknown) else f"another group, {group}"
        return Unknown(f"{trail} delivers to {named}, and a trail outside this {here} may feed it")
    return Assumed(f"the log group is not part of this {here}, nor is what delivers to it")


def _trail(one: Resource, parts: _Parts) -> Trail:
    role = one.get("cloud_watch_logs_role_arn") or None
    return Trail(
        arn=arn_of(one),
        home_region=one.region,
        log_group_arn=one.get("cloud_watch_logs_group_arn") or None,
        role_arn=role,
        is_logging=one.doubt or _bucket(one, parts) or boolean(one.get("enable_logging", True)),
        is_multi_region=boolean(one.get("is_multi_region_trail", False)),
        is_organization=boolean(one.get("is_organization_trail", False)),
        event_selectors=event_selectors(one),
        delivery=_delivery(role, parts),
    )


def _bucket(trail: Resource, parts: _Parts) -> Unknown | None:
    """Doubt a trail whose bucket lets nobody write: CloudTrail does not make such a trail."""
    for one in parts.of(BUCKET):
        names = [name for name in (one.get("bucket"), arn_of(one)) if isinstance(name, str)]
        if trail.get("s3_bucket_name") in names and not parts.on(BUCKET_POLICY, "bucket", *names):
            return Unknown(f"the bucket {one.address} has no policy in this code")
    return None


def _delivery(role: Any, parts: _Parts) -> Assumed | Unknown:
    """Doubt the delivery by a role of the code that has no policy to write to the log group with."""
    for one in parts.of(ROLE):
        if role == arn_of(one):
            names = [name for name in (one.get("name"), arn_of(one)) if isinstance(name, str)]
            inline = one.get("inline_policy") or one.get("managed_policy_arns")
            attached = (kind for kind in (ROLE_POLICY, ROLE_ATTACHMENT) if parts.on(kind, "role", *names))
            if not inline and not any(attached):
                return Unknown(f"the role {one.address} has no policy in this code")
    return Assumed(_ONLY_AN_ACCOUNT)


def event_selectors(one: Resource) -> tuple[EventSelector | AdvancedEventSelector, ...] | Unknown:
    """Return the basic and advanced event selectors of ``aws_cloudtrail``."""
    basic, advanced = (
        blocks_of(one.values, "event_selector"),
        blocks_of(one.values, "advanced_event_selector"),
    )
    if isinstance(basic, Unknown):
        return basic
    if isinstance(advanced, Unknown):
        return advanced
    return (
        *(
            EventSelector(
                _get(block, "read_write_type", "All"),
                boolean(_get(block, "include_management_events", True)),
                _texts(_get(block, "exclude_management_event_sources", ())),
            )
            for block in basic
        ),
        *(AdvancedEventSelector(_field_selectors(blocks_of(block, "field_selector"))) for block in advanced),
    )


def _field_selectors(blocks: Any) -> tuple[FieldSelector, ...] | Unknown:
    if isinstance(blocks, Unknown):
        return blocks
    return tuple(
        FieldSelector(
            _get(block, "field", Unknown("it is not set")),
            *(
                _texts(_get(block, name, ()))
                for name in (
                    "equals",
                    "not_equals",
                    "starts_with",
                    "not_starts_with",
                    "ends_with",
                    "not_ends_with",
                )
            ),
        )
        for block in blocks
    )


def _log_group(one: Resource) -> LogGroup:
    return LogGroup(arn_of(one), log_class=one.doubt or one.get("log_group_class", "STANDARD"))


def _group_arn(one: Resource, name: str | Unknown) -> str | Unknown:
    """Return the ARN of the log group that a metric filter names; the ARN itself is taken as well."""
    if isinstance(name, Unknown):
        return name
    if Arn.parse(name):
        return without_streams(name)
    return str(Arn(one.partition, "logs", one.region, one.account, f"log-group:{name}"))


def metric_filter(one: Resource) -> MetricFilter:
    """Return ``aws_cloudwatch_log_metric_filter``."""
    group = one.get("log_group_name", Unknown("it is not set"))
    transformations = blocks_of(one.values, "metric_transformation")
    return MetricFilter(
        name=_name(one, "name"),
        log_group_arn=_group_arn(one, text(group)),
        pattern=one.doubt or _pattern(one.get("pattern", "")),
        transformation=transformations
        if isinstance(transformations, Unknown)
        else next((_transformation(block, one) for block in transformations), None),
        field_selection_criteria=one.get("field_selection_criteria"),
        apply_on_transformed_logs=boolean(one.get("apply_on_transformed_logs", False)),
        address=one.address,
    )


def _pattern(value: Any) -> str | Unknown:
    pattern = text(value)
    if isinstance(pattern, str) and is_opaque(pattern):
        return Unknown(f"it holds {_placeholder(pattern)}")
    return pattern


def _placeholder(text: str) -> str:
    start = text.find("${")
    return text[start : text.find("}", start) + 1]


def _transformation(block: Values, one: Resource) -> MetricTransformation:
    default = _get(block, "default_value")
    return MetricTransformation(
        namespace=_get(block, "namespace", Unknown("it is not set")),
        name=_get(block, "name", Unknown("it is not set")),
        value=text(_get(block, "value", Unknown("it is not set"))),
        default_value=None if default in (None, "") else number(default),
        unit=_unit(_get(block, "unit")),
        dimensions=_dimensions(_get(block, "dimensions", {})),
        emit_system_field_dimensions=_texts(one.get("emit_system_field_dimensions", ())),
    )


def _unit(unit: Any) -> str | Unknown | None:
    return None if unit in (None, "", "None") else unit


def _dimensions(found: Any) -> tuple[Dimension, ...] | Unknown:
    if isinstance(found, Unknown):
        return found
    return tuple(Dimension(name, text(value)) for name, value in found.items())


def alarm(one: Resource) -> Alarm:
    """Return ``aws_cloudwatch_metric_alarm`` or ``aws_cloudwatch_composite_alarm``."""
    return _composite_alarm(one) if one.type == COMPOSITE_ALARM else _metric_alarm(one)


def _metric_alarm(one: Resource) -> Alarm:
    queries = blocks_of(one.values, "metric_query")
    threshold_metric = _known_text(one.get("threshold_metric_id"))
    by_math = isinstance(queries, Unknown) or bool(queries)
    return MetricAlarm(
        name=_name(one, "alarm_name"),
        arn=arn_of(one),
        comparison_operator=one.get("comparison_operator", Unknown("it is not set")),
        evaluation_periods=number(one.get("evaluation_periods", Unknown("it is not set")), int),
        # The provider sends 0 where none is set.
        threshold=None if threshold_metric else number(one.get("threshold", 0)),
        threshold_metric_id=threshold_metric,
        metric_stat=None if by_math and one.get("metric_name") is None else _metric_stat(one.values),
        # Queries that nobody can tell: one whose expression is unknown stands for all.
        metrics=(MetricDataQuery("unknown", expression=queries),)
        if isinstance(queries, Unknown)
        else tuple(_query(block) for block in queries),
        datapoints_to_alarm=_optional_number(one.get("datapoints_to_alarm")),
        treat_missing_data=one.get("treat_missing_data", "missing"),
        evaluate_low_sample_count_percentile=one.get("evaluate_low_sample_count_percentiles", "evaluate"),
        **_acting(one),
    )


def _known_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _optional_number(value: Any) -> int | Unknown | None:
    return None if value in (None, 0) else number(value, int)


def _metric_stat(block: Values, stat: str = "statistic") -> MetricStat:
    return MetricStat(
        Metric(
            _get(block, "namespace", Unknown("it is not set")),
            _get(block, "metric_name", Unknown("it is not set")),
            _dimensions(_get(block, "dimensions", {})),
        ),
        _get(block, stat) or _get(block, "extended_statistic") or Unknown("no statistic is set"),
        number(_get(block, "period", Unknown("it is not set")), int),
        _unit(_get(block, "unit")),
    )


def _query(block: Values) -> MetricDataQuery:
    metric = blocks_of(block, "metric")
    period = _get(block, "period")
    expression = _get(block, "expression")
    if isinstance(metric, Unknown):
        expression, metric = metric, ()
    return MetricDataQuery(
        id=_known_text(_get(block, "id")) or "${id}",
        expression=expression or None,
        metric_stat=next((_metric_stat(one, "stat") for one in metric), None),
        period=None if period is None else number(period, int),
        return_data=boolean(_get(block, "return_data", False)),
        account_id=_get(block, "account_id"),
    )


def _composite_alarm(one: Resource) -> Alarm:
    suppressors = blocks_of(one.values, "actions_suppressor")
    suppressor: Values = {"alarm": suppressors} if isinstance(suppressors, Unknown) else {}
    if not isinstance(suppressors, Unknown):
        suppressor = next(iter(suppressors), suppressor)
    return CompositeAlarm(
        name=_name(one, "alarm_name"),
        alarm_rule=one.get("alarm_rule", Unknown("it is not set")),
        arn=arn_of(one),
        actions_suppressor=_get(suppressor, "alarm"),
        actions_suppressor_wait_period=_optional_number(_get(suppressor, "wait_period")),
        actions_suppressor_extension_period=_optional_number(_get(suppressor, "extension_period")),
        **_acting(one),
    )


def _acting(one: Resource) -> dict[str, Any]:
    return {
        "actions_enabled": one.doubt or boolean(one.get("actions_enabled", True)),
        "alarm_actions": _texts(one.get("alarm_actions", ())),
        "ok_actions": _texts(one.get("ok_actions", ())),
        "insufficient_data_actions": _texts(one.get("insufficient_data_actions", ())),
    }


def _topic(one: Resource, parts: _Parts) -> Topic:
    arn = arn_of(one)
    policy = json_object(one.get("policy"))
    for attached in parts.on(TOPIC_POLICY, "arn", arn):
        target = attached.get("arn")
        unsure = target if isinstance(target, Unknown) else attached.doubt
        policy = unsure or json_object(attached.get("policy"))
    subscriptions = parts.on(SUBSCRIPTION, "topic_arn", arn)
    return Topic(
        arn,
        one.doubt or policy,
        _key_name(one, parts),
        tuple(_subscription(subscription) for subscription in subscriptions),
    )


def _key_name(one: Resource, parts: _Parts) -> str | Unknown | None:
    name = one.get("kms_master_key_id") or None
    if not isinstance(name, str) or name.endswith("alias/aws/sns"):
        return name
    known = {arn_of(key) for key in parts.of(KEY)}
    aliases = {alias.get("name") for alias in parts.of(ALIAS) if alias.get("target_key_id") in known}
    inside = name in known or name in aliases
    return name if inside else Unknown(f"the key {name} is not part of this code")


def _subscription(one: Resource) -> Subscription:
    topic = one.get("topic_arn")
    unsure = topic if isinstance(topic, Unknown) else one.doubt
    return Subscription(
        one.address,
        one.get("protocol", Unknown("it is not set")),
        one.get("endpoint", Unknown("it is not set")),
        unsure or Assumed(_ONLY_AN_ACCOUNT),
        json_object(one.get("filter_policy")),
        one.get("filter_policy_scope", "MessageAttributes"),
    )


def _key(one: Resource, parts: _Parts) -> Key:
    arn = arn_of(one)
    policy = json_object(one.get("policy"))
    for attached in parts.on(KEY_POLICY, "key_id", arn):
        target = attached.get("key_id")
        unsure = target if isinstance(target, Unknown) else attached.doubt
        policy = unsure or json_object(attached.get("policy"))
    if policy is None:
        policy = {"Statement": []}  # KMS Developer Guide, "Default key policy": the account, and no service
    enabled = boolean(one.get("is_enabled", True))
    return Key(
        arn,
        one.doubt or policy,
        tuple(
            alias.get("name")
            for alias in parts.of(ALIAS)
            if alias.get("target_key_id") == arn and isinstance(alias.get("name"), str)
        ),
        enabled if isinstance(enabled, Unknown) else Assumed(_ONLY_AN_ACCOUNT) if enabled else "Disabled",
    )


def _event_rule(one: Resource, parts: _Parts) -> EventRule:
    arn = arn_of(one)
    enabled = boolean(one.get("is_enabled", True))
    state = one.get(
        "state", enabled if isinstance(enabled, Unknown) else "ENABLED" if enabled else "DISABLED"
    )
    targets = [target.get("arn") for target in parts.on(TARGET, "rule", arn, _name(one, "name"))]
    other_bus = one.get("event_bus_name", "default") != "default"
    return EventRule(
        arn,
        Unknown("it listens to another event bus") if other_bus else json_object(one.get("event_pattern")),
        tuple(target for target in targets if target is not None),
        one.doubt or state,
    )


def _name(one: Resource, attribute: str) -> str:
    found = one.get(attribute)
    return found if isinstance(found, str) else f"${{{one.address}}}"


def text(value: Any) -> str | Unknown:
    """Return a value as the text that Terraform makes of it."""
    if isinstance(value, str | Unknown):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def boolean(value: Any) -> bool | Unknown:
    """Return a boolean; Terraform takes the texts "true" and "false" for one."""
    if isinstance(value, bool | Unknown):
        return value
    return {"true": True, "false": False}.get(str(value), Unknown(f"{value} is no boolean"))


def number(value: Any, kind: Callable[[Any], Any] = float) -> Any:
    """Return a number; Terraform takes a text with a number for one."""
    if isinstance(value, Unknown):
        return value
    try:
        return kind(value)
    except (TypeError, ValueError):
        return Unknown(f"{value} is no number")


def json_object(value: Any) -> Json | Unknown | None:
    """Return what a JSON text says; a null in it is a value that nobody could tell."""
    if value is None or value == "" or isinstance(value, Unknown):
        return None if value == "" else value
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return Unknown("it is no JSON that could be read")
    return _without_nulls(value) if isinstance(value, Mapping) else Unknown("it is no JSON object")


def _without_nulls(value: Any) -> Any:
    if value is None:
        return Unknown("its value could not be told")
    if isinstance(value, Mapping):
        return {name: _without_nulls(one) for name, one in value.items()}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _texts(values: Any) -> Any:
    if isinstance(values, Unknown):
        return values
    if isinstance(values, str):
        return (values,)
    return tuple(text(one) for one in values)


def doubted(resource: Resource, reason: Unknown | None) -> Resource:
    """Return the resource, of which nobody can tell whether it exists if there is a reason."""
    return replace(resource, doubt=resource.doubt or reason)
