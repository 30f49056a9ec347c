"""What a reader of code hands on beside the deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sg_alarm.alarms import MetricTransformation
from sg_alarm.readers.assembly import METRIC_FILTER, TRAIL, Resource
from sg_alarm.rule.model import Deployment, Place
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.unknown import Unknown

__all__ = [
    "OWN_REGION",
    "Position",
    "Reading",
    "account_of",
    "addresses_of",
    "says_alarm",
    "unread",
]

OWN_REGION = "${region}"
"""Stands for the region that code is deployed to, where the code does not say."""


def account_of(root: str) -> str:
    """Return what stands for the account of a root module or template; another one for each."""
    return f"${{account of {root.replace(':', '_')}}}"


def unread(root: str, reason: str, remedy: str = "") -> Reading:
    """Return the reading of a root module or template that could not be looked at."""
    unknown = Unknown(reason, remedy)
    account = account_of(root)
    place = Place(account, OWN_REGION, unknown, unknown, unknown, unknown, unknown, unknown, unknown)
    return Reading(root, Deployment(account, (OWN_REGION,), unknown, (place,)), {account: root})


def addresses_of(
    deployment: Deployment, resources: Iterable[Resource], anchor: str, unread_part: str = ""
) -> dict[str, str]:
    """Return for the texts that stand for resources in the deployment their addresses in the code.

    What is said of the account is said of ``unread_part``, the address of what could not be looked into.
    """
    found: dict[str, str] = {}
    resources = list(resources)
    for one in resources:
        found.setdefault(one.arn, one.address)
    for place in deployment.places:
        groups = () if isinstance(place.log_groups, Unknown) else place.log_groups
        filters = () if isinstance(place.metric_filters, Unknown) else place.metric_filters
        for group in groups:
            # Of a log group outside, the filter that names it is what the code has.
            named = (one.address for one in filters if one.log_group_arn == group.arn)
            found.setdefault(group.arn, next(named, filters[0].address if filters else group.arn))
        for each in filters:
            if isinstance(metric := each.transformation, MetricTransformation):
                found.setdefault(f"{metric.namespace}/{metric.name}", each.address)
    for text in [arn for arn in found if ":log-group:" in arn]:
        found.setdefault(f"{text}:*", found[text])
    nearest = [one.address for kind in (TRAIL, METRIC_FILTER) for one in resources if one.type == kind]
    found.setdefault(deployment.account, unread_part or next(iter(nearest), anchor) or "the code")
    return found


_CALLS_IT_ALARM = re.compile(
    r"metric[-_]?filter|log[-_]?metric|security[-_]?group[-_]?change|[-_/]alarms?\b|cis[-_]|[-_]cis\b|baseline|"
    r"SecurityGroup(?:Ingress|Egress)|cloudtrail[-_]?(?:alarm|monitor)",
    re.IGNORECASE,
)


def says_alarm(text: str) -> bool:
    """Whether what is said of code that is not here says that it has to do with such alarms.

    Any missing code may hold anything; only that counts which says so. Else a codebase with a missing
    network module would never learn that it has no alarm.
    """
    return _CALLS_IT_ALARM.search(text) is not None
