"""From resources to a deployment: what belongs to what, ARNs, and what lies outside.

Code, plans and templates are assembled alike. Their readers hand over resources under AWS's own names: types
as CloudFormation calls them, settings as :mod:`sg_alarm.readers.shapes` takes them. A reference to a resource
has become the text that its ``arn`` or ``name`` is, so that both ends of a reference are equal texts.

Sources: Service Authorization Reference, "Resource types defined by …", for ARNs; KMS Developer Guide,
"Default key policy".
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from sg_alarm.alarms import Alarm, CompositeAlarm, Metric, MetricTransformation
from sg_alarm.readers import shapes
from sg_alarm.readers.settings import NOT_SET, Settings, Symbolic
from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.model import (
    OTHER_REGIONS,
    Deployment,
    EventRule,
    Json,
    Key,
    LogGroup,
    MetricFilter,
    Place,
    Queue,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.rule.operations import OPERATIONS
from sg_alarm.rule.selectors import Selected, selected
from sg_alarm.unknown import Outside, Unknown, known_items

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
QUEUE = "AWS::SQS::Queue"
QUEUE_POLICY = "AWS::SQS::QueuePolicy"
FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"
CHATBOTS = ("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::MicrosoftTeamsChannelConfiguration")


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
    QUEUE: _Kind("QueueName", ("sqs", "")),
    QUEUE_POLICY: _Kind(),
    FUNCTION: _Kind("FunctionName", ("lambda", "function:")),
    PERMISSION: _Kind(),
    **dict.fromkeys(CHATBOTS, _Kind()),
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


def unseen(address: str, reason: Unknown, region: str, account: str, partition: str) -> Iterator[Resource]:
    """Yield what stands for the parts of a chain that there may be, for all that could not be read.

    The metric has a name that nothing else has: alarms that are read are not thought to count it.
    """
    metric = {"MetricNamespace": address, "MetricName": address, "MetricValue": reason}
    filter_ = {"FilterPattern": reason, "LogGroupName": reason, "MetricTransformations": [metric]}
    values: dict[str, Any] = {
        METRIC_FILTER: filter_,
        METRIC_ALARM: reason,
        TOPIC: reason,
        SUBSCRIPTION: reason,
        QUEUE_POLICY: reason,
        PERMISSION: reason,
    }
    for kind, found in values.items():
        yield Resource(kind, address, found, region, account, partition, reason)


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
        groups = self._groups(groups, filters, trails)
        alarms = self._placed(_alarm, METRIC_ALARM, COMPOSITE_ALARM)
        found: dict[str, _Placed] = {
            "log_groups": groups,
            "metric_filters": _comparable(filters, alarms),
            "alarms": _comparable(alarms, filters),
            "topics": self._placed(self._topic, TOPIC),
            "keys": [(one.place, self._key(one)) for one in (*self._of(KEY), *self._data(KEY))],
            "event_rules": self._placed(self._event_rule, RULE),
        }
        here = [one.place for type_ in _IN_PLACES for one in self._of(type_)]
        here += [place for place, _ in groups]
        homes = [one.place for one in self._of(TRAIL)] or [place for place, _ in filters]
        account, region = (homes or [self._scope.place])[0]
        regions = dict.fromkeys([one for _, one in homes] or [region])
        if trails and all(one.is_multi_region is not True for one in trails):
            regions[OTHER_REGIONS] = None
        is_fed = any(group.trail for _, group in groups)
        return Deployment(
            account,
            tuple(regions),
            trails or (() if is_fed or not self._scope.elsewhere else self._scope.elsewhere),
            tuple(_place(*place, found) for place in dict.fromkeys(here or [self._scope.place])),
            self._scope.partition,
            elsewhere=Outside(f"it is {self._outside}"),
        )

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
        return shapes.trail(one.settings(TrailARN=one.arn, HomeRegion=one.region), _DELIVERY)

    def _metric_filter(self, one: Resource, anywhere: bool) -> MetricFilter:
        """Return a metric filter; where there is no group at all, its group is outside, whatever its name."""
        named = one.settings().name("LogGroupName", NOT_SET)
        if isinstance(named, Outside) or (isinstance(named, Unknown) and anywhere):
            named = f"${{the log group of {one.address}}}"
        if isinstance(named, str):
            arn = Arn(one.partition, "logs", one.region, one.account, f"log-group:{named}")
            named = without_streams(named) if Arn.parse(named) else str(arn)
        return shapes.metric_filter(one.settings(), named, one.address)

    def _groups(self, groups: _Placed, filters: _Placed, trails: Sequence[Trail]) -> _Placed:
        """Return the log groups, and those only named here, each with what may feed it from outside."""
        fed = {without_streams(one.log_group_arn) for one in trails if isinstance(one.log_group_arn, str)}
        here = {group.arn: (place, group) for place, group in groups}
        nameless = {one.arn for one in self._of(LOG_GROUP) if one.name == f"${{{one.address}}}"}
        looked_up = {without_streams(one.arn) for one in self._data(LOG_GROUP)}
        filtered = [one.log_group_arn for _, one in filters if isinstance(one.log_group_arn, str)]
        if len(filtered) < len(filters):
            filtered += here  # a filter may be on any of them
        found = dict(here)
        for arn in dict.fromkeys((*filtered, *fed)):
            place = _place_of(arn)
            if arn in here:
                place, group = here[arn]
            elif place:
                exists = arn in looked_up or Outside(f"the log group is {self._outside}")
                group = LogGroup(arn, exists=exists)
            if place and arn not in fed:
                trail = _fed_from_outside(trails, arn, arn in here, nameless, self._scope.view)
                group = replace(group, trail=trail)
            if place:
                found[arn] = (place, group)
        return list(found.values())

    # Topic, subscription, key, event rule

    def _topic(self, one: Resource) -> Topic:
        settings = one.settings()
        policy = self._policy(one, TOPIC_POLICY, ("TopicArn", "Topics"), one.arn)
        inline = (
            shapes.subscription(block, one.address, _CONFIRMATION)
            for block in settings.blocks("Subscription")
        )
        chatbots = (
            Subscription(chatbot.address, "https", _CHATBOT, True, existence=chatbot.existence or unknown)
            for type_ in CHATBOTS
            for chatbot, unknown in self._naming(type_, ("SnsTopicArns",), one.arn)
        )
        subscriptions = (*chatbots, *map(self._with_target, (*inline, *self._subscriptions(one.arn))))
        return Topic(one.arn, policy, settings.name("KmsMasterKeyId"), subscriptions)

    def _with_target(self, one: Subscription) -> Subscription:
        """Return a subscription with what the queue or function lets in, if that is here."""
        for target in self._of(QUEUE, FUNCTION):
            if target.arn == one.endpoint:
                if target.type == FUNCTION:
                    return replace(one, queue=Queue(self._permissions(target)))
                key = target.settings().name("KmsMasterKeyId")
                return replace(one, queue=Queue(self._queue_policy(target), kms_key=key))
        return one

    def _queue_policy(self, queue: Resource) -> Json | Unknown | None:
        url = f"https://sqs.{queue.region}.amazonaws.com/{queue.account}/{queue.name}"
        return self._policy(queue, QUEUE_POLICY, ("Queues",), queue.name, queue.arn, url)

    def _permissions(self, function: Resource) -> Json | Unknown:
        """Return the policy of a function. Source: Lambda API Reference, AddPermission."""
        statements = []
        for one, unknown in self._naming(PERMISSION, ("FunctionName",), function.name, function.arn):
            if unknown or one.existence:
                return unknown or one.existence or NOT_SET
            settings = one.settings()
            conditions = {
                f"{test}Like": {f"aws:Source{name}": settings.get(f"Source{name}")}
                for test, name in (("Arn", "Arn"), ("String", "Account"))
                if settings.get(f"Source{name}") is not None
            }
            statements.append(
                {
                    "Effect": "Allow",
                    "Action": settings.get("Action"),
                    "Principal": {"Service": settings.get("Principal")},
                    "Resource": function.arn,
                    "Condition": conditions,
                }
            )
        return {"Statement": statements}

    def _subscriptions(self, topic: str) -> Iterator[Subscription]:
        for one, unknown in self._naming(SUBSCRIPTION, ("TopicArn",), topic):
            settings = one.settings()
            pending = settings.flag("PendingConfirmation")
            confirmed = not pending if isinstance(pending, bool) else _CONFIRMATION
            existence = one.existence
            if unknown:
                existence = Unknown(
                    f"it may be a subscription of another topic: {unknown.reason}", unknown.remedy
                )
            known = settings.name("SubscriptionArn")
            arn = known if isinstance(known, str) else one.address
            yield shapes.subscription(settings, arn, confirmed, existence)

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
        state = Outside("only the account shows the key's state") if enabled is True else "Disabled"
        outside = Outside(f"it is {self._outside}")
        return Key(
            one.arn,
            outside if one.is_data else default_key_policy(one) if policy is None else policy,
            (*aliases, *([one.name] if one.name.startswith("alias/") else [])),
            settings.text("KeyState", enabled if isinstance(enabled, Unknown) else state),
            settings.text("KeyManager", outside if one.is_data else "CUSTOMER"),
        )

    def _policy(
        self, one: Resource, type_: str, properties: tuple[str, ...], *names: str
    ) -> Json | Unknown | None:
        """Return the policy of a topic, key or queue: of a resource of its own, else the one written inline."""
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
_DELIVERY = Outside("only the account shows whether the trail's role may write to the log group")
_CHATBOT = "https://global.sns-api.chatbot.amazonaws.com"  # it confirms the subscription itself
_CONFIRMATION = Outside("only the account shows whether the subscription is confirmed")


def _place(account: str, region: str, found: Mapping[str, _Placed]) -> Place:
    here: dict[str, Any] = {
        name: tuple(one for place, one in things if place == (account, region))
        for name, things in found.items()
    }
    return Place(account, region, mute_rules=Outside("only the account shows mute rules"), **here)


def _alarm(one: Resource) -> Alarm:
    settings = one.settings(AlarmArn=one.arn, AlarmActions=_actions(one.settings().get("AlarmActions")))
    return (shapes.metric_alarm if one.type == METRIC_ALARM else shapes.composite_alarm)(settings)


def _actions(found: Any) -> Any:
    """Return actions; what is made of the name of something here, and is not a name itself, is not known."""
    if isinstance(found, list | tuple):
        return [_actions(one) for one in found]
    is_made = isinstance(found, Symbolic) and not isinstance(found.unknown, Outside)
    return found.unknown if is_made and Arn.parse(found) is None else found


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


def _fed_from_outside(
    trails: Sequence[Trail], group: str, is_here: bool, nameless: Container[str], view: str
) -> Unknown | None:
    """Return what feeds a log group to which no trail here delivers.

    Most keep the trail elsewhere, so it is assumed. But where a trail here records the changes, it is the one
    that counts. If it delivers to no log group, or to another one while this one is here, nothing speaks for
    a trail elsewhere: the answer is ``None``, nothing feeds the group. If it delivers to another group than
    one that is elsewhere, that may be a mistake, or that group is of an organization's trail: it is unknown.
    Names that are not known in full may be the same, but for those of ``nameless`` groups, which AWS makes.
    """
    recording = [one for one in trails if selected(one.event_selectors, _A_CHANGE) is not Selected.NONE]
    if any(one.log_group_arn is None for one in recording):
        return None
    for trail in recording:
        named = trail.log_group_arn
        if isinstance(named, Unknown):
            return replace(named, reason=f"the log group of the trail is not known: {named.reason}")
        if is_opaque(_name(str(named)) + _name(group)) and without_streams(str(named)) not in nameless:
            return Outside(f"whether the trail in this {view} delivers to the log group is not known here")
    if recording and is_here:
        return None
    if recording:
        first, named = recording[0].arn, recording[0].log_group_arn
        return Unknown(
            f"{first} delivers to another group, {named}, and a trail outside this {view} may feed it"
        )
    return Outside(f"no trail in this {view} delivers to the log group")


def _name(log_group_arn: str) -> str:
    parts = Arn.parse(log_group_arn)
    return log_group_arn if parts is None else parts.resource


def _place_of(log_group_arn: Any) -> tuple[str, str] | None:
    """Return where a log group is whose name is known."""
    parts = Arn.parse(log_group_arn) if isinstance(log_group_arn, str) else None
    return None if parts is None else (parts.account, parts.region)


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
