"""Listing an organization: all pages, all units, and what is denied."""

from __future__ import annotations

import pytest

from chains import ACCOUNT
from network import denied
from sg_alarm.errors import UserError
from sg_alarm.organization.accounts import chosen, read_organization
from sg_alarm.organization.model import UNKNOWN_UNIT


def units(found) -> dict[str, str]:
    return {account.name: account.unit.path for account in found.accounts}


def test_accounts_are_listed_with_the_path_of_their_unit(organization, aws):
    prod = organization.unit("Prod")
    organization.account("web", prod)
    organization.account("pay", organization.unit("Cards", prod))
    found = read_organization(aws)
    assert (found.id, found.management_account) == (organization.id, ACCOUNT)
    assert units(found) == {"master": "Root", "web": "Root/Prod", "pay": "Root/Prod/Cards"}


def test_names_are_shown_as_one_line_without_what_cannot_be_seen(organization, aws):
    number = organization.account("web\x1b[2J\n::error::x")
    (name,) = [one.name for one in read_organization(aws, 1).accounts if one.id == number]
    assert name == "web⟨U+001B⟩[2J ::error::x"


def test_all_pages_are_read(organization, aws):
    prod = organization.unit("Prod")
    names = [f"account-{number:03d}" for number in range(110)]
    for name in names:
        organization.account(name, prod)
    found = units(read_organization(aws))
    assert found == {"master": "Root", **dict.fromkeys(names, "Root/Prod")}


def test_where_the_units_may_not_be_listed_they_are_unknown(organization, aws, network):
    organization.account("web")
    network.fail(denied, "ListRoots")
    found = read_organization(aws)
    assert units(found) == {"master": UNKNOWN_UNIT, "web": UNKNOWN_UNIT}
    with pytest.raises(UserError, match="no account is below an organizational unit Root"):
        chosen(found, [], [], ["Root"])


@pytest.mark.parametrize("operation", ["DescribeOrganization", "ListAccounts"])
def test_who_may_not_list_the_accounts_learns_what_to_allow(organization, aws, network, operation):
    network.fail(denied, operation)
    with pytest.raises(UserError, match=f"no permission for {operation}") as error:
        read_organization(aws)
    assert f"allow organizations:{operation}" in error.value.hint


def test_a_unit_is_known_by_any_end_of_its_path(organization, aws):
    prod = organization.unit("Prod")
    cards = organization.unit("Cards", prod)
    organization.account("pay", cards)
    found = read_organization(aws)
    for name in ("Prod", "Root/Prod", "Cards", "Prod/Cards", "Root/Prod/Cards", "/Prod/", cards, prod):
        assert [one.name for one in chosen(found, [], [], [name])] == ["pay"], name
    for name in ("Card", "Cards/Prod", "prod", ""):
        with pytest.raises(UserError):
            chosen(found, [], [], [name])
