"""A fixed set of reports is exactly what its golden files say: a hostile audit in every format, and each
feature in the formats that show it in a way of their own.

HTML is tested by its structure, and in a browser. After a wanted change:
SG_ALARM_UPDATE=1 make test ARGS=tests/reports, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audits import AUDITS, nothing, of_code
from sg_alarm.reports.formats import FORMATS, render

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"table": "txt", "github": "txt", "junit": "xml", "markdown": "md", "csv": "csv", "sarif": "sarif"}

ALL = {**AUDITS, "code": of_code, "nothing": nothing}

SHOWN = {
    "hostile": [form for form in FORMATS if form != "html"],
    "pass": ["table", "markdown"],  # nothing to fix
    "unknown": ["table", "sarif", "junit", "csv", "asff"],  # neither good nor bad
    "several": ["table", "markdown", "csv", "asff", "ocsf"],  # accounts
    "half": ["table", "json"],  # one finding, good for some operations
    "code": ["table", "json", "sarif", "markdown"],  # places in files
    "nothing": ["sarif", "junit", "markdown"],
}


def golden(name: str, form: str) -> Path:
    return GOLDEN / f"{name}.{form}.{ENDINGS.get(form, 'json')}"


@pytest.mark.parametrize(("name", "form"), [(name, form) for name, forms in SHOWN.items() for form in forms])
def test_a_report_is_its_golden_file(name, form, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    text = render(form, ALL[name]())
    path = golden(name, form)
    if os.environ.get("SG_ALARM_UPDATE"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), "if this change is meant: SG_ALARM_UPDATE=1 make test"


def test_there_is_no_golden_file_too_many():
    assert set(GOLDEN.iterdir()) == {golden(name, form) for name, forms in SHOWN.items() for form in forms}
