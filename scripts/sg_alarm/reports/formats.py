"""The formats of an audit: one place that knows them all, and loads none before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sg_alarm.reports.run_metadata import RunMetadata
    from sg_alarm.rule.audit import Audit

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "table": "table:to_table",
        "json": "json_report:to_json",
        "csv": "csv_report:to_csv",
        "sarif": "sarif:to_sarif",
        "junit": "junit:to_junit",
        "markdown": "markdown:to_markdown",
        "html": "html:to_html",
        "asff": "asff:to_asff",
        "ocsf": "ocsf:to_ocsf",
    }
)
"""Module in this package and function of each format, in the order in which to list them.

A function takes an :class:`~sg_alarm.rule.audit.Audit`; for each of its judgements the positions of resources
in the code (``file:line`` by address; nothing at all where no code was audited); and the
:class:`~sg_alarm.reports.run_metadata.RunMetadata`, which hold the only clock of a report. It returns the
text: the same for the same arguments.
"""


def render(
    name: str,
    audit: Audit,
    positions: Sequence[Mapping[str, str]] = (),
    run_metadata: RunMetadata | None = None,
) -> str:
    """Return the audit in a format, as made now without run metadata.

    Raises UserError where the format needs what is not installed, or not known.
    """
    if run_metadata is None:
        from sg_alarm.reports.run_metadata import RunMetadata

        run_metadata = RunMetadata()
    module, _, function = FORMATS[name].partition(":")
    text: str = getattr(import_module(f"sg_alarm.reports.{module}"), function)(audit, positions, run_metadata)
    from sg_alarm.reports.cleaning import no_commands

    return no_commands(text)
