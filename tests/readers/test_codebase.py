"""Several roots in one repository, faults of ours, and the command."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from code_builder import FILTER, PROVIDER, WHOLE, changed, judged, without, written
from json_reports import report_of
from sg_alarm.cli.app import main
from sg_alarm.readers.terraform import read_code, read_root, root, roots_below
from sg_alarm.reports.formats import FORMATS
from sg_alarm.rule.verdict import Verdict
from sg_alarm.sources import code

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def verdicts(directory):
    return {
        reading.root.rpartition("/")[2]: judged(reading).verdict
        for reading in read_code(directory)
        if reading.deployment is not None
    }


def names(directory):
    return [str(root.relative_to(directory)) for root in roots_below(directory)]


def audit(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["audit", *map(str, arguments)])
    return end.value.code or 0, capsys.readouterr()


def test_each_root_is_judged_for_itself(tmp_path):
    written(
        tmp_path, {"good/main.tf": WHOLE, "bad/main.tf": without("alarm"), "broken/main.tf": "resource {{"}
    )

    assert verdicts(tmp_path) == {"good": PASS, "bad": FAIL, "broken": UNKNOWN}


@pytest.mark.parametrize(
    ("files", "roots"),
    [
        pytest.param({"main.tf": WHOLE}, ["."], id="the folder itself"),
        pytest.param(
            {"live/main.tf": 'module "a" { source = "../shared" }', "shared/main.tf": FILTER},
            ["live"],
            id="a called folder is no root",
        ),
        pytest.param(
            {"live/main.tf": PROVIDER, "modules/alarm/main.tf": FILTER},
            ["live"],
            id="a shared module that nobody calls is no root",
        ),
        pytest.param(
            {"modules/alarm/main.tf": PROVIDER + FILTER}, ["modules/alarm"], id="unless it has a provider"
        ),
        pytest.param(
            {"modules/alarm/main.tf": FILTER, "modules/alarm/prod.tfvars": ""},
            ["modules/alarm"],
            id="or a variable file",
        ),
        pytest.param(
            {"a/main.tf": FILTER, "b/main.tf.json": "{}"}, ["a", "b"], id="code without provider is a root"
        ),
        pytest.param(
            {"main.tf": FILTER, ".terraform/modules/x/main.tf": FILTER}, ["."], id="not what was downloaded"
        ),
        pytest.param({"README.md": "resource"}, [], id="no code"),
    ],
)
def test_roots(files, roots, tmp_path):
    assert names(written(tmp_path, files)) == roots


def test_code_without_aws_gets_no_judgement(tmp_path):
    written(tmp_path, {"main.tf": 'resource "google_compute_network" "n" {}'})

    assert verdicts(tmp_path) == {}


def test_a_fault_of_ours_in_one_root_is_no_verdict_on_it_and_the_rest_goes_on(tmp_path, monkeypatch):
    def faulty(path, *rest):
        if path.name == "faulty":
            raise ZeroDivisionError("a fault")
        return read_root(path, *rest)

    monkeypatch.setattr(root, "read_root", faulty)
    written(tmp_path, {"a/main.tf": WHOLE, "faulty/main.tf": WHOLE})

    assert verdicts(tmp_path) == {"a": PASS, "faulty": UNKNOWN}


def test_positions_of_resources(tmp_path):
    (reading,) = read_code(written(tmp_path, {"a.tf": "\n\n" + WHOLE}))

    position = reading.positions["aws_sns_topic.alarms"]
    lines = (tmp_path / position.file).read_text().splitlines()
    assert lines[position.line - 1] == 'resource "aws_sns_topic" "alarms" {'


def test_the_reader_imports_nothing_but_the_standard_library_and_itself():
    code = (
        "import sys, sg_alarm.readers.terraform; "
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'rich', 'click', 'boto3', 'yaml'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(WHOLE, 0, id="PASS"),
        pytest.param(without("alarm"), 1, id="FAIL"),
        pytest.param(changed("= 1\n", '= "x"\n'), 4, id="UNKNOWN"),
        pytest.param("", 0, id="nothing to judge"),
    ],
)
def test_exit_codes(text, code, tmp_path, capsys):
    assert audit(capsys, "--code", written(tmp_path, text))[0] == code


def test_the_table_names_address_file_and_line(tmp_path, capsys, monkeypatch):
    text = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")
    line = text[: text.index('resource "aws_cloudwatch_metric_alarm"')].count("\n") + 1
    monkeypatch.chdir(written(tmp_path, text))

    _, printed = audit(capsys, "--code", ".")

    assert "aws_cloudwatch_metric_alarm.sg" in printed.out
    assert f"main.tf:{line}" in printed.out


def test_json_has_a_judgement_for_each_root(tmp_path, capsys):
    written(tmp_path, {"a/main.tf": WHOLE, "b/main.tf": without("alarm")})

    code, printed = audit(capsys, "--code", tmp_path, "--format", "json")

    report = report_of(printed.out)
    assert (code, report["verdict"]) == (1, "FAIL")
    assert [one["account"].rpartition("/")[2] for one in report["accounts"]] == ["a}", "b}"]


def test_nothing_to_judge_is_said(tmp_path, capsys):
    _, printed = audit(capsys, "--code", tmp_path)

    assert "nothing to judge" in printed.err


def test_a_report_on_nothing_has_no_verdict(tmp_path, capsys):
    code, printed = audit(capsys, "--code", tmp_path, "--format", "json")

    report = report_of(printed.out)
    assert (code, report["verdict"], report["accounts"]) == (0, None, [])


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "asff"])
def test_every_format_reports_code(form, tmp_path, capsys):
    written(tmp_path, {"a/main.tf": WHOLE, "b/main.tf": without("alarm")})
    file = tmp_path / "report"

    assert audit(capsys, "--code", tmp_path, "--format", form, "--output", file)[0] == 1
    assert file.read_text("utf-8").endswith("\n")


def test_ids_do_not_hang_on_how_the_folder_was_written(tmp_path, capsys, monkeypatch):
    written(tmp_path, {"live/main.tf": without("alarm")})
    monkeypatch.chdir(tmp_path)

    def ids(directory):
        _, printed = audit(capsys, "--code", directory, "--format", "json")
        return [one["id"] for one in report_of(printed.out)["findings"]]

    assert ids("live") == ids("./live/") == ids(tmp_path / "live") == ids(".")


def test_alerts_of_code_scanning_are_at_the_line(tmp_path, capsys, monkeypatch):
    text = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")
    monkeypatch.chdir(written(tmp_path, {"live/main.tf": text}))

    _, printed = audit(capsys, "--code", ".", "--format", "sarif")

    (one,) = json.loads(printed.out)["runs"][0]["results"]
    place = one["locations"][0]["physicalLocation"]
    line = text.splitlines()[place["region"]["startLine"] - 1]
    assert place["artifactLocation"]["uri"] == "live/main.tf"
    assert line.startswith('resource "aws_cloudwatch_metric_alarm"')


def test_code_is_looked_for_once(tmp_path, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(code, "roots_below", lambda *given: seen.append(given) or roots_below(*given))

    audit(capsys, "--code", written(tmp_path, WHOLE))

    assert len(seen) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--code", ".", "--plan", "plan.json"),
        ("--code", ".", "--region", "eu-west-1"),
        ("--code", ".", "--save-snapshot", "s.json"),
        ("--var-file", "x.tfvars"),
        ("--code", "nowhere"),
    ],
    ids=" ".join,
)
def test_options_that_contradict_each_other(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert audit(capsys, *arguments)[0] == 2


@pytest.mark.parametrize("options", [["--strict"], ["--strict", "--format", "json"]])
def test_a_strict_check_assumes_nothing_that_code_could_show(options, tmp_path):
    written(tmp_path, changed('"security@example.com"', "var.mail", 'variable "mail" { type = string }\n'))

    def exit_code(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["check", str(tmp_path), *arguments])
        return end.value.code or 0

    assert exit_code() == 0
    assert exit_code(*options) == 4
