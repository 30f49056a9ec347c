"""A log group that is not there, or that the trail cannot write to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sg_alarm.fixes.fix import (
    Broken,
    Fix,
    changed,
    exchanged,
    find,
    home_of,
    last_name,
    policy_of,
)
from sg_alarm.fixes.hcl_writer import Block, JsonEncoded, label
from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.model import Delivery, LogGroup


def fix_log_group(broken: Broken) -> Iterator[Fix]:
    """Make the group, or let the trail's role write to it."""
    deployment, arn = broken.deployment, without_streams(broken.finding.resource)
    parts = Arn.parse(arn)
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    trail = next(
        (
            one
            for one in trails
            if isinstance(one.log_group_arn, str) and without_streams(one.log_group_arn) == arn
        ),
        None,
    )
    if parts is None or trail is None:
        return
    name = parts.resource.removeprefix("log-group:")
    home = home_of(deployment, arn)
    exists = find(deployment, lambda at: at.log_groups, lambda one: without_streams(one.arn) == arn)
    if exists is None and home is not None and isinstance(home.log_groups, tuple):
        yield Fix(
            changed(deployment, home, log_groups=(*home.log_groups, LogGroup(arn))),
            (Block("resource", ("aws_cloudwatch_log_group", label(name)), {"name": name}),),
        )
    delivery, role = trail.delivery, Arn.parse(trail.role_arn) if isinstance(trail.role_arn, str) else None
    if isinstance(delivery, Delivery) and "Denied" in str(delivery.error) and role is not None:
        statement = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{arn}:log-stream:*",
        }
        attributes = {"role": last_name(str(role)), "policy": JsonEncoded(policy_of(statement))}
        repaired = replace(trail, delivery=Delivery("after"))
        yield Fix(
            replace(deployment, trails=exchanged(trails, trail, repaired)),
            (Block("resource", ("aws_iam_role_policy", "cloudtrail_to_cloudwatch_logs"), attributes),),
        )
