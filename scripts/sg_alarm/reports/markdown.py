"""The audit as Markdown, for a comment on a pull request (GitHub Flavored Markdown).

Names of resources are whatever somebody chose: they stand in code spans, where Markdown, HTML and mentions
have no meaning; in running text such characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sg_alarm.fixes import Code
from sg_alarm.reports.names import (
    account_name,
    not_here_text,
    region_names,
    short_name,
    shortened,
    waiver_text,
)
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import Result, results_of, waived_of
from sg_alarm.rule.cleaning import lines, one_line
from sg_alarm.rule.reading import Language
from sg_alarm.rule.standards import controls_of
from sg_alarm.rule.verdict import Verdict
from sg_alarm.rule.wording import DescribedJudgement

MARKER = "<!-- sg-alarm -->"
"""The first line, by which to find an earlier comment."""

_MARKS = {Verdict.PASS: "✔", Verdict.FAIL: "✘", Verdict.UNKNOWN: "?"}
_FENCES = {Language.TERRAFORM: "hcl", Language.CLOUDFORMATION: "yaml"}
_MOST = 65_000
"""A comment of GitHub takes 65,536 characters."""
_MOST_CELL = 500
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$]")
# What GitHub makes mentions and links of without any markup.
_LINKED = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)|\bGH-(?=\d)|://|\bwww(?=\.)", re.IGNORECASE)


def to_markdown(report: Report) -> str:
    """Return a section for each account or root module, as many as a comment holds."""
    if not report.subjects:
        return f"{MARKER}\n**sg-alarm**: nothing to judge, this code does not use AWS.\n"
    text = f"{MARKER}\n"
    for number, subject in enumerate(report.subjects):
        section = "\n".join(_section(subject))
        if len(text) + len(section) > _MOST:
            return f"{text}\n… and {len(report.subjects) - number} more, in the other reports.\n"
        text += f"\n{section}\n"
    if report.not_here:
        text += f"\n{_text(not_here_text(report.not_here))}.\n"
    return text + _footer(report)


def _section(subject: Subject) -> Iterator[str]:
    one = subject.judgement
    where = f"{_code(account_name(one.account))}, {_text(region_names(one.regions))}"
    yield (
        f"### {_MARKS[one.verdict]} {one.verdict.value}: changes of security groups in {where} "
        f"({_text(subject.profile.name)})"
    )
    broken = [each for each in results_of(one) if each.verdict is not Verdict.PASS]
    if broken:
        yield "\n| | link | resource | what was seen |\n| --- | --- | --- | --- |"
        for each in broken:
            cells = (_MARKS[each.verdict], each.link.value, _code(short_name(each.resource), "\\|"))
            yield f"| {' | '.join((*cells, _text(each.evidence)))} |"
        yield f"\n<details><summary>How to fix {'it' if len(broken) == 1 else 'them'}</summary>\n"
        for each in broken:
            ids = ", ".join(map(_code, each.messages))
            where = f"{each.link.value} {_code(each.resource)}{_at(each, subject)}"
            yield f"- {where}: {_text(each.remedy)} ({ids})"
        codes = dict.fromkeys(code for each in broken if (code := subject.fix_of(each.findings)))
        for code in codes:
            yield from _fenced(code)
        yield "\n</details>"
    for each in waived_of(one):
        if each.waived:
            where = f"{each.link.value} {_code(each.resource)}{_at(each, subject)}"
            yield f"\nWaived: {where}: {_text(each.evidence)} ({_text(waiver_text(each.waived))})"
    yield from _operations(one)


def _at(one: Result, subject: Subject) -> str:
    position = subject.positions.get(one.resource)
    return f" at {_code(str(position))}" if position else ""


def _fenced(code: Code) -> Iterator[str]:
    """Yield a block of code whose fence is longer than any run of backticks in it."""
    text = lines(code.text.rstrip("\n"))
    fence = "`" * max(3, _longest_run(text) + 1)
    yield f"\n{fence}{_FENCES[code.language]}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _operations(one: DescribedJudgement) -> Iterator[str]:
    for verdict, word in ((Verdict.FAIL, "Nobody is notified"), (Verdict.UNKNOWN, "Cannot tell")):
        names = [
            each.name
            for each in one.operations
            if each.in_profile and each.verdict is verdict and not each.waived
        ]
        if names:
            yield f"\n{word}: {', '.join(names)}"


def _footer(report: Report) -> str:
    controls = [one.reference for one in controls_of(report.profile.name) if one.id]
    return f"\n<sub>{_text(', '.join(controls))}</sub>\n" if controls else ""


def _code(text: str, pipe: str = "|") -> str:
    """Return a code span; in a cell of a table ``pipe`` is the escaped one."""
    line = _line(text)
    fence = "`" * (_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{space}{line}{space}{fence}".replace("|", pipe)


def _text(text: str) -> str:
    """Return running text in which nothing is markup, a mention or a link."""
    unlinked = _LINKED.sub("\\g<0>\u200b", _line(text))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", unlinked)


def _line(text: str) -> str:
    return shortened(one_line(" ".join(text.split())), _MOST_CELL)
