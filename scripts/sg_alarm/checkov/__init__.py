"""What the Checkov check answers, and where.

:func:`outcome_at` is asked about every block that Checkov visits, and answers at one for each root module,
plan and template. Runs inside other people's Checkov: imports only the standard library and
Checkov.
"""

from sg_alarm.checkov.outcome import Outcome
from sg_alarm.checkov.scans import outcome_at

__all__ = ["Outcome", "outcome_at"]
