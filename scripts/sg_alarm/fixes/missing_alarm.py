"""A deployment without an alarm: what declares it, with whatever else is missing on the way to a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from sg_alarm.alarms import Metric, MetricAlarm, MetricStat, MetricTransformation
from sg_alarm.fixes.fix import CHANGE, Fix, exchanged, last_name, listed
from sg_alarm.fixes.hcl_writer import Block, Expression, label, quote
from sg_alarm.fixes.references import References
from sg_alarm.fixes.subscription import email, email_block
from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.links.metric_filter import resource_of
from sg_alarm.rule.model import Delivery, Deployment, LogGroup, MetricFilter, Place, Topic, Trail
from sg_alarm.rule.operations import Profile
from sg_alarm.rule.verdict import Judgement, Link, Verdict

_NAME = "security_group_changes"
_FILTER = "SecurityGroupConfigChanges"
_METRIC, _NAMESPACE = "SecurityGroupEventCount", "CloudTrailMetrics"
_ALARM = "SecurityGroupConfigChangesAlarm"
_TOPIC = "CloudWatchAlarmSNSTopic"
_CALL = re.compile(r"module\.[\w-]+")


@dataclass(frozen=True)
class _Site:
    """Where the alarm is to be: its place, and what the code of one module calls things there."""

    deployment: Deployment
    place: Place
    addresses: Mapping[str, str]

    def name(self, wanted: str, taken: Collection[Any]) -> str:
        """Return the name, with a number behind it where there is such a thing."""
        names = (wanted, *(f"{wanted}{number}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of what is to be made there."""
        return str(Arn(self.deployment.partition, service, self.place.region, self.place.account, resource))

    def labels(self, kind: str) -> tuple[str, str]:
        """Return the labels of a new resource."""
        taken = {address.partition("[")[0] for address in self.addresses.values()}
        found = self.name(f"{kind}.{_NAME}", taken)
        return kind, found.rpartition(".")[2]


def alarm_for(
    deployment: Deployment, profile: Profile, judgement: Judgement, addresses: Mapping[str, str]
) -> Iterator[Fix]:
    """Yield what may declare the alarm: on a filter that is there, on a log group, on a new log group."""
    holding = {
        one.resource
        for one in judgement.findings
        if one.link is Link.METRIC_FILTER and one.verdict is Verdict.PASS
    }
    groups = list(dict.fromkeys(_log_groups(deployment)))
    sites = [(group, _Site(deployment, _place(deployment, group), addresses)) for group in groups]
    for _, site in sites:
        for one in listed(site.place.metric_filters):
            if resource_of(one) in holding and isinstance(one.transformation, MetricTransformation):
                yield _on_filter(site, one, one.transformation)
    for group, site in sites:
        yield _on_group(site, group, profile, "")
        if address := addresses.get(group):
            yield _on_group(site, group, profile, address)
    if not groups and isinstance(deployment.trails, tuple):
        for trail in _own(deployment.trails, deployment):
            yield _on_trail(deployment, trail, profile, addresses)
        yield _with_trail(deployment, profile, addresses)


def _log_groups(deployment: Deployment) -> Iterator[str]:
    """Yield the ARNs of the account's log groups that events come to, of a multi-region trail first."""
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    delivered = [
        one.log_group_arn
        for one in sorted(trails, key=lambda one: one.is_multi_region is not True)
        if isinstance(one.log_group_arn, str)
    ]
    fed = [
        group.arn
        for place in deployment.places
        for group in listed(place.log_groups)
        if group.trail is not None
    ]
    for arn in (*delivered, *fed):
        parts = Arn.parse(arn)
        if parts and parts.account == deployment.account:
            yield without_streams(arn)


def _own(trails: Sequence[Trail], deployment: Deployment) -> Iterator[Trail]:
    for one in trails:
        parts = Arn.parse(one.arn)
        if parts and parts.account == deployment.account and isinstance(one.home_region, str):
            yield one


def _place(deployment: Deployment, arn: str) -> Place:
    parts = Arn.parse(arn)
    return _place_in(deployment, parts.region if parts else "")


def _place_in(deployment: Deployment, region: str) -> Place:
    """Return the account's place in a region; without one, the first that it has."""
    own = [one for one in deployment.places if one.account == deployment.account]
    named = next((one for one in own if one.region == region), None)
    region = region or next((one.region for one in own), (*deployment.regions, "")[0])
    return named or next((one for one in own if one.region == region), Place(deployment.account, region))


def _on_filter(site: _Site, found: MetricFilter, metric: MetricTransformation) -> Fix:
    """Return the alarm on the metric of a filter that is there."""
    references = References.beside(found.address, {found.address: found.address}, "")
    reference = references.attribute(found.address, "metric_transformation[0]")
    names: dict[str, Any] = {"metric_name": metric.name, "namespace": metric.namespace}
    if reference:
        names = {
            "metric_name": Expression(f"{reference.text}.name"),
            "namespace": Expression(f"{reference.text}.namespace"),
        }
    return _with_alarm(site, metric, names, (), found.address)


def _on_group(site: _Site, group: str, profile: Profile, near: str) -> Fix:
    """Return a filter with the text of the standard, and the alarm on its metric.

    The code is to stand in the module that declares ``near``, or in the root.
    """
    address = site.addresses.get(group, "")
    references = References.beside(near, site.addresses, site.deployment.account)
    call = _CALL.match(address) if not near else None
    name = references.attribute(group, "name") or (
        references.attribute_of(address, "log_group_name") if near else None
    )
    attributes: dict[str, Any] = {"depends_on": [Expression(call[0])]} if call else {}
    return _with_filter(site, group, name or last_part(group), profile, near, attributes)


def last_part(group: str) -> str:
    """Return the name of a log group."""
    parts = Arn.parse(group)
    return (parts.resource if parts else group).removeprefix("log-group:")


def _with_filter(
    site: _Site,
    group: str,
    name: str | Expression,
    profile: Profile,
    near: str,
    attributes: Mapping[str, Any],
    text: str = "",
    *further: Block,
) -> Fix:
    filters = listed(site.place.metric_filters)
    published = [
        one.transformation.name for one in filters if isinstance(one.transformation, MetricTransformation)
    ]
    metric = MetricTransformation(_NAMESPACE, site.name(_METRIC, published))
    new = MetricFilter(site.name(_FILTER, [one.name for one in filters]), group, profile.texts[0], metric)
    labels = site.labels("aws_cloudwatch_log_metric_filter")
    transformation = {"name": metric.name, "namespace": metric.namespace, "value": "1"}
    block = Block(
        "resource",
        labels,
        {"name": new.name, "log_group_name": name, "pattern": new.pattern, **attributes},
        (Block("metric_transformation", (), transformation),),
    )
    reference = f"{'.'.join(labels)}.metric_transformation[0]"
    names = {
        "metric_name": Expression(f"{reference}.name"),
        "namespace": Expression(f"{reference}.namespace"),
    }
    place = replace(site.place, metric_filters=(*filters, new))
    return _with_alarm(replace(site, place=place), metric, names, (*further, block), near, text, site.place)


def _with_alarm(
    site: _Site,
    metric: MetricTransformation,
    names: Mapping[str, Any],
    blocks: tuple[Block, ...],
    near: str,
    text: str = "",
    old: Place | None = None,
) -> Fix:
    """Return the alarm on a metric, and the topic that it notifies, beside the blocks that it needs."""
    place = site.place
    topic = site.arn("sns", site.name(_TOPIC, [last_name(one.arn) for one in listed(place.topics)]))
    alarms = listed(place.alarms)
    name = site.name(_ALARM, [one.name for one in alarms])
    alarm = MetricAlarm(
        name,
        "GreaterThanOrEqualToThreshold",
        1,
        1.0,
        metric_stat=MetricStat(Metric(metric.namespace, metric.name), "Sum", 300),
        treat_missing_data="notBreaching",
        arn=site.arn("cloudwatch", f"alarm:{name}"),
        alarm_actions=(topic,),
    )
    of_topic = site.labels("aws_sns_topic")
    reference = Expression(f"{'.'.join(of_topic)}.arn")
    new = replace(
        place,
        alarms=(*alarms, alarm),
        topics=(*listed(place.topics), Topic(topic, subscriptions=(email(topic),))),
    )
    places = exchanged(site.deployment.places, old or place, new)
    deployment = replace(site.deployment, places=places if new in places else (*site.deployment.places, new))
    settings = {
        "alarm_name": name,
        **names,
        "statistic": "Sum",
        "period": 300,
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": [reference],
    }
    return Fix(
        deployment,
        (
            *blocks,
            Block("resource", site.labels("aws_cloudwatch_metric_alarm"), settings),
            Block("resource", of_topic, {"name": last_name(topic)}),
            email_block(reference, site.labels("aws_sns_topic_subscription")[1]),
        ),
        text,
        near,
    )


# Where there is no log group yet


def _on_trail(deployment: Deployment, trail: Trail, profile: Profile, addresses: Mapping[str, str]) -> Fix:
    """Return a log group that the trail delivers to, and the alarm on it."""
    name = f"/aws/cloudtrail/{last_name(trail.arn)}"
    address = addresses.get(trail.arn, "")
    kind, _, known = address.rpartition(".")
    attributes = {
        "name": last_name(trail.arn),
        "cloud_watch_logs_group_arn": Expression('"${aws_cloudwatch_log_group.cloudtrail.arn}:*"'),
        "cloud_watch_logs_role_arn": Expression("aws_iam_role.cloudtrail_to_cloudwatch_logs.arn"),
    }
    labels = ("aws_cloudtrail", known.partition("[")[0] if kind else label(last_name(trail.arn)))
    block = Block("resource", labels, attributes, (), CHANGE, is_new=False)
    return _on_new_group(
        deployment, trail, str(trail.home_region), name, profile, addresses, (), address, block
    )


def _with_trail(deployment: Deployment, profile: Profile, addresses: Mapping[str, str]) -> Fix:
    """Return a trail of all regions with its log group, and the alarm on that."""
    place = _place_in(deployment, "")
    site = _Site(deployment, place, addresses)
    arn = site.arn("cloudtrail", "trail/security-group-changes")
    trail = Trail(arn, place.region, None, None, is_multi_region=True)
    name = "/aws/cloudtrail/security-group-changes"
    return _on_new_group(deployment, trail, place.region, name, profile, addresses, ("trail.tf",), "")


def _on_new_group(
    deployment: Deployment,
    trail: Trail,
    region: str,
    name: str,
    profile: Profile,
    addresses: Mapping[str, str],
    texts: Sequence[str],
    near: str,
    *blocks: Block,
) -> Fix:
    site = _Site(deployment, _place_in(deployment, region), addresses)
    group = site.arn("logs", f"log-group:{name}")
    role = site.arn("iam", "role/cloudtrail-to-cloudwatch-logs")
    delivering = replace(trail, log_group_arn=group, role_arn=role, delivery=Delivery("after"))
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    place = replace(site.place, log_groups=(*listed(site.place.log_groups), LogGroup(group)))
    trails = exchanged(trails, trail, delivering) if trail in trails else (*trails, delivering)
    places = exchanged(deployment.places, site.place, place)
    places = places if place in places else (*places, place)
    after = replace(site, deployment=replace(deployment, trails=trails, places=places), place=place)
    text = "\n".join(_text(one) for one in ("log_group.tf", *texts)).replace('"NAME"', quote(name))
    reference = Expression("aws_cloudwatch_log_group.cloudtrail.name")
    return _with_filter(after, group, reference, profile, near, {}, text, *blocks)


def _text(name: str) -> str:
    return files("sg_alarm.fixes").joinpath(f"texts/{name}").read_text("utf-8")


def template_of(deployment: Deployment, profile: Profile) -> str:
    """Return the resources to add to a CloudFormation template; empty where no log group is known."""
    group = next((last_part(arn) for arn in _log_groups(deployment)), "")
    if not group:
        return ""
    # Of a group that CloudFormation names, the template has the logical id.
    named = re.fullmatch(r"\$\{(\w+)\}", group)
    if "${" in group and not named:
        return ""
    return (
        _text("alarm.yaml")
        .replace('"LOG-GROUP"', f"!Ref {named[1]}" if named else quote(group))
        .replace('"PATTERN"', quote(profile.texts[0]))
    )
