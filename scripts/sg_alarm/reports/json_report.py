"""The audit for machines: JSON, stable and versioned, and CSV."""

from __future__ import annotations

import csv
import io
import json

from sg_alarm.audit import Audit
from sg_alarm.rule import contract

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
)


def to_json(audit: Audit) -> str:
    """Return the report of ``sg_alarm.rule.contract`` as text."""
    return json.dumps(contract.to_json(audit.judgements), indent=2, ensure_ascii=False)


def to_csv(audit: Audit) -> str:
    """Return a row for each finding; several operations or regions in one cell are parted by blanks."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for finding in contract.to_json(audit.judgements)["findings"]:
        row = {"profile": audit.profile.name, **finding}
        writer.writerow(
            {key: " ".join(value) if isinstance(value, list) else value for key, value in row.items()}
        )
    return text.getvalue()
