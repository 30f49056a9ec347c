"""The audit for spreadsheets: a row for each finding."""

from __future__ import annotations

import csv
import io

from sg_alarm.reports.report import Report
from sg_alarm.rule import contract
from sg_alarm.rule.cleaning import cell

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
    "waived",
)


def to_csv(report: Report) -> str:
    """Return a row for each finding; blanks separate several operations, regions or messages."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    document = contract.to_json(report.judgements, report.profile.name)
    for finding in (*document["findings"], *document["waived"]):
        messages = [one["id"] for one in finding["messages"]]
        waived = finding["waiver"]["reason"] if "waiver" in finding else ""
        row = {"profile": report.profile.name, **finding, "messages": messages, "waived": waived}
        writer.writerow({key: as_cell(value) for key, value in row.items()})
    return text.getvalue()


def as_cell(value: object) -> object:
    """Return a value for a cell.

    What a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises ("CSV Injection"):
    names of resources are whatever somebody chose.
    """
    return cell(" ".join(value) if isinstance(value, list) else value)
