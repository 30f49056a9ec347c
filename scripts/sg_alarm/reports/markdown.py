"""The audit as Markdown, for a comment on a pull request (GitHub Flavored Markdown).

Names of resources are whatever somebody chose: they stand in code spans, where Markdown, HTML and mentions
have no meaning; in running text such characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sg_alarm.reports.names import account_name, region_names, short_name, shortened
from sg_alarm.reports.results import Result, results_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.audit import Audit
from sg_alarm.rule.standards import controls_of
from sg_alarm.rule.verdict import Verdict
from sg_alarm.rule.wording import DescribedJudgement

MARKER = "<!-- sg-alarm -->"
"""The first line, by which to find an earlier comment."""

_MARKS = {Verdict.PASS: "✔", Verdict.FAIL: "✘", Verdict.UNKNOWN: "?"}
_MOST = 65_000
"""A comment of GitHub takes 65,536 characters."""
_MOST_CELL = 500
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$]")
# What GitHub makes mentions and links of without any markup.
_LINKED = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)|\bGH-(?=\d)|://|\bwww(?=\.)", re.IGNORECASE)
_BIDIRECTIONAL = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def to_markdown(audit: Audit, positions: Sequence[Mapping[str, str]], run_metadata: RunMetadata) -> str:
    """Return a section for each account or root module, as many as a comment holds."""
    if not audit.described:
        return f"{MARKER}\n**sg-alarm**: nothing to judge, this code does not use AWS.\n"
    text = f"{MARKER}\n"
    for number, judgement in enumerate(audit.described):
        section = "\n".join(_section(judgement, audit, positions[number] if positions else {}))
        if len(text) + len(section) > _MOST:
            return f"{text}\n… and {len(audit.described) - number} more, in the other reports.\n"
        text += f"\n{section}\n"
    return text + _footer(audit)


def _section(one: DescribedJudgement, audit: Audit, positions: Mapping[str, str]) -> Iterator[str]:
    where = f"{_code(account_name(one.account))}, {_text(region_names(one.regions))}"
    yield (
        f"### {_MARKS[one.verdict]} {one.verdict.value}: changes of security groups in {where} "
        f"({_text(audit.profile.name)})"
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
            where = f"{each.link.value} {_code(each.resource)}{_at(each, positions)}"
            yield f"- {where}: {_text(each.remedy)} ({ids})"
        yield "\n</details>"
    yield from _operations(one)


def _at(one: Result, positions: Mapping[str, str]) -> str:
    return f" at {_code(positions[one.resource])}" if one.resource in positions else ""


def _operations(one: DescribedJudgement) -> Iterator[str]:
    for verdict, word in ((Verdict.FAIL, "Nobody is notified"), (Verdict.UNKNOWN, "Cannot tell")):
        names = [each.name for each in one.operations if each.in_profile and each.verdict is verdict]
        if names:
            yield f"\n{word}: {', '.join(names)}"


def _footer(audit: Audit) -> str:
    controls = [one.reference for one in controls_of(audit.profile.name) if one.id]
    return f"\n<sub>{_text(', '.join(controls))}</sub>\n" if controls else ""


def _code(text: str, pipe: str = "|") -> str:
    """Return a code span; in a cell of a table ``pipe`` is the escaped one."""
    line = _line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{space}{line}{space}{fence}".replace("|", pipe)


def _text(text: str) -> str:
    """Return running text in which nothing is markup, a mention or a link."""
    unlinked = _LINKED.sub("\\g<0>\u200b", _line(text))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", unlinked)


def _line(text: str) -> str:
    return shortened(_BIDIRECTIONAL.sub("\ufffd", " ".join(text.split())), _MOST_CELL)
