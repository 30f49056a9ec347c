"""The audit for an auditor: one HTML file that holds all it shows, runs no script and loads nothing.

Needs Jinja2, which the extra ``html`` brings.
"""

from __future__ import annotations

from importlib.util import find_spec

from sg_alarm.errors import UserError
from sg_alarm.reports.report import Report


def to_html(report: Report) -> str:
    """Return the page. Raises UserError without Jinja2."""
    if find_spec("jinja2") is None:
        raise UserError("the HTML report needs Jinja2", "pip install 'sg-alarm[html]'")
    from sg_alarm.reports.html.page import render

    return render(report)
