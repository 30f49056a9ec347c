"""The project's own examples, whole and with one resource taken out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from code_builder import judgement_of
from own_examples import ROOT, SPARE, VALUES, removable, without_resource
from sg_alarm.rule.verdict import Verdict


@pytest.fixture
def project(tmp_path):
    for name in ("examples", "modules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".terraform*"))
    return tmp_path


def judged(project: Path, example: str):
    values = project / "values.tfvars"
    values.write_text(VALUES.get(example, ""))
    return judgement_of(project / "examples" / example, values, inside=project)


EXAMPLES = ("complete", "existing-topic", "minimal", "new-trail", "organization")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_passes_with_values_and_without(example, project):
    assert judged(project, example).verdict is Verdict.PASS
    assert judgement_of(project / "examples" / example, inside=project).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("file", "resource"),
    [pytest.param(*one, id=f"{one[0].parent.name}:{one[1]}") for one in removable() if one[1] not in SPARE],
)
def test_without_any_one_resource_the_example_does_not_pass(file, resource, project):
    without_resource(project / file, resource)

    assert judged(project, "new-trail").verdict is not Verdict.PASS
