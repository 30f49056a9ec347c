"""`sg-alarm audit` of an account, as a user meets it: verdict, reports, exit codes, errors."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

import logs_call
from chains import ACCOUNT, ALARM_NAME, FILTER_NAMES, GROUP, METRIC, TRAIL, make_good_chain, make_trail
from json_reports import untimed
from sg_alarm.aws import Aws
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.reports.formats import FORMATS
from sg_alarm.rule.contract import SCHEMA_VERSION
from sg_alarm.rule.operations import ELEVEN, SEVEN, SIX

REGION = "eu-west-1"
LINKS = ("trail", "log group", "metric filter", "metric", "alarm", "action", "topic", "subscription")


def marks(table: str) -> list[tuple[str, str]]:
    """Return mark and link of every line of the chains in a table."""
    names = sorted(LINKS, key=len, reverse=True)
    return [
        (line[0], next(name for name in names if line[2:].startswith(name)))
        for line in table.splitlines()
        if line[:1] in ("✔", "✘", "?")
    ]


# A good chain


def test_a_good_chain_passes(audit, chain):
    done = audit()
    assert (done.code, done.report["verdict"], done.err) == (0, "PASS", "")
    assert {operation["name"]: operation["verdict"] for operation in done.report["operations"]} == (
        dict.fromkeys(ELEVEN, "PASS")
    )
    assert {finding["verdict"] for finding in done.report["findings"]} == {"PASS"}
    (account,) = done.report["accounts"]
    assert (account["account"], account["regions"]) == (ACCOUNT, [REGION])


def test_the_json_has_what_its_contract_promises(audit, chain):
    report = audit().report
    names = [
        "schema_version",
        "profile",
        "verdict",
        "accounts",
        "operations",
        "findings",
        "waived",
        "controls",
    ]
    assert list(report) == [*names, "not_here", "audit"]
    assert (report["schema_version"], report["profile"]) == (SCHEMA_VERSION, "conformity")
    assert [operation["name"] for operation in report["operations"]] == list(ELEVEN)
    assert {name for operation in report["operations"] for name in operation} >= {"name", "verdict"}
    assert tuple(dict.fromkeys(finding["link"] for finding in report["findings"])) == LINKS
    for finding in report["findings"]:
        assert finding.keys() >= {"link", "resource", "verdict", "evidence", "remedy"}


def test_the_report_says_who_asked_and_for_which_regions(audit, chain):
    made = audit("--region", REGION).report["audit"]
    assert made["caller"].startswith("arn:aws:sts::")
    assert ACCOUNT in made["caller"]
    assert (made["source"], made["scope"]) == ("the AWS account", REGION)
    assert audit("--all-regions").report["audit"]["scope"] == "all regions"


def test_the_table_shows_the_verdict_first_and_then_the_chain(audit, chain):
    done = audit(form="table")
    assert done.code == 0
    first = f"PASS  changes of security groups in account {ACCOUNT}, {REGION}  (conformity)"
    assert done.out.splitlines()[0] == first
    assert marks(done.out) == [("✔", link) for link in LINKS]
    assert "module" not in done.out


def test_a_csv_has_a_row_for_each_finding(audit, chain):
    done = audit(form="csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert tuple(row["link"] for row in rows) == LINKS
    assert {(row["account"], row["verdict"]) for row in rows} == {(ACCOUNT, "PASS")}
    assert rows[0]["operations"].split() == list(SIX)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("asff", "ocsf")])
def test_a_report_goes_to_a_file_instead(audit, chain, tmp_path, form):
    file = tmp_path / "report"
    shown = audit(form=form)
    written = audit("--output", str(file), form=form)
    assert (written.code, written.out) == (0, "")
    assert untimed(file.read_text("utf-8")) == untimed(shown.out)


@pytest.mark.parametrize(
    ("profile", "operations"), [("effective", ELEVEN), ("securityhub", SIX), ("cis-v5.0", SEVEN)]
)
def test_each_profile_asks_for_its_own_operations(audit, chain, profile, operations):
    done = audit("--profile", profile)
    assert (done.code, done.report["profile"]) == (0, profile)
    asked = [operation["name"] for operation in done.report["operations"] if operation["in_profile"]]
    assert asked == list(operations)


def test_what_one_profile_accepts_another_refuses(audit, chain):
    chain.client("logs").delete_metric_filter(logGroupName=GROUP, filterName="other-changes")
    assert [audit("--profile", name).code for name in ("conformity", "effective")] == [0, 1]


def test_a_multi_region_trail_passes_for_every_region(audit, chain):
    done = audit("--all-regions")
    assert done.code == 0
    (account,) = done.report["accounts"]
    enabled = chain.client("ec2").describe_regions()["Regions"]
    assert account["regions"] == sorted(region["RegionName"] for region in enabled)


def test_a_trail_of_one_region_leaves_gaps_in_the_others(audit, aws):
    make_good_chain(aws, REGION, IsMultiRegionTrail=False)
    assert audit("--region", REGION).code == 0
    done = audit("--region", REGION, "--region", "us-east-1")
    assert done.code == 1
    gaps = {
        region
        for operation in done.report["operations"]
        for account in operation["gaps"]
        for region in account["regions"]
    }
    assert gaps == {"us-east-1"}
    assert audit("--all-regions").code == 1


def test_without_a_multi_region_trail_every_enabled_region_is_asked_about(audit, aws):
    chain = make_good_chain(aws, REGION, IsMultiRegionTrail=False)
    done = audit()
    assert done.code == 1
    enabled = sorted(region["RegionName"] for region in chain.client("ec2").describe_regions()["Regions"])
    (account,) = done.report["accounts"]
    assert account["regions"] == enabled
    assert not notes(done, "scope")


def notes(done, kind: str) -> list[str]:
    return [note["text"] for one in done.report["accounts"] for note in one["notes"] if note["kind"] == kind]


@pytest.mark.parametrize("options", [[], ["--region", REGION]])
def test_a_pass_names_the_regions_that_it_rests_on(audit, chain, options):
    done = audit(*options)
    assert done.code == 0
    (reported,) = notes(done, "scope")
    assert reported.startswith(f"no region but {REGION} was asked about")


def test_a_pass_in_every_region_leaves_none_out(audit, chain):
    done = audit("--all-regions")
    assert (done.code, notes(done, "scope")) == (0, [])


def test_predictions_are_a_table_beside_the_truth(audit, chain):
    chain.put_alarm(Threshold=100)
    done = audit("--predict", form="table")
    assert done.code == 1
    reported = {line.split()[1]: line.split()[2] for line in done.out.splitlines()[1:] if line[0] in "✔✘?-"}
    assert reported["effective"] == "FAIL"
    assert (reported["cis-v4.0"], reported["security-hub"], reported["prowler"]) == ("PASS", "PASSED", "PASS")


def test_predictions_can_be_had_as_json(audit, chain):
    (account,) = json.loads(audit("--predict").out)["accounts"]
    answers = {one["id"]: one for one in account["reviewers"]}
    assert (account["account"], account["verdict"]) == (ACCOUNT, "PASS")
    assert answers["effective"]["answer"] == "PASS"
    assert answers["powerpipe"] == {
        "id": "powerpipe",
        "title": "Powerpipe, AWS Compliance v1.13",
        "answer": "alarm",
        "verdict": "FAIL",
        "reason": "no metric filter names all seven operations in the order of CIS v5.0",
        "source": answers["powerpipe"]["source"],
    }
    assert answers["config"]["verdict"] is None


def test_a_region_without_the_chain_sees_the_trail_that_is_elsewhere(audit, chain):
    done = audit("--region", "us-east-1")
    assert (done.code, done.link("alarm")["resource"]) == (0, chain.alarm_arn)


def test_a_region_named_twice_is_audited_once(audit, chain):
    (account,) = audit("--region", REGION, "--region", REGION).report["accounts"]
    assert account["regions"] == [REGION]


# A broken chain


BREAKS = {
    "trail": lambda chain: chain.client("cloudtrail").stop_logging(Name=TRAIL),
    "metric filter": lambda chain: chain.put_filter("changes", "{ $.eventName = CreateSecurityGroup }"),
    "alarm": lambda chain: chain.put_alarm(Threshold=100),
    "action": lambda chain: chain.put_alarm(ActionsEnabled=False),
    "topic": lambda chain: chain.client("sns").delete_topic(TopicArn=chain.topic_arn),
}


@pytest.mark.parametrize("link", BREAKS)
def test_the_broken_link_is_named_and_marked_with_what_fixes_it(audit, chain, link):
    BREAKS[link](chain)
    done = audit()
    assert (done.code, done.report["verdict"]) == (1, "FAIL")
    finding = done.link(link)
    assert finding["verdict"] == "FAIL"
    assert finding["evidence"]
    assert finding["remedy"]
    table = audit(form="table")
    assert table.code == 1
    assert table.out.startswith("FAIL  ")
    assert ("✘", link) in marks(table.out)
    assert "→ " in table.out
    assert "not notified" in table.out


def test_a_filter_for_another_region_sees_no_change_of_this_one(audit, chain):
    logs_call.call(
        chain.aws,
        "PutMetricFilter",
        filterName=FILTER_NAMES[0],
        filterPattern=chain.patterns[0],
        logGroupName=GROUP,
        metricTransformations=[METRIC],
        fieldSelectionCriteria='@aws.region = "ap-south-1"',
    )
    done = audit()
    assert (done.code, done.link("metric filter")["verdict"]) == (1, "FAIL")


def test_a_pending_subscription_notifies_nobody(audit, chain):
    subscriptions = chain.client("sns").list_subscriptions_by_topic(TopicArn=chain.topic_arn)["Subscriptions"]
    chain.client("sns").unsubscribe(SubscriptionArn=subscriptions[0]["SubscriptionArn"])
    chain.subscribe("pending@example.com", confirm=False)
    done = audit()
    assert (done.code, done.link("subscription")["verdict"]) == (1, "FAIL")
    assert "not confirmed" in done.link("subscription")["evidence"]


def test_without_an_alarm_its_code_is_printed_for_the_group_that_is_there(audit, aws):
    make_trail(aws, REGION)
    done = audit(form="table")
    assert done.code == 1
    assert f'log_group_name = "{GROUP}"' in done.out
    assert re.findall(r'^resource "(\w+)"', done.out, re.MULTILINE) == [
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_sns_topic",
        "aws_sns_topic_subscription",
    ]


def test_without_a_trail_the_code_has_one(audit, aws):
    done = audit(form="table")
    assert done.code == 1
    assert "there is no trail" in done.out
    assert 'resource "aws_cloudtrail"' in done.out
    assert "log_group_name = aws_cloudwatch_log_group.cloudtrail.name" in done.out


def test_an_event_rule_that_reports_each_change_through_a_topic_of_its_own_is_noted(audit, chain):
    chain.notify_each_change()
    (account,) = audit().report["accounts"]
    (note,) = [note for note in account["notes"] if note["kind"] == "per-change notification"]
    assert "each of these changes is also notified by itself" in note["text"]
    assert note["operations"] == list(ELEVEN)


def test_an_alarm_that_searches_for_the_metric_is_not_taken_for_none(audit, chain):
    chain.client("cloudwatch").delete_alarms(AlarmNames=[ALARM_NAME])
    search = "SUM(SEARCH('{CloudTrailMetrics} SecurityGroupEventCount', 'Sum', 300))"
    chain.client("cloudwatch").put_metric_alarm(
        AlarmName="searching",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[chain.topic_arn],
        Metrics=[{"Id": "all", "Expression": search, "ReturnData": True}],
    )
    done = audit()
    assert (done.code, done.link("alarm")["verdict"]) == (4, "UNKNOWN")
    assert done.link("alarm")["resource"].endswith(":searching")


# An alarm that does not leave ALARM


def test_a_filter_that_counts_every_event_fails_whatever_the_state(audit, chain):
    chain.put_filter("changes", "{ $.eventName = * }")
    done = audit()
    assert (done.code, done.link("alarm")["verdict"]) == (1, "FAIL")
    assert "counts every event" in done.link("alarm")["evidence"]


def test_the_state_of_an_alarm_that_reads_may_hold_is_reported_with_its_time(audit, chain):
    chain.put_filter("changes", "{ $.eventName = *SecurityGroup* }")
    done = audit()
    assert (done.code, done.link("alarm")["verdict"]) == (4, "UNKNOWN")
    assert re.search(
        r"also counts DescribeSecurityGroups, .*; it has been in \w+ since \d{4}-\d\d-\d\d",
        done.link("alarm")["evidence"],
    )


def test_a_trail_of_writes_has_no_reads_to_hold_it(audit, chain):
    chain.put_filter("changes", "{ $.eventName = *SecurityGroup* }")
    chain.client("cloudtrail").put_event_selectors(
        TrailName=TRAIL, EventSelectors=[{"ReadWriteType": "WriteOnly"}]
    )
    assert audit().code == 0


# Confirmation by AWS


def test_aws_confirms_our_reading_of_every_pattern(audit, chain):
    assert audit("--confirm-with-aws").code == 0


# The terminal


def test_without_a_terminal_there_are_no_escape_codes(audit, chain):
    chain.put_alarm(Threshold=100)
    for colour in ({"NO_COLOR": "1"}, {"NO_COLOR": None}):
        assert "\x1b" not in audit(form="table", env=colour).out


def test_colour_can_be_forced_and_still_be_refused(audit, chain):
    assert "\x1b[" in audit(form="table", env={"FORCE_COLOR": "1", "NO_COLOR": None}).out
    refused = audit(form="table", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert "\x1b[3" not in refused  # bold may stay, colours may not


def test_progress_goes_to_standard_error_unless_quiet(sg_alarm, server, chain):
    loud = sg_alarm("audit", "--format", "json", env=server.environment())
    quiet = sg_alarm("--quiet", "audit", "--format", "json", env=server.environment())
    assert (loud.stderr, quiet.stderr) == ("audit …\n", "")
    assert untimed(loud.stdout) == untimed(quiet.stdout)


# The least policy


def test_the_policy_can_be_printed_without_asking_aws(sg_alarm):
    done = sg_alarm("audit", "--print-iam-policy", env={"AWS_CONFIG_FILE": "/dev/null", "AWS_PROFILE": None})
    assert done.returncode == 0
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Effect"] == "Allow"
    assert "cloudwatch:DescribeAlarms" in statement["Action"]


# What the user can fix

NO_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
NOWHERE = ["--endpoint-url", "http://127.0.0.1:9"]


@pytest.mark.parametrize(
    ("options", "env", "reported"),
    [
        ([], NO_CREDENTIALS, "no AWS credentials found"),
        (["--aws-profile", "nobody"], {}, "The config profile (nobody) could not be found"),
        (NOWHERE, {}, "cannot reach http://127.0.0.1:9"),
        (["--endpoint-url", "nonsense"], {}, "AWS could not be asked: Invalid endpoint: nonsense"),
        (["--region", "not a region"], {}, "not a region"),
        (["--region", REGION, "--region", "nowhere-1"], {}, "nowhere-1"),
        (["--region", "eu-west-9"], {}, "there is no region eu-west-9"),
        (["--role-arn", "audit"], {}, "'audit' is not the ARN of a role"),
        (["--role-arn", "arn:aws:iam::1:role/audit"], {}, "is not the ARN of a role"),
        (["--predict", "--format", "sarif=report"], {}, "--predict has no format sarif"),
        (["--predict", "--organization"], {}, "--predict does not apply to an organization"),
        (["--profile", "nist"], {}, "there is no standard 'nist'"),
        (["--region", REGION, "--all-regions"], {}, "--region and --all-regions are both given"),
        (["--plan", "a", "--snapshot", "b"], {}, "--plan and --snapshot are both given"),
        (["--plan", "a", "--all-regions"], {}, "--all-regions does not apply to a plan"),
        (["--snapshot", "a", "--role-arn", "b"], {}, "--role-arn does not apply to a snapshot"),
        (["--snapshot", "a", "--confirm-with-aws"], {}, "--confirm-with-aws does not apply to a snapshot"),
        (["--snapshot", "a", "--endpoint-url", "b"], {}, "--endpoint-url does not apply to a snapshot"),
        (["--plan", "a", "--aws-profile", "b"], {}, "--aws-profile does not apply to a plan"),
        (["--output", "/no/such/folder/report"], {}, "there is no folder /no/such/folder"),
        (["--output", "/proc/version"], {}, "cannot write /proc/version"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_a_hint(audit, aws, options, env, reported):
    refused = audit(*options, env=env)
    assert refused.code == 2
    first, second = refused.err.splitlines()
    assert first.startswith("error: ")
    assert reported in first
    assert second.startswith("hint: ")
    assert refused.out == ""


def test_an_unknown_profile_is_reported_before_aws_is_asked(audit):
    refused = audit("--profile", "nist", *NOWHERE)
    assert "there is no standard 'nist'" in refused.err


# The reader by itself


def test_an_account_can_be_read_without_the_command(server, chain, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    deployment = read_account(Aws(region=REGION), Scope())
    (trail,) = deployment.trails
    assert (deployment.account, deployment.regions, trail.arn) == (ACCOUNT, (REGION,), chain.trail_arn)
    (place,) = deployment.places
    assert [one.name for one in place.metric_filters] == ["changes", "other-changes"]
    assert [one.name for one in place.alarms] == [ALARM_NAME]
    assert [one.arn for one in place.topics] == [chain.topic_arn]


def test_the_region_comes_from_the_environment_as_terraform_takes_it(caller, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert Aws().default_region == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    assert Aws().default_region == "eu-west-2"
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert Aws().default_region == "eu-west-3"
    assert Aws(region="eu-north-1").default_region == "eu-north-1"
