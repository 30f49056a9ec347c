"""Where a resource is: partition, account and region, as far as the plan shows.

What it does not show is a placeholder, the same for whatever is certainly in the same place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sg_alarm.readers.plan.instances import Instance, Plan
from sg_alarm.rule.arn import Arn, is_opaque

_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")

# Resources whose `arn` is their own; that of a topic policy, say, is an argument.
_HAVE_ARNS = (
    "aws_cloudtrail",
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_metric_alarm",
    "aws_kms_key",
    "aws_sns_topic",
    "aws_sns_topic_subscription",
)

# Data that the provider looks up by name, so in its own account and region.
_LOOKED_UP = ("aws_cloudwatch_log_group", "aws_kms_alias", "aws_sns_topic")

# Settings of the provider that decide in which account it works.
_CREDENTIALS = (
    "access_key",
    "secret_key",
    "token",
    "profile",
    "assume_role",
    "assume_role_with_web_identity",
    "shared_config_files",
    "shared_credentials_files",
)

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov", "us-iso": "aws-iso", "us-isob": "aws-iso-b"}


@dataclass(frozen=True)
class Where:
    """A partition, account and region."""

    partition: str
    account: str
    region: str


class Places:
    """The places of a plan's resources, by the provider that makes them."""

    def __init__(self, plan: Plan, account: str | None) -> None:
        self._plan = plan
        keys = {one.provider for one in plan.instances} | set(plan.providers)
        credentials = {key: self._credentials(key) for key in keys}
        accounts: dict[str, str | None] = {}
        for group in sorted(set(credentials.values())):
            accounts[group] = _only(
                found for key in keys if credentials[key] == group for found in self._accounts(key)
            )
        self._providers = {
            key: self._where(key, accounts[credentials[key]] or account or _placeholder(credentials[key]))
            for key in sorted(keys)
        }

    @property
    def default(self) -> Where:
        """Where the root module's provider works."""
        named = [where for key, where in self._providers.items() if key in ("aws", "")]
        return (named or list(self._providers.values()) or [Where("aws", "${account}", "${region}")])[0]

    def of(self, instance: Instance) -> Where:
        """Return where a resource is."""
        own = _own_arn(instance)
        if own is not None:
            return Where(own.partition, own.account, own.region)
        where = self._providers[instance.provider]
        region = instance.get("region")  # provider 6 on
        if isinstance(region, str) and _REGION.fullmatch(region):
            return Where(_partition(region) or where.partition, where.account, region)
        return where

    def _where(self, key: str, account: str) -> Where:
        region = self._region(key) or f"${{region of provider {key or 'aws'}}}"
        partition = _partition(region) or _only(
            value
            for one in self._plan.of_type("aws_partition", mode="data")
            if one.provider == key and isinstance(value := one.get("partition"), str)
        )
        return Where(partition or "${partition}", account, region)

    def _region(self, key: str) -> str | None:
        """Return the region: as the provider itself said, as configured, or as of what is there already."""
        said = [
            value
            for one in self._plan.of_type("aws_region", mode="data")
            for name in ("region", "id", "name")
            if one.provider == key and isinstance(value := one.get(name), str)
        ]
        configured = self._constant(key, "region")
        there = [own.region for one in self._plan.instances if one.provider == key and (own := _own_arn(one))]
        for found in (said, [configured] if isinstance(configured, str) else [], there):
            region = _only(one for one in found if _REGION.fullmatch(one))
            if region is not None:
                return region
        return None

    def _accounts(self, key: str) -> Iterable[str]:
        for one in self._plan.instances:
            own = _own_arn(one)
            if one.provider == key and own is not None:
                yield own.account
            if one.provider == key and (one.mode, one.type) == ("data", "aws_caller_identity"):
                said = one.get("account_id")
                if isinstance(said, str):
                    yield said
        roles = self._plan.providers.get(key, {}).get("expressions", {}).get("assume_role", [])
        for role in roles if isinstance(roles, list) else []:
            named = self._plan.constant(role.get("role_arn"))
            assumed = Arn.parse(named) if isinstance(named, str) else None
            if assumed is not None and _ACCOUNT.fullmatch(assumed.account):
                yield assumed.account
        allowed = self._constant(key, "allowed_account_ids")
        if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
            yield allowed[0]

    def _constant(self, key: str, name: str) -> Any:
        provider = self._plan.providers.get(key, {})
        expression = provider.get("expressions", {}).get(name)
        return self._plan.constant(expression, provider.get("module_address", ""))

    def _credentials(self, key: str) -> str:
        """Return what distinguishes accounts: providers that sign in alike work in the same."""
        provider = self._plan.providers.get(key, {})
        expressions: Mapping[str, Any] = provider.get("expressions", {})
        used = {name: expressions[name] for name in _CREDENTIALS if name in expressions}
        if not used:
            return ""
        return json.dumps([used, provider.get("module_address", "") if "references" in str(used) else ""])


def _own_arn(instance: Instance) -> Arn | None:
    if instance.type not in (_LOOKED_UP if instance.mode == "data" else _HAVE_ARNS):
        return None
    arn = instance.get("arn")
    own = Arn.parse(arn) if isinstance(arn, str) else None
    return own if own and _ACCOUNT.fullmatch(own.account) else None


def _only(values: Iterable[str]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _partition(region: str) -> str | None:
    """Return the partition of a region. Source: AWS General Reference, "AWS partitions"."""
    if is_opaque(region):
        return None
    return _PARTITIONS.get(region.rsplit("-", 2)[0], "aws")


def _placeholder(credentials: str) -> str:
    if not credentials:
        return "${account}"
    roles = re.findall(r"arn:[^\"]+", credentials)
    return f"${{account of {roles[0]}}}" if roles else f"${{account of {credentials}}}"
