"""Snapshots: whatever a reader can find comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import collections.abc
import json
import os
import types
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_readings import read_plan
from sg_alarm.errors import UserError
from sg_alarm.rule.model import Deployment, Place, Topic, Trail
from sg_alarm.snapshots.file import load_snapshot, save_snapshot
from sg_alarm.unknown import Outside, Unknown

PLANS = Path(__file__).parents[1] / "readers" / "plans"

TEXTS = st.text(max_size=5) | st.sampled_from(["$", "$Trail", "${account}", "\ud800", "ü"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.builds(Unknown, TEXTS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the model writes it."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return st.one_of([of(one) for one in get_args(hint)])
    if origin is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=2).map(tuple)
    if origin is collections.abc.Mapping:
        return st.dictionaries(TEXTS, ANYTHING, max_size=2)
    if is_dataclass(hint):
        return st.deferred(
            lambda: st.builds(hint, **{name: of(one) for name, one in get_type_hints(hint).items()})
        )
    return {
        str: TEXTS,
        int: st.integers(),
        bool: st.booleans(),
        float: st.floats(allow_nan=False) | st.integers(),
        type(None): st.none(),
    }[hint]


class TestRoundTrip:
    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(deployments=st.lists(of(Deployment), max_size=2).map(tuple))
    def test_what_is_saved_comes_back(self, deployments, tmp_path_factory):
        file = tmp_path_factory.mktemp("snapshot") / "snapshot.json"
        save_snapshot(deployments, file)
        assert load_snapshot(file) == deployments

    @pytest.mark.parametrize("name", ["new-trail", "composite", "policies", "data", "regions"])
    def test_so_does_what_is_read_from_plans(self, name, tmp_path):
        deployments = read_plan(PLANS / f"{name}.json")
        save_snapshot(deployments, tmp_path / "snapshot.json")
        assert load_snapshot(tmp_path / "snapshot.json") == deployments

    def test_unknown_and_assumed_stay_apart_from_each_other_and_from_none(self, tmp_path):
        trails = tuple(
            Trail("arn", "eu-west-1", None, role)
            for role in (Unknown("same words"), Outside("same words"), None)
        )
        save_snapshot([Deployment("1", (), trails, ())], tmp_path / "snapshot.json")
        (found,) = load_snapshot(tmp_path / "snapshot.json")
        assert found.trails == trails


DEPLOYMENT = Deployment("1", ("eu-west-1",), (), (Place("1", "eu-west-1", topics=(Topic("arn"),)),))


def edited(tmp_path, edit) -> Path:
    file = tmp_path / "snapshot.json"
    save_snapshot([DEPLOYMENT], file)
    document = json.loads(file.read_text())
    edit(document)
    file.write_text(json.dumps(document))
    return file


class TestWriting:
    def test_a_failure_leaves_the_old_file_and_nothing_else(self, tmp_path, monkeypatch):
        file = tmp_path / "snapshot.json"
        save_snapshot([DEPLOYMENT], file)

        def full(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(UserError, match=r"cannot write .*: No space left on device"):
            save_snapshot([], file)
        assert load_snapshot(file) == (DEPLOYMENT,)
        assert list(tmp_path.iterdir()) == [file]

    def test_no_such_folder(self, tmp_path):
        with pytest.raises(UserError, match="cannot write"):
            save_snapshot([], tmp_path / "absent" / "snapshot.json")

    def test_a_link_stays_a_link(self, tmp_path):
        file, link = tmp_path / "real.json", tmp_path / "link.json"
        save_snapshot([], file)
        link.symlink_to(file)
        save_snapshot([DEPLOYMENT], link)
        assert link.is_symlink()
        assert load_snapshot(file) == (DEPLOYMENT,)

    def test_only_its_owner_can_read_a_new_file_and_an_old_one_keeps_its_mode(self, tmp_path):
        file = tmp_path / "snapshot.json"
        save_snapshot([], file)
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o640)
        save_snapshot([], file)
        assert file.stat().st_mode & 0o777 == 0o640


class TestReading:
    @pytest.mark.parametrize(
        "text",
        ["", "null", "[]", "{", "{}", '{"format_version": "1.2"}', "[" * 100_000],
        ids=lambda it: it[:9],
    )
    def test_another_file_is_no_snapshot(self, tmp_path, text):
        file = tmp_path / "other.json"
        file.write_text(text)
        with pytest.raises(UserError, match="is not a snapshot") as caught:
            load_snapshot(file)
        assert caught.value.hint

    def test_no_file(self, tmp_path):
        with pytest.raises(UserError, match="cannot read"):
            load_snapshot(tmp_path / "absent.json")

    @pytest.mark.parametrize("version", [0, 1, 3, "2", True, None])
    def test_another_version_is_not_read(self, tmp_path, version):
        file = edited(tmp_path, lambda document: document.update(sg_alarm_snapshot=version))
        with pytest.raises(UserError, match="snapshot of version"):
            load_snapshot(file)

    @pytest.mark.parametrize(
        ("edit", "reason"),
        [
            (lambda one: one.pop("account"), "has no field account"),
            (lambda one: one.update(more=1), "has an unknown field more"),
            (lambda one: one.update({"$": "Trail"}), r"deployments\[0\] is not"),
            (lambda one: one.update({"$": "Path"}), r"deployments\[0\] is not"),
            (lambda one: one.update(account=1), r"deployments\[0\].account is not"),
            (lambda one: one.update(regions="eu-west-1"), "regions is not"),
            (lambda one: one["places"][0]["topics"][0].update(arn=None), r"topics"),
            (lambda one: one["places"][0].update(topics={"$": "Outside", "reason": "x"}), "topics is not"),
        ],
    )
    def test_a_broken_one_says_where(self, tmp_path, edit, reason):
        file = edited(tmp_path, lambda document: edit(document["deployments"][0]))
        with pytest.raises(UserError, match=f"is not a snapshot: .*{reason}"):
            load_snapshot(file)

    def test_one_without_deployments(self, tmp_path):
        file = edited(tmp_path, lambda document: document.pop("deployments"))
        with pytest.raises(UserError, match="is not a snapshot"):
            load_snapshot(file)
