"""The code that fixes a link: what it says, that the link then holds, and when there is none."""

from __future__ import annotations

import subprocess

import pytest

from deployment_builder import (
    ELSEWHERE,
    HOME,
    KEY_ARN,
    OTHER_ACCOUNT,
    TOPIC_ARN,
    alarm,
    at_home,
    good,
    key_policy,
    policy,
    replace_text,
    statement,
    topic,
    with_alarm,
    with_filter,
    with_key,
    with_queue,
    with_subscription,
    with_topic,
    with_topic_policy,
    with_trail,
)
from message_setups import with_function
from sg_alarm.alarms import AlarmMuteRule
from sg_alarm.fixes import fix_for
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import AdvancedEventSelector, Delivery, EventSelector, FieldSelector, Queue
from sg_alarm.rule.operations import PATTERN_OF_SECURITY_HUB, PATTERN_OF_SEVEN, PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown

CONFORMITY = PROFILES["conformity"]
FIVE = PATTERN_OF_SIX.replace(" || ($.eventName = DeleteSecurityGroup)", "")
DATA_EVENTS = AdvancedEventSelector((FieldSelector("eventCategory", equals=("Data",)),))
OTHERS = statement(Principal={"Service": "events.amazonaws.com"})


def broken_in(deployment, profile=CONFORMITY):
    return [one for one in evaluate(deployment, profile).findings if one.verdict is Verdict.FAIL]


def fixed(deployment, profile=CONFORMITY, address=""):
    """The code for the only link that is broken."""
    (finding,) = broken_in(deployment, profile)
    addresses = {finding.resource: address} if address else {}
    code = fix_for(deployment, profile, evaluate(deployment, profile), finding, addresses)
    assert code
    return code.text


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines()]


CASES = [
    ("a stopped trail", with_trail(is_logging=False), ["enable_logging = true"]),
    ("one region", with_trail(is_multi_region=False), ["is_multi_region_trail = true"]),
    (
        "only reads",
        with_trail(event_selectors=(EventSelector("ReadOnly"),)),
        ["event_selector {", 'read_write_type = "All"'],
    ),
    (
        "only data, by advanced selectors",
        with_trail(event_selectors=(DATA_EVENTS,)),
        ["advanced_event_selector {", 'equals = ["Management"]'],
    ),
    (
        "a role that may not write",
        with_trail(delivery=Delivery("2026-01-31T12:00:00Z", "AccessDenied")),
        ['role = "cloudtrail-to-logs"', 'Action = ["logs:CreateLogStream", "logs:PutLogEvents"]'],
    ),
    (
        "an operation that is missed",
        with_filter(FIVE),
        ['pattern = "{ ($.eventName = DeleteSecurityGroup) }"', 'log_group_name = "CloudTrail/main"'],
    ),
    (
        "a condition too many",
        with_filter('{ ($.eventName = "*SecurityGroup*") && ($.awsRegion = "eu-west-1") }'),
        [f'pattern = "{PATTERN_OF_SIX}"'],
    ),
    ("five periods of five", with_alarm(evaluation_periods=5), ["evaluation_periods = 1"]),
    ("too high a threshold", with_alarm(threshold=5.0), ["threshold = 1"]),
    ("silence breaches", with_alarm(treat_missing_data="breaching"), ['treat_missing_data = "notBreaching"']),
    ("actions disabled", with_alarm(actions_enabled=False), ["actions_enabled = true"]),
    ("no action", with_alarm(alarm_actions=()), [f'alarm_actions = ["{TOPIC_ARN}"]']),
    ("no topic", at_home(topics=()), ['name = "CloudWatchAlarmSNSTopic"', 'protocol = "email"']),
    (
        "a policy that leaves CloudWatch out",
        with_topic_policy(OTHERS),
        [
            'resource "aws_sns_topic_policy" "cloud_watch_alarm_sns_topic" {',
            '"aws:SourceAccount" = "111122223333"',
        ],
    ),
    (
        "the key of AWS",
        with_topic(kms_key="alias/aws/sns"),
        ["kms_master_key_id = aws_kms_key.security_alarms.arn"],
    ),
    ("a disabled key", with_key(state="Disabled"), ["is_enabled = true"]),
    (
        "a key that leaves CloudWatch out",
        with_key(policy=policy(OTHERS)),
        [f'key_id = "{KEY_ARN}"', 'Action = ["kms:Decrypt", "kms:GenerateDataKey*"]'],
    ),
    ("no subscription", with_topic(subscriptions=()), ['endpoint = "security@example.com"']),
    ("a filter policy", with_subscription(filter_policy={"x": ["y"]}), ["filter_policy = null"]),
    (
        "a queue that lets nobody in",
        with_queue(Queue()),
        [
            'queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/tickets"',
            'Action = "sqs:SendMessage"',
        ],
    ),
    (
        "a function that lets nobody in",
        with_function(Queue(policy())),
        [
            'resource "aws_lambda_permission" "notify" {',
            'principal = "sns.amazonaws.com"',
            f'source_arn = "{TOPIC_ARN}"',
        ],
    ),
]


def named(cases):
    return [pytest.param(*values, id=name) for name, *values in cases]


@pytest.mark.parametrize(("deployment", "expected"), named(CASES))
def test_the_code_says_what_is_to_be(deployment, expected):
    text = fixed(deployment)
    for line in expected:
        assert line in lines(text), text


def test_terraform_would_format_it_no_other_way(tmp_path, terraform_binary):
    for number, (_, deployment, _) in enumerate(CASES):
        (tmp_path / f"{number}.tf").write_text(fixed(deployment), "utf-8")
    done = subprocess.run(
        [terraform_binary, "fmt", "-check", "-diff", tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_key_both_disabled_and_closed_is_fixed_in_both_respects():
    text = fixed(with_key(state="Disabled", policy=policy(OTHERS)))
    assert "is_enabled = true" in text
    assert "kms:Decrypt" in text


def test_what_a_policy_allows_already_stays():
    text = fixed(with_topic_policy(OTHERS))
    assert text.count("Effect") == 2
    assert "events.amazonaws.com" in text


def test_security_hub_gets_its_text_to_the_letter():
    profile = PROFILES["securityhub"]
    text = fixed(with_filter(PATTERN_OF_SEVEN), profile)
    assert f'"{PATTERN_OF_SECURITY_HUB}"' in text


def test_the_code_keeps_the_name_that_the_resource_has_there():
    text = fixed(with_alarm(actions_enabled=False), address='module.a["x"].aws_cloudwatch_metric_alarm.sg[0]')
    assert '\nresource "aws_cloudwatch_metric_alarm" "sg" {' in text


NONE = [
    ("a person must confirm", with_subscription(confirmed=False)),
    ("a denial stands against it", with_topic_policy(statement(), statement(Effect="Deny", Principal="*"))),
    (
        "part of the policy is unknown",
        with_topic_policy({**OTHERS, "Action": Unknown("not known before apply")}),
    ),
    ("a variable in the policy", with_topic_policy({**OTHERS, "Resource": "${aws:username}"})),
    (
        "a mute rule",
        at_home(mute_rules=(AlarmMuteRule("night", ("SecurityGroupConfigChangesAlarm",), "ACTIVE"),)),
    ),
    ("whoever deletes a key means it", with_key(state="PendingDeletion")),
    ("no trail", good(trails=())),
    ("a trail of another account", with_trail(arn=f"arn:aws:cloudtrail:{ELSEWHERE}:{OTHER_ACCOUNT}:trail/x")),
    (
        "two topics that can be meant",
        at_home(alarms=(alarm(alarm_actions=()),), topics=(topic(), topic(arn=f"{TOPIC_ARN}2"))),
    ),
    (
        "names that are placeholders",
        replace_text(with_key(policy=key_policy(Principal={"Service": "x"})), HOME, "${region}"),
    ),
]


@pytest.mark.parametrize("deployment", named(NONE))
def test_where_it_cannot_be_written_exactly_there_is_none(deployment):
    findings = broken_in(deployment)
    assert findings
    judgement = evaluate(deployment, CONFORMITY)
    assert [fix_for(deployment, CONFORMITY, judgement, one, {}) for one in findings] == [None] * len(findings)


def test_what_holds_or_is_unknown_is_not_fixed():
    unread = good(trails=Unknown("access denied"))
    judgement = evaluate(unread, CONFORMITY)
    assert {one.verdict for one in judgement.findings} == {Verdict.UNKNOWN, Verdict.PASS}
    assert {fix_for(unread, CONFORMITY, judgement, one, {}) for one in judgement.findings} == {None}


def test_hostile_names_stay_texts():
    name = 'x" }\nresource "null_resource" "evil" {'
    text = fixed(with_alarm(actions_enabled=False, name=name))
    assert '\nresource "null_resource"' not in text
    assert text.count("\n") == 5
