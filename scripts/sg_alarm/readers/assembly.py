"""From resources to a deployment: what belongs to what, ARNs, and what lies outside.

Code, plans and templates are assembled alike. Their readers hand over resources under AWS's own names: types
as CloudFormation calls them, settings as :mod:`sg_alarm.readers.shapes` takes them. A reference to a resource
has become the text that its ``arn`` or ``name`` is, so that both ends of a reference are equal texts.

Sources: Service Authorization Reference, "Resource types defined by …", for ARNs; KMS Developer Guide,
"Default key policy"; CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from sg_alarm.alarms import Alarm, CompositeAlarm, Metric, MetricTransformation
from sg_alarm.readers import shapes
from sg_alarm.readers.settings import NOT_SET, Settings
from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.lookup import find_key
from sg_alarm.rule.model import (
    Deployment,
    EventRule,
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
from sg_alarm.unknown import Assumed, Unknown, known_items

TRAIL = "AWS::CloudTrail::Trail"
LOG_GROUP = "AWS::Logs::LogGroup"
METRIC_FILTER = "AWS::Logs::MetricFilter"
METRIC_ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
TOPIC = "AWS::SNS::Topic"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"
SUBSCRIPTION = "AWS::SNS::Subscription"
KEY = "AWS::KMS::Key"
KEY_POLICY = "AWS::KMS::KeyPolicy"  # Terraform's only
ALIAS = "AWS::KMS::Alias"
RULE = "AWS::Events::Rule"
TARGET = "AWS::Events::Target"  # Terraform's only
ROLE = "AWS::IAM::Role"
ROLE_POLICY = "AWS::IAM::RolePolicy"
BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"


@dataclass(frozen=True)
class _Kind:
    """``name`` is the property that names a resource, ``arn`` its service and what precedes the name there.

    Where it is unknown whether the resource exists, so is its setting ``decisive``.
    """

    name: str = ""
    arn: tuple[str, str] | None = None
    decisive: str = ""


_KINDS: Mapping[str, _Kind] = {
    TRAIL: _Kind("TrailName", ("cloudtrail", "trail/"), "IsLogging"),
    LOG_GROUP: _Kind("LogGroupName", ("logs", "log-group:"), "LogGroupClass"),
    METRIC_FILTER: _Kind("FilterName", None, "FilterPattern"),
    METRIC_ALARM: _Kind("AlarmName", ("cloudwatch", "alarm:"), "ActionsEnabled"),
    COMPOSITE_ALARM: _Kind("AlarmName", ("cloudwatch", "alarm:"), "ActionsEnabled"),
    TOPIC: _Kind("TopicName", ("sns", "")),
    TOPIC_POLICY: _Kind(),
    SUBSCRIPTION: _Kind(),
    KEY: _Kind("KeyId", ("kms", "key/")),
    KEY_POLICY: _Kind(),
    ALIAS: _Kind("AliasName"),
    RULE: _Kind("Name", ("events", "rule/"), "State"),
    TARGET: _Kind(),
    ROLE: _Kind("RoleName", ("iam", "role/")),
    ROLE_POLICY: _Kind(),
    BUCKET: _Kind("BucketName"),
    BUCKET_POLICY: _Kind(),
}

NAMES: Mapping[str, str] = {type_: kind.name for type_, kind in _KINDS.items()}
"""The types of resources that bear on the rule, each with the property that names one, if any does."""

_A_CHANGE = next(iter(OPERATIONS.values()))


@dataclass(frozen=True)
class Resource:
    """A resource, evaluated; ``values`` are its settings, or why none of them is known.

    ``existence`` is set where it is unknown whether there will be such a resource. One that ``is_data`` is
    there already, and only looked up.
    """

    type: str
    address: str
    values: Mapping[str, Any] | Unknown
    region: str
    account: str
    partition: str = "aws"
    existence: Unknown | None = None
    is_data: bool = False

    @cached_property
    def name(self) -> str:
        """The name; a placeholder where it is not known or made up by AWS."""
        named = Settings(self.values).name(_KINDS[self.type].name)
        return named if isinstance(named, str) else f"${{{self.address}}}"

    @cached_property
    def arn(self) -> str:
        """The ARN that the resource has or will have, with placeholders for what is not known of it."""
        known = Settings(self.values).get("Arn")
        parts = _KINDS[self.type].arn
        if parts is None:
            return f"${{{self.address}}}"
        service, prefix = parts
        region = "" if service == "iam" else self.region
        made = Arn(self.partition, service, region, self.account, prefix + self.name)
        return known if isinstance(known, str) and known else str(made)

    @property
    def place(self) -> tuple[str, str]:
        """The account and region."""
        return self.account, self.region

    def settings(self, **given: Any) -> Settings:
        """Return the settings; those given count more."""
        kind = _KINDS[self.type]
        return Settings(
            self.values, {kind.name: self.name, kind.decisive: self.existence, **given}, symbolic=True
        )


@dataclass(frozen=True)
class Scope:
    """Where something is deployed to, as far as known, and what of it could not be looked at.

    ``elsewhere`` is set where something that was not read may hold trails. ``view`` is what is read, for
    messages: code, plan, template.
    """

    account: str
    region: str
    partition: str = "aws"
    elsewhere: Unknown | None = None
    view: str = "code"

    @property
    def place(self) -> tuple[str, str]:
        """The account and region."""
        return self.account, self.region


def deployment_of(resources: Iterable[Resource], scope: Scope) -> Deployment:
    """Return the deployment that the resources make up."""
    return _Assembly(resources, scope).deployment()


_Metric = TypeVar("_Metric", Metric, MetricTransformation)
_Placed = list[tuple[tuple[str, str], Any]]
"""Things, each with the account and region that it is in."""

_Index = tuple[dict[str, list[Resource]], list[tuple[Resource, Unknown]]]
"""Resources by the names in them, and those in which a name is unknown."""


class _Assembly:
    def __init__(self, resources: Iterable[Resource], scope: Scope) -> None:
        self._scope = scope
        self._outside = f"not part of this {scope.view}"
        self._by_type: dict[str, list[Resource]] = {}
        self._named: dict[tuple[str, tuple[str, ...]], _Index] = {}
        for one in resources:
            self._by_type.setdefault(one.type, []).append(one)

    def deployment(self) -> Deployment:
        """Put everything together."""
        trails = tuple(self._trail(one) for one in self._of(TRAIL))
        groups = self._placed(lambda one: shapes.log_group(one.settings(), one.arn), LOG_GROUP)
        anywhere = not groups and not trails
        filters = self._placed(lambda one: self._metric_filter(one, anywhere), METRIC_FILTER)
        outside, stand_ins = self._groups_outside(groups, filters, trails)
        topics = self._placed(self._topic, TOPIC)
        alarms = self._placed(_alarm, METRIC_ALARM, COMPOSITE_ALARM)
        rules = self._placed(self._event_rule, RULE)
        found: dict[str, _Placed] = {
            "log_groups": [*groups, *outside],
            "metric_filters": [*_comparable(filters, alarms), *stand_ins],
            "alarms": _comparable(alarms, filters),
            "topics": [*topics, *self._topics_outside(topics, alarms, rules)],
            "keys": [(one.place, self._key(one)) for one in (*self._of(KEY), *self._data(KEY))],
            "event_rules": rules,
        }
        here = [one.place for type_ in _IN_PLACES for one in self._of(type_)] or [self._scope.place]
        homes = [str(one.home_region) for one in trails] or [place[1] for place, _ in filters]
        deployment = Deployment(
            self._scope.account,
            tuple(dict.fromkeys(homes or [self._scope.region])),
            self._scope.elsewhere or trails or self._no_trail(filters, outside),
            tuple(_place(*place, found) for place in dict.fromkeys(here)),
            self._scope.partition,
        )
        places = (self._with_known_keys(deployment, one) for one in deployment.places)
        return replace(deployment, places=tuple(places))

    # What there is, and what names it

    def _of(self, *types: str) -> list[Resource]:
        return [one for type_ in types for one in self._by_type.get(type_, ()) if not one.is_data]

    def _placed(self, made: Callable[[Resource], Any], *types: str) -> _Placed:
        return [(one.place, made(one)) for one in self._of(*types)]

    def _data(self, type_: str) -> list[Resource]:
        return [one for one in self._by_type.get(type_, ()) if one.is_data]

    def _naming(
        self, type_: str, properties: tuple[str, ...], *names: str
    ) -> Iterator[tuple[Resource, Unknown | None]]:
        """Yield the resources that name a thing by one of these names, and those that may do so, with why."""
        if (type_, properties) not in self._named:
            self._named[type_, properties] = self._names_in(type_, properties)
        by_name, unsure = self._named[type_, properties]
        for one in {id(one): one for name in names for one in by_name.get(name, ())}.values():
            yield one, None
        yield from unsure

    def _names_in(self, type_: str, properties: tuple[str, ...]) -> _Index:
        by_name: dict[str, list[Resource]] = {}
        unsure = []
        for one in self._of(type_):
            listed = [one.settings().names(property_) for property_ in properties]
            for name in (name for names in listed for name in known_items(names)):
                by_name.setdefault(name, []).append(one)
            flat = [name for names in listed for name in ((names,) if isinstance(names, Unknown) else names)]
            if unknown := next((name for name in flat if isinstance(name, Unknown)), None):
                unsure.append((one, unknown))
        return by_name, unsure

    # Trail, log group, metric filter

    def _trail(self, one: Resource) -> Trail:
        doubt = one.existence or self._without_bucket(one)
        settings = one.settings(TrailARN=one.arn, HomeRegion=one.region, IsLogging=doubt)
        return shapes.trail(settings, self._delivery(settings.name("CloudWatchLogsRoleArn")))

    def _without_bucket(self, trail: Resource) -> Unknown | None:
        """Doubt a trail whose bucket lets nobody write: CloudTrail does not make such a trail."""
        named = trail.settings().name("S3BucketName")
        for one in self._of(BUCKET):
            names = (one.name, one.arn)
            own = one.settings().get("Policy")
            if named in names and not own and not any(self._naming(BUCKET_POLICY, ("Bucket",), *names)):
                return Unknown(f"the bucket {one.address} has no policy in this {self._scope.view}")
        return None

    def _delivery(self, role: Any) -> Assumed | Unknown:
        """Doubt the delivery by a role that has no policy to write to the log group with."""
        for one in self._of(ROLE):
            own = any(map(one.settings().get, ("Policies", "ManagedPolicyArns")))
            attached = self._naming(ROLE_POLICY, ("RoleName", "Role", "Roles"), one.name, one.arn)
            if role == one.arn and not own and not any(attached):
                return Unknown(f"the role {one.address} has no policy in this {self._scope.view}")
        return Assumed("only the account shows whether the trail's role may write to the log group")

    def _metric_filter(self, one: Resource, anywhere: bool) -> MetricFilter:
        """Return a metric filter; where there is no group at all, its group is outside, whatever its name."""
        named = one.settings().name("LogGroupName", NOT_SET)
        if isinstance(named, Unknown) and anywhere:
            named = f"${{the log group of {one.address}}}"
        if isinstance(named, str):
            arn = Arn(one.partition, "logs", one.region, one.account, f"log-group:{named}")
            named = without_streams(named) if Arn.parse(named) else str(arn)
        return shapes.metric_filter(one.settings(), named, one.address)

    def _groups_outside(
        self, groups: _Placed, filters: _Placed, trails: Sequence[Trail]
    ) -> tuple[_Placed, _Placed]:
        """Return log groups that are named here and lie outside, and what stands for their metric filters."""
        fed = _fed_from_outside(trails, self._scope.view)
        inside = {group.arn for _, group in groups}
        looked_up = {without_streams(one.arn) for one in self._data(LOG_GROUP)}
        unread = Unknown(f"the metric filters of a log group that is {self._outside} are not known")
        found: dict[str, tuple[tuple[str, str], LogGroup]] = {}
        stand_ins: _Placed = []
        delivered = [(_place_of(one.log_group_arn), one.log_group_arn) for one in trails]
        for place, named in (*((place, one.log_group_arn) for place, one in filters), *delivered):
            arn = without_streams(named) if isinstance(named, str) else ""
            if place and arn and arn not in {*inside, *found}:
                exists = arn in looked_up or Assumed(f"the log group is {self._outside}")
                found[arn] = (place, LogGroup(arn, exists=exists, trail=fed))
                if (place, named) in delivered:
                    stand_ins.append((place, MetricFilter("*", arn, unread, unread)))
        return list(found.values()), stand_ins

    def _no_trail(self, filters: _Placed, outside: _Placed) -> tuple[()] | Unknown:
        if filters and not outside:
            # The group is here, and what should fill it is not: nothing says that it is filled elsewhere.
            return Unknown(f"no trail in this {self._scope.view} delivers to the log group")
        return ()

    # Topic, subscription, key, event rule

    def _topic(self, one: Resource) -> Topic:
        settings = one.settings()
        policy = self._policy(one, TOPIC_POLICY, ("TopicArn", "Topics"), one.arn)
        inline = (
            shapes.subscription(block, one.address, one.existence or _CONFIRMATION)
            for block in settings.blocks("Subscription")
        )
        return Topic(
            one.arn, policy, settings.name("KmsMasterKeyId"), (*inline, *self._subscriptions(one.arn))
        )

    def _subscriptions(self, topic: str) -> Iterator[Subscription]:
        for one, unknown in self._naming(SUBSCRIPTION, ("TopicArn",), topic):
            settings = one.settings()
            pending = settings.flag("PendingConfirmation")
            confirmed: bool | Unknown | Assumed = _CONFIRMATION
            if unknown:
                confirmed = Unknown(f"it may be a subscription of another topic: {unknown.reason}")
            elif one.existence:
                confirmed = one.existence
            elif isinstance(pending, bool):
                confirmed = not pending
            known = settings.name("SubscriptionArn")
            arn = known if isinstance(known, str) else one.address
            yield shapes.subscription(settings, arn, confirmed)

    def _topics_outside(self, topics: _Placed, alarms: _Placed, rules: _Placed) -> _Placed:
        """Return topics that are notified and lie outside: what they are like is not known."""
        named = [
            *(name for _, one in alarms for name in known_items(one.alarm_actions)),
            *(name for _, one in rules for name in known_items(one.targets)),
        ]
        inside = {topic.arn for _, topic in topics}
        unknown = Unknown(f"it is {self._outside}")
        found: _Placed = []
        for arn in dict.fromkeys(named):
            parts = Arn.parse(arn)
            if parts and parts.service == "sns" and arn not in inside:
                others = f"{arn}:${{subscriptions that are {self._outside}}}"
                rest = Subscription(others, unknown, unknown, unknown, unknown)
                topic = Topic(arn, unknown, unknown, (*self._subscriptions(arn), rest))
                found.append(((parts.account, parts.region), topic))
        return found

    def _key(self, one: Resource) -> Key:
        settings = one.settings()
        id_ = one.arn.partition(":key/")[2]
        policy = self._policy(one, KEY_POLICY, ("KeyId",), one.arn, id_)
        aliases = [
            alias.name
            for alias, unknown in self._naming(ALIAS, ("TargetKeyId",), one.arn, id_)
            if not unknown
        ]
        enabled = settings.flag("Enabled", True)
        state = Assumed("only the account shows the key's state") if enabled is True else "Disabled"
        outside = Unknown(f"it is {self._outside}")
        return Key(
            one.arn,
            outside if one.is_data else default_key_policy(one) if policy is None else policy,
            (*aliases, *([one.name] if one.name.startswith("alias/") else [])),
            settings.text("KeyState", enabled if isinstance(enabled, Unknown) else state),
            settings.text("KeyManager", outside if one.is_data else "CUSTOMER"),
        )

    def _with_known_keys(self, deployment: Deployment, place: Place) -> Place:
        """Return the place; a topic's key that lies outside is unknown."""

        def with_known_key(topic: Topic) -> Topic:
            name = topic.kms_key
            if not isinstance(name, str) or name.endswith("alias/aws/sns"):
                return topic
            if isinstance(find_key(deployment, place, name), tuple):
                return topic
            return replace(topic, kms_key=Unknown(f"the key {name} is {self._outside}"))

        return replace(place, topics=tuple(map(with_known_key, known_items(place.topics))))

    def _policy(
        self, one: Resource, type_: str, properties: tuple[str, ...], *names: str
    ) -> Json | Unknown | None:
        """Return the policy of a topic or key: that of a resource of its own, else the one written inline."""
        if one.existence:
            return one.existence
        policy = one.settings().json("Policy")
        for attached, unknown in self._naming(type_, properties, *names):
            if unknown is None:
                return attached.existence or attached.settings().json("Policy")
            if attached.place == one.place:
                policy = Unknown(f"{attached.address} may be its policy: {unknown.reason}")
        return policy

    def _event_rule(self, one: Resource) -> EventRule:
        settings = one.settings()
        bus = settings.name("EventBusName", "default")
        targets = [
            target.settings()
            for target, unknown in self._naming(TARGET, ("Rule",), one.name, one.arn)
            if not unknown and target.place == one.place
        ]
        named = (
            target.name("Arn", NOT_SET)
            for target in (*settings.blocks("Targets"), *targets)
            if target.name("EventBusName", bus) == bus
        )
        other_bus = Unknown("it listens to another event bus")
        return EventRule(
            one.arn,
            settings.json("EventPattern") if bus == "default" else other_bus,
            tuple(named),
            settings.text("State", "ENABLED"),
        )


_IN_PLACES = (LOG_GROUP, METRIC_FILTER, METRIC_ALARM, COMPOSITE_ALARM, TOPIC, KEY, RULE, TRAIL)
_CONFIRMATION = Assumed("only the account shows whether the subscription is confirmed")


def _place(account: str, region: str, found: Mapping[str, _Placed]) -> Place:
    here: dict[str, Any] = {
        name: tuple(one for place, one in things if place == (account, region))
        for name, things in found.items()
    }
    return Place(account, region, mute_rules=Assumed("only the account shows mute rules"), **here)


def _alarm(one: Resource) -> Alarm:
    settings = one.settings(AlarmArn=one.arn)
    return (shapes.metric_alarm if one.type == METRIC_ALARM else shapes.composite_alarm)(settings)


def default_key_policy(key: Resource) -> Json:
    """Return the policy that KMS gives a new key: the account's IAM policies decide, no service may use it.

    Source: KMS Developer Guide, "Default key policy".
    """
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{key.partition}:iam::{key.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    }


def _fed_from_outside(trails: Sequence[Trail], view: str) -> Assumed | Unknown | None:
    """Return what feeds a log group that is not here, but only named by a metric filter.

    A trail that is not here either: most keep it elsewhere, so it is assumed. But where a trail here records
    the changes, it is the one that counts. If it delivers to no log group, nothing speaks for another trail:
    the answer is ``None``, nothing feeds the group. If it delivers to another group, or to an unknown one,
    that may be a mistake, or this group is that of an organization's trail: it is unknown.
    """
    recording = [one for one in trails if selected(one.event_selectors, _A_CHANGE) is not Selected.NONE]
    if any(one.log_group_arn is None for one in recording):
        return None
    if recording:
        trail, group = recording[0].arn, recording[0].log_group_arn
        named = "a group that is unknown" if isinstance(group, Unknown) else f"another group, {group}"
        return Unknown(f"{trail} delivers to {named}, and a trail outside this {view} may feed it")
    return Assumed(f"the log group is not part of this {view}, nor is what delivers to it")


def _place_of(log_group_arn: Any) -> tuple[str, str] | None:
    """Return where a log group is whose name is known."""
    parts = Arn.parse(log_group_arn) if isinstance(log_group_arn, str) else None
    return None if parts is None or is_opaque(parts.resource) else (parts.account, parts.region)


def _comparable(things: _Placed, others: _Placed) -> _Placed:
    """Return metric filters or alarms; names that cannot be compared with the others' are ``Unknown``.

    A placeholder names the same metric or alarm wherever it stands. What stands on one side only may be the
    name of any.
    """
    names: set[Any] = set()

    def note(metric: _Metric) -> _Metric:
        names.update((metric.namespace, metric.name))
        return metric

    def comparable(text: Any) -> Any:
        is_known = not isinstance(text, str) or not is_opaque(text) or text in names
        return text if is_known else Unknown(f"{text} is known at deployment only")

    def with_known_names(metric: _Metric) -> _Metric:
        known = comparable(metric.namespace), comparable(metric.name)
        is_same = known == (metric.namespace, metric.name)
        return metric if is_same else replace(metric, namespace=known[0], name=known[1])

    for _, other in others:
        _with_metrics(other, note)
    alarms = {name for _, one in things for name in (one.name, getattr(one, "arn", ""))}
    return [(place, _with_rule(_with_metrics(one, with_known_names), alarms)) for place, one in things]


def _with_metrics(one: Any, change: Callable[[Any], Any]) -> Any:
    """Return a metric filter or an alarm with every metric in it changed."""
    if isinstance(one, tuple):
        return tuple(_with_metrics(each, change) for each in one)
    if isinstance(one, Metric | MetricTransformation):
        return change(one)
    for field in ("transformation", "metrics", "metric_stat", "metric"):
        found = getattr(one, field, None)
        if found and (changed := _with_metrics(found, change)) != found:
            one = replace(one, **{field: changed})
    return one


def _with_rule(one: Any, alarms: set[str]) -> Any:
    """Return a composite alarm; its rule is unknown if it names alarms that are."""
    rule = one.alarm_rule if isinstance(one, CompositeAlarm) else ""
    if isinstance(rule, Unknown) or not is_opaque(rule):
        return one
    for name in sorted(alarms, key=len, reverse=True):
        rule = rule.replace(name, "")
    unknown = Unknown("it names alarms that are known at deployment only")
    return replace(one, alarm_rule=unknown) if is_opaque(rule) else one
