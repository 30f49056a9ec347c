"""Whether the alarm's message gets into the topic: action and topic policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sg_alarm.rule.arn import Arn, is_opaque
from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.links.checks import finding, judge_policy
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import Place, Topic
from sg_alarm.rule.policy import Source, request
from sg_alarm.rule.verdict import Finding, Link, Message, Ref
from sg_alarm.unknown import Unknown

# Actions that do something to resources and notify nobody: CloudWatch User Guide, "Alarm actions".
_NOTIFY_NOBODY = frozenset({"automate", "autoscaling", "swf"})


def judge_action(
    acting: Iterable[Message],
    resource: str,
    action: str,
    place: Place,
    found: tuple[Place, Topic] | Unknown | None,
) -> Finding:
    """Judge one action of an alarm in ``place``; ``acting`` says how it acts, ``found`` is its topic."""
    return finding(
        Link.ACTION,
        resource,
        [*acting, *_target(action, place, found)],
        say("action-notifies", topic=Ref(action)),
    )


def is_topic(action: str) -> bool:
    """Whether the action names a topic by its ARN."""
    parts = Arn.parse(action)
    return parts is not None and parts.service == "sns"


def _target(action: str, place: Place, found: tuple[Place, Topic] | Unknown | None) -> Iterator[Message]:
    parts = Arn.parse(action)
    region = found[0].region if isinstance(found, tuple) else parts.region if parts is not None else None
    if region is not None and (parts is None or parts.service == "sns"):
        if region != place.region:
            if is_opaque(region + place.region):
                where = f"its region is {region}, the alarm's is {place.region}"
                yield say("action-region-assumed", reason=where)
            else:
                yield say("action-in-other-region", topic_region=region, alarm_region=place.region)
    elif isinstance(found, Unknown) and is_opaque(action):
        yield not_known("action-unseen", found, action=Ref(action))
    elif parts is None:
        yield say("action-invalid", action=Ref(action))
    elif parts.service in _NOTIFY_NOBODY:
        yield say("action-notifies-nobody", action=Ref(action))
    else:
        yield say("action-unclear", action=Ref(action))


def judge_topic(source: Source, arn: str, found: tuple[Place, Topic] | Unknown | None) -> Finding:
    """Judge whether the topic exists and lets the source publish."""
    return finding(Link.TOPIC, arn, _topic(source, found), say("topic-accepts", service=source.service))


def _topic(source: Source, found: tuple[Place, Topic] | Unknown | None) -> Iterator[Message]:
    if found is None:
        yield say("topic-missing")
    elif isinstance(found, Unknown):
        yield not_known("topic-unseen", found)
    else:
        place, topic = found
        if topic.arn.endswith(".fifo"):
            yield say("topic-fifo")
        policy = default_policy(place, topic) if topic.policy is None else topic.policy
        yield from judge_policy("topic", policy, request(source, "sns:Publish", topic.arn))


def default_policy(place: Place, topic: Topic) -> Mapping[str, object]:
    """Return what the policy that SNS gives every new topic says about publishing.

    Source: SNS Developer Guide, "Example cases for Amazon SNS access control": everybody, on condition that
    the owner of the source is the topic's account. CloudWatch meets it for alarms of that account.
    """
    parts = Arn.parse(topic.arn)
    owner = place.account if parts is None else parts.account
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "SNS:Publish",
            "Resource": topic.arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
        }
    }
