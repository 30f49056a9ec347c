"""Deployments by a message that the rule says about them, and about none of the other tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from deployment_builder import (
    ACCOUNT,
    HOME,
    QUEUE_ARN,
    TOPIC_ARN,
    alarm,
    at_home,
    good,
    key_policy,
    policy,
    statement,
    topic,
    with_alarm,
    with_filter,
    with_key,
    with_queue,
    with_subscription,
    with_topic,
    with_trail,
)
from sg_alarm.alarms import CompositeAlarm
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.messages import REFERENCE_ASSUMED
from sg_alarm.rule.model import (
    OTHER_REGIONS,
    Delivery,
    Deployment,
    EventRule,
    EventSelector,
    Place,
    Queue,
    Reference,
)
from sg_alarm.rule.operations import PATTERN_OF_SECURITY_HUB, PATTERN_OF_SIX, PROFILES, Profile
from sg_alarm.rule.verdict import Link
from sg_alarm.unknown import Outside, Unknown
from working_setups import CODE, code

DENIED = Unknown("access denied")
OUTSIDE = Outside("not part of this code")
FUNCTION_ARN = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:notify"
_SG = "SecurityGroupConfigChangesAlarm"


def _composite(rule: str, *alarms: object) -> Deployment:
    combined = CompositeAlarm("all", rule, alarm_actions=(TOPIC_ARN,))
    return at_home(alarms=(*alarms, combined), topics=(topic(policy=None, kms_key=None),))


def _queue(*statements: object) -> Deployment:
    return with_queue(Queue(policy(*statements)))


def _send(**changes: object) -> dict[str, object]:
    send = {"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}
    return statement(**{**send, "Condition": None, **changes})


def _invoke(**changes: object) -> dict[str, object]:
    return _send(**{"Action": "lambda:InvokeFunction", "Resource": FUNCTION_ARN, **changes})


def with_function(queue: Queue) -> Deployment:
    """The good deployment with a function as its only subscriber."""
    return with_subscription(protocol="lambda", endpoint=FUNCTION_ARN, queue=queue)


def _passing(link: Link) -> str:
    """What the findings about a link of the good deployment name."""
    findings = evaluate(good(), PROFILES["conformity"]).findings
    return next(one.resource for one in findings if one.link is link)


def _ruled(**changes: object) -> Deployment:
    pattern = {"source": ["aws.ec2"], "detail": {"eventName": [{"prefix": "Revoke"}]}}
    rule = EventRule(f"arn:aws:events:{HOME}:{ACCOUNT}:rule/each", pattern, (TOPIC_ARN,))
    return at_home(event_rules=(rule,), topics=(topic(kms_key=None, **changes),))


_DENY_CONDITION = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
_MANY = at_home(
    alarms=tuple(alarm(name=f"alarm-{number}", arn=None, alarm_actions=()) for number in range(1001))
)
_SINGLE_REGION = with_trail(is_multi_region=False)
_STUCK = alarm(treat_missing_data="ignore", alarm_actions=())

_BY_CONFORMITY: Mapping[str, Deployment] = {
    "trail-assumed": good(trails=OUTSIDE),
    "trail-unclear": code(log_groups=(replace(CODE.places[0].log_groups[0], trail=DENIED),)),
    "trail-logging-unknown": with_trail(is_logging=DENIED),
    "trail-logging-assumed": with_trail(is_logging=OUTSIDE),
    "trail-regions-unclear": with_trail(is_multi_region=DENIED),
    "other-regions-assumed": replace(
        with_trail(is_multi_region=False, other_regions=OUTSIDE), regions=(HOME, OTHER_REGIONS)
    ),
    "trail-regions-assumed": with_trail(is_multi_region=OUTSIDE),
    "trail-account-assumed": with_trail(arn="arn:aws:cloudtrail:us-east-1:${account}:trail/main"),
    "trail-selectors-assumed": with_trail(event_selectors=OUTSIDE),
    "log-group-class-assumed": code(log_groups=(replace(CODE.places[0].log_groups[0], log_class=OUTSIDE),)),
    "filter-log-group-assumed": with_filter(PATTERN_OF_SIX, log_group_arn=OUTSIDE),
    "actions-enabled-unknown": with_alarm(actions_enabled=OUTSIDE),
    "actions-assumed": with_alarm(alarm_actions=OUTSIDE),
    "action-assumed": with_alarm(alarm_actions=(OUTSIDE,)),
    "action-unseen": with_alarm(alarm_actions=("${var.topic}",)),
    "action-invalid": with_alarm(alarm_actions=("",)),
    "topic-assumed": replace(at_home(topics=()), elsewhere=OUTSIDE),
    "topic-policy-assumed": with_topic(policy=OUTSIDE),
    "key-assumed": with_topic(kms_key=OUTSIDE),
    "key-policy-assumed": with_key(policy=OUTSIDE),
    "subscription-unknown": with_subscription(existence=DENIED),
    "subscription-assumed": with_subscription(existence=OUTSIDE),
    "subscription-endpoint-missing": with_subscription(endpoint=None),
    "subscription-endpoint-assumed": with_subscription(endpoint=OUTSIDE),
    "subscription-filter-assumed": with_subscription(filter_policy=OUTSIDE),
    "queue-policy-assumed": with_queue(OUTSIDE),
    "log-group-unknown": with_trail(log_group_arn=DENIED),
    "log-group-assumed": CODE,
    "delivery-stopped": good(read_at="2026-02-03T00:00:00Z"),
    "delivery-old": replace(
        with_trail(event_selectors=(EventSelector("WriteOnly"),)), read_at="2026-02-03T00:00:00Z"
    ),
    "other-regions-left-out": good(all_regions=False),
    "trail-role-unknown": with_trail(role_arn=DENIED),
    "trail-role-assumed": with_trail(role_arn=OUTSIDE),
    "delivery-assumed": with_trail(delivery=Delivery(OUTSIDE)),
    "filter-field-unknown": with_filter(PATTERN_OF_SIX.replace("eventName", "EventName")),
    "filter-pattern-unclear": with_filter('{ $.eventName = "*SecurityGroup*gress" }'),
    "composite-never-rearms": _composite(f"ALARM({_SG})", _STUCK),
    "composite-rearming-unclear": _composite(
        f"ALARM({_SG}) OR ALARM(stuck)", alarm(alarm_actions=()), replace(_STUCK, name="stuck", arn=None)
    ),
    "mute-rules-assumed": at_home(mute_rules=OUTSIDE),
    "action-region-assumed": replace(
        CODE,
        places=(
            replace(CODE.places[0], topics=()),
            Place(CODE.account, "${var.other_region}", topics=CODE.places[0].topics),
        ),
    ),
    "key-state-assumed": with_key(state=OUTSIDE),
    "key-policy-deny-condition": with_key(
        policy=key_policy(
            statement(Effect="Deny", Principal="*", Action="kms:*", Resource="*", Condition=_DENY_CONDITION)
        )
    ),
    "subscription-confirmation-assumed": with_subscription(confirmed=OUTSIDE),
    "queue-policy-denies": _queue(_send(), _send(Effect="Deny")),
    "queue-policy-deny-condition": _queue(_send(), _send(Effect="Deny", Condition=_DENY_CONDITION)),
    "queue-policy-unclear": _queue(_send(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
    "function-policy-unknown": with_function(Queue(DENIED)),
    "function-policy-assumed": with_function(Queue(OUTSIDE)),
    "function-policy-lacks-allow": with_function(Queue(policy())),
    "function-policy-condition": with_function(
        Queue(policy(_invoke(Condition={"ArnLike": {"aws:SourceArn": f"{TOPIC_ARN}-other"}})))
    ),
    "function-policy-denies": with_function(Queue(policy(_invoke(), _invoke(Effect="Deny")))),
    "function-policy-deny-condition": with_function(
        Queue(policy(_invoke(), _invoke(Effect="Deny", Condition=_DENY_CONDITION)))
    ),
    "function-policy-unclear": with_function(
        Queue(policy(_invoke(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})))
    ),
    **{
        id_: replace(good(), references=(Reference(link.value, _passing(link), "argument", "a.b.arn"),))
        for link, id_ in REFERENCE_ASSUMED.items()
    },
    "per-change-notified": _ruled(
        policy=policy(statement(), statement(Principal={"Service": "events.amazonaws.com"}, Condition=None))
    ),
    "per-change-lost": _ruled(),
    "per-change-unclear": _ruled(policy=DENIED),
}

SETUPS: Mapping[str, tuple[Deployment, Profile]] = {
    **{name: (deployment, PROFILES["conformity"]) for name, deployment in _BY_CONFORMITY.items()},
    "chains-too-many": (replace(_MANY, regions=(HOME,)), PROFILES["conformity"]),
    "standard-multi-region-trail": (replace(_SINGLE_REGION, regions=(HOME,)), PROFILES["cis-v4.0"]),
    "standard-multi-region-trail-unclear": (
        replace(with_trail(is_multi_region=DENIED), regions=(HOME,)),
        PROFILES["cis-v4.0"],
    ),
    "standard-read-and-write-events": (
        with_trail(event_selectors=(EventSelector("WriteOnly"),)),
        PROFILES["cis-v4.0"],
    ),
    "standard-read-and-write-events-unclear": (
        with_trail(event_selectors=(EventSelector("WriteOnly"), EventSelector("All", DENIED))),
        PROFILES["cis-v4.0"],
    ),
    "standard-alarm-on-the-metric": (
        _composite(f"ALARM({_SG})", alarm(alarm_actions=())),
        PROFILES["cis-v4.0"],
    ),
    "standard-exact-pattern": (with_filter("{ $.eventName = *SecurityGroup* }"), PROFILES["securityhub"]),
    "standard-exact-pattern-unclear": (
        with_filter(PATTERN_OF_SECURITY_HUB.replace("{(", "{ (", 1)),
        PROFILES["securityhub"],
    ),
}
"""The deployment and the profile that it is judged by."""
