"""What was waived stands in every report, and counts in none; so do the root modules that were not judged."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from xml.etree import ElementTree

import pytest

from audits import CIRCUMSTANCES
from deployment_builder import with_alarm
from sg_alarm.errors import ExitCode
from sg_alarm.reports.formats import FORMATS, render
from sg_alarm.reports.report import judge
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.verdict import Verdict, Waiver

REASON = "accepted by the owner"
WAIVER = Waiver("actions-disabled", REASON, date(2100, 1, 31))


@pytest.fixture
def report():
    deployment = with_alarm(actions_enabled=False)
    readings = [Reading(deployment.account, deployment)]
    return judge(readings, find_profile("conformity"), CIRCUMSTANCES, waivers=[WAIVER])


def test_it_does_not_count(report):
    assert (report.verdict, report.exit_code) == (Verdict.PASS, ExitCode.OK)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_names_the_reason_and_the_last_day(form, report):
    text = " ".join(render(form, report).split())

    assert REASON in text
    assert form == "csv" or "2100-01-31" in text


def test_json_lists_it_apart_from_what_counts(report):
    document = json.loads(render("json", report))

    assert document["verdict"] == "PASS"
    assert all(one["verdict"] == "PASS" for one in document["findings"])
    (waived,) = document["waived"]
    assert waived["verdict"] == "FAIL"
    assert waived["waiver"] == {"id": WAIVER.id, "reason": REASON, "expires": "2100-01-31"}


def test_sarif_suppresses_it(report):
    results = json.loads(render("sarif", report))["runs"][0]["results"]

    (waived,) = [one for one in results if one["kind"] == "fail"]
    (suppression,) = waived["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")


def test_junit_skips_it(report):
    suites = ElementTree.fromstring(render("junit", report))

    assert (suites.get("failures"), suites.get("errors")) == ("0", "0")
    assert [one.get("skipped") for one in suites] == [str(len(list(suites.iter("skipped"))))]


def test_security_hub_has_it_suppressed(report):
    findings = json.loads(render("asff", report))

    assert {one["Compliance"]["Status"] for one in findings} == {"FAILED"}
    assert all(one["Workflow"] == {"Status": "SUPPRESSED"} for one in findings)


def test_ocsf_has_it_suppressed(report):
    events = json.loads(render("ocsf", report))

    assert {(one["status"], one["status_id"]) for one in events} == {("Suppressed", 3)}


def test_csv_has_the_reason_in_its_row(report):
    rows = list(csv.DictReader(io.StringIO(render("csv", report))))

    assert [row["waived"] for row in rows if row["verdict"] == "FAIL"] == [REASON]


def test_github_is_given_a_notice(report):
    assert render("github", report).startswith("::notice ")
