"""What else raises the alarm, or hides a change: other events, and other filters on the metric."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    GROUP_ARN,
    OTHER_ACCOUNT,
    TOPIC_ARN,
    alarm,
    good,
    metric_filter,
    metric_stat,
    place,
    topic,
    trail,
    transformation,
)
from sg_alarm.alarms import CompositeAlarm, MetricDataQuery
from sg_alarm.rule.model import (
    AdvancedEventSelector,
    Deployment,
    EventSelector,
    FieldSelector,
    LogGroup,
    MetricFilter,
    Place,
    Trail,
)
from sg_alarm.unknown import Unknown
from subscriber_setups import FAIL, PASS, UNKNOWN, Setup
from working_setups import CODE, code

WILDCARD = "{ $.eventName = *SecurityGroup* }"
OF_EC2 = "{ $.eventSource = ec2.amazonaws.com }"
HELD, PERHAPS, NOW = "alarm-held-by-events", "alarm-held-by-calls", "alarm-held-by-calls-now"
SILENT = "alarm-does-not-fire"
MANAGEMENT = FieldSelector("eventCategory", equals=("Management",))
WRITES = trail(event_selectors=(EventSelector("WriteOnly"),))
ADVANCED_WRITES = trail(
    event_selectors=(AdvancedEventSelector((MANAGEMENT, FieldSelector("readOnly", equals=("false",)))),)
)
IN_OK = {"state": "OK", "state_since": "2026-01-30 08:00:00+00:00"}
APP_LOGS = f"{GROUP_ARN}-app"


def chain(*filters: MetricFilter, trails: tuple[Trail, ...] = (trail(),), **changes: Any) -> Deployment:
    """The good deployment with these filters and a changed alarm."""
    groups = (LogGroup(f"{GROUP_ARN}:*"), LogGroup(f"{APP_LOGS}:*"))
    home = place(metric_filters=filters, alarms=(alarm(**changes),), log_groups=groups)
    return good(trails=trails, places=(home, Place(ACCOUNT, ELSEWHERE)))


def own(pattern: str, **changes: Any) -> Deployment:
    """The good deployment, its filter with another pattern."""
    return chain(metric_filter(pattern), **changes)


def beside(
    pattern: str, *, stat: str = "Sum", value: Any = "1", group: str = GROUP_ARN, **metric: Any
) -> Deployment:
    """The good deployment with a second filter, on the same metric unless another is named."""
    second = metric_filter(
        pattern, "second", log_group_arn=group, transformation=transformation(value=value, **metric)
    )
    return chain(metric_filter(), second, metric_stat=metric_stat(stat=stat))


def composite(*filters: MetricFilter) -> Deployment:
    """A composite alarm on the alarm on the metric."""
    combined = CompositeAlarm("all", f"ALARM({alarm().name})", alarm_actions=(TOPIC_ARN,))
    home = place(
        metric_filters=filters,
        alarms=(alarm(alarm_actions=()), combined),
        topics=(topic(policy=None, kms_key=None),),
    )
    return good(places=(home, Place(ACCOUNT, ELSEWHERE)))


def math(account: str | None) -> Deployment:
    """An alarm on metric math that reads the metric from an account."""
    queries = (
        MetricDataQuery("m", metric_stat=metric_stat(), return_data=False, account_id=account),
        MetricDataQuery("e", expression="FILL(m, 0)"),
    )
    return chain(metric_filter(), metric_stat=None, metrics=queries)


def sum_of_two(pattern: str) -> Deployment:
    """An alarm on the sum of the metric and another one, whose filter has this pattern."""
    other = metric_stat(metric=replace(metric_stat().metric, name="Other"))
    queries = (
        MetricDataQuery("m", metric_stat=metric_stat(), return_data=False),
        MetricDataQuery("o", metric_stat=other, return_data=False),
        MetricDataQuery("e", expression="FILL(m, 0) + FILL(o, 0)"),
    )
    second = metric_filter(pattern, "second", transformation=transformation(name="Other"))
    return chain(metric_filter(), second, metric_stat=None, metrics=queries)


def either(pattern: str) -> Deployment:
    """A composite alarm on the alarm on the metric or another one, whose filter has this pattern."""
    other = metric_stat(metric=replace(metric_stat().metric, name="Other"))
    combined = CompositeAlarm("all", f"ALARM({alarm().name}) OR ALARM(other)", alarm_actions=(TOPIC_ARN,))
    second = alarm(name="other", arn=None, metric_stat=other, alarm_actions=())
    home = place(
        metric_filters=(
            metric_filter(),
            metric_filter(pattern, "second", transformation=transformation(name="Other")),
        ),
        alarms=(alarm(alarm_actions=()), second, combined),
        topics=(topic(policy=None, kms_key=None),),
    )
    return good(places=(home, Place(ACCOUNT, ELSEWHERE)))


def coded(pattern: str) -> Deployment:
    """Code whose trail is elsewhere, with another pattern."""
    (one,) = CODE.places[0].metric_filters
    return code(metric_filters=(replace(one, pattern=pattern),))


SETUPS = [
    Setup("an empty pattern", FAIL, own(""), HELD),
    Setup("any name", FAIL, own("{ $.eventName = * }"), HELD),
    Setup("any source", FAIL, own("{ $.eventSource = * }"), HELD),
    Setup("any version", FAIL, own("{ $.eventVersion = * }"), HELD),
    Setup("a word in every event", FAIL, own('"eventVersion"'), HELD),
    Setup("an empty pattern in code", FAIL, coded(""), HELD),
    Setup("an empty pattern, of writes only", UNKNOWN, own("", trails=(WRITES,)), PERHAPS),
    Setup("an empty pattern, and the alarm is OK", FAIL, own("", **IN_OK), HELD),
    Setup("names with a wildcard", UNKNOWN, own(WILDCARD), PERHAPS),
    Setup("names with a wildcard, and the alarm is OK", UNKNOWN, own(WILDCARD, **IN_OK), NOW),
    Setup("names with a wildcard in code", UNKNOWN, coded(WILDCARD), PERHAPS),
    Setup(
        "names with a wildcard, successful",
        UNKNOWN,
        own("{ $.eventName = *SecurityGroup* && $.errorCode NOT EXISTS }"),
        PERHAPS,
    ),
    Setup(
        "names with a wildcard, writes", PASS, own("{ $.eventName = *SecurityGroup* && $.readOnly IS FALSE }")
    ),
    Setup(
        "names with a wildcard, no reads",
        PASS,
        own("{ $.eventName = *SecurityGroup* && $.eventName != Describe* && $.eventName != Get* }"),
    ),
    Setup("names with a wildcard, of writes only", PASS, own(WILDCARD, trails=(WRITES,))),
    Setup(
        "names with a wildcard, of writes only by advanced selectors",
        PASS,
        own(WILDCARD, trails=(ADVANCED_WRITES,)),
    ),
    Setup(
        "names with a wildcard, two trails of which one records reads",
        UNKNOWN,
        own(WILDCARD, trails=(WRITES, trail(arn=f"{trail().arn}-2"))),
        PERHAPS,
    ),
    Setup(
        "names with a wildcard, selectors unknown",
        UNKNOWN,
        own(WILDCARD, trails=(trail(event_selectors=Unknown("access denied")),)),
    ),
    Setup("all of EC2", UNKNOWN, own(OF_EC2), PERHAPS),
    Setup("all of EC2, writes only", PASS, own(OF_EC2, trails=(WRITES,))),
    Setup("all but sign-ins", UNKNOWN, own("{ $.eventName != ConsoleLogin }"), PERHAPS),
    Setup("a second filter that counts every event", FAIL, beside(""), HELD),
    Setup("the same on another metric", PASS, beside("", name="Events")),
    Setup("the same in another namespace", PASS, beside("", namespace="Events")),
    Setup("the same with a value of which many make one", FAIL, beside("", value="0.01"), HELD),
    Setup(
        "the same with a value of which many make one, averaged",
        FAIL,
        beside("", value="0.01", stat="Average"),
        SILENT,
    ),
    Setup(
        "the same with a value of which many make one, at most",
        PASS,
        beside("", value="0.01", stat="Maximum"),
    ),
    Setup("the same with the value 0", PASS, beside("", value="0")),
    Setup("the same, counted", FAIL, beside("", value="0", stat="SampleCount"), HELD),
    Setup("the same with the value 0, averaged", FAIL, beside("", value="0", stat="Average"), SILENT),
    Setup("the same with the value 0, at most", PASS, beside("", value="0", stat="Maximum")),
    Setup("the same with the value 0, at least", FAIL, beside("", value="0", stat="Minimum"), SILENT),
    Setup("the same with the value -1", FAIL, beside("", value="-1"), SILENT),
    Setup("the same with the value 1, averaged", FAIL, beside("", stat="Average"), HELD),
    Setup("a second filter that counts another log group", UNKNOWN, beside("", group=APP_LOGS), PERHAPS),
    Setup("the same with the value 0 of another log group", PASS, beside("", value="0", group=APP_LOGS)),
    Setup(
        "a second filter that counts reads", UNKNOWN, beside("{ $.eventName = DescribeInstances }"), PERHAPS
    ),
    Setup("the same reads with the value 0", PASS, beside("{ $.eventName = DescribeInstances }", value="0")),
    Setup(
        "the same reads with the value 0, averaged",
        FAIL,
        beside("{ $.eventName = DescribeInstances }", value="0", stat="Average"),
        SILENT,
    ),
    Setup(
        "the same reads on another metric", PASS, beside("{ $.eventName = DescribeInstances }", name="Reads")
    ),
    Setup("a second filter that counts sign-ins", PASS, beside("{ $.eventName = ConsoleLogin }")),
    Setup("sign-ins with the value -1", FAIL, beside("{ $.eventName = ConsoleLogin }", value="-1"), SILENT),
    Setup(
        "sign-ins with the value 0, averaged",
        FAIL,
        beside("{ $.eventName = ConsoleLogin }", value="0", stat="Average"),
        SILENT,
    ),
    Setup(
        "sign-ins with the value 0, averaged, on another metric",
        PASS,
        beside("{ $.eventName = ConsoleLogin }", value="0", stat="Average", name="SignIns"),
    ),
    Setup(
        "sign-ins with a value from the event",
        UNKNOWN,
        beside("{ $.eventName = ConsoleLogin }", value="$.size"),
    ),
    Setup(
        "sign-ins with a value from the event, counted",
        PASS,
        beside("{ $.eventName = ConsoleLogin }", value="$.size", stat="SampleCount"),
    ),
    Setup("a second filter that counts changes", PASS, beside("{ $.eventName = ModifySecurityGroupRules }")),
    Setup("a composite alarm", PASS, composite(metric_filter())),
    Setup("a composite alarm, every event", FAIL, composite(metric_filter("")), HELD),
    Setup(
        "a composite alarm, a second filter that counts every event",
        FAIL,
        composite(metric_filter(), metric_filter("", "second")),
        HELD,
    ),
    Setup("a composite alarm, reads", UNKNOWN, composite(metric_filter(WILDCARD)), PERHAPS),
    Setup("metric math with a metric of every event", FAIL, sum_of_two(""), HELD),
    Setup("metric math with a metric of reads", UNKNOWN, sum_of_two(WILDCARD), PERHAPS),
    Setup("metric math with a metric of sign-ins", PASS, sum_of_two("{ $.eventName = ConsoleLogin }")),
    Setup("either of two alarms, one of every event", FAIL, either(""), HELD),
    Setup("either of two alarms, one of reads", UNKNOWN, either(OF_EC2), PERHAPS),
    Setup("either of two alarms, one of sign-ins", PASS, either("{ $.eventName = ConsoleLogin }")),
    Setup("metric math of this account", PASS, math(None)),
    Setup("metric math that names this account", PASS, math(ACCOUNT)),
    Setup("metric math of another account", UNKNOWN, math(OTHER_ACCOUNT)),
]
