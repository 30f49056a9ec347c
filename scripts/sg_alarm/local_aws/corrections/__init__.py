"""Where moto differs from AWS in what this alarm needs, corrected.

One function per difference; its docstring says what AWS does, where AWS documents it, and what moto does.
"""

from __future__ import annotations

from functools import cache

from . import cloudtrail, cloudwatch, ec2, logs, outbox, sns
from .table import CORRECTIONS, Correction, install

__all__ = ["CORRECTIONS", "Correction", "apply", "cloudtrail", "cloudwatch", "ec2", "logs", "outbox", "sns"]


@cache
def apply() -> None:
    """Correct moto in this process, once; a ``UserError`` if this moto is not the one corrected here."""
    install(CORRECTIONS)
