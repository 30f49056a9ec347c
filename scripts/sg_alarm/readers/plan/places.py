"""Where a resource is: partition, account and region, as far as the plan shows.

What it does not show is a placeholder, the same for whatever is certainly in the same place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sg_alarm.readers.plan.instances import Instance, Plan
from sg_alarm.rule.arn import Arn, partition_of

_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")

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
        self._made_by: dict[str, list[Instance]] = {key: [] for key in plan.providers}
        for one in plan.instances:
            self._made_by.setdefault(one.provider, []).append(one)
        # Providers that sign in alike work in the same account.
        alike: dict[str, list[str]] = {}
        for key in sorted(self._made_by):
            alike.setdefault(self._credentials(key), []).append(key)
        self._providers: dict[str, Where] = {}
        for credentials, keys in alike.items():
            said = _only(found for key in keys for found in self._accounts(key))
            roles = re.findall(r"arn:[^\"]+", credentials)
            of = f" of {roles[0] if roles else f'provider {keys[0]}'}" if credentials else ""
            for key in keys:
                self._providers[key] = self._where(key, said or account or f"${{account{of}}}")

    @property
    def default(self) -> Where:
        """Where the root module's provider works."""
        named = [where for key, where in self._providers.items() if key in ("aws", "")]
        return (named or list(self._providers.values()) or [Where("aws", "${account}", "${region}")])[0]

    def of(self, instance: Instance) -> Where:
        """Return where a resource is."""
        own = _own_arn(instance)
        where = self._providers[instance.provider]
        if own is not None:
            return Where(own.partition, own.account, own.region or where.region)
        region = instance.get("region")  # provider 6 on
        if isinstance(region, str) and _REGION.fullmatch(region):
            return Where(partition_of(region), where.account, region)
        return where

    def _where(self, key: str, account: str) -> Where:
        if region := self._region(key):
            return Where(partition_of(region), account, region)
        partition = _only(self._said(key, "aws_partition", "partition")) or "${partition}"
        return Where(partition, account, f"${{region of provider {key or 'aws'}}}")

    def _said(self, key: str, type_: str, *names: str) -> Iterator[str]:
        """Yield what a data source says about where the provider works."""
        for one in self._made_by[key]:
            if (one.mode, one.type) == ("data", type_):
                yield from (value for name in names if isinstance(value := one.get(name), str))

    def _region(self, key: str) -> str | None:
        """Return the region: as the provider itself said, as configured, or as of what is there already."""
        configured = self._constant(key, "region")
        there = (own.region for one in self._made_by[key] if (own := _own_arn(one)))
        for found in (
            self._said(key, "aws_region", "region", "id", "name"),
            [configured] if isinstance(configured, str) else [],
            there,
        ):
            region = _only(one for one in found if _REGION.fullmatch(one))
            if region is not None:
                return region
        return None

    def _accounts(self, key: str) -> Iterator[str]:
        yield from (own.account for one in self._made_by[key] if (own := _own_arn(one)))
        yield from self._said(key, "aws_caller_identity", "account_id")
        roles = self._expression(key, "assume_role")
        for role in roles if isinstance(roles, list) else []:
            named = self._plan.constant(role.get("role_arn")) if isinstance(role, dict) else None
            assumed = Arn.parse(named) if isinstance(named, str) else None
            if assumed is not None and _ACCOUNT.fullmatch(assumed.account):
                yield assumed.account
        allowed = self._constant(key, "allowed_account_ids")
        if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
            yield allowed[0]

    def _expression(self, key: str, name: str) -> Any:
        return self._plan.providers.get(key, {}).get("expressions", {}).get(name)

    def _constant(self, key: str, name: str) -> Any:
        module = self._plan.providers.get(key, {}).get("module_address", "")
        return self._plan.constant(self._expression(key, name), module)

    def _credentials(self, key: str) -> str:
        """Return what distinguishes accounts; nothing where all comes from the environment."""
        used = {name: found for name in _CREDENTIALS if (found := self._expression(key, name)) is not None}
        if not used:
            return ""
        module = self._plan.providers[key].get("module_address", "") if "references" in str(used) else ""
        return json.dumps([used, module])


def _own_arn(instance: Instance) -> Arn | None:
    """Return the ARN of a resource; that of a topic policy, say, is an argument and not its own."""
    is_own = instance.type in _LOOKED_UP if instance.mode == "data" else "arn" not in instance.expressions
    arn = instance.get("arn") if is_own else None
    own = Arn.parse(arn) if isinstance(arn, str) else None
    return own if own and _ACCOUNT.fullmatch(own.account) else None


def _only(values: Iterable[str]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
