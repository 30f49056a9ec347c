"""`sg-alarm check PATH`: the content says what is judged, and each option belongs to one kind of source."""

from __future__ import annotations

import json
import os

import pytest

from audits import two_broken_links
from code_builder import PROVIDER, WHOLE, without, written
from deployment_builder import good
from json_reports import report_of
from sg_alarm.errors import ExitCode
from sg_alarm.snapshots.file import save_snapshot
from template_builder import WHOLE as TEMPLATE
from template_builder import without as template_without

PLAN = "tests/readers/plans/minimal.json"
GOOGLE = {"address": "google_compute_network.n", "type": "google_compute_network", "name": "n"}
STATE = json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}})


@pytest.fixture
def sources(tmp_path, repository, monkeypatch):
    """One file or folder of each kind, under names that say nothing."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "folder", WHOLE)
    (tmp_path / "yaml").write_text(TEMPLATE)
    (tmp_path / "json").write_text(
        json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}})
    )
    (tmp_path / "plan").write_bytes((repository / PLAN).read_bytes())
    save_snapshot([good()], tmp_path / "snapshot")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "option", "code"),
    [
        ("folder", "--code", ExitCode.OK),
        ("yaml", "--template", ExitCode.OK),
        ("json", "--template", ExitCode.FAIL),
        ("plan", "--plan", ExitCode.OK),
        ("snapshot", "--snapshot", ExitCode.OK),
    ],
)
def test_it_is_the_audit_of_what_the_content_says(path, option, code, sources, sg_alarm):
    here = sg_alarm("check", path, "--format", "csv", cwd=sources)
    there = sg_alarm("audit", option, path, "--format", "csv", cwd=sources)

    assert (here.returncode, here.stdout) == (there.returncode, there.stdout)
    assert here.returncode == code, here.stderr


def test_a_standard_may_be_called_a_profile(sources, sg_alarm):
    reports = [
        report_of(sg_alarm("check", "snapshot", option, "cis-v5.0", "--format", "json", cwd=sources).stdout)
        for option in ("--standard", "--profile")
    ]
    assert [one["profile"] for one in reports] == ["cis-v5.0"] * 2


@pytest.mark.parametrize(
    ("name", "content", "error", "hint"),
    [
        pytest.param(
            "terraform.tfstate",
            json.dumps({"version": 4, "terraform_version": "1.9.0", "serial": 3, "resources": []}),
            "is a Terraform state, not a plan",
            "terraform show -json plan.tfplan",
            id="a state of Terraform's own",
        ),
        pytest.param(
            "state.json", STATE, "is a Terraform state, not a plan", "terraform plan -out", id="a state shown"
        ),
        pytest.param(
            "plan.tfplan",
            "PK\x03\x04…",
            "is a plan in Terraform's own format",
            "terraform show -json plan.tfplan",
            id="a plan that was not shown",
        ),
        pytest.param(
            "main.tf", WHOLE, "one file of a Terraform module", "sg-alarm check .", id="a file of code"
        ),
        pytest.param(
            "x.json", '{"a": 1}', "not a plan, a CloudFormation template", "show -json", id="other JSON"
        ),
        pytest.param("x.json", "[1]", "not a plan, a CloudFormation template", "show -json", id="a list"),
        pytest.param("x", "key: value", "CloudFormation template", "Resources", id="other YAML"),
        pytest.param("x", "a: [", "YAML", "cfn-lint", id="neither"),
    ],
)
def test_what_is_no_source_is_one_line_and_a_hint(name, content, error, hint, tmp_path, sg_alarm):
    (tmp_path / name).write_text(content)

    done = sg_alarm("check", name, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith("hint: ")
    assert hint in second


@pytest.mark.parametrize("option", ["--plan", "--snapshot"])
def test_the_audit_refuses_a_state_too(option, tmp_path, sg_alarm):
    (tmp_path / "state.json").write_text(STATE)
    done = sg_alarm("audit", option, str(tmp_path / "state.json"))
    assert done.returncode == ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("check", "plan", "--var-file", "x"), "--var-file does not apply to a plan"),
        (("check", "folder", "--parameter", "a=b"), "--parameter does not apply to Terraform code"),
        (
            ("audit", "--code", "folder", "--save-snapshot", "x"),
            "--save-snapshot does not apply to Terraform code",
        ),
        (
            ("audit", "--plan", "plan", "--send-to-security-hub"),
            "--send-to-security-hub does not apply to a plan",
        ),
        (("audit", "--var-file", "x"), "--var-file does not apply to an account"),
        (("audit", "--code", "folder", "--plan", "plan"), "--code and --plan are both given"),
        (("check", "yaml", "--parameter", "word"), "--parameter expects NAME=VALUE, got 'word'"),
    ],
)
def test_an_option_belongs_to_its_source(arguments, error, sources, sg_alarm):
    done = sg_alarm(*arguments, cwd=sources)

    assert done.returncode == ExitCode.USAGE
    assert done.stderr.splitlines()[0] == f"error: {error}"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"main.tf": 'resource "google_compute_network" "n" {}'}, id="code"),
        pytest.param(
            json.dumps(
                {
                    "format_version": "1.2",
                    "planned_values": {"root_module": {"resources": [GOOGLE]}},
                    "configuration": {},
                }
            ),
            id="a plan",
        ),
    ],
)
def test_without_aws_there_is_no_verdict(source, tmp_path, sg_alarm):
    path = written(tmp_path, source) if isinstance(source, dict) else tmp_path / "plan.json"
    if isinstance(source, str):
        path.write_text(source)

    done = sg_alarm("check", str(path), "--format", "json")

    assert (done.returncode, report_of(done.stdout)["verdict"]) == (ExitCode.OK, None)
    assert "nothing to judge" in done.stderr


class TestOutputs:
    def test_one_run_writes_every_report(self, sources, sg_alarm):
        done = sg_alarm(
            "check",
            "folder",
            *("--format", "sarif=out.sarif", "--format", "markdown=summary.md", "--format", "table"),
            cwd=sources,
        )

        assert done.stdout.startswith("PASS")
        assert json.loads((sources / "out.sarif").read_text())["version"] == "2.1.0"
        assert (sources / "summary.md").read_text().startswith("<!-- sg-alarm -->")

    def test_where_all_go_to_files_nothing_is_printed(self, sources, sg_alarm):
        done = sg_alarm("--quiet", "check", "folder", "--format", "json=report.json", cwd=sources)
        assert (done.stdout, done.stderr) == ("", "")

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            (["--format", "json", "--format", "csv"], "json and csv would both go to standard output"),
            (["--format", "json=a", "--format", "csv=a"], "two reports would go to a"),
            (["--format", "json=a", "--output", "b"], "--output does not say which format goes there"),
            (["--format", "json", "--format", "csv", "--output", "b"], "--output does not say which format"),
            (["--format", "json="], "names no file; write json=FILE"),
            (["--format", "xml=a"], "there is no format 'xml'"),
            (["--format", "json=nowhere/a"], "there is no folder nowhere"),
            (["--format", "json=folder"], "folder is a folder"),
        ],
    )
    def test_what_cannot_be_written_is_known_before_anything_is_read(self, options, error, sources, sg_alarm):
        (sources / "plan").write_text("{")  # an error of its own, later

        done = sg_alarm("check", "plan", *options, cwd=sources)

        assert done.returncode == ExitCode.USAGE
        assert error in done.stderr.splitlines()[0]

    def test_a_report_takes_the_place_of_the_old_one_when_it_is_whole(self, sources, sg_alarm, monkeypatch):
        report = sources / "report.json"
        report.write_text("old")
        os.link(report, sources / "same")

        sg_alarm("check", "folder", "--format", "json=report.json", cwd=sources)

        assert (sources / "same").read_text() == "old"
        assert report_of(report.read_text())["verdict"] == "PASS"
        assert {one.name for one in sources.iterdir()} == {
            *("folder", "yaml", "json", "plan", "snapshot", "report.json", "same")
        }

    def test_a_device_is_written_to(self, sources, sg_alarm):
        done = sg_alarm("check", "folder", "--format", f"json={os.devnull}", cwd=sources)
        assert done.returncode == ExitCode.OK
        assert not os.path.isfile(os.devnull)


def test_a_failing_account_is_evaluated_once_and_its_fixes_are_shared(sources, sg_alarm, monkeypatch):
    """However many formats are asked for."""
    from sg_alarm import fixes
    from sg_alarm.rule import audit

    calls = []
    evaluate = audit.evaluate

    def counted(*arguments):
        calls.append(arguments)
        return evaluate(*arguments)

    monkeypatch.setattr(audit, "evaluate", counted)
    monkeypatch.setattr(fixes, "evaluate", counted)
    save_snapshot([two_broken_links()], sources / "failing")

    def run(*formats):
        calls.clear()
        options = [one for form in formats for one in ("--format", f"{form}={form}.out")]
        assert sg_alarm("check", "failing", *options, cwd=sources).returncode == ExitCode.FAIL
        return len(calls)

    assert run("csv", "junit", "asff") == 1  # no fix is shown
    assert run("html") == run("html", "json", "sarif", "markdown", "table") == 3  # and two fixes were tried


def test_a_fix_is_in_every_report_that_can_show_it(tmp_path, sg_alarm):
    written(tmp_path, without("alarm"))
    forms = ("table", "json", "sarif", "markdown", "html")
    done = sg_alarm(
        "check", ".", *(one for form in forms for one in ("--format", f"{form}=out.{form}")), cwd=tmp_path
    )
    assert done.returncode == ExitCode.FAIL

    text = {form: (tmp_path / f"out.{form}").read_text("utf-8") for form in forms}
    (failed,) = [one for one in report_of(text["json"])["findings"] if one["verdict"] == "FAIL"]
    code = failed["fix"]["code"]
    assert (failed["fix"]["language"], failed["fix"]["adds"]) == ("terraform", True)
    assert code in text["table"]
    assert f"```hcl\n{code}```" in text["markdown"]
    assert code.splitlines()[0].replace('"', "&#34;") in text["html"]
    (result,) = json.loads(text["sarif"])["runs"][0]["results"]
    assert result["properties"]["fix"] == code
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert change["artifactLocation"]["uri"] == "main.tf"

    lines = (tmp_path / "main.tf").read_text().splitlines(keepends=True)
    lines.insert(replacement["deletedRegion"]["startLine"] - 1, replacement["insertedContent"]["text"])
    (tmp_path / "main.tf").write_text("".join(lines))
    assert sg_alarm("check", ".", cwd=tmp_path).returncode == ExitCode.OK


def test_no_printed_address_is_a_placeholder(sources, sg_alarm):
    written(sources / "empty", PROVIDER)
    (sources / "stack").write_text(template_without("filter", "alarm"))
    for path in ("empty", "stack"):
        done = sg_alarm("check", path, cwd=sources)
        assert done.returncode == ExitCode.FAIL
        assert "example.com/" not in done.stdout
    for topic in ("CWL-004", "trail"):
        assert "example.com/" not in sg_alarm("explain", topic).stdout
