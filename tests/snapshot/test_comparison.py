"""What changed between two snapshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plan_readings import read_plan
from sg_alarm.rule.model import Delivery, Deployment, Place, Trail
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Verdict
from sg_alarm.snapshots.diff import Difference, FieldChange, Kind, ResourceChange, diff, render
from sg_alarm.unknown import Outside, Unknown

PLANS = Path(__file__).parents[1] / "readers" / "plans"
PROFILE = PROFILES["conformity"]


@pytest.fixture
def deployment() -> Deployment:
    (found,) = read_plan(PLANS / "deployed.json")
    return found


def changed(deployment: Deployment, **changes: object) -> Deployment:
    """The deployment with changes of its only place."""
    return replace(deployment, places=(replace(deployment.places[0], **changes),))


def compare(before: Deployment, after: Deployment) -> Difference:
    return diff([before], [after], PROFILE)


def test_nothing_changed(deployment):
    found = compare(deployment, deployment)
    assert not found
    assert found.resources == ()
    assert render(found).splitlines() == [
        "nothing changed",
        "conformity, account 123456789012: PASS, as before",
    ]


def test_a_removed_alarm_and_what_it_means_for_each_operation(deployment):
    found = compare(deployment, changed(deployment, alarms=()))
    (alarm,) = found.resources
    assert (alarm.kind, alarm.type, alarm.region) == (Kind.REMOVED, "alarm", "eu-west-1")
    assert alarm.resource.endswith(":alarm:SecurityGroupConfigChangesAlarm")
    assert {(one.operation, one.before, one.after) for one in found.verdicts} == {
        (name, Verdict.PASS, Verdict.FAIL) for name in ("", *PROFILE.operations)
    }


def test_added_is_the_reverse_of_removed(deployment):
    without = changed(deployment, alarms=())
    (removed,) = compare(deployment, without).resources
    assert compare(without, deployment).resources == (replace(removed, kind=Kind.ADDED),)


def test_a_changed_field_is_named_by_its_path(deployment):
    (alarm,) = deployment.places[0].alarms
    after = replace(alarm, metric_stat=replace(alarm.metric_stat, period=60), actions_enabled=False)
    (found,) = compare(deployment, changed(deployment, alarms=(after,))).resources
    assert found.kind is Kind.CHANGED
    assert set(found.fields) == {
        FieldChange("metric_stat.period", 300, 60),
        FieldChange("actions_enabled", True, False),
    }


def test_the_state_of_an_alarm_is_no_change_of_it(deployment):
    (alarm,) = deployment.places[0].alarms
    after = replace(alarm, state="ALARM", state_since="2026-01-31 12:00:00+00:00")
    assert compare(deployment, changed(deployment, alarms=(after,))).resources == ()


def test_a_change_of_the_verdict_alone_is_reported(deployment):
    found = compare(deployment, changed(deployment, alarms=()))
    assert replace(found, resources=())


def test_subscriptions_are_compared_by_whom_they_notify(deployment):
    (topic,) = deployment.places[0].topics
    (queue,) = topic.subscriptions
    mail = replace(queue, arn="another", protocol="email", endpoint="security@example.com")
    after = changed(
        deployment, topics=(replace(topic, subscriptions=(replace(queue, confirmed=False), mail)),)
    )
    assert [(one.kind, one.resource) for one in compare(deployment, after).resources] == [
        (Kind.CHANGED, f"sqs {queue.endpoint} of {topic.arn}"),
        (Kind.ADDED, f"email security@example.com of {topic.arn}"),
    ]


def test_two_things_of_one_name_are_both_compared(deployment):
    (topic,) = deployment.places[0].topics
    (one,) = topic.subscriptions
    twice = changed(deployment, topics=(replace(topic, subscriptions=(one, one)),))
    (found,) = compare(deployment, twice).resources
    assert found.kind is Kind.ADDED


def test_what_could_not_be_read_is_neither_added_nor_removed(deployment):
    found = compare(deployment, changed(deployment, alarms=Unknown("access denied")))
    (region,) = found.resources
    assert (region.kind, region.type) == (Kind.CHANGED, "region")
    (field,) = region.fields
    assert (field.field, field.after) == ("alarms", Unknown("access denied"))


def test_unknown_and_assumed_are_reported_apart(deployment):
    (key,) = deployment.places[0].keys
    found = compare(deployment, changed(deployment, keys=(replace(key, state=Unknown("x")),)))
    assert isinstance(key.state, Outside)
    assert "(assumed: only the account shows the key's state) -> (unknown: x)" in render(found)


def trail(**settings: object) -> Trail:
    return replace(Trail("arn:aws:cloudtrail:eu-west-1:1:trail/t", "eu-west-1", None, None), **settings)


class TestTrails:
    def compared(self, before: object, after: object) -> tuple[ResourceChange, ...]:
        old, new = (
            Deployment("1", ("eu-west-1",), trails, (Place("1", "eu-west-1"),)) for trails in (before, after)
        )
        return compare(old, new).resources

    def test_changed(self):
        (found,) = self.compared((trail(),), (trail(is_logging=False),))
        assert found.fields == (FieldChange("is_logging", True, False),)

    def test_when_it_delivered_last_is_no_change(self):
        old, new = (trail(delivery=Delivery(when)) for when in ("10:00", "11:00"))
        assert self.compared((old,), (new,)) == ()

    def test_that_it_delivered_at_all_is_one(self):
        (found,) = self.compared((trail(delivery=Delivery(None)),), (trail(delivery=Delivery("11:00")),))
        assert found.fields == (FieldChange("delivery.latest", None, "11:00"),)

    def test_a_failing_delivery_is_one(self):
        old, new = trail(delivery=Delivery("10:00")), trail(delivery=Delivery("11:00", "AccessDenied"))
        (found,) = self.compared((old,), (new,))
        assert found.fields == (FieldChange("delivery.error", None, "AccessDenied"),)

    def test_trails_that_could_not_be_read_are_not_removed(self):
        (found,) = self.compared((trail(),), Unknown("access denied"))
        assert (found.kind, found.type) == (Kind.CHANGED, "account")


def test_an_account_and_a_region_that_are_new(deployment):
    other = Deployment("210987654321", ("eu-west-1",), (), (Place("210987654321", "eu-west-1"),))
    found = diff([deployment], [deployment, other], PROFILE)
    assert [(one.kind, one.type, one.resource) for one in found.resources] == [
        (Kind.ADDED, "account", "210987654321"),
        (Kind.ADDED, "region", "eu-west-1"),
    ]
    assert {one.before for one in found.verdicts if one.account == "210987654321"} == {None}
    assert "account 210987654321: (not in the snapshot) -> FAIL" in render(found)


def test_text(deployment):
    (alarm,) = deployment.places[0].alarms
    silent = replace(alarm, actions_enabled=False)
    text = render(compare(deployment, changed(deployment, alarms=(silent,), event_rules=())))
    assert text.splitlines()[:4] == [
        f"~ alarm {alarm.arn} (123456789012 eu-west-1)",
        "    actions_enabled: true -> false",
        "- event rule arn:aws:events:eu-west-1:123456789012:rule/each-change (123456789012 eu-west-1)",
        "conformity, account 123456789012: PASS -> FAIL",
    ]
    assert "    CreateSecurityGroup: PASS -> FAIL" in text
