"""The code that fixes code: added to what is there, or put into it, it makes the verdict PASS."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import template_builder
from code_builder import ALARM, FILTER, LOG_GROUP, PROVIDER, TRAIL, WHOLE, changed, judged, without, written
from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    MANAGEMENT_ACCOUNT,
    Place,
    at_home,
    good,
    place,
    trail,
)
from sg_alarm.fixes import Code, fixes_for
from sg_alarm.fixes.fix import CHANGE
from sg_alarm.readers.terraform import read_root
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.reading import Language, Reading
from sg_alarm.rule.verdict import Verdict
from sg_alarm.sources import SILENT
from sg_alarm.sources.template import TemplateSource
from sg_alarm.unknown import Unknown

CONFORMITY = PROFILES["conformity"]
OUTSIDE = FILTER.replace("aws_cloudwatch_log_group.trail.name", '"CloudTrail/logs"')
IN_A_MODULE = {
    "main.tf": PROVIDER + 'module "logs" {\n  source = "./logs"\n}\n',
    "logs/main.tf": TRAIL + LOG_GROUP,
}
TAKEN = (
    ALARM.replace('"sg" {', '"security_group_changes" {')
    .replace('alarm_name          = "sg"', 'alarm_name          = "SecurityGroupConfigChangesAlarm"')
    .replace("aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name\n", '"Other"\n')
    .replace("aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].namespace", '"Other"')
)
CODEBASES = {
    "no alarm": without("alarm", "topic", "subscription"),
    "no filter": without("filter", "alarm", "topic", "subscription"),
    "a topic that no alarm notifies": without("alarm"),
    "a filter on a log group of another code": PROVIDER + OUTSIDE,
    "a filter that matches nothing of it": without("alarm").replace("SecurityGroup", "Bucket"),
    "a log group with several instances": without("filter", "alarm")
    .replace('"trail" {\n  name', '"trail" {\n  count = 1\n  name')
    .replace("log_group.trail.arn", "log_group.trail[0].arn"),
    "a log group in a module": IN_A_MODULE,
    "a trail without a log group": PROVIDER
    + TRAIL.replace('"${aws_cloudwatch_log_group.trail.arn}:*"', "null"),
    "neither trail nor filter": PROVIDER,
    "an alarm of that name on another metric": without("filter", "alarm") + TAKEN,
}


def apply(code: Code, root: Path) -> None:
    """Do with the code what it says: change what is there, add the rest."""
    block = rf"# {CHANGE}\n(resource .*? {{)\n(.*?)^}}\n"
    changes = re.findall(block, code.text, re.DOTALL | re.MULTILINE)
    assert code.adds is not bool(changes)
    main = root / "main.tf"
    for head, arguments in changes:
        text = main.read_text()
        start = text.index(head) + len(head)
        end = text.index("\n}", start)
        names = re.findall(r"^  (\w+) +=", arguments, re.MULTILINE)
        kept = [line for line in text[start:end].splitlines() if line.split("=")[0].strip() not in names]
        main.write_text("\n".join([text[:start], *kept, arguments]) + text[end:])
    (root / "fix.tf").write_text(re.sub(block, "", code.text, flags=re.DOTALL | re.MULTILINE), "utf-8")


def missing(reading: Reading, standard=CONFORMITY):
    assert reading.deployment
    return fixes_for(reading, evaluate(reading.deployment, standard), standard).missing


@pytest.mark.parametrize("standard", ["conformity", "securityhub", "cis-v5.0", "effective"])
@pytest.mark.parametrize("files", CODEBASES.values(), ids=CODEBASES)
def test_appended_to_the_codebase_it_makes_the_verdict_pass(files, standard, tmp_path):
    root = written(tmp_path, files)
    profile = PROFILES[standard]
    before = read_root(root, "root")
    assert judged(before, standard).verdict is Verdict.FAIL

    code = missing(before, profile)
    assert code is not None
    assert "example.com/" not in code.text
    apply(code, root)

    assert judged(read_root(root, "root"), standard).verdict is Verdict.PASS


POLICY = """
resource "aws_sns_topic_policy" "p" {
  arn    = aws_sns_topic.alarms.arn
  policy = jsonencode({ Statement = [local.of_events] })
}

locals {
  of_events = {
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = aws_sns_topic.alarms.arn
  }
}
"""
BROKEN = {
    "a trail that does not log": changed('"bucket"', '"bucket"\n  enable_logging = false'),
    "a filter that misses an operation": changed(" || ($.eventName = DeleteSecurityGroup)", ""),
    "a threshold that one change does not reach": changed("threshold           = 1", "threshold = 2"),
    "an alarm without an action": changed("[aws_sns_topic.alarms.arn]", "[]"),
    "an alarm that does not act": changed("statistic ", "actions_enabled = false\n  statistic "),
    "a topic that nobody subscribes": without("subscription"),
    "a topic whose policy leaves CloudWatch out": WHOLE + POLICY,
    "a key whose policy leaves CloudWatch out": WHOLE.replace(
        'name = "alarms"', 'name = "alarms"\n  kms_master_key_id = aws_kms_key.k.arn'
    )
    + 'resource "aws_kms_key" "k" {\n}\n',
    "the key of AWS": WHOLE.replace(
        'name = "alarms"', 'name = "alarms"\n  kms_master_key_id = "alias/aws/sns"'
    ),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_link_holds_with_its_fix(text, tmp_path):
    root = written(tmp_path, text)
    before = read_root(root, "root")
    judgement = evaluate(before.deployment, CONFORMITY)
    assert judgement.verdict is Verdict.FAIL

    (code,) = fixes_for(before, judgement, CONFORMITY).by_finding.values()
    apply(code, root)

    assert judged(read_root(root, "root")).verdict is Verdict.PASS, code.text


def test_what_is_there_is_used(tmp_path):
    """The filter where only the alarm is missing, the log group where the filter is missing, too."""
    on_filter = missing(read_root(written(tmp_path / "a", without("alarm")), "root"))
    on_group = missing(read_root(written(tmp_path / "b", without("filter", "alarm")), "root"))
    assert "aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name" in on_filter.text
    assert 'resource "aws_cloudwatch_log_metric_filter"' not in on_filter.text
    assert "log_group_name = aws_cloudwatch_log_group.trail.name" in on_group.text
    assert "aws_cloudtrail" not in on_group.text


def test_a_log_group_in_a_module_is_made_before_the_filter(tmp_path):
    code = missing(read_root(written(tmp_path, IN_A_MODULE), "root"))
    assert 'log_group_name = "trail"' in " ".join(code.text.split())
    assert "depends_on     = [module.logs]" in code.text


@pytest.mark.parametrize("standard", PROFILES.values(), ids=PROFILES)
def test_the_filter_has_the_text_of_the_standard_to_the_character(standard):
    code = missing(Reading("", at_home(metric_filters=(), alarms=())), standard)
    assert f'pattern        = "{standard.texts[0]}"' in code.text
    assert 'log_group_name = "CloudTrail/main"' in code.text


@pytest.mark.parametrize(
    ("deployment", "shown"),
    [
        pytest.param(good(trails=(), places=()), 'resource "aws_cloudtrail"', id="no trail"),
        pytest.param(
            good(
                trails=(trail(arn="a", log_group_arn=None), trail()),
                places=(place(metric_filters=(), alarms=()), Place(ACCOUNT, ELSEWHERE)),
            ),
            'log_group_name = "CloudTrail/main"',
            id="the trail that delivers",
        ),
    ],
)
def test_an_account_gets_what_it_lacks(deployment, shown):
    assert shown in missing(Reading("", deployment)).text


@pytest.mark.parametrize(
    "deployment",
    [
        pytest.param(good(trails=Unknown("access denied")), id="what could not be read may be there"),
        pytest.param(good(), id="nothing is missing"),
        pytest.param(
            good(
                trails=(trail(log_group_arn=f"arn:aws:logs:{HOME}:{MANAGEMENT_ACCOUNT}:log-group:x:*"),),
                places=(),
            ),
            id="the log group is in another account",
        ),
    ],
)
def test_where_it_cannot_be_written_exactly_there_is_none(deployment):
    assert missing(Reading("", deployment)) is None


def test_a_template_gets_resources_of_cloudformation(tmp_path):
    path = tmp_path / "stack.yaml"
    path.write_text(template_builder.without("filter", "alarm"), "utf-8")
    before = TemplateSource(path).read(SILENT).readings[0]
    code = missing(before)
    assert code.language is Language.CLOUDFORMATION

    path.write_text(path.read_text("utf-8") + code.text.removeprefix("Resources:\n"), "utf-8")

    assert judged(TemplateSource(path).read(SILENT).readings[0]).verdict is Verdict.PASS


def test_terraform_takes_it(tmp_path, terraform_binary, attached):
    """Beside the code that it was made for: laid out as by `terraform fmt`, and valid."""
    for number, files in enumerate(CODEBASES.values()):
        root = written(tmp_path / str(number), files)
        apply(missing(read_root(root, "root")), root)

    def terraform(*arguments, root=tmp_path):
        done = subprocess.run(
            [terraform_binary, *arguments, "-no-color"],
            cwd=root,
            env={**os.environ, **attached},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    terraform("fmt", "-check", "-diff", *(str(path) for path in tmp_path.rglob("fix.tf")))
    for name in ("neither trail nor filter", "a log group in a module"):
        root = tmp_path / str(list(CODEBASES).index(name))
        terraform("init", "-backend=false", root=root)
        terraform("validate", root=root)


def test_what_is_sensitive_is_not_written(tmp_path):
    text = changed(
        'endpoint  = "security@example.com"',
        'endpoint  = var.address\n  filter_policy = "{\\"x\\": [\\"y\\"]}"',
    )
    variable = 'variable "address" {\n  default   = "whistle@example.com"\n  sensitive = true\n}\n'
    before = read_root(written(tmp_path, text + variable), "root")
    judgement = evaluate(before.deployment, CONFORMITY)
    assert judgement.verdict is Verdict.FAIL

    assert fixes_for(before, judgement, CONFORMITY).by_finding == {}
