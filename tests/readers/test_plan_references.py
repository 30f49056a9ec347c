"""Plans do not guess: what a value is taken to be that is known only after apply, and what is not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from plan_builder import (
    THE_ALARM,
    THE_FILTER,
    THE_GROUP,
    THE_TOPIC,
    Keyed,
    Resource,
    alarm,
    chain,
    plan_of,
    references,
)
from plan_readings import read_plan
from sg_alarm.readers.plan.instances import Instance
from sg_alarm.readers.plan.references import expressions_at
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.verdict import Judgement, Link, Verdict
from sg_alarm.unknown import Unknown

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
OTHER = "aws_sns_topic.other"


def only(plan: dict[str, Any]):
    (deployment,) = read_plan(plan)
    return deployment


def judged(plan: dict[str, Any]) -> Judgement:
    return evaluate(only(plan), PROFILES["conformity"])


def alarms(plan: dict[str, Any]):
    return {one.name: one for place in only(plan).places for one in place.alarms}


def actions(named, variables=None, **changed):
    return alarms(plan_of(chain(alarm=alarm(named), **changed), variables))["sg"].alarm_actions


class TestActions:
    def test_one_attribute_of_one_topic_is_that_topic(self):
        plan = plan_of(chain())
        assert [str(one).rpartition(":")[2] for one in alarms(plan)["sg"].alarm_actions] == ["alarms"]
        assert judged(plan).verdict is PASS

    @pytest.mark.parametrize(
        "value", [None, True, False, 3, "", [], {}, [""], {"a": None}], ids=lambda value: repr(value)
    )
    def test_what_adds_no_text_may_stand_beside_it(self, value):
        assert (
            judged(plan_of(chain(alarm=alarm([f"{THE_TOPIC}.arn", "var.x"])), {"x": value})).verdict is PASS
        )

    @pytest.mark.parametrize("value", ["us-east-1", ["a"], {"a": "b"}], ids=repr)
    def test_a_text_beside_it_may_be_put_into_it(self, value):
        found = actions([f"{THE_TOPIC}.arn", "var.x"], {"x": value})
        assert isinstance(found, Unknown)
        assert found.reason == f"known after apply: it comes from {THE_TOPIC}.arn or var.x"

    @pytest.mark.parametrize(
        "beside", [f"{THE_TOPIC}.name", f"{THE_GROUP}.name", "path.module", "terraform.workspace", "each.key"]
    )
    def test_so_may_anything_else_that_is_known(self, beside):
        assert isinstance(actions([f"{THE_TOPIC}.arn", beside]), Unknown)

    def test_another_action_may_be_among_them(self):
        found = actions([f"{THE_TOPIC}.arn", "var.x"], {"x": ["arn:aws:sns:eu-west-1:123456789012:theirs"]})
        assert [isinstance(one, Unknown) for one in found] == [False, True]

    def test_a_topic_that_is_there_already_may_be_among_them(self):
        known = Resource(
            OTHER, {"name": "other", "arn": "arn:aws:sns:eu-west-1:123456789012:other"}, unknown=()
        )
        found = actions([f"{THE_TOPIC}.arn", f"{OTHER}.arn"], other=known)
        assert [isinstance(one, Unknown) for one in found] == [False, True]

    def test_either_of_two_topics_is_unknown(self):
        assert isinstance(
            actions([f"{THE_TOPIC}.arn", f"{OTHER}.arn"], other=Resource(OTHER, {"name": "other"})), Unknown
        )

    def test_what_is_not_an_action_is_unknown(self):
        plan = plan_of(chain(alarm=alarm(["aws_sqs_queue.q.arn"]), queue=Resource("aws_sqs_queue.q")))
        assert judged(plan).verdict is UNKNOWN

    def test_a_list_of_which_nothing_is_known_is_one_line(self):
        topics = {f"topic{number}": Resource(f"aws_sns_topic.t{number}") for number in range(13)}
        named = [f"{one.address}.arn" for one in topics.values()]
        found = judged(plan_of(chain(alarm=alarm(named), topic=None, mail=None, **topics)))
        assert found.verdict is UNKNOWN
        (finding,) = (one for one in found.findings if one.verdict is UNKNOWN)
        (message,) = finding.evidence
        assert (
            dict(message.arguments)["reason"]
            == "known after apply: it comes from aws_sns_topic.t0.arn or 12 more"
        )


class TestMetrics:
    def test_the_id_of_a_filter_that_is_called_as_its_metric_is_that_name(self):
        plan = plan_of(chain(alarm=alarm(metric=[f"{THE_FILTER}.id"])))
        assert alarms(plan)["sg"].metric_stat.metric.name == "changes"
        assert judged(plan).verdict is PASS

    def test_of_a_filter_that_is_called_otherwise_nothing_can_be_decided(self):
        made = chain(alarm=alarm(metric=[f"{THE_FILTER}.id"]))
        made["filter"].values["name"] = "filter"
        found = alarms(plan_of(made))["sg"].metric_stat.metric.name
        assert found.reason == f"known after apply: {THE_FILTER} is called filter, and its metric is not"
        assert judged(plan_of(made)).verdict is UNKNOWN

    @pytest.mark.parametrize("beside", ["var.stage", "each.key", "count.index", f"{THE_GROUP}.name"])
    def test_a_name_that_is_made_of_it_and_of_something_else_is_unknown(self, beside):
        plan = plan_of(chain(alarm=alarm(metric=[f"{THE_FILTER}.id", beside])), {"stage": "prod"})
        assert judged(plan).verdict is UNKNOWN

    def test_the_name_of_another_filter_is_the_name_of_another_metric(self):
        made = chain(alarm=alarm(metric=["aws_cloudwatch_log_metric_filter.root.id"]))
        root = copy.deepcopy(made["filter"])
        root.address = "aws_cloudwatch_log_metric_filter.root"
        root.values |= {"name": "root", "pattern": "{ $.userIdentity.type = Root }"}
        root.values["metric_transformation"] = [{"name": "root", "namespace": "Security", "value": "1"}]
        assert judged(plan_of({**made, "root": root})).verdict is FAIL


KEYS = ('["root"]', '["sg"]')
PATTERNS = Keyed(zip(KEYS, ("{ $.userIdentity.type = Root }", PATTERN_OF_SIX), strict=True))
NAMES = Keyed(zip(KEYS, ("root", "changes"), strict=True))


class TestKeys:
    """``this[each.key]`` is the instance with the same key, as is ``this[count.index]``."""

    def of_a_map(self, keys: tuple[str, ...], index: str) -> dict[str, Resource]:
        def keyed(*values: Any) -> Keyed:
            return Keyed(zip(keys, values, strict=True))

        made = chain()
        for name in ("filter", "alarm", "topic", "mail"):
            made[name].keys = keys
        made["filter"].values |= {
            "name": keyed("root", "changes"),
            "pattern": keyed("{ $.userIdentity.type = Root }", PATTERN_OF_SIX),
            "metric_transformation": keyed(
                *([{"name": one, "namespace": "Security", "value": "1"}] for one in ("root", "changes"))
            ),
        }
        made["topic"].values["name"] = keyed("root", "changes")
        del made["alarm"].values["metric_name"]
        made["alarm"].values["alarm_name"] = keyed("root", "sg")
        made["alarm"].refers = {"metric_name": [THE_FILTER, index], "alarm_actions": [THE_TOPIC, index]}
        made["mail"].refers = {"topic_arn": [THE_TOPIC, index]}
        return made

    @pytest.mark.parametrize(("keys", "index"), [(KEYS, "each.key"), (("[0]", "[1]"), "count.index")])
    def test_is_the_same_instance(self, keys, index):
        plan = plan_of(self.of_a_map(keys, index))
        assert alarms(plan)["sg"].metric_stat.metric.name == "changes"
        assert [one.rpartition(":")[2] for one in alarms(plan)["sg"].alarm_actions] == ["changes"]
        assert judged(plan).verdict is PASS

    def test_without_the_key_it_may_be_any(self):
        made = self.of_a_map(KEYS, "each.key")
        made["alarm"].refers["alarm_actions"] = [THE_TOPIC]
        assert judged(plan_of(made)).verdict is UNKNOWN

    def test_a_key_that_is_written_out_is_that_instance(self):
        made = self.of_a_map(KEYS, "each.key")
        made["alarm"].refers["alarm_actions"] = [f'{THE_TOPIC}["root"].arn']
        found = alarms(plan_of(made))
        assert {one.alarm_actions[0].rpartition(":")[2] for one in found.values()} == {"root"}

    def test_the_call_of_a_module_has_a_key_too(self):
        made = self.of_a_map(KEYS, "each.key")
        calls = made.pop("alarm")
        calls.values["alarm_name"], calls.keys = "sg", ("",)
        calls.refers = {"metric_name": ["var.metric"], "alarm_actions": ["var.topics"]}
        plan = plan_of(made)
        plan["planned_values"]["root_module"]["child_modules"] = [
            {"address": f"module.alarm{key}", "resources": calls.instances(f"module.alarm{key}.")}
            for key in KEYS
        ]
        plan["resource_changes"] += [
            change for key in KEYS for change in calls.changes(f"module.alarm{key}.")
        ]
        plan["configuration"]["root_module"]["module_calls"] = {
            "alarm": {
                "expressions": {
                    "metric": references(THE_FILTER, "each.key"),
                    "topics": references(THE_TOPIC, "each.key"),
                },
                "module": {"resources": [calls.configuration()], "variables": {"metric": {}, "topics": {}}},
            }
        }
        (place,) = only(plan).places
        found = {one.metric_stat.metric.name: one.alarm_actions[0].rpartition(":")[2] for one in place.alarms}
        assert found == {"root": "root", "changes": "changes"}
        assert judged(plan).verdict is PASS


class TestLogGroups:
    def test_a_group_whose_name_aws_makes_up_is_the_group(self):
        made = chain(group=Resource(THE_GROUP, {"name_prefix": "trail"}, unknown=("arn", "id", "name")))
        del made["filter"].values["log_group_name"]
        made["filter"].refers["log_group_name"] = [f"{THE_GROUP}.name"]
        assert judged(plan_of(made)).verdict is PASS

    @pytest.mark.parametrize("trail", [True, False], ids=["with a trail", "without a trail"])
    def test_a_group_of_which_nothing_is_known_is_not_a_missing_trail(self, trail):
        made = chain() if trail else chain(trail=None, role=None)
        made["random"] = Resource("random_pet.group", unknown=["id"])
        del made["filter"].values["log_group_name"]
        made["filter"].refers["log_group_name"] = ["random_pet.group.id"]
        assert judged(plan_of(made)).verdict is UNKNOWN

    def test_nor_is_one_that_is_there_only_by_such_a_name(self):
        made = chain(trail=None, role=None, group=None, random=Resource("random_pet.group", unknown=["id"]))
        del made["filter"].values["log_group_name"]
        made["filter"].refers["log_group_name"] = ["random_pet.group.id"]
        found = judged(plan_of(made))
        assert all(one.verdict is not FAIL for one in found.findings if one.link is Link.TRAIL)


class TestForgotten:
    def forgotten(self, short: str) -> dict[str, Any]:
        """The plan that lets go of a resource that is there, and leaves it as it is."""
        made = chain()
        plan = plan_of(made)
        address = made[short].address
        arn = f"arn:aws:sns:eu-west-1:123456789012:{short}"
        for one in plan["planned_values"]["root_module"]["resources"]:
            if one["address"] == address:
                before = {**one.pop("values"), "arn": arn, "id": arn}
                before |= {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:topic"} if short == "mail" else {}
        for one in plan["resource_changes"]:
            if one["address"] == address:
                one["change"] = {"actions": ["forget"], "before": before, "after": None, "after_unknown": {}}
        return plan

    def test_a_topic_that_terraform_forgets_remains(self):
        plan = self.forgotten("topic")
        for one in plan["configuration"]["root_module"]["resources"]:
            for argument, refers in {"alarm_actions": THE_ALARM, "topic_arn": "mail"}.items():
                if one["address"].endswith(refers):
                    one["expressions"][argument] = {"constant_value": None}
        arn = "arn:aws:sns:eu-west-1:123456789012:topic"
        for one in plan["planned_values"]["root_module"]["resources"]:
            if one["address"] == THE_ALARM:
                one["values"]["alarm_actions"] = [arn]
            if one["address"].endswith("mail"):
                one["values"]["topic_arn"] = arn
        for one in plan["resource_changes"]:
            if one["address"] == THE_ALARM or one["address"].endswith("mail"):
                one["change"]["after_unknown"] = {}
        assert judged(plan).verdict is PASS

    def test_what_it_held_back_as_sensitive_is_not_shown(self):
        plan = self.forgotten("mail")
        for one in plan["resource_changes"]:
            if one["address"].endswith("mail"):
                one["change"]["before_sensitive"] = {"endpoint": True}
        assert "a@example.com" not in repr(only(plan))


class TestIncomplete:
    def test_a_resource_that_is_deferred_may_come(self):
        plan = plan_of(chain())
        moved = [one for one in plan["resource_changes"] if one["address"] == THE_ALARM]
        resources = plan["planned_values"]["root_module"]["resources"]
        (values,) = (one for one in resources if one["address"] == THE_ALARM)
        resources.remove(values)
        plan["resource_changes"].remove(moved[0])
        change = {**values, "change": {"after": values["values"], **moved[0]["change"]}}
        plan |= {
            "complete": False,
            "deferred_changes": [{"reason": "provider_config_unknown", "resource_change": change}],
        }
        found = judged(plan)
        assert found.verdict is UNKNOWN
        assert "Terraform defers it to a later run: provider config unknown" in repr(found)

    @pytest.mark.parametrize("missing", ["trail", "filter", "alarm", "topic", "mail"])
    def test_of_a_plan_with_targets_what_is_missing_may_be_there(self, missing):
        parts = {missing: None, **({"role": None, "group": None} if missing == "trail" else {})}
        assert judged(plan_of(chain(**parts), complete=False)).verdict is not FAIL

    def test_what_is_there_passes_all_the_same(self):
        assert judged(plan_of(chain(), complete=False)).verdict is PASS

    def test_a_broken_link_fails_all_the_same(self):
        plan = plan_of(chain(alarm=alarm(actions_enabled=False)))
        assert judged(plan).verdict is FAIL

    def test_the_plan_of_a_run_that_failed_is_refused(self, tmp_path, sg_alarm):
        import json

        (tmp_path / "plan.json").write_text(json.dumps(plan_of(chain(), errored=True)))
        done = sg_alarm("audit", "--plan", str(tmp_path / "plan.json"))
        assert done.returncode == 2
        assert "a run that failed" in done.stderr


def test_keys_that_a_provider_signs_in_with_are_not_shown():
    plan = plan_of(chain())
    expressions = plan["configuration"]["provider_config"]["aws"]["expressions"]
    expressions |= {
        "access_key": {"constant_value": "AKIAHIDDEN"},
        "secret_key": {"constant_value": "hidden"},
    }
    found = repr(read_plan(plan))
    assert "hidden" not in found.lower()
    assert "${account of provider aws}" in found


@pytest.mark.parametrize(("kind", "which"), [("statement", [1]), ("metric_query", [0, 1])])
def test_only_blocks_that_are_a_list_stand_in_the_order_of_the_plan(kind, which):
    """A plan has the blocks of a set in an order of its own: any of them may be the one that is asked for."""
    blocks = [{"id": {"references": [name]}} for name in ("var.a", "var.b")]
    instance = Instance(
        "x.y", "", "managed", "x", "y", {kind: [{}, {}]}, configuration={"expressions": {kind: blocks}}
    )
    assert expressions_at(instance, (kind, 1, "id")) == [blocks[one]["id"] for one in which]
