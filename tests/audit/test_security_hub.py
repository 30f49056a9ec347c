"""Findings sent to Security Hub."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from audits import AUDITS, of_code
from audits import audit as judge
from chains import ACCOUNT, ALARM_NAME
from deployment_builder import good
from sg_alarm.cli import security_hub
from sg_alarm.errors import UserError

REGION = "eu-west-1"


class Hub:
    """A way to AWS on which Security Hub answers as it is asked to, by region."""

    def __init__(self, answers=None):
        self.batches = []
        self._answers = answers or {}

    def client(self, service, region):
        assert service == "securityhub"
        hub = self

        class Client:
            def batch_import_findings(self, Findings):  # noqa: N803 - as boto3 has it
                hub.batches.append((region, len(Findings)))
                answer = hub._answers.get(region)
                if isinstance(answer, str):
                    error = {"Error": {"Code": answer, "Message": "no"}}
                    raise ClientError(error, "BatchImportFindings")
                failed = (
                    [{"Id": Findings[0]["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "bad"}]
                    if answer
                    else []
                )
                return {
                    "SuccessCount": len(Findings) - len(failed),
                    "FailedCount": len(failed),
                    "FailedFindings": failed,
                }

        return Client()


def imported(chain):
    return chain.client("securityhub").get_findings()["Findings"]


def test_the_findings_of_an_audit_are_in_security_hub(audit, chain):
    done = audit("--send-to-security-hub")
    assert done.code == 0
    (one,) = imported(chain)
    assert (one["AwsAccountId"], one["Compliance"]["Status"]) == (ACCOUNT, "PASSED")


def test_a_finding_is_one_and_the_same_after_the_chain_broke(audit, chain):
    audit("--send-to-security-hub")
    chain.client("cloudwatch").disable_alarm_actions(AlarmNames=[ALARM_NAME])
    assert audit("--send-to-security-hub").code == 1
    (one,) = imported(chain)
    assert one["Compliance"]["Status"] == "FAILED"
    assert chain.alarm_arn in [resource["Id"] for resource in one["Resources"]]


def test_the_report_is_printed_all_the_same(audit, chain):
    assert json.loads(audit("--send-to-security-hub", form="asff").out) != []


def test_findings_go_in_batches_of_a_hundred():
    hub = Hub()
    result = judge([good(account=f"{number:012}", regions=(REGION,)) for number in range(250)], "conformity")
    assert security_hub.send(hub, result) == 250
    assert hub.batches == [(REGION, 100), (REGION, 100), (REGION, 50)]


@pytest.mark.parametrize(
    ("code", "reported", "hint"),
    [
        ("InvalidAccessException", "not enabled in us-east-1", "enable-security-hub --region us-east-1"),
        ("AccessDeniedException", "no permission for BatchImportFindings", "securityhub:BatchImportFindings"),
    ],
)
def test_a_region_that_takes_nothing_is_reported_and_the_others_get_theirs(code, reported, hint):
    hub = Hub({"us-east-1": code})
    with pytest.raises(UserError) as error:
        security_hub.send(hub, AUDITS["fail"]())
    assert [region for region, _ in hub.batches] == ["eu-central-1", "us-east-1"]
    assert "took 1 of 2 findings" in error.value.message
    assert reported in error.value.message
    assert hint in error.value.hint


def test_another_error_of_aws_is_a_line_too():
    with pytest.raises(UserError, match="BatchImportFindings failed"):
        security_hub.send(Hub({"eu-central-1": "InternalException"}), AUDITS["fail"]())


def test_a_finding_that_is_refused_is_named():
    with pytest.raises(UserError, match=r"took 1 of 2 findings: sg-alarm/CWL-004/.*InvalidInput bad"):
        security_hub.send(Hub({"eu-central-1": {}, "us-east-1": {"refuse": True}}), AUDITS["fail"]())


def test_code_belongs_to_no_account():
    with pytest.raises(UserError, match="belongs to an account"):
        security_hub.send(Hub(), of_code())


@pytest.mark.parametrize("source", ["--code", "--plan", "--snapshot"])
def test_what_asks_no_aws_sends_nothing(source, sg_alarm, tmp_path):
    done = sg_alarm("audit", source, str(tmp_path), "--send-to-security-hub")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
