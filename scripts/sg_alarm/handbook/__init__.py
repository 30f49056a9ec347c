"""The handbook: the rule, the standards, and of each link why it matters, how it breaks and how to fix it.

The text stands in ``handbook.md`` alone. `sg-alarm explain` prints it, and ``make docs`` writes it into the
README of the module.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import ascii_uppercase

from sg_alarm.errors import UserError
from sg_alarm.rule.clauses import Clause
from sg_alarm.rule.messages import CATALOGUE, Entry
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_SIX, PROFILES, SIX, Profile
from sg_alarm.rule.reviewers import REVIEWERS
from sg_alarm.rule.standards import CONTROLS, MAPPINGS, RULE_ID, TITLE, Control
from sg_alarm.rule.verdict import LINKS

CHECK_ID = "CKV2_CWL_4"
"""What the rule is called in Checkov."""

_STANDARDS = "\n# standards\n"
"""The heading of the page that is neither the rule nor a link."""

_MAPPED = """\
Requirements that ask for monitoring in general. They have no procedure for
this alarm, so no verdict claims them.
"""

_RULE_NAMES = (RULE_ID, "CloudWatchLogs-004", CHECK_ID)
_REST = " || ".join(f"($.eventName = {name})" for name in ELEVEN if name not in SIX)
_PATTERNS = {"PATTERN_OF_SIX": PATTERN_OF_SIX, "PATTERN_OF_THE_REST": f"{{ {_REST} }}"}


@dataclass(frozen=True)
class Topic:
    """Something to explain: the rule as a whole, or a link. ``text`` is Markdown without the title."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """The heading."""
        return f"{self.name}: {TITLE}" if self.name == RULE_ID else self.name.capitalize()


@cache
def topics() -> Mapping[str, Topic]:
    """Return the topics by name: the rule, then the links in their order."""
    text = re.sub(r"\{(PATTERN_\w+)\}", lambda found: _PATTERNS[found[1]], _text().partition(_STANDARDS)[0])
    titles = "|".join((RULE_ID, *(link.value for link in LINKS)))
    _, *parts = re.split(rf"^##? ({titles})$", text, flags=re.MULTILINE)
    found = {name: Topic(name, body.strip()) for name, body in zip(parts[::2], parts[1::2], strict=True)}
    rule = f"{found[RULE_ID].text}\n\n### Which standards ask for it\n\n{_controls()}"
    return {**found, RULE_ID: Topic(RULE_ID, rule)}


def _text() -> str:
    return files(__name__).joinpath("handbook.md").read_text("utf-8")


def names() -> list[str]:
    """Return everything that can be asked for, each in one spelling."""
    return [*_RULE_NAMES, *_numbers(), *(link.value for link in LINKS), "standards", *CATALOGUE]


def explain(asked: str) -> str:
    """Return Markdown on a topic: a link, a message, a name of the rule, or the number of a control.

    Raises UserError for anything else, naming the choices.
    """
    wanted = re.sub(r"[\s_-]+", " ", asked).strip().lower()
    if wanted == "standards":
        return standards()
    for name in (*_RULE_NAMES, *(link.value for link in LINKS)):
        if wanted == re.sub(r"[\s_-]+", " ", name).lower():
            return _shown(topics()[RULE_ID if name in _RULE_NAMES else name])
    if entry := CATALOGUE.get(asked.strip().lower()):
        return _message(entry)
    controls = [one for one in CONTROLS if one.id and wanted in _spellings(one)]
    if controls:
        return f"{_answers(asked.strip(), controls)}\n\n{_shown(topics()[RULE_ID])}"
    raise UserError(
        f"there is nothing to explain about {asked!r}",
        f"choose {RULE_ID} or {CHECK_ID}, standards, a control ({', '.join(_numbers())}), "
        f"a link ({', '.join(link.value for link in LINKS)}), or a message as reports name them",
    )


def _message(entry: Entry) -> str:
    about = f"the link {entry.link.value}" if entry.link else "no link: a note, which changes no verdict"
    parts = [
        f"# {entry.id}",
        f"{entry.verdict.value}, about {about}.",
        _quoted("What was seen", entry.evidence),
    ]
    if entry.remedy:
        parts.append(_quoted("How to fix it", entry.remedy))
    if entry.source:
        parts.append(f"Source: {entry.source}")
    if entry.link:
        parts.append(f"Read on: `sg-alarm explain {entry.link.value}`")
    return "\n\n".join(parts)


def _quoted(title: str, template: str) -> str:
    """Return a template of the catalogue; what stands in braces differs from finding to finding."""
    return textwrap.fill(f"{title}: {template}", 76)


def messages_table() -> str:
    """Return all messages as a table in Markdown, for the reference."""
    rows = ["| Message | Link | Verdict | What was seen |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{one.id}` | {one.link.value if one.link else 'note'} | {one.verdict.value} | {_cell(one)} |"
        for one in CATALOGUE.values()
    ]
    return "\n".join(rows)


def _cell(entry: Entry) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", entry.evidence).replace("|", "\\|")


def standards() -> str:
    """Return the page of the standards: what each asks for, and what tools map to it."""
    prose = _text().partition(_STANDARDS)[2].strip()
    reviewers = [one.title for one in REVIEWERS if one.id != "effective" and not one.id.startswith("cis-")]
    listed = "\n".join(_item(one) for one in ("the CIS benchmarks, each version", *reviewers))
    for name, text in (
        ("{STANDARDS}", f"{_table()}\n\n{_clauses()}\n\n{_mapped()}"),
        ("{REVIEWERS}", listed),
    ):
        prose = prose.replace(name, text)
    return f"# Standards\n\n{prose}"


def _groups() -> Mapping[tuple[tuple[str, ...], tuple[str, ...]], list[Profile]]:
    """Return the profiles that judge the same, together."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Profile]] = {}
    for profile in PROFILES.values():
        found.setdefault(profile.asks, []).append(profile)
    return found


def _lettered() -> Mapping[str, Clause]:
    """Return every clause once, by a letter."""
    found = {clause.id: clause for profile in PROFILES.values() for clause in profile.clauses}
    return dict(zip(ascii_uppercase, found.values(), strict=False))


def _table() -> str:
    """Return what each profile asks for: a row for those that ask for the same, a column for each clause."""
    clauses = _lettered()
    rows = [["profile", "operations", *clauses]]
    for (operations, asked), profiles in _groups().items():
        last = f" to {profiles[-1].name.removeprefix('cis-')}" if len(profiles) > 1 else ""
        marks = ["yes" if clause.id in asked else "" for clause in clauses.values()]
        rows.append([f"{profiles[0].name}{last}", str(len(operations)), *marks])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def _clauses() -> str:
    """Return a list of the clauses: what each asks for, and where that stands."""
    asked = [clause for profile in PROFILES.values() for clause in profile.clauses]
    lines = []
    for letter, clause in _lettered().items():
        sources = dict.fromkeys(one.source for one in asked if one.id == clause.id)
        lines += [_item(f"{letter}, `{clause.id}`, at the {clause.link.value}: {clause.asks}."), ""]
        lines += [*(f"  {source}" for source in sources), ""]
    return "\n".join(("### The clauses\n", *lines)).rstrip()


def _mapped() -> str:
    """Return a list of the requirements that tools map to this check."""
    lines = [
        _item(f"{one.standard}: {', '.join(one.ids)} ({one.by}: {one.strength.value})") for one in MAPPINGS
    ]
    sources = [f"- {source}" for source in dict.fromkeys(one.source for one in MAPPINGS)]
    return "\n".join(("### What is mapped to it\n", _MAPPED, *lines, "\nSources:\n", *sources))


def _item(text: str) -> str:
    return textwrap.fill(
        f"- {text}", 76, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _shown(topic: Topic) -> str:
    return f"# {topic.title}\n\n{topic.text}"


def _numbers() -> list[str]:
    """Return what standards call the rule, each once."""
    return [one for one in dict.fromkeys(control.id for control in CONTROLS) if one not in ("", RULE_ID)]


def _spellings(control: Control) -> set[str]:
    """Return how people call a control: by its number, with the standard before it or not."""
    number, version = control.id.lower(), control.version.lower()
    version = re.sub(r"^v(\d+\.\d+)\.0$", r"v\1", version)
    short = f"cis {version}" if control.standard.startswith("CIS") else control.standard.lower()
    found = {number, control.reference.lower(), f"{short} {number}", f"{short}/{number}"}
    return {*found, f"cis {number}"} if control.standard.startswith("CIS") else found


def _answers(asked: str, controls: Sequence[Control]) -> str:
    return f"{asked} is this rule in:\n\n{_by_profile(controls)}"


def _controls() -> str:
    return f"With what `sg-alarm audit --profile` takes to judge by it:\n\n{_by_profile(CONTROLS)}"


def _by_profile(controls: Sequence[Control]) -> str:
    """Return a list of profiles with the controls that each answers."""
    profiles = dict.fromkeys(one.profile for one in controls)
    answers = {name: [one.reference for one in controls if one.profile == name] for name in profiles}
    return "\n".join(
        textwrap.fill(f"- `{name}`: {', '.join(references)}", 76, subsequent_indent="  ")
        for name, references in answers.items()
    )
