"""Observed cases of filter patterns, and how our answers compare: `sg-alarm pattern test`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError
from sg_alarm.patterns import PatternError, compile_pattern


@dataclass(frozen=True)
class Case:
    """One observation; ``matches`` None says that AWS rejects the pattern."""

    id: str
    pattern: str
    event: str | Mapping[str, Any]
    matches: bool | None
    disputed: bool = False

    def answer(self) -> bool | None:
        """Our own answer."""
        try:
            return compile_pattern(self.pattern).matches(self.event)
        except PatternError:
            return None


@dataclass(frozen=True)
class Comparison:
    """All cases are ``agree`` or in ``disagree`` or, contradicting other observations, in ``disputed``."""

    total: int
    disagree: tuple[tuple[Case, bool | None], ...]
    disputed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report of ``--format json``."""
        return {
            "total": self.total,
            "agree": self.total - len(self.disagree) - len(self.disputed),
            "disagree": [case.id for case, _ in self.disagree],
            "disputed": list(self.disputed),
        }


def compare(cases: list[Case]) -> Comparison:
    """Answer every case and compare."""
    asserted = [(case, case.answer()) for case in cases if not case.disputed]
    return Comparison(
        len(cases),
        tuple((case, answer) for case, answer in asserted if answer is not case.matches),
        tuple(case.id for case in cases if case.disputed),
    )


def read_cases(path: Path) -> list[Case]:
    """Read a file of cases: a JSON array of ``{"id", "pattern", "event", "matches"}``.

    Raises UserError for anything else.
    """
    shape = 'wanted: [{"id": …, "pattern": …, "event": …, "matches": true, false or null}, …]'
    content = documents.load(path, shape)
    if not isinstance(content, list):
        raise UserError(f"{path} does not hold an array of cases", shape)
    return [_case(path, number, fields, shape) for number, fields in enumerate(content)]


def _case(path: Path, number: int, fields: Any, shape: str) -> Case:
    if not isinstance(fields, dict) or not {"id", "pattern", "event", "matches"} <= fields.keys():
        raise UserError(f"{path}, case {number}: a field is missing", shape)
    case = Case(
        str(fields["id"]), fields["pattern"], fields["event"], fields["matches"], bool(fields.get("disputed"))
    )
    if not isinstance(case.pattern, str) or not isinstance(case.event, (str, dict)):
        raise UserError(f"{path}, case {case.id}: pattern must be a text, event a text or an object", shape)
    if case.matches is not None and not isinstance(case.matches, bool):
        raise UserError(f"{path}, case {case.id}: matches must be true, false or null", shape)
    return case
