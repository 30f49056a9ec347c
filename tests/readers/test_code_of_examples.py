"""The project's own examples, whole and with one resource taken out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from code_builder import judgement_of, worst_resources
from sg_alarm.readers.code.hcl import parse
from sg_alarm.rule.verdict import Verdict

ROOT = Path(__file__).parents[2]
VALUES = {
    "minimal": "",
    "new-trail": 'email_addresses = ["security@example.com"]\n',
    "organization": 'email_addresses = ["security@example.com"]\norganization_id = "o-1234567890"\n',
}
# Without these the rest still works, or AWS itself says at once what is missing.
SPARE = {
    "aws_kms_alias.this": "nothing but a name for the key",
    "aws_sns_topic_policy.this": "the default policy of a topic lets alarms of its account publish",
    "aws_cloudwatch_event_rule.this": "beside the alarm",
    "aws_cloudwatch_event_target.this": "beside the alarm",
    "aws_s3_bucket_public_access_block.this": "good practice",
    "aws_s3_bucket_ownership_controls.this": "good practice",
    "aws_s3_bucket_versioning.this": "good practice",
    "aws_s3_bucket_server_side_encryption_configuration.this": "good practice",
    "aws_s3_bucket_lifecycle_configuration.this": "good practice",
    "aws_s3_bucket_logging.this": "good practice",
}


@pytest.fixture(autouse=True, params=["tfparse", "no tfparse"])
def evaluator(request, monkeypatch):
    """Each example is plain enough to be decided without tfparse as well."""
    if request.param == "no tfparse":
        monkeypatch.setenv("SG_ALARM_WITHOUT_TFPARSE", "1")


@pytest.fixture
def project(tmp_path):
    for name in ("examples", "modules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".terraform*"))
    return tmp_path


def judged(project: Path, example: str):
    values = project / "values.tfvars"
    values.write_text(VALUES.get(example, ""))
    return judgement_of(project / "examples" / example, values)


@pytest.mark.parametrize("example", VALUES)
def test_an_example_passes(example, project):
    assert judged(project, example).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("example", "resource"),
    [
        ("existing-topic", "module.security_group_changes_alarm.aws_cloudwatch_metric_alarm.this[0]"),
        ("complete", "module.security_group_changes_alarm.aws_sns_topic_subscription.this"),
    ],
)
def test_what_an_example_leaves_to_others_is_unknown(example, resource, project):
    """The topic of another code; addresses, and an account, that only a variable file names."""
    judgement = judged(project, example)

    assert judgement.verdict is Verdict.UNKNOWN
    assert resource in worst_resources(judgement)


def resources():
    for module in ("security-group-changes-alarm", "cloudtrail-to-cloudwatch-logs"):
        for file in sorted((ROOT / "modules" / module).glob("*.tf")):
            for block in parse(file.read_text("utf-8")):
                if block.kind == "resource":
                    yield file.relative_to(ROOT), ".".join(block.labels)


@pytest.mark.parametrize(
    ("file", "resource"),
    [pytest.param(*one, id=f"{one[0].parent.name}:{one[1]}") for one in resources() if one[1] not in SPARE],
)
def test_without_any_one_resource_the_example_does_not_pass(file, resource, project):
    path = project / file
    text = path.read_text("utf-8")
    block = next(one for one in parse(text) if one.kind == "resource" and ".".join(one.labels) == resource)
    start = text.rindex("resource", 0, block.open)
    path.write_text(text[:start] + text[block.close + 1 :])

    assert judged(project, "new-trail").verdict is not Verdict.PASS
