"""The bridge between moto's services, which moto keeps apart.

API calls become CloudTrail events (``recording``, ``identity``, ``shapes``, ``event_history``), which trails
deliver to log groups (``trails``); metric filters turn log events into datapoints (``metric_filters``,
``fields``), alarms are evaluated (``samples``, ``alarm_evaluation``, ``alarm_states``, ``alarm_history``) and
publish to SNS where policies allow it (``notices``, ``publishing``). Events go to EventBridge as
well (``eventbridge``). ``caches`` saves time. What the filters match and when alarms fire is decided by
``sg_alarm.patterns`` and ``sg_alarm.alarms``, the same code that audits.
"""

from __future__ import annotations

from functools import cache

from sg_alarm.local_aws.bridge import caches, recording
from sg_alarm.local_aws.bridge.clock import CLOCK
from sg_alarm.local_aws.bridge.patches import PATCHES
from sg_alarm.local_aws.bridge.ticker import TICKER
from sg_alarm.local_aws.corrections.table import install

__all__ = ["CLOCK", "PATCHES", "TICKER", "apply", "caches", "recording"]


@cache
def apply() -> None:
    """Join the bridge to moto in this process, once; a ``UserError`` if this moto does not fit."""
    install(PATCHES)
