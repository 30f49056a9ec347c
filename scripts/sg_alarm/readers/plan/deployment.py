"""From a plan to deployments, one for each account that has any of the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
)
from sg_alarm.readers.plan.document import no_plan
from sg_alarm.readers.plan.instances import Instance, Plan
from sg_alarm.readers.plan.places import Places
from sg_alarm.readers.plan.view import View
from sg_alarm.readers.terraform_names import TYPES
from sg_alarm.rule.arn import is_opaque
from sg_alarm.rule.model import OTHER_REGIONS, Deployment
from sg_alarm.unknown import known_items

_LOOKED_UP = ("aws_cloudwatch_log_group", "aws_kms_key")


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
        *(_in_its_place(view.resource(one), one, view) for one in plan.of_type(*TYPES)),
        *(view.resource(one) for one in plan.of_type(*_LOOKED_UP, mode="data")),
    ]
    default = places.default
    scope = Scope(default.account, default.region, default.partition, view="plan")
    deployments = tuple(_by_account(deployment_of(resources, scope), resources, regions))
    return PlanReading(deployments, _addresses(deployments, resources))


def _in_its_place(found: Resource, instance: Instance, view: View) -> Resource:
    """Return a metric filter where it is: a state shows that only by the log group's name."""
    if found.type == METRIC_FILTER and view.plan.is_state and is_opaque(found.region + found.account):
        name = instance.get("log_group_name")
        groups = view.plan.of_type("aws_cloudwatch_log_group")
        homes = {view.where(group) for group in groups if group.get("name") == name}
        if len(homes) == 1:
            home = homes.pop()
            return replace(found, region=home.region, account=home.account, partition=home.partition)
    return found


def _by_account(whole: Deployment, resources: Sequence[Resource], regions: Sequence[str]) -> list[Deployment]:
    """Return a deployment for each account that has any of the chain."""
    judged = (TRAIL, METRIC_FILTER, METRIC_ALARM, COMPOSITE_ALARM)
    partitions = {one.account: one.partition for one in reversed(resources)}
    accounts = [one.account for type_ in judged for one in resources if one.type == type_]
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
