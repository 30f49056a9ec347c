"""The HTML report: what it says, that it is well-formed, and that nothing in it is taken for markup."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files

import html5lib
import pytest

from audits import audit
from deployment_builder import ACCOUNT, ALARM_ARN, ELSEWHERE, HOME, at_home, good, replace_text, with_alarm
from html_audits import AUDITS, HOSTILE, hostile, many
from sg_alarm.errors import UserError
from sg_alarm.reports import html
from sg_alarm.reports.html import to_html
from sg_alarm.reports.html.text import plain, shown
from sg_alarm.reports.report import judge
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.operations import ELEVEN, PROFILES
from sg_alarm.rule.reading import Language, Position, Reading
from sg_alarm.rule.verdict import LINKS

REACHED = f"Each of the 6 operations that conformity asks for reaches a subscriber in {HOME}, {ELSEWHERE}"
BEYOND = "5 further operations, which the standard does not ask for, do not surely notify anybody."
ELSEWHERE_UNRECORDED = f"In {ELSEWHERE}: the trail records only the region {HOME}."


def page(name):
    return to_html(AUDITS[name])


def parsed(text):
    """The page as a browser understands it; raises for whatever the standard calls an error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def texts(tree, path):
    return [" ".join("".join(one.itertext()).split()) for one in tree.findall(path)]


def drawings(tree):
    """Return the chains that are drawn."""
    return [one for one in tree.iter() if tag(one) == "svg" and one.get("role") == "img"]


def tag(element):
    """Return the name of an element; drawings have a namespace."""
    return str(element.tag).rpartition("}")[2]


def test_the_same_audit_gives_the_same_page():
    assert page("several") == page("several")


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("name", "headline", "why"),
        [
            (
                "pass",
                "PASS Every change that the standard asks for notifies somebody",
                f"{REACHED}. {BEYOND}",
            ),
            (
                "assumed",
                "PASS Every change that the standard asks for notifies somebody",
                f"{REACHED}; this rests on 1 assumption. {BEYOND}",
            ),
            (
                "fail",
                "FAIL Security group changes go unseen",
                "The alarm's actions are disabled. Nobody is notified of any change.",
            ),
            (
                "fail-in-one-region",
                "FAIL Some security group changes go unseen",
                f"{ELSEWHERE_UNRECORDED} Nobody is notified of any change in us-east-1.",
            ),
            (
                "nothing-there",
                "FAIL Security group changes go unseen",
                "There is no trail. Nobody is notified of any change.",
            ),
            (
                "unknown",
                "UNKNOWN Cannot tell whether security group changes notify anybody",
                (
                    "The trails could not be read: access denied. Cannot tell whether anybody is notified of "
                    "changes."
                ),
            ),
            (
                "several",
                "FAIL Some security group changes go unseen",
                "Of 5 accounts 3 fail, 1 is unknown, 1 passes.",
            ),
            (
                "everything",
                "PASS Every change of a security group notifies somebody",
                f"{REACHED.replace('6', '11').replace('conformity', 'effective')}.",
            ),
            (
                "narrowed",
                "FAIL Some security group changes go unseen",
                "The pattern matches only changes with $.userIdentity.type = Root. Other changes go unseen.",
            ),
            (
                "one-operation",
                "FAIL Some security group changes go unseen",
                (
                    "DeleteSecurityGroup: the pattern does not match it. Nobody is notified of 1 of 6 "
                    "operations."
                ),
            ),
            ("no-account", "UNKNOWN Nothing was judged", "There was no account and no code to look at."),
        ],
    )
    def test_the_verdict_and_why_in_a_sentence(self, name, headline, why):
        tree = parsed(page(name))
        assert texts(tree, ".//h1") == [headline]
        assert texts(tree, ".//p[@class='why']") == [why]

    def test_when_by_whom_of_what_and_by_which_standard(self):
        tree = parsed(page("fail"))
        names, facts = (texts(tree, f".//dl[@class='made']/div/{one}") for one in ("dt", "dd"))
        assert dict(zip(names, facts, strict=True)) == {
            "Standard": PROFILES["conformity"].title,
            "Made": "2026-01-31 12:30:15 UTC",
            "By": f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/jo",
            "With": "sg-alarm 1.2.3",
            "Looked at": "the AWS account",
            "Scope": "all regions; 1 account, 2 regions",
        }

    def test_what_is_not_known_is_said_so(self):
        report = replace(AUDITS["fail"], run_metadata=RunMetadata())
        facts = texts(parsed(to_html(report)), ".//dl[@class='made']/div/dd")
        assert (facts[2], facts[4]) == ("not recorded", "not recorded")

    def test_every_link_is_drawn_and_the_broken_one_described(self):
        tree = parsed(page("fail"))
        (drawing,) = drawings(tree)
        title, description = list(drawing)[:2]
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text == "Through the alarm SecurityGroupConfigChangesAlarm: FAIL"
        assert (
            "Action SecurityGroupConfigChangesAlarm: broken, the alarm's actions are disabled"
            in description.text
        )
        assert description.text.strip().endswith("A person is not notified.")
        kinds = ["".join(one.itertext()) for one in drawing.iter() if one.get("class") == "kind"]
        assert kinds == ["change", *(link.value for link in LINKS), "person"]
        states = [one.get("class") for one in drawing.iter() if tag(one) == "g"]
        assert states == ["node end", *["node pass"] * 5, "node fail", *["node pass"] * 3, "node end cut"]

    def test_a_chain_that_holds_in_one_region_is_drawn_for_each(self):
        tree = parsed(page("fail-in-one-region"))
        assert texts(tree, ".//h4") == [
            f"Through the alarm SecurityGroupConfigChangesAlarm, in {ELSEWHERE}",
            f"Through the alarm SecurityGroupConfigChangesAlarm, in {HOME}",
        ]
        assert texts(tree, ".//ul[@class='regions']/li") == [f"✓PASS {HOME}", f"✕FAIL {ELSEWHERE}"]

    def test_a_link_that_is_not_there_is_drawn_as_not_reached(self):
        (drawing,) = drawings(parsed(page("nothing-there")))
        states = [one.get("class") for one in drawing.iter() if tag(one) == "g"]
        assert states == ["node end", "node fail", *["node absent"] * 7, "node end cut"]

    def test_few_accounts_are_columns_of_the_matrix(self):
        (matrix,) = parsed(page("fail")).findall(".//table[@class='matrix']")
        rows = [texts(row, "*") for row in matrix.findall(".//tr")]
        assert rows[0] == ["Operation", ACCOUNT]
        assert [row[0].split()[0] for row in rows if len(row) == 2][1:] == list(ELEVEN)
        assert {row[1] for row in rows[2:] if len(row) == 2} == {"✕not notified"}

    def test_many_accounts_are_its_rows_those_that_fail_first(self):
        tree = parsed(to_html(many(40)))
        failing, passing = tree.findall(".//table[@class='matrix wide']")
        assert [one.get("scope") for one in failing.findall(".//thead/tr[2]/th")] == ["col"] * 12
        verdicts = [row[0].split()[0] for row in (texts(one, "*") for one in failing.findall("tbody/tr"))]
        assert verdicts == ["✕FAIL"] * 8 + ["?UNKNOWN"] * 2
        assert len(passing.findall("tbody/tr")) == 30
        assert passing not in list(tree.findall(".//section/div/table"))  # it is folded away

    def test_one_finding_of_several_accounts_is_shown_once(self):
        findings = texts(parsed(page("several")), ".//article/h3")
        assert findings[0] == "FAIL Topic 2 accounts"
        assert len(findings) == len(set(findings))

    def test_the_remedy_comes_with_its_code(self):
        (article,) = parsed(page("fail")).findall(".//article")
        assert texts(article, "p")[2] == "Remedy: Enable the alarm's actions."
        (code,) = texts(article, "pre")
        assert code == (
            "# Change these arguments of the existing resource: "
            'resource "aws_cloudwatch_metric_alarm" "security_group_config_changes_alarm" '
            '{ alarm_name = "SecurityGroupConfigChangesAlarm" actions_enabled = true }'
        )

    def test_where_there_is_no_alarm_all_that_it_takes_is_shown(self):
        code = texts(parsed(page("nothing-there")), ".//details//pre")
        assert len(code) == 1
        for kind in ("cloudtrail", "cloudwatch_metric_alarm", "sns_topic_subscription"):
            assert f'resource "aws_{kind}" "security_group_changes"' in code[0]

    def test_a_template_is_fixed_by_no_terraform_code(self):
        shown = []
        for deployment in (at_home(metric_filters=(), alarms=()), with_alarm(actions_enabled=False)):
            reading = Reading("stack.yaml", deployment, language=Language.CLOUDFORMATION)
            result = judge([reading], PROFILES["conformity"])
            shown.append("".join(texts(parsed(to_html(result)), ".//pre")))
            assert "resource " not in shown[-1]
        assert ["AWS::Logs::MetricFilter" in one for one in shown] == [True, False]

    def test_resources_of_code_are_shown_with_their_place(self):
        address = "aws_cloudwatch_metric_alarm.changes"
        positions = {address: Position("infra/main.tf", 12)}
        reading = Reading("infra", with_alarm(actions_enabled=False), {ALARM_ARN: address}, positions)
        text = to_html(judge([reading], PROFILES["conformity"]))
        assert texts(parsed(text), ".//ul[@class='places']/li/span") == ["infra/main.tf:12"]
        assert "resource &#34;aws_cloudwatch_metric_alarm&#34; &#34;changes&#34;" in text

    def test_code_is_counted_by_root_modules(self):
        roots = [replace_text(good(), ACCOUNT, f"${{account of infra/{name}}}") for name in ("eu", "us")]
        tree = parsed(to_html(audit(roots, "conformity")))
        assert texts(tree, ".//p[@class='why']")[0].startswith("Of 2 root modules ")
        assert [one.split()[-1] for one in texts(tree, ".//h3/bdi")] == ["infra/eu", "infra/us"]

    def test_a_link_that_rests_on_an_assumption_is_drawn_as_such_and_no_other(self):
        def assumed(name):
            nodes = [one for drawn in drawings(parsed(page(name))) for one in drawn.iter()]
            return sum(one.get("class") == "node assumed" for one in nodes)

        (subject,) = AUDITS["assumed"].subjects
        assert assumed("assumed") == sum(bool(one.assumed) for one in subject.judgement.findings) == 1
        assert assumed("pass") == assumed("fail") == 0

    def test_assumptions_and_operations_outside_the_standard_are_reported(self):
        remarks = texts(parsed(page("assumed")), ".//ul[@class='remarks']/li")
        assert any(
            one.startswith("Unwatched operation") and "ModifySecurityGroupRules" in one for one in remarks
        )
        assert any(one.startswith("Assumption") and "only the account can show it" in one for one in remarks)
        outside = texts(parsed(page("assumed")), ".//ul[@class='outside']/li/code")
        assert outside == list(ELEVEN[6:])


class TestForm:
    @pytest.mark.parametrize("name", AUDITS)
    def test_it_is_well_formed(self, name):
        tree = parsed(page(name))
        ids = [one.get("id") for one in tree.iter() if one.get("id")]
        assert len(ids) == len(set(ids))
        targets = [one.get("href")[1:] for one in tree.iter() if (one.get("href") or "").startswith("#")]
        assert set(targets) <= set(ids)

    @pytest.mark.parametrize("name", AUDITS)
    def test_headings_are_in_order(self, name):
        levels = [
            int(one.tag[1]) for one in parsed(page(name)).iter() if re.fullmatch("h[1-6]", str(one.tag))
        ]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))

    def test_landmarks_are_there_and_the_first_link_skips_to_the_verdict(self):
        tree = parsed(page("fail"))
        body = tree.find("body")
        assert [one.tag for one in body] == ["a", "header", "main", "footer"]
        assert body[0].get("href") == "#main"
        assert tree.get("lang") == "en"
        assert [one.get("aria-label") for one in tree.findall(".//nav")] == ["Contents"]
        for section in tree.findall(".//section"):
            assert section.get("aria-labelledby")

    @pytest.mark.parametrize("name", AUDITS)
    def test_every_table_has_a_caption_and_every_head_a_scope(self, name):
        for table in parsed(page(name)).findall(".//table"):
            assert "".join(table.find("caption").itertext()).strip()
            assert all(head.get("scope") for head in table.iter("th"))

    def test_nothing_is_loaded_and_nothing_runs(self):
        tree = parsed(page("several"))
        elements = {tag(one) for one in tree.iter()}
        assert not elements & {"script", "img", "iframe", "object", "embed", "form", "audio", "video", "base"}
        assert [one.get("href") for one in tree.findall(".//link")] == ["data:,"]
        style = tree.find(".//style").text
        assert not re.search(r"url\(|@import|@font-face", style)
        policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")

    def test_an_account_takes_few_bytes_however_many_there_are(self):
        assert len(to_html(many(200)).encode()) < 200 * 11_000


class TestHostileNames:
    @pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))
    def test_they_stay_text(self, name):
        text = to_html(hostile(name))
        harmless = parsed(page("several"))
        tree = parsed(text)
        assert {tag(one) for one in tree.iter()} <= {tag(one) for one in harmless.iter()} | {"span", "h4"}
        assert not [key for one in tree.iter() for key in one.attrib if key.lower().startswith("on")]
        assert text.encode()  # can be written to a file
        assert plain(name)[:20] in "".join(tree.itertext()) or any(not one.isprintable() for one in name)

    @pytest.mark.parametrize("name", ["reversed", "no width", "control", "half a character"])
    def test_what_cannot_be_seen_is_shown_by_its_number(self, name):
        text = to_html(hostile(HOSTILE[name]))
        assert "U+" in text
        assert all(one.isprintable() or one == "\n" for one in text)

    def test_the_number_stands_apart_from_the_text(self):
        assert shown("a\u202eb<") == 'a<span class="unseen">U+202E</span>b&lt;'
        assert plain("a\u202eb<") == "a⟨U+202E⟩b<"

    def test_the_circumstances_are_escaped_too(self):
        run_metadata = RunMetadata(caller="<b>", source="<b>", scope="<b>", version="<b>")
        assert "b" not in {
            tag(one) for one in parsed(to_html(replace(AUDITS["fail"], run_metadata=run_metadata))).iter()
        }


def test_without_jinja_there_is_a_hint(monkeypatch):
    monkeypatch.setattr(html, "find_spec", lambda name: None)
    with pytest.raises(UserError) as caught:
        to_html(AUDITS["pass"])
    assert caught.value.hint == "pip install 'sg-alarm[html]'"


def test_the_rest_of_the_command_needs_no_jinja():
    code = (
        "import sys, sg_alarm.cli.audit, sg_alarm.reports.html, sg_alarm.reports.table; "
        "print({'jinja2', 'markupsafe'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_templates_are_part_of_the_package():
    found = {one.name for one in (files("sg_alarm.reports.html") / "templates").iterdir()}
    assert found == {"report.html", "parts.html", "style.css"}


def test_the_command_writes_it(sg_alarm, tmp_path):
    from sg_alarm.snapshots.file import save_snapshot

    snapshot, report = tmp_path / "snapshot.json", tmp_path / "report.html"
    save_snapshot([good()], snapshot)
    done = sg_alarm("audit", "--snapshot", str(snapshot), "--format", "html", "--output", str(report))
    assert (done.returncode, done.stdout) == (0, "")
    facts = texts(parsed(report.read_text("utf-8")), ".//dl[@class='made']/div/dd")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", facts[1])
    assert facts[4] == f"a snapshot: {snapshot}"
