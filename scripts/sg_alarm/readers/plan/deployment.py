"""From a plan to deployments: what belongs together, and what lies outside the plan.

What the plan refers to and does not hold is neither missing nor right: its settings are ``Unknown``. Only
the trail is ``Assumed`` in a plan without one, as most keep the trail elsewhere; the chain is then judged
from the filter on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sg_alarm.alarms import MetricTransformation
from sg_alarm.readers.plan.document import no_plan
from sg_alarm.readers.plan.instances import Instance, Plan
from sg_alarm.readers.plan.places import Places, Where
from sg_alarm.readers.plan.references import Source, single_source
from sg_alarm.readers.plan.view import (
    KEY,
    KEY_TYPES,
    LOG_GROUP,
    ROLE,
    ROLE_NAME,
    RULE_NAME,
    TARGET,
    TOPIC,
    View,
)
from sg_alarm.readers.terraform_shapes import (
    alarm,
    event_selectors,
    fed_from_outside,
    json_object,
    metric_filter,
)
from sg_alarm.rule.arn import Arn, is_opaque, without_streams
from sg_alarm.rule.model import (
    Delivery,
    Deployment,
    EventRule,
    Json,
    Key,
    LogGroup,
    Place,
    Subscription,
    Topic,
    Trail,
)
from sg_alarm.unknown import Assumed, Unknown

OTHER_REGIONS = "every other region"
"""Stands for the regions that a plan does not name: changes there must be told, too."""

_OUTSIDE = "it is not part of this plan"
_ALARM_TYPES = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")


@dataclass(frozen=True)
class PlanReading:
    """What a plan would leave behind.

    There is a deployment for each account with a trail, a metric filter or an alarm. ``addresses`` tell for
    the texts that stand for resources in them the addresses in the plan.
    """

    deployments: tuple[Deployment, ...]
    addresses: Mapping[str, str]


def reading(document: Mapping[str, Any], account: str | None, regions: Sequence[str]) -> PlanReading:
    """Read a plan; raises ``UserError`` for a document that is built otherwise than Terraform's."""
    try:
        plan = Plan(document)
    except (AttributeError, KeyError, TypeError) as error:
        raise no_plan("this") from error
    places = Places(plan, account)
    assembly = _Assembly(View(plan, places), places.default, regions)
    return PlanReading(assembly.deployments(), assembly.addresses())


class _Assembly:
    """Puts the resources of one plan together."""

    def __init__(self, view: View, default: Where, regions: Sequence[str]) -> None:
        self._view = view
        self._plan = view.plan
        self._default = default
        self._regions = regions
        self._trails = tuple(self._trail(one) for one in self._plan.of_type("aws_cloudtrail"))
        self._filters = [
            (where, metric_filter(view.resource(one, where)))
            for one in self._of("log_metric_filter")
            for where in [self._where_filter(one)]
        ]
        self._alarms = [
            (view.where(one), alarm(view.resource(one))) for one in self._plan.of_type(*_ALARM_TYPES)
        ]
        self._topics = [(view.where(one), self._topic(one)) for one in self._plan.of_type("aws_sns_topic")]
        self._keys = [(view.where(one), self._key(one)) for one in self._plan.of_type(*KEY_TYPES)]
        self._rules = [(view.where(one), self._rule(one)) for one in self._of("event_rule")]
        self._groups = [
            (
                view.where(one),
                LogGroup(view.arn(one), view.computed(one, "log_group_class", "STANDARD") or "STANDARD"),
            )
            for one in self._of("log_group")
        ]

    def _of(self, kind: str) -> list[Instance]:
        return self._plan.of_type(f"aws_cloudwatch_{kind}")

    def deployments(self) -> tuple[Deployment, ...]:
        """Return the deployments."""
        here = dict.fromkeys(
            where
            for where, _ in (
                *self._groups,
                *self._filters,
                *self._alarms,
                *self._topics,
                *self._keys,
                *self._rules,
                *((self._view.where(one), one) for one in self._plan.of_type("aws_cloudtrail")),
            )
        ) or {self._default: None}
        self._add_outside(list(here))
        trails = self._all_trails()
        places = tuple(self._place(where) for where in here)
        judged = dict.fromkeys(
            where.account
            for where in (
                *(self._view.where(one) for one in self._plan.of_type("aws_cloudtrail")),
                *(where for where, _ in (*self._filters, *self._alarms)),
            )
        ) or {next(iter(here)).account: None}
        return tuple(
            Deployment(
                account,
                tuple(self._regions)
                or (*dict.fromkeys(one.region for one in places if one.account == account), OTHER_REGIONS),
                trails,
                places,
                next(where.partition for where in here if where.account == account),
            )
            for account in judged
        )

    def addresses(self) -> dict[str, str]:
        """Return the addresses of all resources by the texts that stand for them."""
        found = {self._view.arn(one): one.address for one in self._plan.instances if one.mode == "managed"}
        for _, one in self._filters:
            if isinstance(metric := one.transformation, MetricTransformation):
                found.setdefault(f"{metric.namespace}/{metric.name}", one.address)
        return found

    def _all_trails(self) -> tuple[Trail, ...] | Unknown:
        if self._trails or any(group.trail for _, group in self._groups):
            return self._trails
        if self._groups:
            return Unknown("no trail is part of this plan; one elsewhere may deliver to its log groups")
        return ()

    def _place(self, where: Where) -> Place:
        def at(found: Iterable[tuple[Where, Any]]) -> tuple[Any, ...]:
            return tuple(thing for place, thing in found if place == where)

        return Place(
            where.account,
            where.region,
            log_groups=at(self._groups),
            metric_filters=at(self._filters),
            alarms=at(self._alarms),
            mute_rules=Assumed("a plan does not show mute rules"),
            topics=at(self._topics),
            keys=at(self._keys),
            event_rules=at(self._rules),
        )

    def _add_outside(self, here: Sequence[Where]) -> None:
        """Add what the plan names and does not hold, as far as it would be in a place that the plan knows."""
        found = {without_streams(group.arn) for _, group in self._groups}
        read = {
            without_streams(self._view.arn(one))
            for one in self._plan.of_type("aws_cloudwatch_log_group", mode="data")
        }
        trail = fed_from_outside(self._trails, "plan")
        delivered = [one.log_group_arn for one in self._trails]
        for arn in (*(one.log_group_arn for _, one in self._filters), *delivered):
            if isinstance(arn, str) and without_streams(arn) not in found:
                found.add(without_streams(arn))
                exists = without_streams(arn) in read or Assumed("the log group is not part of this plan")
                group = LogGroup(without_streams(arn), exists=exists, trail=trail)
                self._groups.extend((where, group) for where in here if _is_in(arn, where))
        topics = {topic.arn for _, topic in self._topics}
        notified = (
            action
            for _, alarm in self._alarms
            if not isinstance(alarm.alarm_actions, Unknown)
            for action in alarm.alarm_actions
        )
        targets = (
            target
            for _, rule in self._rules
            if not isinstance(rule.targets, Unknown)
            for target in rule.targets
        )
        for action in (*notified, *targets):
            parts = Arn.parse(action) if isinstance(action, str) else None
            if isinstance(action, str) and parts and parts.service == "sns" and action not in topics:
                topics.add(action)
                self._topics.extend(
                    (where, self._topic_outside(action)) for where in here if _is_in(action, where)
                )
        for where, topic in list(self._topics):
            if isinstance(topic.kms_key, str) and topic.kms_key:
                self._add_key(where, topic.kms_key, here)

    def _topic_outside(self, arn: str) -> Topic:
        unknown = Unknown(_OUTSIDE)
        others = Subscription(
            f"{arn}:${{subscriptions that are not part of this plan}}", unknown, unknown, unknown, unknown
        )
        return Topic(arn, unknown, unknown, (*self._subscriptions(arn), others))

    def _add_key(self, where: Where, name: str, here: Sequence[Where]) -> None:
        """Add the key that a topic names, unless the plan has it, or it is AWS's own."""
        if name.endswith("alias/aws/sns"):
            return
        parts = Arn.parse(name)
        resource = parts.resource if parts else name if name.startswith("alias/") else f"key/{name}"
        home = next((one for one in here if _is_in(name, one)), None) if parts else where
        if home is None:
            return
        is_alias = resource.startswith("alias/")
        for place, key in self._keys:
            if place == home and (resource in key.aliases or key.arn == home.arn("kms", resource)):
                return
        told = self._told_of_key(name, home, resource)
        arn = told.get("arn") or home.arn("kms", f"key/${{{resource}}}" if is_alias else resource)
        key = Key(
            arn,
            Unknown(_OUTSIDE),
            (resource,) if is_alias else (),
            state=told.get("key_state") or Assumed("the key is not part of this plan"),
            manager=told.get("key_manager") or Unknown(_OUTSIDE),
        )
        self._keys.append((home, key))

    def _told_of_key(self, name: str, home: Where, resource: str) -> Mapping[str, Any]:
        """Return what Terraform read of a key."""
        for one in self._plan.of_type("aws_kms_key", mode="data"):
            told = {attribute: one.get(attribute) for attribute in ("arn", "key_state", "key_manager")}
            if name in (told["arn"], one.get("key_id"), one.get("id")) or told["arn"] == home.arn(
                "kms", resource
            ):
                return {key: value for key, value in told.items() if isinstance(value, str)}
        return {}

    # Trail and log group

    def _trail(self, one: Instance) -> Trail:
        group = self._view.text(one, ("cloud_watch_logs_group_arn",), LOG_GROUP)
        role = self._view.text(one, ("cloud_watch_logs_role_arn",), ROLE)
        home = one.get("home_region")
        return Trail(
            self._view.arn(one),
            home_region=home if isinstance(home, str) and home else self._view.where(one).region,
            log_group_arn=group or None,
            role_arn=role or None,
            is_logging=self._view.computed(one, "enable_logging", True),
            is_multi_region=self._view.computed(one, "is_multi_region_trail", False),
            is_organization=self._view.computed(one, "is_organization_trail", False),
            event_selectors=event_selectors(self._view.resource(one)),
            delivery=self._delivery(one),
        )

    def _delivery(self, trail: Instance) -> Delivery | Unknown | Assumed:
        named = trail.get("cloud_watch_logs_role_arn")
        roles = self._plan.of_type("aws_iam_role")
        if isinstance(named, Unknown):
            source = single_source(self._plan, trail, ("cloud_watch_logs_role_arn",), ROLE)
            role = source.instance if isinstance(source, Source) else None
        else:
            role = next((one for one in roles if self._view.arn(one) == named), None)
        if role in roles and role is not None and not self._has_policy(role):
            return Unknown("nothing in this plan lets the trail's role write to the log group")
        return Assumed("only the account shows whether the trail's role may write to the log group")

    def _has_policy(self, role: Instance) -> bool:
        if any(
            role.values.get(name) or name in role.expressions
            for name in ("inline_policy", "managed_policy_arns")
        ):
            return True
        for one in self._plan.of_type(
            "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_role_policies_exclusive"
        ):
            argument = "role_name" if one.type == "aws_iam_role_policies_exclusive" else "role"
            if self._view.text(one, (argument,), ROLE_NAME) == self._view.name(role):
                return True
        return any(
            self._view.name(role) in self._view.texts(one, ("roles",), ROLE_NAME)
            for one in self._plan.of_type("aws_iam_policy_attachment")
        )

    def _where_filter(self, one: Instance) -> Where:
        """Return where a metric filter is: a state tells of it only by the log group's name."""
        where = self._view.where(one)
        if self._plan.is_state and is_opaque(where.region + where.account):
            name = one.get("log_group_name")
            homes = {self._view.where(group) for group in self._of("log_group") if group.get("name") == name}
            if len(homes) == 1:
                return homes.pop()
        return where

    # Topic and key

    def _topic(self, one: Instance) -> Topic:
        arn = self._view.arn(one)
        return Topic(
            arn,
            policy=self._attached(one, arn, "aws_sns_topic_policy", "arn", TOPIC),
            kms_key=self._view.text(one, ("kms_master_key_id",), KEY) or None,
            subscriptions=self._subscriptions(arn),
        )

    def _attached(
        self, one: Instance, arn: str, kind: str, argument: str, what: Any
    ) -> Json | Unknown | None:
        """Return the policy of a topic or key: that of a resource of its own, else the one written inline.

        ``None`` is the default policy.
        """
        for policy in self._plan.of_type(kind):
            named = self._view.text(policy, (argument,), what)
            if named == arn or (isinstance(named, str) and named and arn.endswith(f":key/{named}")):
                return self._view.policy(policy)
            if isinstance(named, Unknown) and self._view.where(policy) == self._view.where(one):
                return Unknown(f"{policy.address} may be its policy: {named.reason}")
        if "policy" not in one.expressions and (
            isinstance(one.get("policy"), Unknown) or self._loses(arn, kind)
        ):
            return None
        return self._view.policy(one)

    def _loses(self, arn: str, kind: str) -> bool:
        """Whether the plan takes the attached policy away, which brings the default one back."""
        for address, change in self._plan.changes.items():
            before = change.get("before") or {}
            if change.get("actions") == ["delete"] and f"{kind}." in str(address):
                key = before.get("key_id")
                if before.get("arn") == arn or (key and arn.endswith(str(key))):
                    return True
        return False

    def _subscriptions(self, topic: str) -> tuple[Subscription, ...]:
        found = []
        for one in self._plan.of_type("aws_sns_topic_subscription"):
            named = self._view.text(one, ("topic_arn",), TOPIC)
            confirmed = self._confirmed(one)
            if isinstance(named, Unknown):
                confirmed = Unknown(f"whether it is a subscription of this topic is {named.reason}")
            elif named != topic:
                continue
            arn = one.get("arn")
            found.append(
                Subscription(
                    arn if isinstance(arn, str) and arn else one.address,
                    protocol=one.get("protocol"),
                    endpoint=one.get("endpoint"),
                    confirmed=confirmed,
                    filter_policy=json_object(one.get("filter_policy")),
                    filter_policy_scope=self._view.computed(one, "filter_policy_scope", "")
                    or "MessageAttributes",
                )
            )
        return tuple(found)

    def _confirmed(self, one: Instance) -> bool | Unknown | Assumed:
        pending = one.get("pending_confirmation")
        if isinstance(pending, bool):
            return not pending
        return Assumed("only the account shows whether the subscription is confirmed")

    def _key(self, one: Instance) -> Key:
        arn = self._view.arn(one)
        policy = self._attached(one, arn, "aws_kms_key_policy", "key_id", KEY)
        enabled = self._view.computed(one, "is_enabled" if "is_enabled" in one.values else "enabled", True)
        return Key(
            arn,
            default_key_policy(self._view.where(one)) if policy is None else policy,
            aliases=tuple(
                self._view.name(alias)
                for alias in self._plan.of_type("aws_kms_alias")
                if self._is_key(self._view.text(alias, ("target_key_id",), KEY), arn)
            ),
            state=_state(enabled),
        )

    def _is_key(self, named: Any, arn: str) -> bool:
        return isinstance(named, str) and (named == arn or arn.endswith(f":key/{named}"))

    def _rule(self, one: Instance) -> EventRule:
        targets = []
        for target in self._of("event_target"):
            rule = self._view.text(target, ("rule",), RULE_NAME)
            same_bus = (target.get("event_bus_name") or "default") == (one.get("event_bus_name") or "default")
            if (
                rule == self._view.name(one)
                and same_bus
                and self._view.where(target) == self._view.where(one)
            ):
                targets.append(self._view.text(target, ("arn",), TARGET))
        state = self._view.computed(one, "state", None)
        if state is None:
            enabled = self._view.computed(one, "is_enabled", True)
            state = enabled if isinstance(enabled, Unknown) else "ENABLED" if enabled else "DISABLED"
        return EventRule(
            self._view.arn(one),
            event_pattern=json_object(one.get("event_pattern")),
            targets=tuple(targets),
            state=state,
        )


def default_key_policy(where: Where) -> Json:
    """Return the policy that KMS gives a new key: the account's IAM policies decide, no service may use it.

    Source: KMS Developer Guide, "Default key policy".
    """
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{where.partition}:iam::{where.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    }


def _state(enabled: Any) -> str | Unknown | Assumed:
    if isinstance(enabled, Unknown):
        return enabled
    return Assumed("only the account shows the key's state") if enabled else "Disabled"


def _is_in(arn: str, where: Where) -> bool:
    parts = Arn.parse(arn)
    return parts is not None and (parts.account, parts.region) == (where.account, where.region)
