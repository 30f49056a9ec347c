"""Whether the trail delivers to the log group, and whether the group can have metric filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from sg_alarm.rule.clauses import selects_reads_and_writes
from sg_alarm.rule.links.checks import OK, Check, cannot_tell, failed, finding, is_set, not_found
from sg_alarm.rule.lookup import Missing
from sg_alarm.rule.model import Delivery, LogGroup, Trail
from sg_alarm.rule.verdict import Finding, Link, Verdict
from sg_alarm.unknown import Assumed, Unknown


def judge_log_group(trail: Trail | None, group: LogGroup | Missing, arn: str, read_at: str = "") -> Finding:
    """Judge the log group that a trail names; without a trail, only the group itself.

    ``read_at`` is when the account was read, as the deployment has it.
    """
    checks = _checks(trail, group, read_at)
    return finding(Link.LOG_GROUP, arn, checks, "the log group receives the trail's events")


def judge_no_log_group(trail: Trail) -> Finding:
    """Judge a trail that names no log group, or an unknown one."""
    if isinstance(trail.log_group_arn, Unknown):
        one = cannot_tell(f"the trail's log group is unknown: {trail.log_group_arn.reason}")
    else:
        one = failed(
            "the trail delivers to no log group", "set the trail's CloudWatch Logs log group and role"
        )
    return finding(Link.LOG_GROUP, trail.arn, (one,))


def _checks(trail: Trail | None, group: LogGroup | Missing, read_at: str) -> Iterator[Check]:
    if isinstance(group, Missing):
        yield not_found(group)
    else:
        yield is_set(
            group.exists, True, "that the log group exists", "the log group does not exist", "create it"
        )
        # CloudWatch Logs User Guide, "Log classes": metric filters need the Standard class.
        yield is_set(
            group.log_class,
            "STANDARD",
            "its log class",
            f"its log class {group.log_class} has no metric filters",
            "use a log group of the class STANDARD: the class of a group cannot be changed",
        )
    if trail is not None:
        yield _role(trail)
        yield _delivery(trail.delivery)
        yield _age(trail, read_at)


def _role(trail: Trail) -> Check:
    if trail.role_arn in (None, ""):
        return failed(
            "the trail has no role to write to the log group with", "set the trail's CloudWatch Logs role"
        )
    return is_set(trail.role_arn, trail.role_arn, "the trail's role", "", "")


def _delivery(delivery: Delivery | Unknown | Assumed) -> Check:
    name = "whether the delivery works"
    if not isinstance(delivery, Delivery):
        return is_set(delivery, None, name, "", "")
    if isinstance(delivery.error, Unknown):
        return cannot_tell(f"{name} is unknown: {delivery.error.reason}")
    if delivery.error:
        return failed(
            f"the latest delivery to it failed: {delivery.error}",
            "let the trail's role write to the log group (logs:CreateLogStream, logs:PutLogEvents)",
        )
    if isinstance(delivery.latest, Unknown | Assumed):
        return is_set(delivery.latest, None, name, "", "")
    if not delivery.latest:
        return cannot_tell(
            "the trail has not delivered anything to it yet", "look again a quarter of an hour after any call"
        )
    return OK


_A_DAY = timedelta(days=1)


def _age(trail: Trail, read_at: str) -> Check:
    """Judge when the trail delivered last.

    Source: CIS AWS Foundations Benchmark, 3.4, audit: LatestCloudWatchLogsDeliveryTime is at most about
    one day old. An account makes read calls all the time, write calls perhaps not in days.
    """
    latest = trail.delivery.latest if isinstance(trail.delivery, Delivery) else None
    delivered, now = (_moment(text) for text in (latest, read_at))
    if delivered is None or now is None or now - delivered <= _A_DAY:
        return OK
    evidence = f"the latest delivery to it was on {delivered:%Y-%m-%d} at {delivered:%H:%M} UTC"
    remedy = "let the trail's role write to the log group, and look whether the trail is on"
    if selects_reads_and_writes(trail) is True:
        return failed(f"{evidence}: more than a day before the audit", remedy)
    return cannot_tell(f"{evidence}; cannot tell whether any event was selected since", remedy)


def _moment(text: object) -> datetime | None:
    """Return the moment that a text in ISO 8601 means, in UTC; ``None`` for any other value."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(timezone.utc) if moment.tzinfo else None


def judge_assumed_trail(assumed: Assumed | Unknown, group: str) -> Finding:
    """Return the finding for a trail outside the view."""
    if isinstance(assumed, Unknown):
        reason = f"cannot tell whether a trail feeds the log group: {assumed.reason}"
        remedy = "put the metric filter on the log group of the trail, or audit the account"
        return finding(Link.TRAIL, group, (cannot_tell(reason, remedy),))
    one = Check(Verdict.PASS, f"a trail is assumed to record the change: {assumed.reason}", assumed=True)
    return finding(Link.TRAIL, group, (one,))
