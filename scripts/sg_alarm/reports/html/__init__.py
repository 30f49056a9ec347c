"""The audit for an auditor: one HTML file that holds all it shows, runs no script and loads nothing.

Needs Jinja2, which the extra ``html`` brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from sg_alarm.audit import Audit
from sg_alarm.errors import UserError
from sg_alarm.reports.circumstances import Circumstances


def to_html(audit: Audit, positions: Sequence[Mapping[str, str]], circumstances: Circumstances) -> str:
    """Return the page. ``positions`` tell where in the code the resources of each account are.

    The same audit and circumstances give the same page. Raises UserError without Jinja2.
    """
    if find_spec("jinja2") is None:
        raise UserError("the HTML report needs Jinja2", "pip install 'sg-alarm[html]'")
    from sg_alarm.reports.html.page import render

    return render(audit, positions, circumstances)
