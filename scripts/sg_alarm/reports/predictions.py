"""`audit --predict`: what every reviewer would say of each account, beside the truth."""

from __future__ import annotations

import io
import json
from typing import Any

from rich.console import Console
from rich.text import Text

from sg_alarm.reports.names import account_name, region_names
from sg_alarm.reports.report import Report
from sg_alarm.reports.table import COLOURS, MARKS
from sg_alarm.reports.wrapping import hanging
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.contract import SCHEMA_VERSION
from sg_alarm.rule.reviewers import predict
from sg_alarm.rule.verdict import Verdict

FORMATS = ("table", "json")
"""The forms in which predictions can be had."""


def render(form: str, report: Report) -> str:
    """Return the predictions in one of the forms."""
    if form == "json":
        return json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n"
    console = Console(file=io.StringIO(), force_terminal=False, soft_wrap=True, highlight=False)
    with console.capture() as capture:
        print_predictions(report, console)
    return capture.get()


def to_json(report: Report) -> dict[str, Any]:
    """Return ``{"accounts": [{"account", "verdict", "reviewers": [{"id", "answer", "verdict", …}]}]}``.

    The verdict of an account is that of the profile; that of a reviewer is ``null`` where it judges nothing.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "profile": report.profile.name,
        "made_at": report.run_metadata.moment,
        "accounts": [
            {
                "account": one_line(subject.deployment.account),
                "regions": list(map(one_line, subject.deployment.regions)),
                "verdict": subject.judgement.verdict.value,
                "reviewers": [
                    {
                        "id": reviewer.id,
                        "title": reviewer.title,
                        "answer": answer.word,
                        "verdict": None if answer.verdict is None else answer.verdict.value,
                        "reason": answer.reason,
                        "source": reviewer.source,
                    }
                    for reviewer, answer in predict(subject.deployment)
                ],
            }
            for subject in report.subjects
        ],
    }


def print_predictions(report: Report, console: Console) -> None:
    """Print a table for every account of the report."""
    for number, deployment in enumerate(one.deployment for one in report.subjects):
        if number:
            console.print()
        where = one_line(f"{account_name(deployment.account)}, {region_names(deployment.regions)}")
        console.print(Text(f"What reviewers would say of {where}", "bold"))
        found = predict(deployment)
        widest = max(len(reviewer.id) for reviewer, _ in found)
        longest = max(len(answer.word) for _, answer in found)
        for reviewer, answer in found:
            mark, colour = ("-", "dim") if answer.verdict is None else _mark(answer.verdict)
            label = Text.assemble((mark, colour), f" {reviewer.id:<{widest}}  {answer.word:<{longest}}  ")
            for line in hanging(label, Text(answer.reason), console):
                console.print(line)


def _mark(verdict: Verdict) -> tuple[str, str]:
    return MARKS[verdict], COLOURS[verdict]
