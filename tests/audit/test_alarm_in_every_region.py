"""The first form of the audit: an alarm on the metric in every enabled region."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import ANY, Stubber

from sg_alarm import audit as auditing
from sg_alarm.audit import Verdict
from sg_alarm.aws import Aws

REGIONS = ("ap-south-1", "ca-central-1")


@pytest.fixture
def environment(local_aws):
    return local_aws.environment()


@pytest.fixture
def alarm(local_aws):
    """Put an alarm on the metric of CWL-004 into a region, and delete it at the end."""
    made = []

    def put(region: str, **options) -> None:
        cloudwatch = local_aws.client("cloudwatch", region)
        cloudwatch.put_metric_alarm(
            **{
                "AlarmName": "changes",
                "Namespace": "CloudTrailMetrics",
                "MetricName": "SecurityGroupEventCount",
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "AlarmActions": [f"arn:aws:sns:{region}:123456789012:alarms"],
                **options,
            }
        )
        made.append(cloudwatch)

    yield put
    for cloudwatch in made:
        cloudwatch.delete_alarms(AlarmNames=["changes"])


def run(sg_alarm, environment, *options):
    regions = [word for region in REGIONS for word in ("--region", region)]
    done = sg_alarm("audit", "--format", "json", *regions, *options, env=environment)
    return done.returncode, json.loads(done.stdout)


def test_an_account_without_the_alarm_fails_in_each_region(sg_alarm, environment):
    code, report = run(sg_alarm, environment)
    assert code == 1
    assert report["verdict"] == "FAIL"
    assert [(finding["region"], finding["verdict"]) for finding in report["findings"]] == [
        (region, "FAIL") for region in REGIONS
    ]
    assert "no alarm watches" in report["findings"][0]["evidence"]


def test_one_region_without_the_alarm_is_enough_to_fail(sg_alarm, environment, alarm):
    alarm(REGIONS[0])
    code, report = run(sg_alarm, environment)
    assert code == 1
    assert [finding["verdict"] for finding in report["findings"]] == ["PASS", "FAIL"]


def test_an_alarm_in_each_region_passes(sg_alarm, environment, alarm):
    for region in REGIONS:
        alarm(region)
    code, report = run(sg_alarm, environment)
    assert code == 0
    assert report["verdict"] == "PASS"
    assert report["accounts"] == ["123456789012"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ActionsEnabled": False}, "its actions are disabled"),
        ({"AlarmActions": []}, "it has no alarm action"),
        ({"MetricName": "AnotherCount"}, "no alarm watches"),
        ({"Namespace": "AnotherNamespace"}, "no alarm watches"),
    ],
)
def test_an_alarm_that_tells_nobody_fails(sg_alarm, environment, alarm, options, told):
    alarm(REGIONS[0])
    alarm(REGIONS[1], **options)
    code, report = run(sg_alarm, environment)
    assert code == 1
    assert told in report["findings"][1]["evidence"]


def test_without_regions_every_enabled_one_is_audited(sg_alarm, environment, local_aws):
    done = sg_alarm("audit", "--format", "json", env=environment)
    enabled = local_aws.client("ec2").describe_regions()["Regions"]
    assert [finding["region"] for finding in json.loads(done.stdout)["findings"]] == sorted(
        region["RegionName"] for region in enabled
    )


def test_a_denied_region_is_unknown_and_the_others_go_on(monkeypatch):
    class Denied(Aws):
        def client(self, service, region=None, attempts=1):
            client = boto3.client(
                service, region_name=region or "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
            )
            stub = Stubber(client)
            if service == "sts":
                stub.add_response("get_caller_identity", {"Account": "123456789012"})
            elif region == "eu-west-1":
                stub.add_client_error("describe_alarms_for_metric", "AccessDenied", http_status_code=403)
            else:
                found = {"AlarmName": "a", "AlarmArn": "arn", "ActionsEnabled": True, "AlarmActions": ["arn"]}
                stub.add_response(
                    "describe_alarms_for_metric",
                    {"MetricAlarms": [found]},
                    {"Namespace": ANY, "MetricName": ANY},
                )
            stub.activate()
            return client

    result = auditing.audit(Denied(), ["eu-west-1", "eu-west-2"])
    assert [finding.verdict for finding in result.findings] == [Verdict.UNKNOWN, Verdict.PASS]
    assert result.verdict is Verdict.UNKNOWN
    assert result.verdict.exit_code == 4
    assert "cloudwatch:DescribeAlarmsForMetric" in result.findings[0].remedy


def test_the_table_tells_the_verdict_first(sg_alarm, environment):
    done = sg_alarm("audit", "--region", REGIONS[0], env=environment)
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  security-group changes in account 123456789012")
    assert REGIONS[0] in done.stdout


NO_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        ([], NO_ACCOUNT, "no AWS credentials found"),
        (["--aws-profile", "nobody"], {}, "The config profile (nobody) could not be found"),
        (
            ["--endpoint-url", "http://127.0.0.1:9", "--region", "eu-west-1"],
            {},
            "cannot reach http://127.0.0.1:9",
        ),
        (["--endpoint-url", "nonsense"], {}, "AWS could not be asked: Invalid endpoint: nonsense"),
        (["--region", "not a region"], {}, "not a region"),
    ],
)
def test_what_the_user_can_mend_is_one_line(sg_alarm, environment, arguments, env, told):
    refused = sg_alarm("--quiet", "audit", *arguments, env={**environment, **env})
    assert refused.returncode == 2
    first, second = refused.stderr.splitlines()
    assert first.startswith("error: ")
    assert told in first
    assert second.startswith("hint: ")
    assert refused.stdout == ""
