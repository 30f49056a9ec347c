"""EventBridge: recorded calls on the default bus, and rules whose target is a topic.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

import copy
import json
import logging
import re
from datetime import datetime, timezone
from typing import Any

from moto.events.models import events_backends

from sg_alarm.local_aws import queues
from sg_alarm.local_aws.bridge.clock import CLOCK
from sg_alarm.local_aws.bridge.patches import PATCHES, guarded
from sg_alarm.local_aws.bridge.publishing import NotPublishedError, publish

Json = dict[str, Any]

DETAIL_TYPE = "AWS API Call via CloudTrail"
_SERVICES = {"monitoring": "cloudwatch"}
"""Where an event's source is not named as the endpoint of the service."""
_READS = ("Describe", "Get", "List")

_LOG = logging.getLogger(__name__)


@guarded
def deliver(recorded: Json) -> None:
    """Put a recorded call on the default bus of its account and region. Calls that only read stay away."""
    if recorded["eventName"].startswith(_READS):
        return
    account, region = recorded["recipientAccountId"], recorded["awsRegion"]
    service = recorded["eventSource"].partition(".")[0]
    event = {
        "version": "0",
        "id": recorded["eventID"],
        "detail-type": DETAIL_TYPE,
        "source": f"aws.{_SERVICES.get(service, service)}",
        "account": account,
        "time": CLOCK.time(),  # moto's events carry seconds until they are written
        "region": region,
        "resources": [],
        "detail": json.loads(json.dumps(recorded, default=str)),
        "ingestion-time": CLOCK.time(),
    }
    for rule in list(events_backends[account][region].event_buses["default"].rules.values()):
        send(rule, event)


@guarded
def send(rule: Any, event: Json) -> None:
    """Send an event through a rule; what is wrong with one rule is none of the others'."""
    rule.send_to_targets(copy.deepcopy(event))


@PATCHES.replaces("moto.events.models:Rule.send_to_targets")
def topics_are_targets_too(original: Any, rule: Any, event: Json, transform_input: bool = True) -> None:
    """Publish to the topics among a rule's targets; moto does the others.

    Disabled rules send nothing, nor do those that have a schedule only. A queue has to let the rule in.
    """
    if rule.state == "DISABLED" or (rule.scheduled_expression and not rule.event_pattern.get_pattern()):
        return
    topics = [target for target in rule.targets if target["Arn"].split(":")[2] == "sns"]
    if topics and rule.event_pattern.matches_event(event):
        for target in topics:
            _publish(rule, target, event)
    others = copy.copy(rule)
    others.targets = [
        target
        for target in rule.targets
        if target not in topics
        and (target["Arn"].split(":")[2] != "sqs" or queues.admits(target["Arn"], "events", rule.arn))
    ]
    original(others, event, transform_input)


@guarded
def _publish(rule: Any, target: Json, event: Json) -> None:
    published = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(event["time"], int | float):
        moment = datetime.fromtimestamp(event["time"], timezone.utc)
        published["time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        publish(
            target["Arn"],
            target_input(target, published, rule),
            None,
            service="events",
            source=rule.arn,
            context={"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id},
            # Not documented to be passed on to KMS; SNS's guide says such conditions do not work here.
            key_context={},
        )
    except NotPublishedError as error:
        _LOG.warning("rule %s: %s", rule.name, error)  # AWS counts it in FailedInvocations and says no more


def target_input(target: Json, event: Json, rule: Any) -> str:
    """Return what a target gets: the event, a part of it, a constant, or what a template makes of it."""
    transformer = target.get("InputTransformer")
    if transformer:
        values = {name: _at(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
        values |= {
            "aws.events.rule-arn": rule.arn,
            "aws.events.rule-name": rule.name,
            "aws.events.event": event,
            "aws.events.event.json": event,
            "aws.events.event.ingestion-time": event.get("time"),
        }
        return transform(transformer["InputTemplate"], values)
    if target.get("Input"):
        return str(target["Input"])
    found = _at(event, target["InputPath"]) if target.get("InputPath") else event
    return json.dumps(found, separators=(",", ":"), default=str)


_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def _at(event: Json, path: str) -> Any:
    """Return what a path such as ``$.detail.items[0].name`` points at; None for nothing."""
    found: Any = event
    for name, index in _STEP.findall(path.removeprefix("$")):
        if name:
            found = found.get(name) if isinstance(found, dict) else None
        else:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
    return found


_PART = re.compile(r'\\.|"|<([A-Za-z0-9_.-]+)>', re.DOTALL)


def transform(template: str, values: Json) -> str:
    """Fill the variables of an input template in; one that has no value is left out.

    Within quotes a variable is text; outside it is JSON. The quotes of a text template stay, as AWS sends
    them. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    quoted = False

    def fill(found: re.Match[str]) -> str:
        nonlocal quoted
        if found[1] is None:
            quoted ^= found[0] == '"'
            return found[0]
        if found[1] not in values:
            return found[0]  # no variable
        value = values[found[1]]
        if value is None:
            return ""
        if not quoted:
            return json.dumps(value, ensure_ascii=False)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return json.dumps(text, ensure_ascii=False)[1:-1]

    return _PART.sub(fill, template)
