"""Amazon Resource Names, compared in full.

Readers of code do not always know the parts of an ARN. They put a placeholder such as
``${data.aws_caller_identity.this.account_id}`` in the place of one, or the address of the resource in the
place of the whole. Equal texts are the same thing; texts that differ may be the same thing where one of them
is such a placeholder. Source: AWS General Reference, "Identify AWS resources with ARNs".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sg_alarm.rule.truth import Truth, every

PLACEHOLDER = "${"


@dataclass(frozen=True)
class Arn:
    """``arn:partition:service:region:account:resource``."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Return the parts, ``None`` for a text that is not an ARN."""
        parts = text.split(":", 5)
        return cls(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def without_streams(log_group_arn: str) -> str:
    """Return a log group's ARN without the ``:*`` that some APIs put behind it.

    Source: CloudWatch Logs API Reference, LogGroup: ``arn`` ends in ``:*``, ``logGroupArn`` does not.
    """
    return log_group_arn.removesuffix(":*")


def is_opaque(text: str) -> bool:
    """Whether the text, or a part of it, stands for a value that is not known."""
    return PLACEHOLDER in text


def same_account(one: str, other: str) -> Truth:
    """Whether two account numbers are the same."""
    if one == other:
        return True
    return False if _is_number(one) and _is_number(other) else None


def _is_number(account: str) -> bool:
    return re.fullmatch(r"\d{12}", account) is not None


def like(pattern: str, text: str) -> Truth:
    """Whether a text fits a pattern with ``*`` and ``?``, as in policies."""
    if pattern in (text, "*"):
        return True
    if is_opaque(pattern):
        return None
    known = text.partition(PLACEHOLDER)[0]
    fitting = fits(pattern, known)
    if known != text:  # whatever follows, a pattern that ends so takes it
        return True if fitting and pattern.endswith("*") else None
    return fitting


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with ``*`` and ``?``, both known to the letter.

    It steps back to the last ``*`` only: a regular expression would try every division of the text.
    """
    at, resume = 0, 0
    here, star = 0, -1
    while at < len(text):
        wanted = pattern[here : here + 1]
        if wanted == "*":
            star, resume = here, at
            here += 1
        elif wanted and wanted in ("?", text[at]):
            here += 1
            at += 1
        elif star >= 0:
            resume += 1
            here, at = star + 1, resume
        else:
            return False
    return not pattern[here:].strip("*")


def arn_like(pattern: str, text: str) -> Truth:
    """Whether an ARN fits a pattern, each of the six parts by itself, as ArnLike and ArnEquals have it.

    Source: IAM User Guide, "IAM JSON policy elements: Condition operators", ARN condition operators.
    """
    if pattern == text:
        return True
    wanted, found = pattern.split(":", 5), text.split(":", 5)
    if len(wanted) != 6 or len(found) != 6:
        return None
    return every(like(*pair) for pair in zip(wanted, found, strict=True))


_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov", "us-iso": "aws-iso", "us-isob": "aws-iso-b"}


def partition_of(region: str) -> str:
    """Return the partition of a region. Source: AWS General Reference, "AWS partitions"."""
    return _PARTITIONS.get(region.rsplit("-", 2)[0], "aws")
