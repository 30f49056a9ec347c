"""The reader of CloudFormation templates.

:func:`read_template` reads one that is parsed already; :mod:`sg_alarm.readers.cloudformation.document` parses
files. Needs nothing but the standard library, files aside.
"""

from sg_alarm.readers.cloudformation.template import read_template
from sg_alarm.readers.reading import Position, Reading

__all__ = ["Position", "Reading", "read_template"]
