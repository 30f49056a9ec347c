"""Whether the alarm's message gets into the topic: action, topic policy, key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sg_alarm.rule.arn import Arn, is_opaque
from sg_alarm.rule.links.checks import Check, cannot_tell, check, failed, finding, is_set, not_found
from sg_alarm.rule.lookup import Missing, find_key
from sg_alarm.rule.model import Deployment, Key, Place, Topic
from sg_alarm.rule.policy import Source, allows, request
from sg_alarm.rule.verdict import Finding, Link
from sg_alarm.unknown import Unknown

_AWS_MANAGED_KEY = "alias/aws/sns"
# Actions that do something to resources and tell nobody: CloudWatch User Guide, "Alarm actions".
_TELLS_NOBODY = frozenset({"automate", "autoscaling", "swf"})


def judge_action(acting: Check, resource: str, action: str, place: Place, home: Place | None) -> Finding:
    """Judge one action of an alarm in ``place`` that acts as ``acting`` says; ``home`` has its topic."""
    return finding(
        Link.ACTION, resource, (acting, _target(action, place, home)), f"the alarm notifies {action}"
    )


def is_topic(action: str) -> bool:
    """Whether the action names a topic by its ARN."""
    parts = Arn.parse(action)
    return parts is not None and parts.service == "sns"


def _target(action: str, place: Place, home: Place | None) -> Check:
    parts = Arn.parse(action)
    region = home.region if home is not None else parts.region if parts is not None else None
    if region is not None and (parts is None or parts.service == "sns"):
        return check(
            region == place.region or (None if is_opaque(region + place.region) else False),
            f"the topic is in {region}, the alarm in {place.region}: an alarm notifies topics of its own "
            "region only",
            "name a topic in the alarm's region",
        )
    if parts is None:
        return cannot_tell(f"the action {action} is not in this view")
    if parts.service in _TELLS_NOBODY:
        return failed(f"the action {action} tells nobody", "add a topic to the alarm actions")
    return cannot_tell(
        f"cannot tell whom the action {action} tells",
        "add a topic with a confirmed subscription to the actions",
    )


def judge_topic(source: Source, arn: str, found: tuple[Place, Topic] | Missing) -> Finding:
    """Judge whether the topic exists and lets the source publish."""
    if isinstance(found, Missing):
        return finding(Link.TOPIC, arn, (not_found(found),))
    return finding(Link.TOPIC, arn, _topic_checks(source, *found), f"the topic lets {source.service} publish")


def _topic_checks(source: Source, place: Place, topic: Topic) -> Iterator[Check]:
    if topic.arn.endswith(".fifo"):
        yield cannot_tell(
            "whether an alarm can publish to a FIFO topic is not documented", "use a standard topic"
        )
    if isinstance(topic.policy, Unknown):
        yield cannot_tell(f"the topic's policy is unknown: {topic.policy.reason}")
        return
    policy = default_policy(place, topic) if topic.policy is None else topic.policy
    yield check(
        allows(policy, request(source, "sns:Publish", topic.arn)),
        f"the topic's policy does not let {source.service} publish",
        f"allow sns:Publish to {source.service} in the topic's policy",
        f"cannot tell whether the topic's policy lets {source.service} publish: it hangs on what is unknown",
    )


def default_policy(place: Place, topic: Topic) -> Mapping[str, object]:
    """Return what the policy that SNS gives every new topic says about publishing.

    Source: SNS Developer Guide, "Example cases for Amazon SNS access control": everybody, on condition that
    the owner of the source is the topic's account. CloudWatch fulfils it for alarms of that account.
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


def judge_key(deployment: Deployment, source: Source, place: Place, topic: Topic) -> Finding | None:
    """Judge whether the source may use the key of an encrypted topic; ``None`` without encryption.

    Source: SNS Developer Guide, "Key management", "Enable compatibility between event sources from AWS
    services and encrypted topics".
    """
    name = topic.kms_key
    if isinstance(name, Unknown):
        one = cannot_tell(f"whether the topic is encrypted, and with which key, is unknown: {name.reason}")
        return finding(Link.KEY, topic.arn, (one,))
    if not name:
        return None
    if name.endswith(_AWS_MANAGED_KEY):
        return finding(Link.KEY, name, (_managed(source),))
    found = find_key(deployment, place, name)
    if isinstance(found, Missing):
        return finding(Link.KEY, name, (not_found(found),))
    key = found[1]
    return finding(
        Link.KEY, key.arn, _key_checks(source, key, topic), f"the topic's key lets {source.service} use it"
    )


def _managed(source: Source) -> Check:
    return failed(
        f"the topic is encrypted with the AWS managed key, which {source.service} cannot use: messages are "
        "lost silently",
        f"encrypt the topic with a customer key whose policy allows {source.service} kms:Decrypt and "
        "kms:GenerateDataKey*",
    )


def _key_checks(source: Source, key: Key, topic: Topic) -> Iterator[Check]:
    if isinstance(key.manager, Unknown):
        yield cannot_tell(f"who manages the key is unknown: {key.manager.reason}")
    elif key.manager == "AWS":
        yield _managed(source)
        return
    yield is_set(
        key.state, "Enabled", "the key's state", f"the key is {key.state}", "enable the key, or use another"
    )
    if isinstance(key.policy, Unknown):
        yield cannot_tell(f"the key's policy is unknown: {key.policy.reason}")
        return
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        asked = request(source, action, key.arn, {"kms:encryptioncontext:aws:sns:topicarn": topic.arn})
        yield check(
            allows(key.policy, asked),
            f"the key's policy does not let {source.service} use {action}",
            f"allow kms:Decrypt and kms:GenerateDataKey* to {source.service} in the key's policy",
            f"cannot tell whether the key's policy lets {source.service} use {action}: it hangs on what is "
            "unknown",
        )
