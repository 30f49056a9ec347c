"""Fixed audits, to be reported in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone

from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    MANAGEMENT_ACCOUNT,
    OTHER_ACCOUNT,
    Place,
    alarm,
    good,
    metric_filter,
    place,
    replace_text,
    subscription,
    topic,
    trail,
)
from sg_alarm.reports.report import Report, judge
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.unknown import Unknown

HOSTILE = 'x|`y`]](http://evil.example) {0} <script>alert("1")</script> @everyone #1 \u202eيمين\x07 =1+1 ]]>'
"""A name that means something in every format."""

FILE = "live/main.tf"

CIRCUMSTANCES = RunMetadata(
    made_at=datetime(2026, 1, 31, 13, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=1))),
    caller=f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/jo",
    source="the AWS account",
    scope="all regions",
    version="1.2.3",
)


def audit(
    deployments: Iterable[Deployment], profile: str, run_metadata: RunMetadata | None = CIRCUMSTANCES
) -> Report:
    """Judge accounts as they were read."""
    readings = [Reading(f"account {one.account}", one) for one in deployments]
    return judge(readings, find_profile(profile), run_metadata)


def two_broken_links() -> Deployment:
    """An alarm that is switched off, and a subscription that nobody confirmed."""
    pending = topic(subscriptions=(subscription(confirmed=False),))
    here = place(alarms=(alarm(actions_enabled=False),), topics=(pending,))
    return good(places=(here, Place(ACCOUNT, ELSEWHERE)))


def one_region_only() -> Deployment:
    """A trail of one region: the changes in the other are not reported."""
    return good(trails=(trail(is_multi_region=False),))


def unreadable() -> Deployment:
    """Alarms that the caller may not look at."""
    here = place(alarms=Unknown("access denied (cloudwatch:DescribeAlarms)"))
    return good(places=(here, Place(ACCOUNT, ELSEWHERE)))


def half_a_filter() -> Deployment:
    """A filter that misses one operation: it passes some changes and not others."""
    pattern = '{ ($.eventName = "*SecurityGroup*gress") || ($.eventName = CreateSecurityGroup) }'
    here = place(metric_filters=(metric_filter(pattern),))
    return good(places=(here, Place(ACCOUNT, ELSEWHERE)))


def hostile() -> Deployment:
    """An alarm that somebody named with care."""
    return replace_text(two_broken_links(), "SecurityGroupConfigChangesAlarm", HOSTILE)


def _several() -> tuple[Deployment, ...]:
    return (
        good(),
        replace_text(one_region_only(), ACCOUNT, MANAGEMENT_ACCOUNT),
        replace_text(unreadable(), ACCOUNT, OTHER_ACCOUNT),
    )


AUDITS: Mapping[str, Callable[[], Report]] = {
    "pass": lambda: audit([good()], "conformity"),
    "fail": lambda: audit([two_broken_links()], "conformity"),
    "unknown": lambda: audit([unreadable()], "conformity"),
    "several": lambda: audit(_several(), "conformity"),
    "half": lambda: audit([half_a_filter()], "cis-v6.0"),
    "hostile": lambda: audit([hostile()], "securityhub"),
}
"""Audits of accounts by name."""


def of_code(file: str = FILE) -> Report:
    """An audit of one root module."""
    account = "${account of live}"
    deployment = replace_text(two_broken_links(), ACCOUNT, account)
    addresses = {
        f"arn:aws:cloudwatch:{HOME}:{account}:alarm:SecurityGroupConfigChangesAlarm": (
            'module.watch["a"].aws_cloudwatch_metric_alarm.this'
        ),
        f"arn:aws:sns:{HOME}:{account}:CloudWatchAlarmSNSTopic": "aws_sns_topic.alarms",
    }
    positions = {address: Position(file, 3 + 10 * line) for line, address in enumerate(addresses.values())}
    reading = Reading("live", deployment, addresses, positions)
    return judge([reading], find_profile("conformity"), CIRCUMSTANCES)


def nothing() -> Report:
    """An audit of code without AWS."""
    return audit([], "conformity")
