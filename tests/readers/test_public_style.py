"""Repositories in the style of public ones get the verdict that their owners can gate on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from public_style import HOLDING, LACKING, Public
from scans import scan
from sg_alarm.rule.verdict import Verdict

PASS = Verdict.PASS


@dataclass(frozen=True)
class Answer:
    """What a scan answers: its verdict, the findings that decide, and the notes; texts with their advice."""

    verdict: Verdict | None
    findings: tuple
    notes: tuple

    @property
    def says(self):
        findings = (f"{one.evidence}; {one.remedy}" for one in self.findings)
        return "\n".join((*findings, *(one.text for one in self.notes)))


def answer(folder) -> Answer:
    """Judge a codebase as a whole."""
    report = scan(folder)
    verdict = report.verdict if report.subjects else None
    findings = (one for judgement in report.judgements for one in judgement.findings)
    notes = (one for judgement in report.judgements for one in judgement.notes)
    return Answer(verdict, tuple(one for one in findings if one.verdict is verdict), tuple(notes))


def written(folder, codebase: Public):
    """Write the files of a codebase; return the folder."""
    for name, text in codebase.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_there_are_enough_of_them_to_be_conclusive():
    assert len(HOLDING) >= 50
    assert len(LACKING) >= 20
    assert len({one.name for one in (*HOLDING, *LACKING)}) == len(HOLDING) + len(LACKING)


@pytest.mark.parametrize("codebase", [*HOLDING, *LACKING], ids=str)
def test_public_style_codebase(codebase, tmp_path):
    found = answer(written(tmp_path, codebase))

    assert found.verdict is codebase.verdict, found.says
    assert codebase.says in found.says
    if codebase.verdict not in (PASS, None):
        assert codebase.link is None or codebase.link in {one.link for one in found.findings}, found.says
        assert not codebase.points_at or codebase.points_at in {one.resource for one in found.findings}


def test_nine_in_ten_that_hold_the_alarm_pass_and_none_that_lacks_it(tmp_path):
    def passing(codebases):
        for number, one in enumerate(codebases):
            folder = tmp_path / f"{codebases is HOLDING}-{number}"
            folder.mkdir()
            if answer(written(folder, one)).verdict is PASS:
                yield one.name

    assert len(list(passing(HOLDING))) >= 0.9 * len(HOLDING)
    assert list(passing(LACKING)) == []
