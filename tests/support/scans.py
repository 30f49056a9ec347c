"""Codebases judged as the command judges them: one question for all their root modules."""

from __future__ import annotations

from pathlib import Path

from sg_alarm.reports.report import Report, judge
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.scan import CODEBASE, Expect
from sg_alarm.rule.verdict import Verdict
from sg_alarm.sources import SILENT
from sg_alarm.sources.code import CodeSource


def scan(folder: Path, expect: Expect = CODEBASE, profile: str = "conformity") -> Report:
    """Judge the codebase in a folder; without ``subjects`` there is no verdict on it."""
    readings = CodeSource(folder, base=folder).read(SILENT).readings
    return judge(readings, find_profile(profile), expect=expect)


def verdicts(report: Report) -> dict[str, Verdict]:
    """The verdicts of what was judged, by root module."""
    return {one.reading.root: one.judgement.verdict for one in report.subjects}
