"""Whether the trail delivers to the log group, and whether the group can have metric filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from sg_alarm.rule.clauses import selects_reads_and_writes
from sg_alarm.rule.links.checks import finding, unless_known
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Delivery, LogGroup, Trail
from sg_alarm.rule.verdict import Finding, Link, Message
from sg_alarm.unknown import Unknown


def judge_log_group(
    trail: Trail | None, group: LogGroup | Unknown | None, arn: str, read_at: str = ""
) -> Finding:
    """Judge the log group that a trail names; without a trail, only the group itself.

    ``group`` is ``None`` where it does not exist. ``read_at`` is when the account was read, as the deployment
    has it.
    """
    return finding(Link.LOG_GROUP, arn, _messages(trail, group, read_at), say("log-group-receives"))


def judge_no_log_group(trail: Trail) -> Finding:
    """Judge a trail that names no log group, or one that is not known."""
    group = trail.log_group_arn
    messages = (
        unless_known(group, "log-group-unknown") if isinstance(group, Unknown) else [say("no-log-group")]
    )
    return finding(Link.LOG_GROUP, trail.arn, messages)


def judge_group_outside(trail: Trail, group: LogGroup) -> Finding:
    """Judge a log group outside the view, of which the trail that delivers to it is not known either."""
    messages = [*_messages(trail, group, ""), *unless_known(trail.log_group_arn, "log-group-unknown")]
    return finding(Link.LOG_GROUP, group.arn, messages, say("log-group-receives"))


def judge_trail_outside(trail: Unknown, group: str) -> Finding:
    """Judge the trail of a log group where it lies outside the view."""
    return finding(Link.TRAIL, group, unless_known(trail, "trail-unclear"))


def _messages(trail: Trail | None, group: LogGroup | Unknown | None, read_at: str) -> Iterator[Message]:
    if group is None or (isinstance(group, LogGroup) and group.exists is False):
        yield say("log-group-missing")
    yield from unless_known(group, "log-group-unseen")
    if isinstance(group, LogGroup):
        yield from unless_known(group.exists, "log-group-unseen")
        yield from _log_class(group.log_class)
    if trail is not None:
        yield from _role(trail)
        yield from _delivery(trail.delivery)
        yield from _age(trail, read_at)


def _log_class(log_class: str | Unknown) -> Iterator[Message]:
    # CloudWatch Logs User Guide, "Log classes": metric filters need the Standard class.
    yield from unless_known(log_class, "log-group-class-unknown")
    if not isinstance(log_class, Unknown) and log_class != "STANDARD":
        yield say("log-group-class", log_class=log_class)


def _role(trail: Trail) -> Iterator[Message]:
    if not trail.role_arn:
        yield say("trail-role-missing")
    yield from unless_known(trail.role_arn, "trail-role-unknown")


def _delivery(delivery: Delivery | Unknown) -> Iterator[Message]:
    if not isinstance(delivery, Delivery):
        yield from unless_known(delivery, "delivery-unknown")
    elif isinstance(delivery.error, Unknown):
        yield from unless_known(delivery.error, "delivery-unknown")
    elif delivery.error:
        yield say("delivery-failing", error=delivery.error)
    elif not delivery.latest:
        yield say("delivery-not-yet")
    else:
        yield from unless_known(delivery.latest, "delivery-unknown")


_A_DAY = timedelta(days=1)


def _age(trail: Trail, read_at: str) -> Iterator[Message]:
    """Judge when the trail delivered last.

    Source: CIS AWS Foundations Benchmark, 3.4, audit: LatestCloudWatchLogsDeliveryTime is at most about
    one day old. An account makes read calls all the time, write calls perhaps not in days.
    """
    latest = trail.delivery.latest if isinstance(trail.delivery, Delivery) else None
    delivered, now = (_moment(text) for text in (latest, read_at))
    if delivered is None or now is None or now - delivered <= _A_DAY:
        return
    id_ = "delivery-stopped" if selects_reads_and_writes(trail) is True else "delivery-old"
    yield say(id_, time=f"{delivered:%Y-%m-%d} at {delivered:%H:%M} UTC")


def _moment(text: object) -> datetime | None:
    """Return the moment that a text in ISO 8601 means, in UTC; ``None`` for any other value."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(timezone.utc) if moment.tzinfo else None
