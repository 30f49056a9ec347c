"""The skips that there may be. In CI every other one is a failure: a test that does not run finds nothing."""

from __future__ import annotations

import os
import re
from typing import Any

ALLOWED = {
    r"needs Python 3\.11": "the schema of SARIF is in no package for older ones",
    r"Terraform 1\.6\.\d+ has no mock_provider": "only `make matrix` tries it",
}
"""Reasons, as patterns, and why CI has to live with them."""


def judged(report: Any) -> Any:
    """Return a report of pytest, failed where it is in CI of a skip that is not allowed."""
    if os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not any(re.fullmatch(allowed, reason) for allowed in ALLOWED):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI, and not on the list of tests/support/skips.py: {reason}"
    return report
