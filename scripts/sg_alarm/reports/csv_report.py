"""The audit for spreadsheets: a row for each finding."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from sg_alarm.reports.cleaning import cell
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule import contract
from sg_alarm.rule.audit import Audit

_COLUMNS = (
    "account",
    "profile",
    "link",
    "resource",
    "verdict",
    "evidence",
    "remedy",
    "operations",
    "regions",
    "id",
    "messages",
)


def to_csv(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
    """Return a row for each finding; blanks separate several operations, regions or messages."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for finding in contract.to_json(audit.described, audit.profile.name)["findings"]:
        messages = [one["id"] for one in finding["messages"]]
        row = {"profile": audit.profile.name, **finding, "messages": messages}
        writer.writerow({key: as_cell(value) for key, value in row.items()})
    return text.getvalue()


def as_cell(value: object) -> object:
    """Return a value for a cell.

    What a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises ("CSV Injection"):
    names of resources are whatever somebody chose.
    """
    return cell(" ".join(value) if isinstance(value, list) else value)
