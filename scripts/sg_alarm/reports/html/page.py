"""The templates, and what they may call."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from sg_alarm.reports.html import text, view
from sg_alarm.reports.names import not_here_text, waiver_text
from sg_alarm.reports.report import Report
from sg_alarm.rule.operations import OPERATIONS


def render(report: Report) -> str:
    """Return the page; every value in it is escaped by the template engine."""
    page = view.page_of(report)
    return _environment().get_template("report.html").render(page=page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sg_alarm.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        shown=text.shown,
        plain=text.plain,
        sentence=text.sentence,
        counted=text.counted,
        humps=text.humps,
        short=view.short,
        waiver=waiver_text,
        not_here=not_here_text,
    )
    environment.globals.update(
        MARKS=view.MARKS, WORDS=view.WORDS, MEANINGS=view.MEANINGS, OPERATIONS=OPERATIONS
    )
    return environment
