"""`sg-alarm audit --organization`, as a user meets it: verdicts, isolation, coverage, reports, errors."""

from __future__ import annotations

import csv
import io
import json

import pytest

from chains import ACCOUNT, GROUP, client_of, make_good_chain
from json_reports import untimed
from organization_builder import ROLE
from sg_alarm.rule.operations import ELEVEN, SIX

pytestmark = pytest.mark.slow

REGION = "eu-west-1"


def matrix(table: str) -> list[tuple[str, ...]]:
    """Return the units and accounts of a table in order: (unit,) or (verdict, name, marks)."""
    found: list[tuple[str, ...]] = []
    for line in table.splitlines():
        words = line.split()
        if words[:1] and words[0] in ("PASS", "FAIL", "UNKNOWN") and words[1].isdigit():
            found.append((words[0], words[2], "".join(words[3:14])))
        elif line.startswith("Root"):
            found.append((words[0],))
    return found


# Every account


def test_every_account_is_judged_the_management_account_with_the_callers_own_credentials(audit, organization):
    organization.account("web")
    make_good_chain(organization.aws, REGION)
    done = audit()
    assert (done.code, done.err) == (1, "")
    assert done.verdicts == {"web": "FAIL", "master": "PASS"}
    assert done.report["organization"] == {"id": organization.id, "management_account": ACCOUNT}


def test_a_waiver_sets_a_finding_aside_in_the_account_that_has_it(audit, organization):
    web = organization.account("web")
    make_good_chain(organization.aws, REGION)
    (finding,) = audit().report["findings"][:1]
    done = audit("--waiver", f"{finding['id']},2999-01-01,tracked elsewhere")
    assert (done.code, done.verdicts) == (0, {"master": "PASS", "web": "PASS"})
    assert [(one["account"], one["waiver"]["reason"]) for one in done.report["waived"]] == [
        (web, "tracked elsewhere")
    ]
    expired = audit("--waiver", f"{finding['id']},2001-01-01,tracked elsewhere")
    assert expired.code == 1
    assert any("expired on 2001-01-01" in one["evidence"] for one in expired.report["findings"])


def test_all_regions_of_each_account_are_in_scope_unless_some_are_named(audit, organization):
    organization.account("web")
    enabled = client_of(organization.aws, "ec2", REGION, ACCOUNT).describe_regions()["Regions"]
    done = audit(regions=())
    assert [one["regions"] for one in done.report["accounts"]] == [
        sorted(region["RegionName"] for region in enabled)
    ] * 2
    named = audit(regions=("eu-west-1", "us-east-1"))
    assert [one["regions"] for one in named.report["accounts"]] == [["eu-west-1", "us-east-1"]] * 2


def test_a_suspended_account_is_listed_and_not_judged(audit, organization):
    organization.account("web")
    closed = organization.account("closed")
    organization.suspend("closed")
    done = audit()
    assert set(done.verdicts) == {"web", "master"}
    assert done.report["not_judged"] == [
        {"account": closed, "name": "closed", "organizational_unit": "Root", "status": "SUSPENDED"}
    ]
    assert "closed  SUSPENDED  Root" in audit(form="table").out
    last = list(csv.DictReader(io.StringIO(audit(form="csv").out)))[-1]
    assert (last["name"], last["verdict"], last["reason"]) == ("closed", "", "not judged: SUSPENDED")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--include-account", "{web}"], {"web"}),
        (["--exclude-account", "{web}"], {"master", "pay", "ops"}),
        (["--ou", "Prod"], {"pay", "web"}),
        (["--ou", "Root/Prod"], {"pay", "web"}),
        (["--ou", "Prod/Cards"], {"pay"}),
        (["--ou", "Cards", "--include-account", "{ops}"], {"pay", "ops"}),
        (["--ou", "Prod", "--exclude-account", "{web}"], {"pay"}),
        (["--ou", "{prod}"], {"pay", "web"}),
    ],
)
def test_some_of_the_accounts_can_be_chosen(audit, organization, options, names):
    prod = organization.unit("Prod")
    organization.account("web", prod)
    organization.account("pay", organization.unit("Cards", prod))
    organization.account("ops")
    done = audit(*(option.format(prod=prod, **organization.accounts) for option in options))
    assert set(done.verdicts) == names


# Broken accounts


def test_an_account_without_the_role_is_unknown_with_the_reason_and_stops_no_other(audit, organization):
    organization.account("web")
    odd = organization.account("odd", role="another")
    organization.account("zoo")
    make_good_chain(organization.aws, REGION)
    done = audit()
    assert done.verdicts == {"web": "FAIL", "zoo": "FAIL", "odd": "UNKNOWN", "master": "PASS"}
    assert (
        f"role arn:aws:iam::{odd}:role/{ROLE} does not exist, or does not let" in done.account(odd)["reason"]
    )
    (finding,) = [one for one in done.report["findings"] if one["account"] == odd]
    assert (finding["link"], finding["verdict"]) == ("trail", "UNKNOWN")


def test_a_role_of_another_name_and_path_can_be_named(audit, organization):
    organization.account("odd", role="another")
    assert audit("--role-name", "another").verdicts["odd"] == "FAIL"
    template = "arn:{partition}:iam::{account}:role/another"
    assert audit("--role-arn", template).verdicts["odd"] == "FAIL"


def test_the_external_id_that_a_role_asks_for_is_given(audit, organization):
    organization.account("web")
    organization.ask_for_external_id("web", "secret")
    assert audit().verdicts["web"] == "UNKNOWN"
    assert audit("--external-id", "wrong").verdicts["web"] == "UNKNOWN"
    assert audit("--external-id", "secret").verdicts["web"] == "FAIL"


def test_the_name_of_the_sessions_is_what_cloudtrail_records(audit, organization):
    organization.trail()
    organization.account("web")
    audit("--session-name", "nightly-audit")
    trail = client_of(organization.aws, "cloudtrail", REGION, ACCOUNT)
    events = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}]
    )
    assert any("nightly-audit" in event["CloudTrailEvent"] for event in events["Events"])


# An organization's trail


def test_the_organizations_trail_covers_all_members_and_is_said_to(audit, organization):
    web, pay = organization.account("web"), organization.account("pay")
    trail = organization.trail()
    done = audit()
    assert (done.code, done.report["verdict"]) == (0, "PASS")
    for number in (ACCOUNT, web, pay):
        assert done.account(number)["covered_by"] == [trail.trail_arn]
    assert audit(form="table").out.count("by the organization's trail trail") == 3


def test_a_member_that_cannot_be_looked_into_is_unknown_all_the_same(audit, organization):
    organization.account("web")
    organization.account("odd", role="another")
    organization.trail()
    done = audit()
    assert done.code == 4
    assert done.verdicts == {"odd": "UNKNOWN", "master": "PASS", "web": "PASS"}


def test_what_is_broken_about_the_organizations_trail_is_broken_for_all(audit, organization):
    web = organization.account("web")
    trail = organization.trail()
    trail.put_alarm(ActionsEnabled=False)
    done = audit()
    assert done.verdicts == {"master": "FAIL", "web": "FAIL"}
    assert done.account(web)["covered_by"] == []
    assert "the alarm's actions are disabled" in done.account(web)["reason"]


def test_a_trail_of_one_region_covers_that_region_alone(audit, organization):
    organization.account("web")
    organization.trail(IsMultiRegionTrail=False)
    assert audit().verdicts == {"master": "PASS", "web": "PASS"}
    assert audit(regions=(REGION, "us-east-1")).verdicts == {"master": "FAIL", "web": "FAIL"}


def test_an_operation_that_the_organizations_trail_misses_may_be_in_the_members_own(audit, organization):
    """The organization's filter has the six; the member's own chain has all eleven."""
    web = organization.account("web")
    chain = organization.trail()
    chain.client("logs").delete_metric_filter(logGroupName=GROUP, filterName="other-changes")
    assert audit("--profile", "effective").verdicts == {"master": "FAIL", "web": "FAIL"}
    organization.chain_of_its_own("web")
    done = audit("--profile", "effective")
    assert done.verdicts == {"master": "FAIL", "web": "PASS"}
    assert done.account(web)["regions"] == [REGION]


def test_a_trail_whose_log_group_is_in_a_delegated_account_is_followed_there(audit, organization):
    organization.account("web")
    security = organization.account("security")
    organization.let_in("security", "owner")
    organization.trail(security)
    done = audit()
    assert done.verdicts == {"master": "PASS", "security": "PASS", "web": "PASS"}


def test_members_that_depend_on_a_delegated_account_nobody_may_look_into_are_unknown(audit, organization):
    web = organization.account("web")
    security = organization.account("security", role="owner")
    organization.trail(security)
    done = audit()
    assert done.code == 4
    assert done.verdicts == {"master": "UNKNOWN", "security": "UNKNOWN", "web": "UNKNOWN"}
    assert f"role arn:aws:iam::{security}:role/{ROLE} does not exist" in done.account(web)["reason"]


# Reports


@pytest.fixture
def mixed(organization):
    """Two units: in Prod all is broken, in Root/Audit nobody may look; the management account is good."""
    prod, quiet = organization.unit("Prod"), organization.unit("Audit")
    organization.account("web", prod)
    organization.account("odd", quiet, role="another")
    organization.account("pay", prod)
    organization.account("half", prod)
    organization.trail_of_its_own("half")
    make_good_chain(organization.aws, REGION)
    return organization


def test_the_table_has_a_row_for_each_account_the_worst_unit_and_account_first(audit, mixed):
    done = audit(form="table")
    assert done.out.splitlines()[0] == (
        f"FAIL  changes of security groups in organization {mixed.id}: "
        "1 PASS, 3 FAIL, 1 UNKNOWN  (conformity)"
    )
    assert matrix(done.out) == [
        ("Root/Prod",),
        ("FAIL", "half", "✘" * 11),
        ("FAIL", "pay", "✘" * 11),
        ("FAIL", "web", "✘" * 11),
        ("Root/Audit",),
        ("UNKNOWN", "odd", "?" * 11),
        ("Root",),
        ("PASS", "master", "✔" * 11),
    ]


def test_each_account_in_the_table_has_its_worst_finding_and_what_fixes_it(audit, mixed):
    lines = audit(form="table").out.splitlines()
    (row,) = [number for number, line in enumerate(lines) if "web" in line]
    assert [line.strip() for line in lines[row + 1 : row + 3]] == [
        "trail: there is no trail",
        "→ create a multi-region trail that delivers to a CloudWatch Logs log group",
    ]


def test_the_json_is_that_of_one_account_with_more_in_it(audit, mixed):
    report = audit().report
    assert [key for key in report if key not in ("organization", "not_judged")] == [
        "schema_version",
        "profile",
        "verdict",
        "accounts",
        "operations",
        "findings",
        "waived",
        "not_here",
        "controls",
        "audit",
    ]
    assert report["audit"]["source"] == f"organization {report['organization']['id']}"
    assert ACCOUNT in report["audit"]["caller"]
    assert (report["profile"], report["verdict"]) == ("conformity", "FAIL")
    assert [one["name"] for one in report["accounts"]] == ["half", "pay", "web", "odd", "master"]
    assert {one["organizational_unit"] for one in report["accounts"][:3]} == {"Root/Prod"}
    assert [one["name"] for one in report["operations"]] == list(ELEVEN)
    assert [one["name"] for one in report["operations"] if one["in_profile"]] == list(SIX)
    numbers = [mixed.accounts[name] for name in ("half", "pay", "web")]
    gaps = {one["account"]: one["regions"] for one in report["operations"][0]["gaps"]}
    assert [gaps[number] for number in numbers] == [[REGION]] * 3
    assert ACCOUNT not in gaps
    for finding in report["findings"]:
        assert finding.keys() >= {"account", "link", "resource", "verdict", "evidence", "remedy"}


def test_the_csv_has_a_row_for_each_account_and_a_column_for_each_operation(audit, mixed):
    rows = list(csv.DictReader(io.StringIO(audit(form="csv").out)))
    assert [row["name"] for row in rows] == ["half", "pay", "web", "odd", "master"]
    assert [rows[1][name] for name in ELEVEN] == ["FAIL"] * 11
    assert rows[1]["remedy"].startswith("create a multi-region trail")
    assert [rows[-1][name] for name in ELEVEN] == ["PASS"] * 11


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_report_goes_to_a_file_instead(audit, mixed, tmp_path, form):
    shown = audit(form=form)
    written = audit("--output", str(tmp_path / "report"), form=form)
    assert (written.code, written.out) == (1, "")
    assert untimed((tmp_path / "report").read_text("utf-8")) == untimed(shown.out)


# Exit codes and what the user can fix


def test_the_exit_code_is_that_of_the_worst_account(audit, organization):
    assert audit().code == 1
    make_good_chain(organization.aws, REGION)
    assert audit().code == 0
    organization.account("odd", role="another")
    assert audit().code == 4
    organization.account("web")
    assert audit().code == 1


def test_without_any_account_to_judge_the_verdict_is_unknown(audit, organization):
    done = audit("--exclude-account", ACCOUNT)
    assert (done.code, done.report["verdict"], done.report["accounts"]) == (4, "UNKNOWN", [])


NO_FOLDER = "/no/such/folder/journal"


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        (["--profile", "nist"], "there is no standard 'nist'"),
        (["--region", "not a region"], "not a region"),
        (["--role-name", "a", "--role-arn", "b{account}"], "--role-name and --role-arn are both given"),
        (["--role-arn", f"arn:aws:iam::{ACCOUNT}:role/audit"], "is a role of one account"),
        (["--journal", "a", "--resume", "b"], "--journal and --resume are both given"),
        (["--resume", "nowhere"], "there is no journal nowhere"),
        (["--journal", __file__], f"{__file__} exists already"),
        (["--resume", __file__], f"{__file__} is not a journal"),
        (["--journal", NO_FOLDER], f"cannot open {NO_FOLDER}"),
        (["--include-account", "1"], "the organization has no account 1"),
        (["--ou", "Nowhere"], "no account is below an organizational unit Nowhere"),
        (["--plan", "a"], "--organization and --plan are both given"),
        (["--save-snapshot", "a"], "--save-snapshot does not apply to an organization"),
        (["--concurrency", "0"], "--concurrency"),
        (["--endpoint-url", "http://127.0.0.1:9"], "cannot reach http://127.0.0.1:9"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_a_hint(audit, organization, options, reported):
    refused = audit(*options)
    assert refused.code == 2
    first, second = refused.err.splitlines()
    assert first.startswith("error: ")
    assert reported in first
    assert second.startswith("hint: ")
    assert refused.out == ""


def test_an_account_without_an_organization_is_reported(audit, server):
    server.reset()
    refused = audit()
    assert refused.code == 2
    assert "the account is in no organization" in refused.err


def test_options_of_an_organization_need_an_organization(sg_alarm, environment):
    refused = sg_alarm("audit", "--role-name", "audit", env=environment)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: --role-name does not apply to an account\nhint: ")


@pytest.mark.parametrize(
    ("options", "role"),
    [
        ([], "arn:aws:iam::*:role/sg-alarm-audit"),
        (["--role-name", "audit"], "arn:aws:iam::*:role/audit"),
        (["--role-arn", "arn:aws-cn:iam::{account}:role/a/b"], "arn:aws-cn:iam::*:role/a/b"),
    ],
)
def test_the_callers_least_policy_can_be_printed_without_asking_aws(sg_alarm, options, role):
    done = sg_alarm("audit", "--organization", "--print-iam-policy", *options, env={"AWS_PROFILE": None})
    assert done.returncode == 0
    allowed = {
        action: statement["Resource"]
        for statement in json.loads(done.stdout)["Statement"]
        for action in ([statement["Action"]] if statement["Sid"] == "SgAlarmRoles" else statement["Action"])
    }
    assert allowed["sts:AssumeRole"] == role
    assert {"organizations:ListAccounts", "cloudtrail:DescribeTrails"} <= allowed.keys()
