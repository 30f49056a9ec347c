"""How reports call things."""

from __future__ import annotations

from collections.abc import Sequence

from sg_alarm.rule.arn import PLACEHOLDER, Arn, without_streams
from sg_alarm.rule.verdict import Waiver

_MANY_REGIONS = 4


def account_name(account: str) -> str:
    """Return how to call an account; in code it is not known, and a placeholder names the code instead."""
    if account.startswith(PLACEHOLDER):
        return account[2:-1].removeprefix("account of ")
    return f"account {account}"


def region_names(regions: tuple[str, ...]) -> str:
    """Return the regions, or how many they are."""
    return ", ".join(regions) if len(regions) <= _MANY_REGIONS else f"{len(regions)} regions"


def short_name(resource: str) -> str:
    """Return the part of an ARN that a person knows the thing by."""
    arn = Arn.parse(resource)
    if arn is None:
        return resource
    name = without_streams(arn.resource)
    for kind in ("log-group:", "trail/", "alarm:", "key/", "rule/"):
        name = name.removeprefix(kind)
    return name.rpartition(":metric-filter:")[2]


def not_here_text(roots: Sequence[str]) -> str:
    """Return how many root modules were not judged."""
    if len(roots) == 1:
        return "1 other root module holds no part of the chain and was not judged"
    return f"{len(roots)} other root modules hold no part of the chain and were not judged"


def waiver_text(waiver: Waiver) -> str:
    """Return that a finding is waived, until when and why."""
    until = f" until {waiver.expires}" if waiver.expires else ""
    return f"waived{until}: {waiver.reason}"


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
