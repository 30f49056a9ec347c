"""From a plan to deployments, one for each account that has any of the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sg_alarm.alarms import MetricTransformation
from sg_alarm.readers.assembly import (
    COMPOSITE_ALARM,
    METRIC_ALARM,
    METRIC_FILTER,
    TRAIL,
    Resource,
    Scope,
    deployment_of,
    unseen,
)
from sg_alarm.readers.plan.document import no_plan
from sg_alarm.readers.plan.instances import Plan
from sg_alarm.readers.plan.places import Places
from sg_alarm.readers.plan.view import View
from sg_alarm.readers.terraform_names import TYPES
from sg_alarm.rule.model import OTHER_REGIONS, Deployment, Reference
from sg_alarm.rule.verdict import Link
from sg_alarm.unknown import Unknown, known_items

_LOOKED_UP = ("aws_cloudwatch_log_group", "aws_kms_key")
_LINKS: Mapping[str, Link] = {
    "alarm_actions": Link.ACTION,
    "cloud_watch_logs_group_arn": Link.TRAIL,
    "log_group_name": Link.METRIC_FILTER,
    "metric_name": Link.ALARM,
    "topic_arn": Link.SUBSCRIPTION,
}
_JUDGED = (TRAIL, METRIC_FILTER, METRIC_ALARM, COMPOSITE_ALARM)
_INCOMPLETE = Unknown("the plan shows only a part of what the code declares")


@dataclass(frozen=True)
class PlanReading:
    """What a plan would leave behind.

    There is a deployment for each account with a trail, a metric filter or an alarm. ``addresses`` are
    the addresses in the plan by the texts that stand for resources in them.
    """

    deployments: tuple[Deployment, ...]
    addresses: Mapping[str, str]


def reading(document: Mapping[str, Any], account: str | None, regions: Sequence[str]) -> PlanReading:
    """Read a plan; raises ``UserError`` for a document that is built otherwise than Terraform's."""
    try:
        plan = Plan(document)
    except (AttributeError, KeyError, TypeError) as error:
        raise no_plan("this") from error
    places = Places(plan, account)
    view = View(plan, places)
    resources = [
        *(view.resource(one) for one in plan.of_type(*TYPES)),
        *(view.resource(one) for one in plan.of_type(*_LOOKED_UP, mode="data")),
    ]
    default = places.default
    where = (default.region, default.account, default.partition)
    scope = Scope(default.account, default.region, default.partition, view="plan")
    if not plan.is_complete:
        scope = replace(scope, elsewhere=_INCOMPLETE)
        resources += unseen("what the plan does not show", _INCOMPLETE, *where)
    whole = replace(deployment_of(resources, scope), references=tuple(_references(resources, view)))
    deployments = tuple(_by_account(whole, resources, regions))
    return PlanReading(deployments, _addresses(deployments, resources))


def _references(resources: Sequence[Resource], view: View) -> Iterator[Reference]:
    """Yield what was taken for what it refers to, by the link that rests on it."""
    for one in resources:
        name = one.arn if one.type in (TRAIL, METRIC_ALARM, COMPOSITE_ALARM) else one.address
        for argument, source in view.taken.get(one.address, {}).items():
            if link := _LINKS.get(argument):
                yield Reference(link.value, name, argument, source)


def _by_account(whole: Deployment, resources: Sequence[Resource], regions: Sequence[str]) -> list[Deployment]:
    """Return a deployment for each account that has any of the chain."""
    partitions = {one.account: one.partition for one in reversed(resources)}
    accounts = [one.account for type_ in _JUDGED for one in resources if one.type == type_]
    return [
        replace(
            whole,
            account=account,
            regions=tuple(regions)
            or (*dict.fromkeys(one.region for one in whole.places if one.account == account), OTHER_REGIONS),
            partition=partitions.get(account, whole.partition),
        )
        for account in dict.fromkeys(accounts or [whole.places[0].account])
    ]


def _addresses(deployments: Sequence[Deployment], resources: Sequence[Resource]) -> dict[str, str]:
    """Return the addresses of all resources by the texts that stand for them."""
    found = {one.arn: one.address for one in resources if not one.is_data}
    for one in (one for place in deployments[0].places for one in known_items(place.metric_filters)):
        if isinstance(metric := one.transformation, MetricTransformation):
            found.setdefault(f"{metric.namespace}/{metric.name}", one.address)
    return found
