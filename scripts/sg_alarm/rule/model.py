"""The deployment that the rule judges: what a reader found, plain and frozen.

What a reader could not learn is :class:`~sg_alarm.unknown.Unknown` with the reason; what lies outside its
view and is taken to be right is :class:`~sg_alarm.unknown.Outside`; ``None`` means "not set". Alarms and
metric transformations are those of :mod:`sg_alarm.alarms`.

Identifiers are texts: ARNs, or in code that is not yet deployed the address of the resource. A reader names
one thing by one text wherever it is referred to. Parts that it does not know are placeholders in ``${…}``
(see :mod:`sg_alarm.rule.arn`). Regions are names, too; one may stand for several.

Sources: API references of CloudTrail (Trail, GetTrailStatus, EventSelector, AdvancedFieldSelector),
CloudWatch Logs (LogGroup, MetricFilter), SNS (GetTopicAttributes, GetSubscriptionAttributes,
GetEndpointAttributes), SQS (GetQueueAttributes), Firehose (DeliveryStreamDescription), KMS (KeyMetadata),
EventBridge (Rule).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sg_alarm.alarms import Alarm, AlarmMuteRule, MetricTransformation
from sg_alarm.unknown import Outside, Unknown

Json = Mapping[str, Any]
"""A JSON object; any value in it may be ``Unknown``."""


OTHER_REGIONS = "every other region"
"""Stands for the regions that code does not name: changes there must be notified, too."""

_NOT_READ = Unknown("it was not read")


@dataclass(frozen=True)
class EventSelector:
    """A basic event selector; ``read_write_type`` is All, ReadOnly or WriteOnly."""

    read_write_type: str | Unknown = "All"
    include_management_events: bool | Unknown = True
    exclude_management_event_sources: tuple[str, ...] | Unknown = ()


@dataclass(frozen=True)
class FieldSelector:
    """A condition of an advanced event selector on one field of the event."""

    field: str | Unknown
    equals: tuple[str, ...] | Unknown = ()
    not_equals: tuple[str, ...] | Unknown = ()
    starts_with: tuple[str, ...] | Unknown = ()
    not_starts_with: tuple[str, ...] | Unknown = ()
    ends_with: tuple[str, ...] | Unknown = ()
    not_ends_with: tuple[str, ...] | Unknown = ()


@dataclass(frozen=True)
class AdvancedEventSelector:
    """An advanced event selector: an event is selected that meets every field selector."""

    field_selectors: tuple[FieldSelector, ...] | Unknown


@dataclass(frozen=True)
class Delivery:
    """How the delivery to the log group goes, from GetTrailStatus.

    ``latest`` is LatestCloudWatchLogsDeliveryTime in any readable form, ``None`` where nothing was ever
    delivered; ``error`` is LatestCloudWatchLogsDeliveryError, ``None`` or empty for none.
    """

    latest: str | Unknown | None
    error: str | Unknown | None = None


@dataclass(frozen=True)
class Trail:
    """A trail, each once, however many regions show a shadow of it.

    No ``event_selectors`` at all: all management events, as CloudTrail does then. ``role_arn`` is what
    CloudTrail writes to the log group with. ``other_regions`` is set where a trail of one region is one of
    several, so that the regions outside the view may have theirs too.
    """

    arn: str
    home_region: str | Unknown
    log_group_arn: str | Unknown | None
    role_arn: str | Unknown | None
    is_logging: bool | Unknown = True
    is_multi_region: bool | Unknown = True
    is_organization: bool | Unknown = False
    event_selectors: tuple[EventSelector | AdvancedEventSelector, ...] | Unknown = ()
    delivery: Delivery | Unknown = _NOT_READ
    other_regions: Outside | None = None


@dataclass(frozen=True)
class LogGroup:
    """A log group. ``trail`` is set where what writes into it lies, or may lie, outside the view."""

    arn: str
    log_class: str | Unknown = "STANDARD"
    exists: bool | Outside = True
    trail: Unknown | None = None


@dataclass(frozen=True)
class MetricFilter:
    """A metric filter of one log group."""

    name: str
    log_group_arn: str | Unknown
    pattern: str | Unknown
    transformation: MetricTransformation | Unknown | None
    field_selection_criteria: str | Unknown | None = None
    apply_on_transformed_logs: bool | Unknown = False
    address: str = ""


@dataclass(frozen=True)
class Queue:
    """A queue or function that is subscribed; without a policy it lets no topic send to it.

    ``kms_key`` is KmsMasterKeyId of a queue as it is set, see :class:`Topic`.
    """

    policy: Json | Unknown | None = None
    exists: bool = True
    kms_key: str | Unknown | None = None


@dataclass(frozen=True)
class Subscription:
    """A subscription of a topic; ``confirmed`` is ``Outside`` where only an account could show it.

    ``queue`` is ``None`` where the endpoint is neither queue nor function, or was not read. ``existence`` is
    set where it is not known whether the topic has the subscription. An ``endpoint`` of ``None`` is not set.
    ``state`` is DeliveryStreamStatus of a stream, ENABLED or DISABLED of an app, OPTED_IN or OPTED_OUT of a
    phone, and ``role_arn`` what SNS writes to a stream with: empty where there is none, ``None`` where it was
    not read.
    """

    arn: str
    protocol: str | Unknown
    endpoint: str | Unknown | None
    confirmed: bool | Unknown
    filter_policy: Json | Unknown | None = None
    filter_policy_scope: str | Unknown = "MessageAttributes"
    queue: Queue | Unknown | None = None
    existence: Unknown | None = None
    state: str | Unknown | None = None
    role_arn: str | None = None


@dataclass(frozen=True)
class Topic:
    """A topic with its subscriptions.

    ``policy`` ``None`` is the policy that SNS gives every new topic. ``kms_key`` is KmsMasterKeyId as it is
    set: a key's id or ARN, an alias's name or ARN; ``None`` or empty without encryption.
    """

    arn: str
    policy: Json | Unknown | None = None
    kms_key: str | Unknown | None = None
    subscriptions: tuple[Subscription, ...] | Unknown = ()


@dataclass(frozen=True)
class Key:
    """A KMS key: ``aliases`` by name (``alias/…``), ``manager`` CUSTOMER or AWS, ``state`` as KeyState."""

    arn: str
    policy: Json | Unknown
    aliases: tuple[str, ...] = ()
    state: str | Unknown = "Enabled"
    manager: str | Unknown = "CUSTOMER"


@dataclass(frozen=True)
class EventRule:
    """An EventBridge rule of the default bus; ``targets`` are ARNs."""

    arn: str
    event_pattern: Json | Unknown | None
    targets: tuple[str | Unknown, ...] | Unknown
    state: str | Unknown = "ENABLED"


@dataclass(frozen=True)
class Place:
    """What one account has in one region.

    A place that is not in the deployment was not looked into. In one that is, everything that is not listed
    does not exist, bar what is ``Unknown`` as a whole.
    """

    account: str
    region: str
    log_groups: tuple[LogGroup, ...] | Unknown = ()
    metric_filters: tuple[MetricFilter, ...] | Unknown = ()
    alarms: tuple[Alarm, ...] | Unknown = ()
    mute_rules: tuple[AlarmMuteRule, ...] | Unknown = ()
    topics: tuple[Topic, ...] | Unknown = ()
    keys: tuple[Key, ...] | Unknown = ()
    event_rules: tuple[EventRule, ...] | Unknown = ()


@dataclass(frozen=True)
class Reference:
    """An argument of which it is known what it refers to, ``source``, and assumed that it is just that.

    ``link`` and ``resource`` are those of the finding that rests on it.
    """

    link: str
    resource: str
    argument: str
    source: str


@dataclass(frozen=True)
class Deployment:
    """All that bears on whether changes in ``account`` notify somebody.

    ``regions`` are those whose changes must notify. ``trails`` are all that the account sees, its own and
    its organization's. ``places`` may include other accounts and regions, where a trail or an alarm leads
    there. ``all_regions`` is false where the account has regions that were left out. ``read_at`` is when an
    account was read, in ISO 8601 with its offset; empty for what is not deployed. ``elsewhere`` is set for
    code: what is named and not there lies outside it, and why.
    """

    account: str
    regions: tuple[str, ...]
    trails: tuple[Trail, ...] | Unknown
    places: tuple[Place, ...]
    partition: str = "aws"
    all_regions: bool = True
    read_at: str = ""
    elsewhere: Outside | None = None
    references: tuple[Reference, ...] = ()
