"""Code and its plan get the same verdict, wherever both can decide."""

from __future__ import annotations

import pytest

from code_builder import judged, written
from codebases import CODEBASES, Codebase
from plan_readings import read_plan
from planned import LEFT_OUT, PLANNED, VALUES
from sg_alarm.readers.terraform import Files, Loader, read_root
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.verdict import Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN

UNEQUAL = {
    "a policy in a heredoc": (PASS, UNKNOWN, "a plan does not hold the text of what is known after apply"),
    "a count that compares a region that is not in the code": (UNKNOWN, PASS, "Terraform asked for it"),
    "another metric": (FAIL, UNKNOWN, "a plan does not show whether a text is added to the filter's name"),
    "a topic policy for an account by number": (PASS, FAIL, "Terraform asked for the account"),
    "for_each over what only AWS knows": (UNKNOWN, PASS, "Terraform asked for the regions"),
    "a threshold by a function that is not evaluated": (UNKNOWN, PASS, "Terraform evaluates all functions"),
}
"""Where one of the two cannot tell: what the code's reader says, what the plan's, and why."""


def by_code(codebase: Codebase, folder) -> Verdict:
    code, given = written(folder / "code", codebase.files), folder / "given.tfvars"
    given.write_text(VALUES.get(codebase.name, codebase.given))
    loader = Loader(Files(code))
    return judged(read_root(code / codebase.root, codebase.name, (given,), loader)).verdict


def by_plan(plan) -> Verdict:
    (judgement,) = (evaluate(one, find_profile("conformity")) for one in read_plan(plan))
    return judgement.verdict


@pytest.mark.parametrize("codebase", PLANNED.values(), ids=str)
def test_code_and_plan_get_the_same_verdict(codebase, plans, tmp_path):
    code, plan = by_code(codebase, tmp_path), by_plan(plans[codebase.name])

    expected = UNEQUAL.get(codebase.name)
    assert (code, plan) == (expected[:2] if expected else (code, code))


def test_where_they_differ_one_of_them_cannot_tell_or_assumes():
    assert all((code is UNKNOWN) != (plan is UNKNOWN) or code is PASS for code, plan, _ in UNEQUAL.values())


def test_the_tables_name_codebases():
    assert {*LEFT_OUT, *VALUES, *UNEQUAL} <= {one.name for one in CODEBASES}
