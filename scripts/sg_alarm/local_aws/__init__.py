"""The embedded AWS: a moto server, corrected where it differs from AWS in what this alarm needs.

``corrections`` fixes moto's services, ``bridge`` joins them, so that a change of a security group runs
through trail, filter, alarm and topic as on AWS. ``LocalAws`` runs it in a process of its own,
``run_foreground`` in this one until Ctrl-C. ``read_outbox`` reads the mail that it would have sent;
``advance_clock`` lets an alarm's period pass at once. None of them imports moto here.
"""

from sg_alarm.local_aws.clock import advance_clock, read_clock
from sg_alarm.local_aws.outbox import Mail, read_outbox
from sg_alarm.local_aws.server import LocalAws, run_foreground

__all__ = ["LocalAws", "Mail", "advance_clock", "read_clock", "read_outbox", "run_foreground"]
