"""The reader of Terraform code, by tfparse in child processes.

:func:`read_code` reads every root module below a folder. :func:`in_code` puts the addresses of resources into
a judgement. Needs nothing but the standard library and tfparse, so that it can run inside other programs.
"""

from sg_alarm.readers.code.codebase import read_code
from sg_alarm.readers.code.folders import roots_below
from sg_alarm.readers.reading import Position, Reading, in_code

__all__ = ["Position", "Reading", "in_code", "read_code", "roots_below"]
