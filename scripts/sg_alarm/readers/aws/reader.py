"""An AWS account, read by botocore: only what the rule needs, and the reason for what could not be read.

Every trail that the regions in scope see is followed to its log group, the group's metric filters, the alarms
on their metrics, the topics that those notify, and the topics' keys and subscriptions, wherever they are.
What does not depend on each other is asked for at the same time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any, Generic, TypeVar
from zlib import crc32

from sg_alarm.alarms import Alarm, AlarmMuteRule, CompositeAlarm, MetricTransformation
from sg_alarm.aws import Aws, as_user_error
from sg_alarm.errors import UserError
from sg_alarm.readers import shapes
from sg_alarm.readers.aws.accounts import Accounts
from sg_alarm.readers.aws.calls import NO_SUCH_CALL, ask, ask_all
from sg_alarm.readers.aws.topics import read_topic, unread_place
from sg_alarm.readers.settings import Settings, json_object
from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.model import (
    Delivery,
    Deployment,
    EventRule,
    LogGroup,
    MetricFilter,
    Place,
    Trail,
)
from sg_alarm.unknown import Unknown, known_items

_T = TypeVar("_T")

_CONCURRENCY = 40
"""How many calls are under way at most: an account has some 36 regions."""

_OTHER_REGIONS = "other regions"
"""Stands for the regions of an account that may not list them."""


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
    with as_user_error():
        for region in scope.regions:
            aws.check_region(region)
        caller = caller or Arn.parse(aws.caller)
        for region in scope.regions:
            _check_exists(aws, region)
    assert caller
    aws = replace(aws, slots=threading.BoundedSemaphore(concurrency))
    shared = organization or OrganizationTrails((), ())
    return _Reader(Accounts(aws, caller, scope.role, concurrency), scope, on_progress, shared).read()


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
    found = ask(aws, "ec2", aws.default_region, "describe_regions", _names_of_regions, AllRegions=True)
    listed = [] if isinstance(found, Unknown) else found
    if region not in listed:
        from difflib import get_close_matches

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


@dataclass
class _Reader:
    accounts: Accounts
    scope: Scope
    on_progress: Callable[[str], None]
    shared: OrganizationTrails
    sees_all_regions: bool = False

    @property
    def aws(self) -> Aws:
        return self.accounts.own

    @property
    def caller(self) -> Arn:
        return self.accounts.caller

    def read(self) -> Deployment:
        regions = self._named_regions()
        if regions and self.shared.suffice and self._sees_shared_trails(regions):
            return self._deployment(regions, self.shared.trails, self.shared.places)
        listed: _Listed = self._in_each(regions or (self.aws.default_region,), self._listed_trails)
        if not regions:
            regions, listed = self._default_scope(listed)
        trails, places = self._trails_and_places(listed)
        return self._deployment(regions, trails, self._with_topics(places))

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
        found = ask(self.aws, "ec2", self.aws.default_region, "describe_regions", _names_of_regions)
        if isinstance(found, Unknown):
            return found
        self.sees_all_regions = True
        return tuple(sorted(found))

    def _default_scope(self, listed: _Listed) -> tuple[tuple[str, ...], _Listed]:
        """Return the regions to judge where none is named, and the trails that they see.

        A multi-region trail records every region, so that its home region is enough. Without one, each region
        needs a trail of its own.
        """
        ((own, trails),) = listed.items()
        if isinstance(trails, Unknown):
            return (own,), listed
        homes = tuple(sorted({trail["HomeRegion"] for trail in trails})) or (own,)
        if any(trail.get("IsMultiRegionTrail") for trail in trails):
            return homes, listed
        regions = self._enabled_regions()
        if isinstance(regions, Unknown):
            # Whatever other regions there are, nobody looked at them.
            return (*homes, _OTHER_REGIONS), {**listed, _OTHER_REGIONS: regions}
        others = [region for region in regions if region != own]
        return regions, {**listed, **(self._in_each(others, self._listed_trails) if others else {})}

    def _trails_and_places(self, listed: _Listed) -> tuple[tuple[Trail, ...] | Unknown, list[Place]]:
        """Read every trail once, and where it leads to: a multi-region trail shows a shadow in each region.

        So one region that can be read shows all that record every region. What may be missed of a region that
        cannot be read is a trail of its own, and a trail of which nothing more is known stands for it.
        """
        unread = {region: answer for region, answer in listed.items() if isinstance(answer, Unknown)}
        if len(unread) == len(listed):
            return next(iter(unread.values())), []
        found = {trail["TrailARN"]: trail for answer in listed.values() for trail in known_items(answer)}
        known = {trail.arn: trail for trail in self.shared.trails if trail.arn in found}
        own = [trail for arn, trail in found.items() if arn not in known]
        groups, places = self._groups([trail.get("CloudWatchLogsLogGroupArn") for trail in own], known)
        read = self.accounts.together(
            *(partial(self._trail, trail) for trail in own),
            *(partial(self._place, *place, arns) for place, arns in groups.items()),
        )
        trails = {**known, **{trail.arn: trail for trail in read if isinstance(trail, Trail)}}
        return (
            *(trails[arn] for arn in found),
            *(_unread_trail(region, reason) for region, reason in unread.items()),
        ), [*places, *(place for place in read if isinstance(place, Place))]

    def _in_each(self, regions: Sequence[str], ask: Callable[[str], _T]) -> dict[str, _T]:
        """Ask in each region. Accounts begin at different ones: many at a time share out the regions."""
        start = crc32(self.caller.account.encode()) % len(regions)
        turn = (*regions[start:], *regions[:start])
        answers = dict(
            zip(turn, self.accounts.together(*(partial(ask, region) for region in turn)), strict=True)
        )
        return {region: answers[region] for region in regions}

    def _sees_shared_trails(self, regions: Sequence[str]) -> bool:
        """Whether the account sees the organization's trails: in any region, as they record every one."""
        own = self.aws.default_region
        listed = self._listed_trails(own if own in regions else regions[0])
        return {trail["TrailARN"] for trail in known_items(listed)} >= {
            trail.arn for trail in self.shared.trails
        }

    def _listed_trails(self, region: str) -> list[dict[str, Any]] | Unknown:
        listed: list[dict[str, Any]] | Unknown = ask(
            self.aws,
            "cloudtrail",
            region,
            "describe_trails",
            lambda answer: [_listed_trail(trail) for trail in answer["trailList"]],
        )
        self.on_progress(f"trails in {region}")
        return listed

    def _trail(self, trail: dict[str, Any]) -> Trail:
        # By ARN: the owner of an organization trail may be another account.
        at_home = partial(ask, self.aws, "cloudtrail", trail["HomeRegion"])
        status, selectors = self.accounts.together(
            partial(at_home, "get_trail_status", _status, Name=trail["TrailARN"]),
            partial(at_home, "get_event_selectors", TrailName=trail["TrailARN"]),
        )
        if isinstance(selectors, Unknown):
            selectors = {"EventSelectors": selectors}
        is_logging, delivery = (status, status) if isinstance(status, Unknown) else status
        return shapes.trail(Settings({**trail, **selectors, "IsLogging": is_logging}), delivery)

    # Places: log groups and what follows from them

    def _groups(
        self, arns: Sequence[str | None], known: Mapping[str, Trail]
    ) -> tuple[dict[tuple[str, str], list[str]], list[Place]]:
        """Return which log groups to read, by account and region, and the places that are known."""
        read = {trail.log_group_arn for trail in known.values() if isinstance(trail.log_group_arn, str)}
        groups: dict[tuple[str, str], set[str]] = {}
        for text in (*arns, *read):
            if arn := Arn.parse(text) if isinstance(text, str) else None:
                groups.setdefault((arn.account, arn.region), set()).add(without_streams(str(arn)))
        read = {without_streams(arn) for arn in read}
        # Another log group beside the organization's: the place is read as a whole.
        left = {place: sorted(found) for place, found in groups.items() if not found <= read}
        places = self.shared.places if known else ()
        return left, [place for place in places if (place.account, place.region) not in left]

    def _place(self, account: str, region: str, group_arns: Sequence[str]) -> Place:
        aws = self.accounts.of(account)
        if isinstance(aws, Unknown):
            return unread_place(account, region, aws)
        found = self.accounts.together(
            *(partial(self._log_group, aws, region, arn) for arn in group_arns),
            *(partial(self._filters, aws, region, arn) for arn in group_arns),
        )
        groups = _known_or_all_unknown(found[: len(group_arns)])
        filters = _known_or_all_unknown(found[len(group_arns) :])
        self.on_progress(f"metric filters in {region}")
        metrics = {
            (one.transformation.namespace, one.transformation.name)
            for one in known_items(filters)
            if isinstance(one.transformation, MetricTransformation)
        }
        # Where nothing feeds a metric, no alarm can be reached: there is nothing to read further.
        alarms, mute_rules, rules = self.accounts.together(
            partial(self._alarms, aws, region, metrics) if metrics else tuple,
            partial(self._mute_rules, aws, region) if metrics else tuple,
            # Beside a trail only: rules notify of each change besides, and decide nothing.
            partial(self._rules, region) if account == self.caller.account else tuple,
        )
        self.on_progress(f"alarms in {region}")
        return Place(account, region, groups, filters, alarms, mute_rules, event_rules=rules)

    def _log_group(self, aws: Aws, region: str, arn: str) -> _Read[LogGroup]:
        name = arn.split(":", 6)[6]
        found = ask_all(
            aws,
            "logs",
            region,
            "describe_log_groups",
            "logGroups",
            lambda group: shapes.log_group(Settings(group), arn),
            keep=lambda group: group["logGroupName"] == name,
            logGroupNamePrefix=name,
            limit=50,
        )
        return _Read((LogGroup(arn, found),), found) if isinstance(found, Unknown) else _Read(tuple(found))

    def _filters(self, aws: Aws, region: str, arn: str) -> _Read[MetricFilter]:
        found = ask_all(
            aws,
            "logs",
            region,
            "describe_metric_filters",
            "metricFilters",
            lambda one: shapes.metric_filter(Settings(one), arn),
            absent=(),
            logGroupName=arn.split(":", 6)[6],
        )
        if isinstance(found, Unknown):
            return _Read((MetricFilter("*", arn, found, found),), found)
        return _Read(tuple(found))

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
            _alarm,
            keep=bears_on,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=100,
        )
        return found if isinstance(found, Unknown) else _built_on_metrics(found)

    def _mute_rules(self, aws: Aws, region: str) -> tuple[AlarmMuteRule, ...] | Unknown:
        listed = ask_all(
            aws,
            "cloudwatch",
            region,
            "list_alarm_mute_rules",
            "AlarmMuteRuleSummaries",
            lambda one: (one["AlarmMuteRuleArn"].split(":", 6)[6], one.get("Status")),
            absent=(),
            absent_codes=NO_SUCH_CALL,
        )
        if isinstance(listed, Unknown):
            return listed
        return tuple(self.accounts.together(*(partial(self._mute_rule, aws, region, *one) for one in listed)))

    def _mute_rule(self, aws: Aws, region: str, name: str, status: str | None) -> AlarmMuteRule:
        found: AlarmMuteRule | Unknown = ask(
            aws,
            "cloudwatch",
            region,
            "get_alarm_mute_rule",
            lambda rule: AlarmMuteRule(
                name=name,
                alarm_names=tuple(rule.get("MuteTargets", {}).get("AlarmNames", ())),
                status=rule.get("Status", status or "SCHEDULED"),
                schedule=rule.get("Rule", {}).get("Schedule", {}).get("Expression"),
            ),
            AlarmMuteRuleName=name,
        )
        return AlarmMuteRule(name, found, status or found) if isinstance(found, Unknown) else found

    def _rules(self, region: str) -> tuple[EventRule, ...] | Unknown:
        listed = ask_all(
            self.aws,
            "events",
            region,
            "list_rules",
            "Rules",
            lambda rule: (
                rule["Name"],
                rule["Arn"],
                json_object(rule["EventPattern"]),
                rule["State"],
            ),
            keep=lambda rule: "aws.ec2" in (rule.get("EventPattern") or ""),
        )
        if isinstance(listed, Unknown):
            return listed
        return tuple(self.accounts.together(*(partial(self._rule, region, *one) for one in listed)))

    def _rule(self, region: str, name: str, arn: str, pattern: Any, state: str) -> EventRule:
        targets = ask_all(
            self.aws,
            "events",
            region,
            "list_targets_by_rule",
            "Targets",
            lambda target: target["Arn"],
            absent=(),
            Rule=name,
        )
        return EventRule(arn, pattern, targets if isinstance(targets, Unknown) else tuple(targets), state)

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
        for found in self.accounts.together(
            *(partial(read_topic, self.accounts, action) for action in wanted)
        ):
            for place in found:
                places = _merge(places, place)
        self.on_progress("topics")
        return places


_Listed = Mapping[str, list[dict[str, Any]] | Unknown]
"""What DescribeTrails answers in each region."""


def _names_of_regions(answer: Mapping[str, Any]) -> list[str]:
    return [region["RegionName"] for region in answer["Regions"]]


def _listed_trail(trail: dict[str, Any]) -> dict[str, Any]:
    """Return one of DescribeTrails. Raises TypeError for what has no name or no home."""
    if not isinstance(trail["TrailARN"], str) or not isinstance(trail["HomeRegion"], str):
        raise TypeError
    return trail


def _status(status: Mapping[str, Any]) -> tuple[bool, Delivery]:
    """Return of GetTrailStatus whether the trail is logging, and how the delivery goes."""
    latest = status.get("LatestCloudWatchLogsDeliveryTime")
    return status["IsLogging"], Delivery(
        latest=None if latest is None else str(latest),
        error=status.get("LatestCloudWatchLogsDeliveryError"),
    )


def _alarm(found: Mapping[str, Any]) -> Alarm:
    """Return one of DescribeAlarms."""
    make = shapes.composite_alarm if "AlarmRule" in found else shapes.metric_alarm
    since = found.get("StateUpdatedTimestamp")
    return replace(
        make(Settings(found)),
        state=str(found.get("StateValue", "")),
        state_since="" if since is None else str(since),
    )


def _built_on_metrics(alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """Return the metric alarms, and the composite ones whose rules lead to one of them."""
    new: list[Alarm] = [alarm for alarm in alarms if not isinstance(alarm, CompositeAlarm)]
    rest = [alarm for alarm in alarms if isinstance(alarm, CompositeAlarm)]
    built: list[Alarm] = []
    while new:
        built += new
        # An ARN ends in the name, so that looking for the name finds both. It may find more: no harm.
        names = [alarm.name for alarm in new if isinstance(alarm.name, str)]
        new = [alarm for alarm in rest if any(name in str(alarm.alarm_rule) for name in names)]
        rest = [alarm for alarm in rest if alarm not in new]
    return tuple(built)


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
