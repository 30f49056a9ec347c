"""The accounts of an organization and where they stand in it, from AWS Organizations.

Sources: AWS Organizations API Reference, ListAccounts, ListAccountsForParent,
ListOrganizationalUnitsForParent. Only the management account and delegated administrators may list accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sg_alarm.aws import DENIED, Aws, as_user_error
from sg_alarm.errors import UserError
from sg_alarm.organization.model import UNKNOWN_UNIT, Account, Organization, Unit
from sg_alarm.rule.cleaning import one_line

ACTIONS = (
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
)
"""The IAM actions that listing needs."""


_CONCURRENCY = 8  # AWS Organizations allows about so many of these calls a second


def read_organization(aws: Aws, concurrency: int = _CONCURRENCY) -> Organization:
    """List the accounts of the caller's organization. Raises ``UserError`` where that is not possible.

    Where the organizational units may not be listed, accounts have an unknown one.
    """
    from botocore.exceptions import ClientError

    client = aws.client("organizations")
    with as_user_error():
        try:
            found = client.describe_organization()["Organization"]
            accounts = list(_pages(client.list_accounts, "Accounts"))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "AWSOrganizationsNotInUseException":
                raise UserError("the account is in no organization", "leave out --organization") from error
            if code in DENIED:
                raise UserError(
                    f"no permission for {error.operation_name}: the organization's accounts cannot be listed",
                    "use the management account or a delegated administrator, and allow "
                    f"organizations:{error.operation_name}",
                ) from error
            raise
        try:
            units = dict(_units(client, min(concurrency, _CONCURRENCY)))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") not in DENIED:
                raise
            units = {}
    unknown = Unit((UNKNOWN_UNIT,), ())
    return Organization(
        found["Id"],
        found["MasterAccountId"],
        tuple(
            # Status gives way to State, which newer versions of boto3 know.
            Account(
                one["Id"],
                one_line(one["Name"]),
                one.get("State") or one["Status"],
                units.get(one["Id"], unknown),
            )
            for one in accounts
        ),
    )


def _units(client: Any, concurrency: int) -> Iterator[tuple[str, Unit]]:
    """Yield account and unit: a walk over the units takes fewer calls than asking each account's parents."""

    def children(unit: Unit) -> tuple[list[str], list[Unit]]:
        here = {"ParentId": unit.ids[-1]}
        accounts = _pages(client.list_accounts_for_parent, "Accounts", **here)
        below = _pages(client.list_organizational_units_for_parent, "OrganizationalUnits", **here)
        return (
            [account["Id"] for account in accounts],
            [Unit((*unit.names, one_line(one["Name"])), (*unit.ids, one["Id"])) for one in below],
        )

    level = [Unit((root["Name"],), (root["Id"],)) for root in _pages(client.list_roots, "Roots")]
    with ThreadPoolExecutor(concurrency) as pool:
        while level:
            found = list(pool.map(children, level))
            for unit, (accounts, _) in zip(level, found, strict=True):
                yield from ((account, unit) for account in accounts)
            level = [one for _, below in found for one in below]


def _pages(call: Callable[..., Any], result: str, **arguments: str) -> Iterator[dict[str, Any]]:
    while True:
        answer = call(**arguments)
        yield from answer[result]
        if not answer.get("NextToken"):
            return
        arguments["NextToken"] = answer["NextToken"]


def chosen(
    organization: Organization, include: Sequence[str], exclude: Sequence[str], units: Sequence[str]
) -> tuple[Account, ...]:
    """Return the accounts wanted: those named and those below the units, or all; without those excluded.

    A unit is named by its id, its name or the end of its path. Raises ``UserError`` for what does not exist.
    """
    known = {account.id for account in organization.accounts}
    if strange := next((one for one in (*include, *exclude) if one not in known), None):
        raise UserError(f"the organization has no account {strange}", "accounts are named by their number")
    for unit in units:
        if not any(_is_below(account, unit) for account in organization.accounts):
            raise UserError(
                f"no account is below an organizational unit {unit}", "name it by id, name or path"
            )
    wanted: Iterable[Account] = organization.accounts
    if include or units:
        wanted = (one for one in wanted if one.id in include or any(_is_below(one, unit) for unit in units))
    return tuple(one for one in wanted if one.id not in exclude)


def _is_below(account: Account, unit: str) -> bool:
    names, wanted = account.unit.names, tuple(unit.strip("/").split("/"))
    ends = range(1, len(names) + 1)
    return unit in account.unit.ids or any(names[:end][-len(wanted) :] == wanted for end in ends)
