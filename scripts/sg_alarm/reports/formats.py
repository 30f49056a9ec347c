"""The formats of an audit: one place that knows them all, and loads none before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sg_alarm.reports.report import Report

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "table": "table:to_table",
        "json": "json_report:to_json",
        "csv": "csv_report:to_csv",
        "sarif": "sarif:to_sarif",
        "junit": "junit:to_junit",
        "markdown": "markdown:to_markdown",
        "github": "github:to_github",
        "html": "html:to_html",
        "asff": "asff:to_asff",
        "ocsf": "ocsf:to_ocsf",
    }
)
"""Module in this package and function of each format, in the order in which to list them.

A function takes a :class:`~sg_alarm.reports.report.Report` and returns its text: the same for the same one.
"""


def render(name: str, report: Report) -> str:
    """Return the report in a format. Raises UserError where it needs what is not installed, or not known."""
    module, _, function = FORMATS[name].partition(":")
    text: str = getattr(import_module(f"sg_alarm.reports.{module}"), function)(report)
    if name == "github":  # whose lines are commands
        return text
    from sg_alarm.rule.cleaning import no_commands

    return no_commands(text)
