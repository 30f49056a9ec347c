"""In CI a test that is left out is a failure, unless it is known why it has to be."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from skips import judged


@pytest.mark.parametrize(
    ("reason", "ci", "outcome"),
    [
        ("needs a browser", "true", "failed"),
        ("needs a browser", "", "skipped"),
        ("needs Python 3.11", "true", "skipped"),
        ("needs Python 3.11, or a later one", "true", "failed"),
    ],
)
def test_a_skip_fails_in_ci_unless_it_is_on_the_list(reason, ci, outcome, monkeypatch):
    monkeypatch.setenv("CI", ci)
    report = SimpleNamespace(outcome="skipped", skipped=True, longrepr=("file", 1, f"Skipped: {reason}"))

    assert judged(report).outcome == outcome
