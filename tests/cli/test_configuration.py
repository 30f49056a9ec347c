"""The file .sg-alarm.toml: where it is found, what it may say, and that the command does as it says."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from code_builder import PROVIDER, WHOLE, changed, without, written
from command import environment_for, run_in_process
from json_reports import report_of
from sg_alarm.errors import UserError
from sg_alarm.rule.verdict import Waiver
from sg_alarm.sources.configuration import Folders, find, load

VPC = PROVIDER + 'resource "aws_vpc" "main" {}\n'
SILENT = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")
WAIVER = '[[waiver]]\nid = "actions-disabled"\nreason = "agreed"\nexpires = 2100-01-31\n'


def loaded(tmp_path, text):
    return load(written(tmp_path, {".sg-alarm.toml": text}) / ".sg-alarm.toml")


def command(*arguments):
    return run_in_process(arguments, environment_for({}), Path.cwd())


def check(folder, *arguments):
    """Run the command in a folder; return its exit code and the report."""
    done = command("check", str(folder), "--format", "json", *arguments)
    return done.returncode, report_of(done.stdout)


class TestWhereItIsFound:
    def test_in_the_folder_that_is_scanned(self, tmp_path):
        written(tmp_path, {".sg-alarm.toml": "strict = true"})

        assert find(tmp_path).strict is True

    def test_above_it_up_to_the_root_of_the_repository(self, tmp_path):
        written(tmp_path, {".git/HEAD": "", ".sg-alarm.toml": "strict = true", "live/a/main.tf": ""})

        assert find(tmp_path / "live/a").strict is True

    def test_not_above_the_repository(self, tmp_path):
        written(tmp_path, {".sg-alarm.toml": "strict = true", "repository/.git/HEAD": ""})

        assert find(tmp_path / "repository").strict is None

    def test_nor_above_a_folder_outside_any_repository(self, tmp_path):
        written(tmp_path, {".sg-alarm.toml": "strict = true", "folder/main.tf": ""})

        assert find(tmp_path / "folder").strict is None

    def test_the_nearest_one_counts(self, tmp_path):
        written(tmp_path, {".git/HEAD": "", ".sg-alarm.toml": "strict = true"})
        written(tmp_path / "live", {".sg-alarm.toml": "strict = false"})

        assert find(tmp_path / "live").strict is False


class TestWhatItMaySay:
    def test_everything(self, tmp_path):
        text = 'expect = ["live"]\nexclude = ["sandbox"]\nstandard = "cis-v5.0"\nstrict = true\n' + WAIVER

        found = loaded(tmp_path, text)

        assert found.expect == Folders(("live",), tmp_path)
        assert found.exclude == Folders(("sandbox",), tmp_path)
        assert (found.standard, found.strict) == ("cis-v5.0", True)
        assert found.waiver == (Waiver("actions-disabled", "agreed", date(2100, 1, 31)),)

    @pytest.mark.parametrize(
        ("text", "error", "hint"),
        [
            ("expect = [", "is not valid TOML", ""),
            ("a = " + "[" * 5000, "is not valid TOML", ""),
            ("excludes = []", "there is no key 'excludes'", "did you mean exclude?"),
            ("frobnicate = 1", "there is no key 'frobnicate'", "the keys are expect, exclude"),
            ('expect = "everywhere"', "expect has a wrong value", "every-root"),
            ("expect = [1]", "expect has a wrong value", "list of folders"),
            ('exclude = "a"', "exclude has a wrong value", "list of folders"),
            ('standard = "cis"', "there is no standard 'cis'", "choose one of"),
            ('strict = "yes"', "strict has a wrong value", "true or false"),
            ("waiver = 1", "waiver has a wrong value", "[[waiver]]"),
            (WAIVER.replace("reason", "because"), "no key 'because' in waiver 1", "expires"),
            (
                WAIVER.replace("actions-disabled", "action-disabled"),
                "action-disabled",
                "did you mean actions-",
            ),
            (WAIVER.replace('reason = "agreed"\n', ""), "waiver 1: there is no reason", "say why"),
            (WAIVER.replace("expires = 2100-01-31\n", ""), "waiver 1: there is no day", "2027-01-31"),
            (WAIVER.replace("2100-01-31", '"soon"'), "waiver 1: there is no day", "2027-01-31"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_line(self, text, error, hint, tmp_path):
        with pytest.raises(UserError) as raised:
            loaded(tmp_path, text)

        assert error in raised.value.message
        assert "\n" not in raised.value.message
        assert hint in raised.value.hint

    def test_without_a_parser_it_is_not_ignored(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "tomllib", None)
        monkeypatch.setitem(sys.modules, "tomli", None)

        with pytest.raises(UserError, match="cannot read by itself"):
            loaded(tmp_path, "strict = true")


@pytest.mark.parametrize(
    ("pattern", "folder", "held"),
    [
        ("sandbox", "sandbox", True),
        ("sandbox", "live/sandbox/a", True),
        ("sandbox", "sandbox-2", False),
        ("sand*", "live/sandbox-2", True),
        ("live/a", "live/a/b", True),
        ("live/a", "other/live/a", False),
        ("live/*/test", "live/a/test", True),
        ("sandbox/", "live/sandbox", True),
        (".", ".", True),
    ],
)
def test_folders_that_are_left_out(pattern, folder, held, tmp_path):
    assert Folders((pattern,), tmp_path).hold(tmp_path / folder) is held


class TestTheCommand:
    def test_leaves_folders_out(self, tmp_path):
        written(tmp_path, {"live/main.tf": WHOLE, "old/main.tf": without("alarm")})
        assert check(tmp_path)[0] == 1

        written(tmp_path, {".sg-alarm.toml": 'exclude = ["old"]'})

        assert check(tmp_path)[0] == 0
        assert check(tmp_path, "--exclude", "nothing")[0] == 1  # the option takes precedence

    def test_expects_the_alarm_where_the_file_says(self, tmp_path):
        written(tmp_path, {"a/main.tf": WHOLE, "b/main.tf": VPC})
        assert check(tmp_path)[0] == 0

        written(tmp_path, {".sg-alarm.toml": 'expect = "every-root"'})

        assert check(tmp_path)[0] == 1
        assert check(tmp_path, "--expect", "codebase")[0] == 0
        assert check(tmp_path, "--expect", str(tmp_path / "a"))[0] == 0

    def test_judges_by_the_standard_of_the_file(self, tmp_path):
        written(tmp_path, {"main.tf": WHOLE, ".sg-alarm.toml": 'standard = "effective"'})

        assert check(tmp_path)[1]["profile"] == "effective"
        assert check(tmp_path, "--standard", "conformity")[1]["profile"] == "conformity"

    def test_lists_what_is_waived(self, tmp_path):
        written(tmp_path, {"main.tf": SILENT, ".sg-alarm.toml": WAIVER})

        code, report = check(tmp_path)

        assert (code, report["verdict"]) == (0, "PASS")
        assert [one["waiver"]["reason"] for one in report["waived"]] == ["agreed"]

    def test_takes_a_waiver_as_an_option(self, tmp_path):
        written(tmp_path, SILENT)

        assert check(tmp_path, "--waiver", "actions-disabled,2100-01-31,agreed")[0] == 0
        assert check(tmp_path, "--waiver", "actions-disabled,2020-01-31,agreed")[0] == 1
        assert command("check", str(tmp_path), "--waiver", "actions-disabled").returncode == 2

    def test_lists_what_it_did_not_judge(self, tmp_path):
        written(tmp_path, {"a/main.tf": WHOLE, "b/main.tf": VPC})

        _, report = check(tmp_path)

        assert [one.rpartition("/")[2] for one in report["not_here"]] == ["b"]
        assert "1 other root module holds no part" in command("check", str(tmp_path)).stdout

    def test_says_a_fault_of_the_file_in_one_line(self, tmp_path):
        done = command("check", str(written(tmp_path, {"main.tf": WHOLE, ".sg-alarm.toml": "excludes = []"})))

        assert done.returncode == 2
        assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


class TestComments:
    def skipped(self, kind):
        return SILENT.replace(
            f'"{kind}" "sg" {{', f'"{kind}" "sg" {{\n  #checkov:skip=CKV2_CWL_4:agreed with us'
        )

    def test_in_the_block_of_the_finding_waives_it(self, tmp_path):
        code, report = check(written(tmp_path, self.skipped("aws_cloudwatch_metric_alarm")))

        assert code == 0
        (waived,) = report["waived"]
        assert waived["waiver"] == {"id": waived["id"], "reason": "agreed with us", "expires": None}

    def test_in_another_block_does_not(self, tmp_path):
        assert check(written(tmp_path, self.skipped("aws_cloudwatch_log_metric_filter")))[0] == 1

    def test_of_another_check_does_not(self, tmp_path):
        text = self.skipped("aws_cloudwatch_metric_alarm").replace("CKV2_CWL_4", "CKV_AWS_319")

        assert check(written(tmp_path, text))[0] == 1

    def test_at_the_provider_waives_that_there_is_no_alarm(self, tmp_path):
        text = VPC.replace("{", "{\n  # checkov:skip=CKV2_CWL_4: another team has it\n", 1)

        code, report = check(written(tmp_path, text))

        assert (code, report["waived"][0]["waiver"]["reason"]) == (0, "another team has it")

    def test_in_a_text_are_none(self, tmp_path):
        text = SILENT.replace('alarm_name          = "sg"', 'alarm_name = "#checkov:skip=CKV2_CWL_4:x"')

        assert check(written(tmp_path, text))[0] == 1
