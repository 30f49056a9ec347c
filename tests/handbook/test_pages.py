"""`sg-alarm explain`: what it explains, under which names, and how it looks."""

from __future__ import annotations

import re

import pytest

from handbook_blocks import LINK_NAMES, WAYS
from sg_alarm.errors import UserError
from sg_alarm.handbook import CHECK_ID, explain, names, topics
from sg_alarm.rule.operations import PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.standards import CONTROLS, MAPPINGS, RULE_ID, TITLE

RULE = f"# {RULE_ID}: {TITLE}"


def test_there_is_a_page_for_the_rule_and_for_each_link():
    assert list(topics()) == [RULE_ID, *LINK_NAMES]


@pytest.mark.parametrize("name", [RULE_ID, *LINK_NAMES])
def test_a_page_says_why_how_it_breaks_and_every_way_to_fix_it(name):
    text = topics()[name].text
    assert len(text.partition("\n###")[0].split()) > 10
    headings = re.findall("^### (.*)$", text, re.MULTILINE)
    assert headings[:5] == ["How it breaks unnoticed", *WAYS]
    sections = re.split("^### .*$", text, flags=re.MULTILINE)
    assert all(section.strip() for section in sections)
    assert sections[1].strip().startswith("- ")
    assert re.match(r"1\. ", sections[2].strip())


@pytest.mark.parametrize("asked", [RULE_ID, "cwl-004", "CloudWatchLogs-004", CHECK_ID, "ckv2 cwl 4"])
def test_the_rule_goes_by_several_names(asked):
    assert explain(asked).startswith(RULE)


@pytest.mark.parametrize("asked", [*LINK_NAMES, "Metric-Filter", "metric_filter", " LOG  GROUP "])
def test_a_link_is_found_however_it_is_written(asked):
    name = re.sub(r"[\s_-]+", " ", asked).strip().lower()
    assert explain(asked) == f"# {name.capitalize()}\n\n{topics()[name].text}"


@pytest.mark.parametrize(
    ("asked", "references", "profile"),
    [
        ("CloudWatch.10", ["AWS Security Hub/CloudWatch.10"], "securityhub"),
        ("security hub cloudwatch.10", [], ""),
        ("3.10", ["CIS AWS Foundations Benchmark v1.2.0/3.10"], "cis-v1.2"),
        ("CIS v5.0 4.10", ["CIS AWS Foundations Benchmark v5.0.0/4.10"], "cis-v5.0"),
        (
            "cis 5.10",
            ["CIS AWS Foundations Benchmark v6.0.0/5.10", "CIS AWS Foundations Benchmark v7.0.0/5.10"],
            "cis-v6.0",
        ),
        ("sec 4", ["AWS Well-Architected Framework 2023-04-10/SEC 4"], "conformity"),
    ],
)
def test_a_control_is_reported_with_the_profile_that_judges_by_it(asked, references, profile):
    if not references:
        with pytest.raises(UserError):
            explain(asked)
        return
    answer, _, page = explain(asked).partition("\n\n# ")
    reported = " ".join(answer.split())
    assert re.findall(r"- `([\w.-]+)`", reported)[0] == profile
    assert [one in reported for one in references] == [True] * len(references)
    assert page.startswith(RULE_ID)


def test_every_number_of_a_control_is_known():
    assert {one.id for one in CONTROLS if one.id} <= set(names())
    for name in names():
        assert explain(name)


def test_the_rule_lists_every_control():
    page = " ".join(explain(RULE_ID).split())
    assert [one.reference in page for one in CONTROLS] == [True] * len(CONTROLS)


def test_the_standards_have_a_page_with_what_each_asks():
    page = explain("Standards")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")
    ]
    asked = {row[0]: row[1:] for row in rows}
    assert asked["conformity"] == ["6", "", "", "", ""]
    assert asked["cis-v1.4 to v4.0"] == ["6", "yes", "yes", "yes", ""]
    assert asked["securityhub"] == ["6", "yes", "yes", "yes", "yes"]
    assert all(clause.id in page for profile in PROFILES.values() for clause in profile.clauses)
    assert all(one.standard in page for one in MAPPINGS)
    assert "{" not in page


def test_what_there_is_no_page_about_is_an_error_that_names_the_choices(sg_alarm):
    done = sg_alarm("explain", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    error, hint = done.stderr.splitlines()
    assert error == "error: there is nothing to explain about 'nonsense'"
    assert all(name in hint for name in (RULE_ID, CHECK_ID, "CloudWatch.10", "4.10", *LINK_NAMES))


def test_without_a_topic_the_rule_is_explained_and_several_words_are_one_topic(sg_alarm):
    first = sg_alarm("explain").stdout.splitlines()[0]
    assert first == f"{RULE_ID}: {TITLE}".upper()
    assert sg_alarm("explain", "metric", "filter").stdout == sg_alarm("explain", "metric filter").stdout


@pytest.mark.parametrize("name", [RULE_ID, *LINK_NAMES])
def test_at_a_terminal_of_80_columns_no_sentence_is_broken(name, sg_alarm):
    """Code is as long as it is, so that it can be copied."""
    shown = sg_alarm("explain", name, env={"COLUMNS": "80"}).stdout
    prose = [line for line in shown.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 80
    assert "\x1b" not in shown
    assert "```" not in shown


def test_code_can_be_copied_whole(sg_alarm):
    shown = sg_alarm("explain", "metric filter", env={"COLUMNS": "80"}).stdout
    assert any(line.strip() == f"--filter-pattern '{PATTERN_OF_SIX}' \\" for line in shown.splitlines())


def test_a_page_can_be_had_as_markdown(sg_alarm):
    assert sg_alarm("explain", "key", "--format", "markdown").stdout == f"{explain('key')}\n"
