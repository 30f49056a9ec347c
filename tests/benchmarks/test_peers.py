"""The comparison with other tools reads what they really print, and the manual names what was compared."""

from __future__ import annotations

import json

import pytest

from benchmarks import peers
from benchmarks.processes import Figures

# Recorded, and cut to what is read: Prowler's OCSF finding, Custodian's resources.json, our report.
PROWLER = [
    {
        "message": "CloudWatch log group CloudTrail/logs found with metric filter changes and alarms set.",
        "metadata": {
            "event_code": "cloudwatch_log_metric_filter_security_group_changes",
            "product": {"name": "Prowler", "uid": "prowler", "version": "5.46.0"},
            "version": "1.5.0",
        },
        "severity": "Medium",
        "status": "New",
        "status_code": "PASS",
    }
]
CUSTODIAN = [
    {
        "account_id": "123456789012",
        "account_name": "",
        "c7n:cloudtrails": [{"Name": "trail", "IsMultiRegionTrail": True, "HomeRegion": "eu-west-1"}],
    }
]
OURS = {
    "schema_version": "1.1",
    "profile": "conformity",
    "verdict": "PASS",
    "accounts": [{"account": "123456789012", "regions": ["eu-west-1"], "verdict": "PASS", "chains": []}],
}


def write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def test_our_verdict_is_the_accounts(tmp_path):
    write(tmp_path / "report.json", OURS)
    assert peers.our_verdicts(tmp_path) == ["PASS"]


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        (["PASS"], "PASS"),
        (["PASS", "FAIL"], "FAIL"),
        (["MANUAL"], "UNKNOWN"),
        ([], "UNKNOWN"),
    ],
)
def test_prowler_passes_when_all_its_findings_pass(codes, verdict, tmp_path):
    findings = [PROWLER[0] | {"status_code": code} for code in codes]
    write(tmp_path / "one.ocsf.json", findings)
    assert peers.prowlers_verdicts(tmp_path) == [verdict]


@pytest.mark.parametrize(("found", "verdict"), [([], "PASS"), (CUSTODIAN, "FAIL")])
@pytest.mark.parametrize(
    "folder", ["security-group-changes", "eu-west-1/security-group-changes", "222233334444/eu-west-1/policy"]
)
def test_custodian_passes_an_account_that_its_policy_does_not_find(found, verdict, folder, tmp_path):
    write(tmp_path / "out" / folder / "resources.json", found)
    assert peers.custodians_verdicts(tmp_path) == [verdict]


@pytest.mark.parametrize(
    ("verdicts", "accounts", "together"),
    [
        (["PASS", "PASS"], 2, "PASS"),
        (["PASS", "FAIL"], 2, "FAIL"),
        (["PASS", "UNKNOWN"], 2, "UNKNOWN"),
        (["PASS"], 2, "UNKNOWN"),
        ([], 1, "UNKNOWN"),
    ],
)
def test_an_account_without_a_verdict_is_no_pass(verdicts, accounts, together):
    assert peers.one_verdict(verdicts, accounts) == together


def test_ratios_are_to_our_figures_of_the_same_job():
    rows = [
        peers.Row("one region", "sg-alarm", Figures(0.5, 0.25, 50e6), "PASS"),
        peers.Row("one region", "Prowler", Figures(5.0, 1.0, 25e6), "FAIL"),
        peers.Row("all regions", "sg-alarm", Figures(1.0, 1.0, 100e6), "PASS"),
        peers.Row("all regions", "Prowler", Figures(5.0, 3.0, 100e6), "PASS"),
    ]
    assert peers.table(rows).splitlines()[2:] == [
        "| one region | sg-alarm | 0.50 s | 0.25 s | 50 MB | PASS |",
        "| one region | Prowler | 5.00 s (× 10.0) | 1.00 s (× 4.0) | 25 MB (× 0.5) | FAIL |",
        "| all regions | sg-alarm | 1.00 s | 1.00 s | 100 MB | PASS |",
        "| all regions | Prowler | 5.00 s (× 5.0) | 3.00 s (× 3.0) | 100 MB (× 1.0) | PASS |",
    ]


def test_the_manual_names_the_versions_that_are_compared(repository):
    readme = (repository / "scripts/README.md").read_text("utf-8")
    section = readme.split("\n## Beside other tools\n")[1].split("\n## ")[0]
    table = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")][1:]
    named = {(job.strip(), tool.strip()) for job, tool, *_ in table if "---" not in job}
    tools = ("sg-alarm", f"Prowler {peers.PROWLER}", f"Cloud Custodian {peers.CUSTODIAN}")
    assert named == {(job, tool) for job in peers.JOBS for tool in tools}
    assert f"c7n-org {peers.CUSTODIAN_ORGANIZATIONS}" in " ".join(section.split())
    assert "make bench ARGS=peers" in section
