"""The reader of code says of every codebase what must be said of it; and so does tfparse alone."""

from __future__ import annotations

import pytest

from code_builder import judged, written
from codebases import CODEBASES, FAIL, PASS, UNKNOWN, Codebase
from sg_alarm.readers.code import roots_below
from sg_alarm.readers.code.root import read_by_tfparse, read_root

# What tfparse alone cannot tell: it loses a null that is handed to a module.
LOST_BY_TFPARSE = {"alarms on a trail from a registry, on unless told otherwise"}


@pytest.fixture(params=[read_root, read_by_tfparse])
def judgements(request, tmp_path):
    """Judge every root of a codebase in this process; the judgements by folder."""

    def judge(codebase: Codebase):
        folder, given = written(tmp_path / "code", codebase.files), tmp_path / "given.tfvars"
        given.write_text(codebase.given)
        roots = {str(root.relative_to(folder)): root for root in roots_below(folder)}
        readings = {name: request.param(root, name, (given,)) for name, root in roots.items()}
        return {name: judged(one) for name, one in readings.items() if one.deployment is not None}

    judge.reader = request.param
    return judge


def with_verdict(verdict):
    return pytest.mark.parametrize("codebase", [one for one in CODEBASES if one.verdict is verdict], ids=str)


@with_verdict(PASS)
def test_passes(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]
    is_lost = judgements.reader is read_by_tfparse and codebase.name in LOST_BY_TFPARSE

    assert judgement.verdict is (UNKNOWN if is_lost else PASS), judgement.findings


@with_verdict(FAIL)
def test_fails_and_points_at(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]

    assert judgement.verdict is FAIL, judgement.findings
    assert codebase.points_at in {one.resource for one in judgement.findings if one.verdict is FAIL}


@with_verdict(UNKNOWN)
def test_cannot_tell_and_says_what_would_help(codebase, judgements):
    judgement = judgements(codebase)[codebase.root]

    assert judgement.verdict is UNKNOWN, judgement.findings
    if judgements.reader is read_root:
        findings = [one for one in judgement.findings if one.verdict is UNKNOWN]
        assert any(codebase.says in one.evidence for one in findings), findings
        assert not codebase.points_at or codebase.points_at in {one.resource for one in findings}


@pytest.mark.parametrize(
    "codebase", [one for one in CODEBASES if one.root != "." or one.verdict is None], ids=str
)
def test_judges_each_root_and_nothing_else(codebase, judgements):
    here = {} if codebase.verdict is None else {codebase.root: codebase.verdict}

    assert {root: one.verdict for root, one in judgements(codebase).items()} == {**here, **codebase.others}
