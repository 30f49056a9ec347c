"""Every format of a fixed set of audits is exactly what its golden file says.

After a wanted change: SG_ALARM_UPDATE=1 make test ARGS=tests/reports, then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from audits import AUDITS, nothing, of_code
from sg_alarm.reports.formats import FORMATS, render

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"table": "txt", "junit": "xml", "markdown": "md", "csv": "csv", "html": "html", "sarif": "sarif"}


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """A terminal of the same width for every report."""
    monkeypatch.setenv("COLUMNS", "110")


def is_golden(name: str, form: str, text: str) -> None:
    if form == "html":
        # The style has tests of its own, in a browser.
        text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
    path = GOLDEN / f"{name}.{form}.{ENDINGS.get(form, 'json')}"
    if os.environ.get("SG_ALARM_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), "if this change is meant: SG_ALARM_UPDATE=1 make test"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", AUDITS)
def test_an_audit_of_an_account(name, form):
    is_golden(name, form, render(form, AUDITS[name]()))


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "asff"])
def test_an_audit_of_code(form):
    is_golden("code", form, render(form, of_code()))


@pytest.mark.parametrize("form", FORMATS)
def test_an_audit_of_code_without_aws(form):
    is_golden("nothing", form, render(form, nothing()))


def test_there_is_no_golden_file_too_many():
    forms = {path.name.split(".")[1] for path in GOLDEN.iterdir()}
    names = {path.name.split(".")[0] for path in GOLDEN.iterdir()}
    assert forms == set(FORMATS)
    assert names == {*AUDITS, "code", "nothing"}
