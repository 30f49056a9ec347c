"""The audit as workflow commands of GitHub Actions, which become annotations at file and line.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. FAIL is an error, UNKNOWN a
warning, what is waived a notice; what passes says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sg_alarm.reports.names import account_name, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import Result, results_of, waived_of
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.verdict import Verdict

_COMMANDS = {Verdict.FAIL: "error", Verdict.UNKNOWN: "warning"}


def to_github(report: Report) -> str:
    """Return a command for each link that does not pass."""
    return "".join(
        f"{_command(one, subject)}\n"
        for subject in report.subjects
        for one in (*results_of(subject.judgement), *waived_of(subject.judgement))
        if one.verdict in _COMMANDS
    )


def _command(one: Result, subject: Subject) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(one, subject))
    if one.waived:
        return f"::notice {properties}::{_data(f'{one.summary}. It is {waiver_text(one.waived)}')}"
    remedy = f". To fix it: {one.remedy}" if one.remedy else ""
    return f"::{_COMMANDS[one.verdict]} {properties}::{_data(f'{one.summary}{remedy}')}"


def _properties(one: Result, subject: Subject) -> Iterator[tuple[str, str]]:
    yield "title", f"{one.verdict.value} {one.link.value} in {account_name(one.account)}"
    if position := subject.positions.get(one.resource):
        yield "file", position.file
        yield "line", str(position.line)


def _data(text: str) -> str:
    """Return a text as one line, as the toolkit of GitHub escapes it."""
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
