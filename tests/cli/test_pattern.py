"""`sg-alarm pattern explain` and `sg-alarm pattern test`."""

from __future__ import annotations

import json

import pytest

from sg_alarm.patterns import compile_pattern
from sg_alarm.rule.operations import PATTERN_OF_SEVEN, PATTERN_OF_SIX, PROFILES, SIX

NARROWED = '{ ($.eventName = "*SecurityGroup*") && ($.userIdentity.userName != "terraform") }'


@pytest.fixture
def explain(sg_alarm):
    def run(pattern: str) -> dict:
        done = sg_alarm("pattern", "explain", pattern, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def profiles(report, satisfied):
    return {profile["name"] for profile in report["profiles"] if profile["satisfied"] is satisfied}


def test_the_standards_text_satisfies_the_standards_of_six_operations(explain):
    report = explain(PATTERN_OF_SIX)
    assert {o["name"] for o in report["operations"] if o["coverage"] == "covered"} == set(SIX)
    assert report["noise"]["verdict"] == "quiet"
    assert profiles(report, True) == {name for name, profile in PROFILES.items() if profile.operations == SIX}


def test_a_better_superset_fails_security_hub_and_says_why(explain):
    report = explain(PATTERN_OF_SEVEN)
    [hub] = [profile for profile in report["profiles"] if profile["name"] == "securityhub"]
    assert not hub["satisfied"]
    assert hub["objection"] == "covers every operation, but this standard accepts its own text only"
    assert "cis-v5.0" in profiles(report, True)


def test_a_narrowed_pattern_comes_with_an_event_that_slips_through(explain):
    report = explain(NARROWED)
    assert {operation["coverage"] for operation in report["operations"]} == {"narrowed"}
    for operation in report["operations"]:
        assert operation["condition"] == "$.userIdentity.userName != terraform"
        assert operation["slips_through"]["eventName"] == operation["name"]
        assert not compile_pattern(NARROWED).matches(operation["slips_through"])
    assert report["noise"]["verdict"] == "noisy"
    assert compile_pattern(NARROWED).matches(report["noise"]["example"])
    assert profiles(report, True) == set()


def test_the_text_shows_tree_coverage_condition_and_profiles(sg_alarm):
    done = sg_alarm("pattern", "explain", NARROWED)
    for line in (
        "JSON pattern, 81 of 1024 characters",
        '├── $.eventName = "*SecurityGroup*"',
        "narrowed    CreateSecurityGroup",
        "only where $.userIdentity.userName != terraform",
        "noisy       also matches DescribeSecurityGroups, which changes nothing",
        "fails       effective",
    ):
        assert line in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("pattern", ["CreateSecurityGroup", "[a, b, c = Create*]", "%SecurityGroup%", ""])
def test_every_kind_of_pattern_is_shown(sg_alarm, pattern):
    done = sg_alarm("pattern", "explain", pattern)
    assert done.returncode == 0
    assert done.stdout


def test_a_deep_pattern_is_shown(sg_alarm):
    deep = "{ " + "($.a = 1 && " * 60 + "$.b = 2" + ")" * 60 + " }"
    assert sg_alarm("pattern", "explain", deep).returncode == 0


@pytest.mark.parametrize("pattern", ["{ ($.a = ", "{ $.a == b }", "(" * 1024, "{ $.a = x }" + " " * 1024])
def test_an_invalid_pattern_is_reported_with_its_place(sg_alarm, pattern):
    refused = sg_alarm("pattern", "explain", pattern)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: invalid filter pattern at character ")
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


@pytest.fixture
def cases(tmp_path):
    def write(content) -> str:
        path = tmp_path / "cases.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def case(number, pattern, event, matches, **more):
    return {"id": number, "pattern": pattern, "event": event, "matches": matches, **more}


def test_cases_that_agree(sg_alarm, cases):
    path = cases(
        [
            case("a", "{ $.x = 1 }", '{"x": 1}', True),
            case("b", "{ $.x = 1 }", {"x": 2}, False),
            case("c", "{ $.x = ", "{}", None),
        ]
    )
    done = sg_alarm("pattern", "test", "--cases", path, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"total": 3, "agree": 3, "disagree": [], "disputed": []}


def test_cases_that_disagree_are_named(sg_alarm, cases):
    path = cases(
        [
            case("right", "{ $.x = 1 }", '{"x": 1}', True),
            case("wrong", "{ $.x = 1 }", '{"x": 1}', False),
            case("valid", "{ $.x = 1 }", '{"x": 1}', None),
            case("open", "{ $.x = 1 }", '{"x": 1}', False, disputed=True),
        ]
    )
    done = sg_alarm("pattern", "test", "--cases", path, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "total": 4,
        "agree": 1,
        "disagree": ["wrong", "valid"],
        "disputed": ["open"],
    }
    reported = sg_alarm("pattern", "test", "--cases", path).stdout
    assert "wrong: observed that it does not match, our answer is that it matches" in reported
    assert "1 of 4 agree, 1 disputed" in reported


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("{", "is not JSON"),
        pytest.param("[" * 100_000, "is not JSON", id="nested without end"),
        ({"id": "a"}, "does not hold an array of cases"),
        ([{"id": "a"}], "a field is missing"),
        ([case("a", 1, "{}", True)], "pattern must be a text"),
        ([case("a", "x", "{}", "yes")], "matches must be true, false or null"),
    ],
)
def test_a_broken_file_of_cases_is_reported(sg_alarm, cases, content, reported):
    refused = sg_alarm("pattern", "test", "--cases", cases(content))
    assert refused.returncode == 2
    assert reported in refused.stderr
    assert refused.stderr.startswith("error: ")


def test_a_missing_file_of_cases_is_reported(sg_alarm, tmp_path):
    refused = sg_alarm("pattern", "test", "--cases", str(tmp_path / "none.json"))
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: cannot read ")


def test_a_wrong_option_is_one_line_and_a_hint(sg_alarm):
    refused = sg_alarm("pattern", "explain", "x", "--format", "xml")
    assert refused.returncode == 2
    first, second = refused.stderr.splitlines()
    assert first.startswith("error: Invalid value for '--format'")
    assert second == "hint: see sg-alarm pattern explain --help"
