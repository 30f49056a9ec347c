"""Every format of a fixed set of audits is exactly what its golden file says.

After a wanted change: SG_ALARM_UPDATE=1 make test ARGS=tests/reports, then read the difference.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

import sg_alarm.reports.asff
import sg_alarm.reports.ocsf
from audits import AUDITS, nothing, of_code
from sg_alarm.reports.formats import FORMATS, render

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"table": "txt", "junit": "xml", "markdown": "md", "csv": "csv", "html": "html", "sarif": "sarif"}


class FixedTime(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def fixed(monkeypatch):
    """The same time and version for every report, and a terminal of the same width."""
    for module in (sg_alarm.reports.asff, sg_alarm.reports.ocsf):
        monkeypatch.setattr(module, "datetime", FixedTime)
    for name in ("asff", "ocsf", "sarif"):
        monkeypatch.setattr(f"sg_alarm.reports.{name}.__version__", "0.0.0")
    monkeypatch.setenv("COLUMNS", "110")


def is_golden(name: str, form: str, text: str) -> None:
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
    is_golden("code", form, render(form, *of_code()))


@pytest.mark.parametrize("form", FORMATS)
def test_an_audit_of_code_without_aws(form):
    is_golden("nothing", form, render(form, nothing()))


def test_there_is_no_golden_file_too_many():
    forms = {path.name.split(".")[1] for path in GOLDEN.iterdir()}
    names = {path.name.split(".")[0] for path in GOLDEN.iterdir()}
    assert forms == set(FORMATS)
    assert names == {*AUDITS, "code", "nothing"}
