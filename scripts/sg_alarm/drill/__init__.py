"""The drill: fire the alarm for real and follow the message, with the time that each step took.

Either marked events are written into the trail's log group (synthetic), one or one of each operation, or a
throw-away security group is created, edited and deleted (real, which also tests the trail). Whatever was made
is removed at the end, also after Ctrl-C.
"""

from sg_alarm.drill.firing import Sight, Watch, real, refuse_if_not_ready, run, synthetic
from sg_alarm.drill.targets import OPERATION, Recipient, Target, find_targets
from sg_alarm.drill.watches import (
    AlarmWatch,
    ListenWatch,
    MetricWatch,
    Notices,
    OutboxWatch,
    QueueWatch,
    queue_url,
)

__all__ = [
    "OPERATION",
    "AlarmWatch",
    "ListenWatch",
    "MetricWatch",
    "Notices",
    "OutboxWatch",
    "QueueWatch",
    "Recipient",
    "Sight",
    "Target",
    "Watch",
    "find_targets",
    "queue_url",
    "real",
    "refuse_if_not_ready",
    "run",
    "synthetic",
]
