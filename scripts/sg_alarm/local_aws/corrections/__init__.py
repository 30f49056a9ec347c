"""Where moto differs from AWS in what this alarm needs, corrected.

One function per difference; its docstring says what AWS does, where AWS documents it, and what moto does.
"""

from __future__ import annotations

from functools import cache

from sg_alarm.local_aws.corrections import (
    cloudformation,
    cloudtrail,
    cloudwatch,
    ec2,
    logs,
    outbox,
    sns,
    sqs,
    sts,
)
from sg_alarm.local_aws.corrections.table import CORRECTIONS, Correction, install

__all__ = [
    "CORRECTIONS",
    "Correction",
    "apply",
    "apply_late",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "ec2",
    "logs",
    "outbox",
    "sns",
    "sqs",
    "sts",
]


LATE = frozenset({"cloudformation", "ec2"})
"""Services that take so long to import that they are corrected when they are first used."""


@cache
def apply() -> None:
    """Correct moto in this process, once; a ``UserError`` if this moto is not the one corrected here."""
    install(each for each in CORRECTIONS if each.service not in LATE)


@cache
def apply_late(service: str) -> None:
    """Correct a service that is about to be used for the first time."""
    if service in LATE:
        install(each for each in CORRECTIONS if each.service == service)
