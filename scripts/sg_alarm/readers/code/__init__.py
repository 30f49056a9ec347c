"""The reader of Terraform code, by tfparse in child processes.

:func:`read_code` reads every root module below a folder. Needs nothing but the
standard library, so that it can run inside other programs: without tfparse
an evaluator of plain expressions stands in, and what is not plain is ``Unknown``; :func:`needs_tfparse` says
whether a judgement hangs on that.
"""

from sg_alarm.readers.code.codebase import needs_tfparse, read_code
from sg_alarm.readers.code.folders import roots_below
from sg_alarm.readers.code.pool import read_roots
from sg_alarm.readers.reading import Position, Reading

__all__ = ["Position", "Reading", "needs_tfparse", "read_code", "read_roots", "roots_below"]
