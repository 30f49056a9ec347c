"""The embedded AWS: a moto server, corrected where it differs from AWS in what this alarm needs.

``LocalAws`` runs it in a process of its own, ``run_foreground`` in this one until Ctrl-C, and
``read_outbox`` reads the mail that it would have sent. None of them imports moto here.
"""

from .outbox import Mail, read_outbox
from .server import LocalAws, run_foreground

__all__ = ["LocalAws", "Mail", "read_outbox", "run_foreground"]
