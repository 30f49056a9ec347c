"""The remedies of the handbook are true: they are carried out, and the rule passes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from aws_cli import RefusedError, request, write_executable
from chains import ACCOUNT
from code_builder import judgement_of
from handbook_blocks import LINK_NAMES, blocks, local_modules, template, terraform
from own_examples import ROOT
from sg_alarm.aws import Aws
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PATTERN_OF_SIX, find_profile
from sg_alarm.rule.standards import RULE_ID
from sg_alarm.rule.verdict import Link, Verdict
from template_builder import judged, reading_of

pytestmark = pytest.mark.slow

REGION = "eu-west-1"
ADDRESS = "security@example.com"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:CloudWatchAlarmSNSTopic"


class Account:
    """An account on the embedded AWS whose owner types what the handbook says."""

    def __init__(self, server, folder: Path) -> None:
        server.reset()
        self.server = server
        self.folder = folder
        write_executable(folder)

    def client(self, service: str):
        return self.server.client(service, REGION)

    def type(self, script: str) -> None:
        token = ""
        if "TOKEN-IN-THE-LINK" in script:
            token = self.server.outbox(ADDRESS)[-1].token
        script = script.replace("111122223333", ACCOUNT).replace("TOKEN-IN-THE-LINK", token)
        environment = {**os.environ, **self.server.environment()}
        environment |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        environment["PATH"] = f"{self.folder}:{environment['PATH']}"
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def fix(self, link: str, begin: int = 0) -> None:
        for block in blocks(link, "sh")[begin:]:
            self.type(block)

    def judged(self, profile: str = "effective"):
        aws = Aws(None, REGION, self.server.endpoint)
        return evaluate(read_account(aws, Scope((REGION,))), find_profile(profile))

    def broken(self) -> set[str]:
        found = self.judged().findings
        return {one.link.value for one in found if one.verdict is not Verdict.PASS}


@pytest.fixture(scope="module")
def account(server, tmp_path_factory):
    """An account in which every command of every link was typed, in the order of the handbook."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        made = Account(server, tmp_path_factory.mktemp("bin"))
        for link in LINK_NAMES:
            made.fix(link)
        yield made


@pytest.mark.parametrize("profile", ["conformity", "securityhub", "effective"])
def test_an_account_without_anything_passes_after_all_commands(account, profile):
    assert account.judged(profile).verdict is Verdict.PASS


def _another_pattern(account: Account, pattern: str, metric: str) -> None:
    account.client("logs").put_metric_filter(
        logGroupName="CloudTrail/logs",
        filterName="SecurityGroupConfigChanges",
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": metric, "metricNamespace": "CloudTrailMetrics", "metricValue": "1"}
        ],
    )


def _stop_the_trail(account: Account) -> None:
    trail = account.client("cloudtrail")
    trail.put_event_selectors(
        TrailName="management-events",
        EventSelectors=[{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}],
    )
    trail.stop_logging(Name="management-events")


def _deliver_elsewhere(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="elsewhere")
    account.client("cloudtrail").update_trail(
        Name="management-events",
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:elsewhere:*",
    )


def _alarm_on_five(account: Account) -> None:
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="SecurityGroupConfigChangesAlarm",
        Namespace="CloudTrailMetrics",
        MetricName="SecurityGroupEventCount",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Threshold=5,
        AlarmActions=[TOPIC],
    )


def _shut_the_topic(account: Account) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": TOPIC}],
    }
    account.client("sns").set_topic_attributes(
        TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


def _unsubscribe(account: Account) -> None:
    sns = account.client("sns")
    for one in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


BREAKING: dict[str, Callable[[Account], object]] = {
    "trail": _stop_the_trail,
    "log group": _deliver_elsewhere,
    "metric filter": lambda account: _another_pattern(
        account, "{ $.eventName = CreateSecurityGroup }", "SecurityGroupEventCount"
    ),
    "metric": lambda account: _another_pattern(account, PATTERN_OF_SIX, "Typo"),
    "alarm": _alarm_on_five,
    "action": lambda account: account.client("cloudwatch").disable_alarm_actions(
        AlarmNames=["SecurityGroupConfigChangesAlarm"]
    ),
    "topic": _shut_the_topic,
    "key": lambda account: account.client("sns").set_topic_attributes(
        TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
    ),
    "subscription": _unsubscribe,
}


def test_every_link_is_broken_here():
    assert tuple(BREAKING) == LINK_NAMES


@pytest.mark.parametrize("link", LINK_NAMES)
def test_the_commands_of_a_link_fix_it(link, account):
    """Without the first block where that makes what is there: trail, log group and role."""
    BREAKING[link](account)
    assert account.broken()
    account.fix(link, begin=link in ("trail", "log group"))
    # A trail shows after any call that it delivers.
    account.client("logs").create_log_group(logGroupName=f"any-call-after-{link.replace(' ', '-')}")
    assert account.broken() == set()


def test_commands_that_aws_does_not_know_would_be_refused():
    for words in (
        ["nothing", "describe"],
        ["sns", "make-topic"],
        ["sns", "create-topic", "--title", "x"],
        ["sns", "subscribe", "--endpoint", "x"],
        ["logs", "put-metric-filter", "--metric-transformations", "name=x"],
    ):
        with pytest.raises(RefusedError):
            request(words)


def test_the_terraform_of_all_links_is_a_root_module_that_passes(tmp_path):
    (tmp_path / "main.tf").write_text(terraform())
    assert judgement_of(tmp_path).verdict is Verdict.PASS


@pytest.mark.parametrize("link", ["log group", "metric filter", "alarm", "topic", "key", "subscription"])
def test_without_the_terraform_of_a_link_it_does_not(link, tmp_path):
    """But for the trail: one of another code is assumed."""
    (tmp_path / "main.tf").write_text(terraform(name for name in LINK_NAMES if name != link))
    assert judgement_of(tmp_path).verdict is not Verdict.PASS


def test_the_terraform_of_the_rule_passes(tmp_path):
    shutil.copytree(ROOT / "modules", tmp_path / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    (tmp_path / "live").mkdir()
    code = "\n".join(blocks(RULE_ID, "terraform"))
    (tmp_path / "live/main.tf").write_text(local_modules(code, Path("../modules")))
    assert judgement_of(tmp_path / "live", inside=tmp_path).verdict is Verdict.PASS


def test_terraform_takes_the_code_of_all_links(workspace, tmp_path, terraform_binary, attached):
    code = terraform() + "\n" + local_modules("\n".join(blocks(RULE_ID, "terraform")), workspace / "modules")
    (tmp_path / "main.tf").write_text(code)
    environment = attached | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    for command in (["fmt", "-check"], ["init"], ["validate"]):
        done = subprocess.run(
            [terraform_binary, *command, "-no-color"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_cloudformation_of_all_links_is_a_template_that_passes(tmp_path):
    path = tmp_path / "chain.yaml"
    path.write_text(template())
    assert judged(reading_of(path), "effective").verdict is Verdict.PASS


def test_cfn_lint_finds_nothing_in_the_template():
    found = lint(template(), config=ManualArgs(regions=[REGION]))
    assert [str(one) for one in found] == []


def test_the_stack_of_the_rule_names_parameters_that_the_template_has(repository):
    (command,) = blocks(RULE_ID, "sh")
    path = re.search(r"--template-file (\S+)", command)[1]
    names = re.findall(r"(\w+)=", command)
    text = (repository / path).read_text("utf-8")
    declared = yaml.load(re.sub(r"!\w+", "", text), yaml.SafeLoader)["Parameters"]
    assert names
    assert set(names) <= set(declared)


def test_patterns_are_the_published_ones_everywhere():
    found = {
        text
        for language in ("sh", "terraform", "yaml")
        for block in blocks(Link.METRIC_FILTER.value, language)
        for text in re.findall(r"[\"'](\{ .* \})[\"']", block)
    }
    assert PATTERN_OF_SIX in found
    assert len(found) == 2
