"""The project's own examples in Checkov, whole and with one resource taken out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checkov_run import run_checkov, verdict_of
from code_builder import EACH_ALONE, written
from own_examples import SPARE, VALUES, removable, without_resource
from sg_alarm.rule.verdict import Verdict

ROOT = Path(__file__).parents[2]
REMOVABLE = [one for one in removable() if one[1] not in SPARE]


def copied(folder: Path, example: str) -> Path:
    """Copy the modules and one example, with values for its variables, as a user has them."""
    ignored = shutil.ignore_patterns(".terraform*")
    shutil.copytree(ROOT / "modules", folder / "modules", ignore=ignored)
    shutil.copytree(ROOT / "examples" / example, folder / "examples" / example, ignore=ignored)
    (folder / "examples" / example / "terraform.tfvars").write_text(VALUES[example])
    return folder


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Each example, and one of them without each resource, in one scan: the record, by the copy's name."""
    folder = tmp_path_factory.mktemp("examples")
    for example in VALUES:
        copied(folder / example, example)
    for number, (file, resource) in enumerate(REMOVABLE):
        without_resource(copied(folder / f"without-{number}", "new-trail") / file, resource)
    written(folder, EACH_ALONE)
    run = run_checkov("-d", ".", frameworks=["terraform"], cwd=folder)
    found = {}
    for record in run.records:
        copy = (record.get("caller_file_path") or record["file_path"]).split("/")[1]
        assert copy not in found, "one finding for each root module"
        found[copy] = record
    return found


@pytest.mark.parametrize("example", VALUES)
def test_an_example_passes(example, records):
    assert verdict_of(records[example]) is Verdict.PASS


@pytest.mark.parametrize("number", range(len(REMOVABLE)), ids=[resource for _, resource in REMOVABLE])
def test_without_any_one_resource_it_is_a_failed_check(number, records):
    assert verdict_of(records[f"without-{number}"]) is not Verdict.PASS
