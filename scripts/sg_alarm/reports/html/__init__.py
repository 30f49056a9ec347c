"""The audit for an auditor: one HTML file that holds all it shows, runs no script and loads nothing.

Needs Jinja2, which the extra ``html`` brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from sg_alarm.errors import UserError
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.audit import Audit


def to_html(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
    """Return the page. ``positions`` tell where in the code the resources of each account are.

    The same audit and run_metadata give the same page. Raises UserError without Jinja2.
    """
    if find_spec("jinja2") is None:
        raise UserError("the HTML report needs Jinja2", "pip install 'sg-alarm[html]'")
    from sg_alarm.reports.html.page import render

    return render(audit, positions, run_metadata)
