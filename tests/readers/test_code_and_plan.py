"""Code and its plan get the same verdict, wherever both can tell."""

from __future__ import annotations

import pytest

from code_builder import judged, written
from codebases import CODEBASES, PATTERN, Codebase
from planned import planned
from sg_alarm.audit import audit
from sg_alarm.readers.code.root import read_root
from sg_alarm.readers.plan import read_plan
from sg_alarm.rule.verdict import Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN

NOTHING = "there is nothing to judge"
NO_MODULE = "terraform init finds no such module"
NO_CODE = "Terraform cannot parse it"
LEFT_OUT = {
    "code without AWS": NOTHING,
    "no code": NOTHING,
    "a missing module that is about networks": NO_MODULE,
    "an alarm module that is not here": NO_MODULE,
    "a module that is not here, with the pattern as argument": NO_MODULE,
    "a metric filter and an alarm from a registry, not downloaded": NO_MODULE,
    "the alarms of a benchmark from a registry, not downloaded": NO_MODULE,
    "alarms on a trail from a registry, not downloaded": NO_MODULE,
    "a file that cannot be parsed": NO_CODE,
    "JSON that cannot be parsed": NO_CODE,
    "a variable file that cannot be parsed": NO_CODE,
    "bytes that are no text": NO_CODE,
    "a reference to nothing": "Terraform refuses what is not declared",
    "a pattern in a file that is not here": "Terraform refuses a file that is not there",
    "the group by the state of another code": "there is no such state",
}
"""Codebases that Terraform does not plan, and why."""

VALUES = {
    "the group by a variable": 'g = "of-another-code"',
    "a mail address from a variable": 'mail = "a@example.com"',
    "names with a variable in them": 'prefix = "acme"',
    "a count that hangs on a variable without value": "on = true",
    "a count that compares a text without value": 'stage = "prod"',
    "a count that hangs on the length of a list without value": 'l = ["a"]',
    "a pattern chosen by a text without value": 'stage = "dev"',
    "a pattern looked up by a text without value": 'stage = "prod"',
    "a module that may be switched off": "on = false",
    "a module whose argument has no value": "on = true",
    "selectors without value": 's = ["ReadOnly"]',
    "for_each over a list without value": 'mails = ["a@example.com"]',
    "a pattern without value": f"p = {PATTERN}",
    "a pattern with an operation without value": 'p = "DeleteSecurityGroup"',
    "a threshold without value": "t = 1",
    "an action of another code": 'topic = "arn:aws:sns:eu-west-1:123456789012:theirs"',
    "actions without value": "topics = []",
    "a key that may be set": 'key = "alias/aws/sns"',
    "a key on a condition that nobody knows": "encrypt = true",
    "dynamic metrics without value": 'm = ["a"]',
    "a module for each of what nobody knows": 'x = ["a"]',
}
"""Variables that Terraform asks for; given to both readers."""

UNEQUAL = {
    "a policy in a heredoc": (PASS, UNKNOWN, "a plan does not hold the text of what is known after apply"),
    "a count that compares the region": (UNKNOWN, PASS, "Terraform asked for the region"),
    "a count that compares the region by a local": (UNKNOWN, PASS, "Terraform asked for the region"),
    "actions chosen by the account": (UNKNOWN, PASS, "Terraform asked for the account"),
    "a topic policy for an account by number": (UNKNOWN, FAIL, "Terraform asked for the account"),
    "for_each over what only AWS knows": (UNKNOWN, PASS, "Terraform asked for the regions"),
    "a pattern from a template": (UNKNOWN, PASS, "tfparse has no templatefile()"),
    "alarms on a trail from a registry, on unless told otherwise": (
        UNKNOWN,
        PASS,
        "tfparse loses a null that is handed to a module",
    ),
}
"""Where one of the two cannot tell: what the code's reader says, what the plan's, and why."""

PLANNED = {one.name: one for one in CODEBASES if one.name not in LEFT_OUT}


@pytest.fixture(scope="session")
def plans(tmp_path_factory, local_aws, terraform_binary, terraform_environment):
    """The plans of all codebases, on an account that has the log group which some of them only name."""
    local_aws.client("logs", "eu-west-1").create_log_group(logGroupName="of-another-code")
    return planned(
        {name: (one, VALUES.get(name, "")) for name, one in PLANNED.items()},
        tmp_path_factory.mktemp("codebases"),
        terraform_binary,
        {**local_aws.environment(), **terraform_environment},
    )


def by_code(codebase: Codebase, folder) -> Verdict:
    root, given = written(folder / "code", codebase.files) / codebase.root, folder / "given.tfvars"
    given.write_text(VALUES.get(codebase.name, codebase.given))
    return judged(read_root(root, codebase.name, (given,))).verdict


def by_plan(plan) -> Verdict:
    (judgement,) = audit(read_plan(plan), "conformity").judgements
    return judgement.verdict


@pytest.mark.parametrize("codebase", PLANNED.values(), ids=str)
def test_code_and_plan_get_the_same_verdict(codebase, plans, tmp_path):
    code, plan = by_code(codebase, tmp_path), by_plan(plans[codebase.name])

    expected = UNEQUAL.get(codebase.name)
    assert (code, plan) == (expected[:2] if expected else (code, code))


def test_where_they_differ_one_of_them_cannot_tell():
    assert all((code is UNKNOWN) != (plan is UNKNOWN) for code, plan, _ in UNEQUAL.values())


def test_the_tables_name_codebases():
    assert {*LEFT_OUT, *VALUES, *UNEQUAL} <= {one.name for one in CODEBASES}
