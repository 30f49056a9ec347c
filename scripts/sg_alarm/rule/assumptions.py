"""What each link makes of what is not known: the one table, for code, plans, templates and accounts alike.

What could not be read, though it should be in view, is UNKNOWN at every link. What lies *outside* the view
(:class:`~sg_alarm.unknown.Outside`) is assumed to be right, and listed, at the links below. What the alarm
counts, and when it fires, is nowhere assumed: that is what is judged. An audit that is ``strict`` takes
nothing to be right that code could show, see :attr:`~sg_alarm.rule.messages.Entry.needs_account`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sg_alarm.rule.messages import CATALOGUE, REFERENCE_ASSUMED, say
from sg_alarm.rule.model import Reference
from sg_alarm.rule.verdict import Argument, Finding, Message, Verdict
from sg_alarm.unknown import Outside, Unknown

ASSUMED: Mapping[str, str] = MappingProxyType(
    {
        # Trail
        "trails-unreadable": "trail-assumed",
        "trail-unclear": "trail-assumed",
        "trail-logging-unknown": "trail-logging-assumed",
        "trail-account-unclear": "trail-account-assumed",
        "trail-regions-unclear": "trail-regions-assumed",
        "trail-selectors-unclear": "trail-selectors-assumed",
        # Log group, and the role and bucket of the trail: AWS refuses a trail that cannot use them
        "log-group-unknown": "log-group-assumed",
        "log-group-unseen": "log-group-assumed",
        "log-group-class-unknown": "log-group-class-assumed",
        "trail-role-unknown": "trail-role-assumed",
        "delivery-unknown": "delivery-assumed",
        # Metric filter
        "metric-filters-unreadable": "",
        "filter-log-group-unknown": "filter-log-group-assumed",
        "filter-pattern-unknown": "",
        "filter-criteria-unknown": "",
        "filter-transformed-unknown": "",
        # Metric and alarm
        "metric-unknown": "",
        "metric-name-unknown": "",
        "alarms-unreadable": "",
        "alarm-unclear": "",
        # Actions
        "actions-enabled-unknown": "",
        "actions-unknown": "actions-assumed",
        "action-unknown": "action-assumed",
        "action-unseen": "action-assumed",
        "mute-rules-unreadable": "mute-rules-assumed",
        # Topic and key
        "topic-unseen": "topic-assumed",
        "topic-policy-unknown": "topic-policy-assumed",
        "topic-policy-unclear": "topic-policy-assumed",
        "encryption-unknown": "key-assumed",
        "key-unseen": "key-assumed",
        "key-manager-unknown": "key-assumed",
        "key-state-unknown": "key-state-assumed",
        "key-policy-unknown": "key-policy-assumed",
        "key-policy-unclear": "key-policy-assumed",
        # Subscription
        "subscriptions-unknown": "subscription-assumed",
        "subscription-unknown": "subscription-assumed",
        "subscription-confirmation-unknown": "subscription-confirmation-assumed",
        "subscription-filter-unknown": "subscription-filter-assumed",
        "queue-policy-unknown": "queue-policy-assumed",
        "queue-policy-unclear": "queue-policy-assumed",
        "queue-encryption-unknown": "queue-key-assumed",
        "queue-key-unseen": "queue-key-assumed",
        "queue-key-manager-unknown": "queue-key-assumed",
        "queue-key-state-unknown": "queue-key-state-assumed",
        "queue-key-policy-unknown": "queue-key-policy-assumed",
        "queue-key-policy-unclear": "queue-key-policy-assumed",
        "subscriber-unknown": "",
        "function-policy-unknown": "function-policy-assumed",
        "function-policy-unclear": "function-policy-assumed",
    }
)
"""By the message of what is not known, the one of what is assumed in its place; empty where nothing is."""


def not_known(id_: str, unknown: Unknown, /, **arguments: Argument) -> Message:
    """Return what is to be said of a value that is not known: ``id_``, or what is assumed in its place."""
    if isinstance(unknown, Outside) and ASSUMED[id_]:
        said = CATALOGUE[ASSUMED[id_]].evidence
        named = {name: value for name, value in arguments.items() if f"{{{name}}}" in said}
        return say(ASSUMED[id_], reason=unknown.reason, **named)
    remedy = {"remedy": unknown.remedy} if unknown.remedy else {}
    return say(id_, reason=unknown.reason, **arguments, **remedy)


def referring(findings: tuple[Finding, ...], references: Sequence[Reference]) -> tuple[Finding, ...]:
    """Return the findings; those that pass say which references they rest on."""
    if not references:
        return findings
    by_place: dict[tuple[str, str], list[Reference]] = {}
    for one in references:
        by_place.setdefault((one.link, one.resource), []).append(one)
    return tuple(_resting(one, by_place.get((one.link.value, one.resource), ())) for one in findings)


def _resting(finding: Finding, references: Iterable[Reference]) -> Finding:
    id_ = REFERENCE_ASSUMED.get(finding.link)
    said = tuple(say(id_, argument=one.argument, source=one.source) for one in references) if id_ else ()
    if not said or finding.verdict is not Verdict.PASS:
        return finding
    return replace(finding, evidence=(*finding.evidence, *said), assumed=True)


def strictly(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with what rests on an assumption UNKNOWN, unless only an account could show it."""
    return tuple(
        replace(one, verdict=Verdict.UNKNOWN, evidence=doubtful)
        if one.verdict is Verdict.PASS and (doubtful := tuple(filter(_is_doubtful, one.evidence)))
        else one
        for one in findings
    )


def _is_doubtful(message: Message) -> bool:
    entry = CATALOGUE[message.id]
    return entry.assumed and not entry.needs_account
