"""An AWS account, read by boto3: only what the rule needs, and the reason for what could not be read.

Every trail that the regions in scope see is followed to its log group, the group's metric filters, the alarms
on their metrics, the topics that those notify, and the topics' keys and subscriptions, wherever they are.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import Any, Generic, TypeVar
from zlib import crc32

from sg_alarm.alarms import Alarm, AlarmMuteRule, MetricTransformation
from sg_alarm.aws import Aws, told_in_one_line
from sg_alarm.errors import UserError
from sg_alarm.readers import shapes
from sg_alarm.readers.aws.calls import ask, ask_all
from sg_alarm.readers.settings import Settings, json_object
from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.model import (
    Delivery,
    Deployment,
    EventRule,
    Key,
    LogGroup,
    MetricFilter,
    Place,
    Queue,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.unknown import Outside, Unknown, known_items

_T = TypeVar("_T")

_CONCURRENCY = 16
_OTHER_REGIONS = "other regions"
"""Stands for the regions of an account that may not list them."""
_MAX_SUBSCRIPTIONS_IN_DETAIL = 100


@dataclass(frozen=True)
class Scope:
    """Which regions' changes must be notified.

    ``regions`` named; else with ``every_region`` all that are enabled; else the home regions of the trails
    that the caller's region sees, or all that are enabled where none of those is a multi-region trail.
    ``role`` is the ARN of a role to look into other accounts with; ``{account}`` in it stands for the
    account's number.
    """

    regions: tuple[str, ...] = ()
    every_region: bool = False
    role: str | None = None


@dataclass(frozen=True)
class OrganizationTrails:
    """An organization's trails with the places that they lead to, read once for all its accounts.

    ``suffice``: through these trails alone every operation is notified in every region of every account that
    sees them, so that nothing else can change its verdict.
    """

    trails: tuple[Trail, ...]
    places: tuple[Place, ...]
    suffice: bool = False


def read_account(
    aws: Aws,
    scope: Scope,
    on_progress: Callable[[str], None] = lambda what: None,
    *,
    caller: Arn | None = None,
    organization: OrganizationTrails | None = None,
    concurrency: int = _CONCURRENCY,
) -> Deployment:
    """Read one account.

    ``caller`` is whom the account's credentials name, where that is known; ``organization`` is what is not
    read again; ``concurrency`` is how many calls are under way at a time, at most.

    What is denied or fails is ``Unknown`` with the reason, and the rest goes on. Raises ``UserError`` where
    nothing at all can be asked (no credentials, no such endpoint), a region of the scope does not exist, its
    role is not the ARN of a role, or the regions to look at cannot be listed.
    """
    _check_role(scope.role)
    with told_in_one_line():
        for region in scope.regions:
            aws.check_region(region)
        caller = caller or Arn.parse(aws.caller)
        for region in scope.regions:
            _check_exists(aws, region)
    assert caller
    with ThreadPoolExecutor(concurrency) if concurrency > 1 else _InTurn() as pool:
        shared = organization or OrganizationTrails((), ())
        return _Reader(aws, scope, caller, pool, on_progress, shared).read()


_ROLE = re.compile(r"arn:aws(-[a-z]+)*:iam::(\d{12}|\{account\}):role/\S+")


def _check_role(role: str | None) -> None:
    if role is not None and not _ROLE.fullmatch(role):
        raise UserError(
            f"{role!r} is not the ARN of a role",
            "write it as arn:aws:iam::{account}:role/NAME, or with a number",
        )


def _check_exists(aws: Aws, region: str) -> None:
    """Refuse a region that neither botocore nor AWS knows: the installed botocore may be older than it."""
    if region in aws.known_regions:
        return
    found = ask(aws, "ec2", aws.default_region, "describe_regions", AllRegions=True)
    listed = [] if isinstance(found, Unknown) else [one["RegionName"] for one in found["Regions"]]
    if region not in listed:
        near = get_close_matches(region, [*aws.known_regions, *listed], 1)
        raise UserError(
            f"there is no region {region}",
            f"did you mean {near[0]}?" if near else "see aws ec2 describe-regions",
        )


class RegionsNotListedError(UserError):
    """The regions of an account could not be listed, for the reason that ``unknown`` gives."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(
            f"the regions of the account could not be listed: {unknown.reason}",
            "or name the regions with --region",
        )
        self.unknown = replace(unknown, reason=self.message)


class _InTurn(Executor):
    """Does one thing after the other, in the thread that wants it: to hand each over takes time, too."""

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Do it."""
        future: Future[_T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass
class _Reader:
    aws: Aws
    scope: Scope
    caller: Arn
    pool: Executor
    on_progress: Callable[[str], None]
    shared: OrganizationTrails
    accounts: dict[str, Aws | Unknown] = field(default_factory=dict)
    sees_all_regions: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Deployment:
        regions = self._named_regions()
        if regions and self.shared.suffice and self._sees_shared_trails(regions):
            return self._deployment(regions, self.shared.trails, self.shared.places)
        trails = self._trails(regions or (self.aws.default_region,))
        if not regions:
            regions, trails = self._default_scope(trails)
        places = self._places(trails if isinstance(trails, tuple) else ())
        places = self._with_topics(
            self._with_rules(places, [one for one in regions if one != _OTHER_REGIONS])
        )
        return self._deployment(regions, trails, places)

    def _deployment(
        self, regions: tuple[str, ...], trails: tuple[Trail, ...] | Unknown, places: Iterable[Place]
    ) -> Deployment:
        return Deployment(
            self.caller.account,
            regions,
            trails,
            tuple(places),
            self.caller.partition,
            all_regions=self.sees_all_regions,
            read_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )

    # Regions and trails

    def _named_regions(self) -> tuple[str, ...]:
        if self.scope.regions or not self.scope.every_region:
            return tuple(dict.fromkeys(self.scope.regions))
        found = self._enabled_regions()
        if isinstance(found, Unknown):
            raise RegionsNotListedError(found)
        return found

    def _enabled_regions(self) -> tuple[str, ...] | Unknown:
        # Without AllRegions, AWS answers with those that are enabled for the account.
        found = ask(self.aws, "ec2", self.aws.default_region, "describe_regions")
        if isinstance(found, Unknown):
            return found
        self.sees_all_regions = True
        return tuple(sorted(region["RegionName"] for region in found["Regions"]))

    def _default_scope(
        self, trails: tuple[Trail, ...] | Unknown
    ) -> tuple[tuple[str, ...], tuple[Trail, ...] | Unknown]:
        """Return the regions to judge where none is named, and the trails that they see.

        A multi-region trail records every region, so that its home region is enough. Without one, each region
        needs a trail of its own.
        """
        own = (self.aws.default_region,)
        if isinstance(trails, Unknown):
            return own, trails
        homes = tuple(sorted({str(trail.home_region) for trail in trails})) or own
        if any(trail.is_multi_region for trail in trails):
            return homes, trails
        regions = self._enabled_regions()
        if isinstance(regions, Unknown):
            # Whatever other regions there are, nobody looked at them.
            return (*homes, _OTHER_REGIONS), (*trails, _unread_trail(_OTHER_REGIONS, regions))
        return regions, self._trails(regions)

    def _trails(self, regions: Sequence[str]) -> tuple[Trail, ...] | Unknown:
        """Read every trail once: a multi-region trail shows a shadow of itself in each region.

        So one region that can be read shows all that record every region. What may be missed of a region that
        cannot be read is a trail of its own, and a trail of which nothing more is known stands for it.
        """
        listed = self._in_each(regions, self._described_trails)
        unread = {region: answer for region, answer in listed.items() if isinstance(answer, Unknown)}
        if len(unread) == len(listed):
            return next(iter(unread.values()))
        described = {
            trail["TrailARN"]: trail
            for answer in listed.values()
            if not isinstance(answer, Unknown)
            for trail in answer
        }
        return (
            *self.pool.map(self._trail, described.values()),
            *(_unread_trail(region, reason) for region, reason in unread.items()),
        )

    def _in_each(self, regions: Sequence[str], ask: Callable[[str], _T]) -> dict[str, _T]:
        """Ask in each region. Accounts begin at different ones: many at a time share out the regions."""
        start = crc32(self.caller.account.encode()) % len(regions)
        turn = (*regions[start:], *regions[:start])
        answers = dict(zip(turn, self.pool.map(ask, turn), strict=True))
        return {region: answers[region] for region in regions}

    def _sees_shared_trails(self, regions: Sequence[str]) -> bool:
        """Whether the account sees the organization's trails: in any region, as they record every one."""
        own = self.aws.default_region
        described = self._described_trails(own if own in regions else regions[0])
        seen = set() if isinstance(described, Unknown) else {trail["TrailARN"] for trail in described}
        return seen >= {trail.arn for trail in self.shared.trails}

    def _described_trails(self, region: str) -> list[dict[str, Any]] | Unknown:
        answer = ask(self.aws, "cloudtrail", region, "describe_trails")
        self.aws.release("cloudtrail", region)
        self.on_progress(f"trails in {region}")
        return answer if isinstance(answer, Unknown) else list(answer["trailList"])

    def _trail(self, trail: Mapping[str, Any]) -> Trail:
        arn, home = trail["TrailARN"], trail["HomeRegion"]
        for known in self.shared.trails:
            if known.arn == arn:
                return known
        # By ARN: the owner of an organization trail may be another account.
        status = ask(self.aws, "cloudtrail", home, "get_trail_status", Name=arn)
        selectors = ask(self.aws, "cloudtrail", home, "get_event_selectors", TrailName=arn)
        if isinstance(selectors, Unknown):
            selectors = {"EventSelectors": selectors}
        if isinstance(status, Unknown):
            return shapes.trail(Settings({**trail, **selectors, "IsLogging": status}), status)
        latest = status.get("LatestCloudWatchLogsDeliveryTime")
        delivery = Delivery(
            latest=None if latest is None else str(latest),
            error=status.get("LatestCloudWatchLogsDeliveryError"),
        )
        return shapes.trail(Settings({**trail, **selectors, "IsLogging": status["IsLogging"]}), delivery)

    # Places: log groups and what follows from them

    def _places(self, trails: Sequence[Trail]) -> list[Place]:
        groups: dict[tuple[str, str], set[str]] = {}
        for trail in trails:
            arn = Arn.parse(trail.log_group_arn) if isinstance(trail.log_group_arn, str) else None
            if arn:
                groups.setdefault((arn.account, arn.region), set()).add(without_streams(str(arn)))
        known = {trail.log_group_arn for trail in self.shared.trails if trail in trails}
        known_groups = {without_streams(arn) for arn in known if isinstance(arn, str)}
        places = list(self.shared.places) if known else []
        for (account, region), arns in groups.items():
            if arns <= known_groups:
                continue
            # Another log group beside the organization's: the place is read as a whole.
            places = [place for place in places if (place.account, place.region) != (account, region)]
            aws = self._account(account)
            if isinstance(aws, Unknown):
                places.append(_unread_place(account, region, aws))
            else:
                places.append(self._place(aws, account, region, sorted(arns)))
        return places

    def _account(self, account: str) -> Aws | Unknown:
        if account == self.caller.account:
            return self.aws
        with self.lock:
            if account not in self.accounts:
                self.accounts[account] = self._other_account(account)
            return self.accounts[account]

    def _other_account(self, account: str) -> Aws | Unknown:
        if not self.scope.role:
            return Unknown(f"account {account} was not looked into: name a role with --role-arn")
        role = self.scope.role.replace("{account}", account)
        parts = Arn.parse(role)
        if parts and parts.account != account:
            # There, things of this account would seem not to exist.
            return Unknown(f"role {role} is not of account {account}: write {{account}} for the number in it")
        return self.aws.assuming(role)

    def _place(self, aws: Aws, account: str, region: str, group_arns: Sequence[str]) -> Place:
        found = list(self.pool.map(lambda arn: self._log_group(aws, region, arn), group_arns))
        groups = _known_or_all_unknown([answer for answer, _ in found])
        filters = _known_or_all_unknown([answer for _, answer in found])
        metrics = {
            (one.transformation.namespace, one.transformation.name)
            for one in known_items(filters)
            if isinstance(one.transformation, MetricTransformation)
        }
        self.on_progress(f"metric filters in {region}")
        # Nothing feeds a metric, so no alarm can be reached: there is nothing to read further.
        alarms = self._alarms(aws, region, metrics) if metrics else ()
        self.on_progress(f"alarms in {region}")
        return Place(
            account=account,
            region=region,
            log_groups=groups,
            metric_filters=filters,
            alarms=alarms,
            mute_rules=self._mute_rules(aws, region) if alarms else (),
        )

    def _log_group(self, aws: Aws, region: str, arn: str) -> tuple[_Read[LogGroup], _Read[MetricFilter]]:
        name = arn.split(":", 6)[6]
        groups = ask_all(
            aws, "logs", region, "describe_log_groups", "logGroups", logGroupNamePrefix=name, limit=50
        )
        filters = ask_all(
            aws, "logs", region, "describe_metric_filters", "metricFilters", absent=(), logGroupName=name
        )
        if isinstance(groups, Unknown):
            read_groups = _Read((LogGroup(arn, groups),), groups)
        else:
            found = (group for group in groups if group["logGroupName"] == name)
            read_groups = _Read(tuple(shapes.log_group(Settings(one), arn) for one in found))
        if isinstance(filters, Unknown):
            return read_groups, _Read((MetricFilter("*", arn, filters, filters),), filters)
        return read_groups, _Read(tuple(shapes.metric_filter(Settings(one), arn) for one in filters))

    def _alarms(self, aws: Aws, region: str, metrics: set[tuple[Any, Any]]) -> tuple[Alarm, ...] | Unknown:
        """Read all alarms, and keep those on the metrics and those built on them; there may be thousands."""
        words = {word for metric in metrics for word in metric if isinstance(word, str)}

        def bears_on(alarm: Mapping[str, Any]) -> bool:
            if "AlarmRule" in alarm:
                return True  # for now: what it refers to may be on a later page
            queries = alarm.get("Metrics", [])
            named = [alarm, *(query.get("MetricStat", {}).get("Metric", {}) for query in queries)]
            # SEARCH and SELECT name the metric, or only its namespace, in their text.
            searches = [query.get("Expression") or "" for query in queries]
            return any((one.get("Namespace"), one.get("MetricName")) in metrics for one in named) or any(
                word in text for text in searches for word in words
            )

        found = ask_all(
            aws,
            "cloudwatch",
            region,
            "describe_alarms",
            ("MetricAlarms", "CompositeAlarms"),
            keep=bears_on,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=100,
        )
        if isinstance(found, Unknown):
            return found
        return tuple(
            (shapes.composite_alarm if "AlarmRule" in alarm else shapes.metric_alarm)(Settings(alarm))
            for alarm in _built_on_metrics(found)
        )

    def _mute_rules(self, aws: Aws, region: str) -> tuple[AlarmMuteRule, ...] | Unknown:
        client = aws.client("cloudwatch", region)
        if not hasattr(client, "list_alarm_mute_rules"):
            return Outside("this version of boto3 cannot list alarm mute rules")
        listed = ask_all(aws, "cloudwatch", region, "list_alarm_mute_rules", "AlarmMuteRuleSummaries")
        if isinstance(listed, Unknown):
            return listed
        return tuple(self._mute_rule(aws, region, rule) for rule in listed)

    def _mute_rule(self, aws: Aws, region: str, summary: Mapping[str, Any]) -> AlarmMuteRule:
        name = summary["AlarmMuteRuleArn"].split(":", 6)[6]
        rule = ask(aws, "cloudwatch", region, "get_alarm_mute_rule", AlarmMuteRuleName=name)
        if isinstance(rule, Unknown):
            return AlarmMuteRule(name, rule, summary.get("Status", rule))
        return AlarmMuteRule(
            name=name,
            alarm_names=tuple(rule.get("MuteTargets", {}).get("AlarmNames", ())),
            status=rule.get("Status", summary.get("Status", "SCHEDULED")),
            schedule=rule.get("Rule", {}).get("Schedule", {}).get("Expression"),
        )

    # Topics, keys, subscriptions

    def _with_topics(self, places: list[Place]) -> list[Place]:
        known = {topic.arn for place in places for topic in known_items(place.topics)}
        wanted = sorted(
            {
                action
                for place in places
                for action in (*_actions(place.alarms), *_targets(place.event_rules))
                if action not in known and (arn := Arn.parse(action)) and arn.service == "sns"
            }
        )
        for found in self.pool.map(self._topic, wanted):
            places = _merge(places, found)
        self.on_progress("topics")
        return places

    def _topic(self, text: str) -> Place:
        """Return a place with the topic and its key, without them where there is no such topic."""
        arn = Arn.parse(text)
        assert arn
        aws = self._account(arn.account)
        if isinstance(aws, Unknown):
            return _unread_place(arn.account, arn.region, aws)
        attributes = ask(aws, "sns", arn.region, "get_topic_attributes", absent=None, TopicArn=text)
        place = Place(arn.account, arn.region)
        if attributes is None:
            return place
        subscriptions = self._subscriptions(aws, arn)
        if isinstance(attributes, Unknown):
            return replace(place, topics=(Topic(text, attributes, attributes, subscriptions),))
        found = attributes["Attributes"]
        name = found.get("KmsMasterKeyId") or None
        key = self._key(aws, arn.region, name) if name else None
        topic = Topic(text, json_object(found.get("Policy")), name, subscriptions)
        return replace(place, topics=(topic,), keys=(key,) if key else ())

    def _subscriptions(self, aws: Aws, topic: Arn) -> tuple[Subscription, ...] | Unknown:
        listed = ask_all(
            aws,
            "sns",
            topic.region,
            "list_subscriptions_by_topic",
            "Subscriptions",
            absent=(),
            TopicArn=str(topic),
        )
        if isinstance(listed, Unknown):
            return listed
        confirmed = [one for one in listed if one["SubscriptionArn"].startswith("arn:")]
        detailed = {one["SubscriptionArn"] for one in confirmed[:_MAX_SUBSCRIPTIONS_IN_DETAIL]}
        return tuple(
            self._subscription(aws, topic.region, one, one["SubscriptionArn"] in detailed) for one in listed
        )

    def _subscription(self, aws: Aws, region: str, one: Mapping[str, Any], detailed: bool) -> Subscription:
        arn = one["SubscriptionArn"]
        if not arn.startswith("arn:"):  # PendingConfirmation, Deleted: words where the ARN should be
            return Subscription(
                f"{one['Endpoint']} ({one['Protocol']})", one["Protocol"], one["Endpoint"], False
            )
        plain = Subscription(arn, one["Protocol"], one["Endpoint"], True)
        if one["Protocol"] == "sqs":
            plain = replace(plain, queue=self._queue(one["Endpoint"]))
        if not detailed:
            reason = f"only the first {_MAX_SUBSCRIPTIONS_IN_DETAIL} subscriptions were read in detail"
            return replace(plain, filter_policy=Unknown(reason))
        answer = ask(aws, "sns", region, "get_subscription_attributes", absent=None, SubscriptionArn=arn)
        if answer is None:  # unsubscribed since it was listed
            return replace(plain, confirmed=False)
        if isinstance(answer, Unknown):
            return replace(plain, filter_policy=answer)
        attributes = answer["Attributes"]
        return replace(
            plain,
            confirmed=attributes.get("PendingConfirmation", "false") != "true",
            filter_policy=json_object(attributes.get("FilterPolicy")),
            filter_policy_scope=attributes.get("FilterPolicyScope", "MessageAttributes"),
        )

    def _queue(self, endpoint: str) -> Queue | Unknown:
        arn = Arn.parse(endpoint)
        if arn is None:
            return Unknown(f"{endpoint} is not an ARN")
        aws = self._account(arn.account)
        if isinstance(aws, Unknown):
            return aws
        name = endpoint.rpartition(":")[2]
        found = ask(aws, "sqs", arn.region, "get_queue_url", absent=None, QueueName=name)
        if found is None:
            return Queue(exists=False)
        if isinstance(found, Unknown):
            return found
        answer = ask(
            aws,
            "sqs",
            arn.region,
            "get_queue_attributes",
            absent=None,
            QueueUrl=found["QueueUrl"],
            AttributeNames=["Policy"],
        )
        if answer is None:
            return Queue(exists=False)
        if isinstance(answer, Unknown):
            return answer
        return Queue(json_object(answer.get("Attributes", {}).get("Policy")))

    def _key(self, aws: Aws, region: str, name: str) -> Key | None:
        answer = ask(aws, "kms", region, "describe_key", absent=None, KeyId=name)
        if answer is None:
            return None
        aliases = (name.rpartition(":")[2],) if "alias/" in name else ()
        if isinstance(answer, Unknown):
            manager: str | Unknown = "AWS" if "alias/aws/" in name else answer
            return Key(name, answer, aliases, answer, manager)
        found = answer["KeyMetadata"]
        policy: Any = None
        if found["KeyManager"] == "CUSTOMER":
            policy = ask(aws, "kms", region, "get_key_policy", KeyId=found["Arn"], PolicyName="default")
        text = policy if policy is None or isinstance(policy, Unknown) else policy["Policy"]
        return Key(
            arn=found["Arn"],
            policy=text if isinstance(text, Unknown) else json_object(text) or {},
            aliases=aliases,
            state=found["KeyState"],
            manager=found["KeyManager"],
        )

    # Rules of EventBridge that notify each change beside the alarm

    def _with_rules(self, places: list[Place], regions: Sequence[str]) -> list[Place]:
        for region, rules in self._in_each(regions, self._rules).items():
            if rules:
                places = _merge(places, Place(self.caller.account, region, event_rules=rules))
        return places

    def _rules(self, region: str) -> tuple[EventRule, ...] | Unknown:
        rules = self._listed_rules(region)
        self.aws.release("events", region)
        self.on_progress(f"rules in {region}")
        return rules

    def _listed_rules(self, region: str) -> tuple[EventRule, ...] | Unknown:
        listed = ask_all(
            self.aws,
            "events",
            region,
            "list_rules",
            "Rules",
            keep=lambda rule: "aws.ec2" in (rule.get("EventPattern") or ""),
        )
        if isinstance(listed, Unknown):
            return listed
        return tuple(self._rule(region, rule) for rule in listed)

    def _rule(self, region: str, rule: Mapping[str, Any]) -> EventRule:
        targets = ask_all(
            self.aws, "events", region, "list_targets_by_rule", "Targets", absent=(), Rule=rule["Name"]
        )
        return EventRule(
            arn=rule["Arn"],
            event_pattern=json_object(rule["EventPattern"]),
            targets=targets if isinstance(targets, Unknown) else tuple(one["Arn"] for one in targets),
            state=rule["State"],
        )


def _built_on_metrics(alarms: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the metric alarms, and the composite ones whose rules lead to one of them."""
    kept = [alarm for alarm in alarms if "AlarmRule" not in alarm]
    rest = [alarm for alarm in alarms if "AlarmRule" in alarm]
    new = kept
    while new:
        # An ARN ends in the name, so that looking for the name finds both. It may find more: no harm.
        names = [alarm["AlarmName"] for alarm in new]
        new = [alarm for alarm in rest if any(name in alarm["AlarmRule"] for name in names)]
        rest = [alarm for alarm in rest if not any(name in alarm["AlarmRule"] for name in names)]
        kept = [*kept, *new]
    return kept


def _actions(alarms: tuple[Alarm, ...] | Unknown) -> Iterator[str]:
    known: tuple[Alarm, ...] = known_items(alarms)
    for alarm in known:
        yield from known_items(alarm.alarm_actions)


def _targets(rules: tuple[EventRule, ...] | Unknown) -> Iterator[str]:
    for rule in known_items(rules):
        yield from known_items(rule.targets)


def _unread_trail(region: str, reason: Unknown) -> Trail:
    """Return what stands for the trails of a region that could not be read."""
    return Trail(
        arn=f"any trail of {region}",
        home_region=region,
        log_group_arn=reason,
        role_arn=reason,
        is_logging=reason,
        is_multi_region=False,
        is_organization=reason,
        event_selectors=reason,
        delivery=reason,
    )


def _unread_place(account: str, region: str, reason: Unknown) -> Place:
    return Place(account, region, reason, reason, reason, reason, reason, reason, reason)


@dataclass(frozen=True)
class _Read(Generic[_T]):
    """What one log group has of a kind, or what stands for it where it could not be read."""

    items: tuple[_T, ...]
    unread: Unknown | None = None


def _known_or_all_unknown(read: Sequence[_Read[_T]]) -> tuple[_T, ...] | Unknown:
    """Put the log groups together; one that cannot be read hides nothing of the others."""
    unread = [one.unread for one in read if one.unread]
    if len(unread) == len(read):
        return unread[0]
    return tuple(item for one in read for item in one.items)


def _merge(places: list[Place], more: Place) -> list[Place]:
    """Add to the place of the same account and region, or as a new one."""
    for number, place in enumerate(places):
        if (place.account, place.region) == (more.account, more.region):
            merged = replace(
                place,
                topics=_both(place.topics, more.topics),
                keys=_both(place.keys, more.keys),
                event_rules=_both(place.event_rules, more.event_rules),
            )
            return [*places[:number], merged, *places[number + 1 :]]
    return [*places, more]


def _both(one: tuple[_T, ...] | Unknown, other: tuple[_T, ...] | Unknown) -> tuple[_T, ...] | Unknown:
    if isinstance(one, Unknown):
        return one
    return other if isinstance(other, Unknown) else one + tuple(item for item in other if item not in one)
