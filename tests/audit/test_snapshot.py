"""Snapshots: a verdict can be examined again without the account, and two can be compared."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deployment_builder as builder
from sg_alarm.audit import audit
from sg_alarm.comparison import compare, render
from sg_alarm.errors import UserError
from sg_alarm.rule.model import Deployment
from sg_alarm.snapshot import load_snapshot, save_snapshot
from sg_alarm.unknown import Assumed, Unknown

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def good() -> Deployment:
    return builder.good()


def saved_and_loaded(deployment, folder):
    save_snapshot([deployment], folder / "snapshot.json")
    [loaded] = load_snapshot(folder / "snapshot.json")
    return loaded


def test_what_is_loaded_is_what_was_saved(good, tmp_path):
    assert saved_and_loaded(good, tmp_path) == good


@given(document=st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=4), reason=st.text(max_size=8))
def test_any_policy_and_any_reason_survives(document, reason, tmp_path_factory):
    good = builder.good()
    [place, *others] = good.places
    [topic, *topics] = place.topics
    topic = replace(topic, policy={**document, "unread": Unknown(reason)}, kms_key=Unknown(reason))
    place = replace(place, topics=(topic, *topics), mute_rules=Assumed(reason))
    changed = replace(good, places=(place, *others))
    assert saved_and_loaded(changed, tmp_path_factory.mktemp("snapshot")) == changed


def test_the_verdict_is_the_same(good, tmp_path):
    loaded = saved_and_loaded(good, tmp_path)
    assert audit([loaded], "effective").judgements == audit([good], "effective").judgements


def test_a_snapshot_that_cannot_be_written_leaves_the_old_one(good, tmp_path, monkeypatch):
    path = tmp_path / "snapshot.json"
    save_snapshot([good], path)
    before = path.read_text()
    monkeypatch.setattr("json.dump", lambda *arguments, **options: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(UserError, match="cannot write"):
        save_snapshot([good], path)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is no JSON"),
        ("[]", "is no snapshot"),
        ('{"format": "something else"}', "is no snapshot"),
        ('{"format": "sg-alarm snapshot", "version": 99}', "a snapshot of version 99"),
        ('{"format": "sg-alarm snapshot", "version": 1}', "damaged"),
        ('{"format": "sg-alarm snapshot", "version": 1, "deployments": [{"$type": "Nothing"}]}', "damaged"),
        ('{"format": "sg-alarm snapshot", "version": 1, "deployments": [{"$type": "Trail"}]}', "damaged"),
        ('{"format": "sg-alarm snapshot", "version": 1, "deployments": [1]}', "damaged"),
    ],
)
def test_a_broken_snapshot_is_told_in_one_line(sg_alarm, tmp_path, content, told):
    path = tmp_path / "snapshot.json"
    path.write_text(content)
    refused = sg_alarm("--quiet", "audit", "--snapshot", str(path))
    assert refused.returncode == 2
    assert told in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_nothing_changed(good):
    difference = compare([good], [good], "conformity")
    assert not difference
    assert list(render(difference)) == ["nothing changed"]


def test_what_was_removed_and_what_that_does_to_the_verdict(good):
    [place, *others] = good.places
    broken = replace(good, places=(replace(place, alarms=()), *others))
    difference = compare([good], [broken], "conformity")
    assert [thing[2:] for thing in difference.removed] == [("alarm", builder.ALARM_ARN)]
    assert not difference.added
    lines = list(render(difference))
    assert f"- alarm {builder.ALARM_ARN}" in lines
    assert f"! CreateSecurityGroup in account {builder.ACCOUNT}: PASS → FAIL" in lines


def test_a_changed_field_is_shown_before_and_after(good):
    [place, *others] = good.places
    [alarm] = place.alarms
    broken = replace(good, places=(replace(place, alarms=(replace(alarm, actions_enabled=False),)), *others))
    [change] = compare([good], [broken], "conformity").changed
    assert (change.field, change.before, change.after) == ("actions_enabled", True, False)


def test_what_could_not_be_read_any_more_is_shown(good):
    [place, *others] = good.places
    denied = replace(good, places=(replace(place, alarms=Unknown("access denied")), *others))
    difference = compare([good], [denied], "conformity")
    assert any("unknown: access denied" in line for line in render(difference))
    assert {change.after.value for change in difference.verdicts} == {"UNKNOWN"}


def test_the_command_saves_judges_and_compares(sg_alarm, tmp_path, good):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    save_snapshot([good], first)
    [place, *others] = good.places
    save_snapshot([replace(good, places=(replace(place, alarms=()), *others))], second)
    judged = sg_alarm("audit", "--snapshot", str(first), "--format", "json")
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout)["verdict"] == "PASS"
    assert sg_alarm("diff", str(first), str(first)).returncode == 0
    differs = sg_alarm("diff", str(first), str(second))
    assert differs.returncode == 1
    assert "- alarm " in differs.stdout
