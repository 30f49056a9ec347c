"""What a plan says of a deployment. All plans are real ones; slim.py says how they were made."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from judging import evaluate
from plan_readings import read_plan
from sg_alarm.errors import UserError
from sg_alarm.rule.model import AdvancedEventSelector, Delivery, EventSelector, FieldSelector
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.rule.wording import DescribedJudgement
from sg_alarm.unknown import Outside, Unknown

PLANS = Path(__file__).parent / "plans"
ACCOUNT = "123456789012"


def plan(name: str) -> dict[str, Any]:
    return json.loads((PLANS / f"{name}.json").read_text())


def only(document: dict[str, Any], **options: Any):
    (deployment,) = read_plan(document, **options)
    return deployment


def place(document: dict[str, Any], **options: Any):
    (found,) = only(document, **options).places
    return found


def judge(document: dict[str, Any], profile: str = "conformity", **options: Any) -> DescribedJudgement:
    return evaluate(only(document, **options), PROFILES[profile])


def resources(document: dict[str, Any], part: str = "planned_values"):
    """The lists of resources of every module, to be read or changed."""
    modules = [document[part]["root_module"]]
    while modules:
        module = modules.pop()
        yield module.setdefault("resources", [])
        modules.extend(module.get("child_modules", ()))


def resource(document: dict[str, Any], address: str) -> dict[str, Any]:
    return next(one for some in resources(document) for one in some if one["address"] == address)


def change(document: dict[str, Any], address: str) -> dict[str, Any]:
    return next(one["change"] for one in document["resource_changes"] if one["address"] == address)


def configured(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (
        one for one in document["configuration"]["root_module"]["resources"] if one["address"] == name
    )
    return found["expressions"]


def without(document: dict[str, Any], *addresses: str) -> dict[str, Any]:
    """The plan, had these resources not been in the code."""
    changed = copy.deepcopy(document)
    for some in resources(changed):
        some[:] = [one for one in some if one["address"] not in addresses]
    for part, name in (("resource_changes", "address"), ("relevant_attributes", "resource")):
        changed[part] = [
            one
            for one in changed[part]
            if not any(it == one[name] or it.startswith(f"{one[name]}[") for it in addresses)
        ]
    return changed


class TestExamples:
    """The project's own examples."""

    @pytest.mark.parametrize("name", ["minimal", "new-trail", "organization"])
    def test_passes_before_anything_is_applied(self, name):
        assert judge(plan(name), "effective").verdict is Verdict.PASS

    def test_complete_passes_for_the_account_that_its_policies_name(self):
        assert judge(plan("complete"), "effective", account=ACCOUNT).verdict is Verdict.PASS

    def test_complete_alone_is_assumed_to_name_the_right_account_in_its_policies(self):
        judged = judge(plan("complete"))
        assert judged.verdict is Verdict.PASS
        assert {Link.TOPIC, Link.KEY} <= {one.link for one in judged.findings if one.assumed}

    def test_complete_fails_for_another_account(self):
        assert judge(plan("complete"), account="210987654321").verdict is Verdict.FAIL

    @pytest.mark.parametrize("account", [None, ACCOUNT])
    def test_existing_topic_is_outside_the_plan_and_assumed_to_notify_somebody(self, account):
        judged = judge(plan("existing-topic"), account=account)
        assert judged.verdict is Verdict.PASS
        assert {Link.ACTION, Link.TOPIC} & {one.link for one in judged.findings if one.assumed}

    @pytest.mark.parametrize("name", ["minimal", "complete"])
    def test_trail_outside_the_plan_is_assumed_and_said_so(self, name):
        judged = judge(plan(name), account=ACCOUNT)
        (trail,) = (one for one in judged.findings if one.link is Link.TRAIL)
        assert trail.assumed
        assert "no trail in this plan delivers to the log group" in trail.evidence


ALARM_MODULE = "module.security_group_changes_alarm"
TRAIL_MODULE = "module.cloudtrail_to_cloudwatch_logs"

ALARM_LINKS = [
    (f'{ALARM_MODULE}.aws_cloudwatch_log_metric_filter.this["standard"]',),
    (f'{ALARM_MODULE}.aws_cloudwatch_log_metric_filter.this["remaining"]',),
    (f"{ALARM_MODULE}.aws_cloudwatch_metric_alarm.this[0]",),
    (f"{ALARM_MODULE}.aws_sns_topic.this[0]",),
    (f"{ALARM_MODULE}.aws_kms_key.this[0]",),
]
MAIL = (f'{ALARM_MODULE}.aws_sns_topic_subscription.this["security@example.com"]',)
EVERY_SUBSCRIPTION = tuple(
    f'{ALARM_MODULE}.aws_sns_topic_subscription.this["{key}"]'
    for key in ("a@example.com", "b@example.com", "on-call", "ticket-queue")
)
TRAIL_LINKS = [
    (f"{TRAIL_MODULE}.aws_cloudwatch_log_group.this",),
    (f"{TRAIL_MODULE}.aws_iam_role.this",),
]
CUTS = [
    *(("minimal", cut) for cut in (*ALARM_LINKS, MAIL)),
    *(("complete", cut) for cut in (*ALARM_LINKS, EVERY_SUBSCRIPTION)),
    *((name, cut) for name in ("new-trail", "organization") for cut in (*ALARM_LINKS, MAIL, *TRAIL_LINKS)),
]


class TestRemoval:
    @pytest.mark.parametrize(
        ("name", "cut"), CUTS, ids=lambda value: value if isinstance(value, str) else value[0]
    )
    def test_nothing_passes_with_a_link_removed(self, name, cut):
        document = plan(name)
        present = {one["address"] for some in resources(document) for one in some}
        assert set(cut) <= present
        assert judge(without(document, *cut), "effective", account=ACCOUNT).verdict is not Verdict.PASS

    @pytest.mark.parametrize(
        "cut", [cut for name, cut in CUTS if name == "new-trail"], ids=lambda cut: cut[0]
    )
    def test_not_even_where_the_code_still_refers_to_it(self, cut):
        # As above, but with the values gone only: what the code refers to must not be taken for there.
        document = plan("new-trail")
        for some in resources(document):
            some[:] = [one for one in some if one["address"] not in cut]
        assert judge(document, "effective").verdict is not Verdict.PASS

    def test_a_topic_without_its_policy_has_the_one_of_sns_which_suffices(self):
        document = without(plan("minimal"), f"{ALARM_MODULE}.aws_sns_topic_policy.this[0]")
        assert place(document).topics[0].policy is None
        assert judge(document).verdict is Verdict.PASS

    def test_what_is_destroyed_is_not_there(self):
        assert place(plan("destroy")).topics == ()
        assert judge(plan("destroy")).verdict is Verdict.FAIL


class TestReferences:
    """Values known only after apply, followed to what they refer to."""

    def test_identities_are_arns_with_placeholders_for_what_is_not_known(self):
        found = place(plan("nested"))
        (topic,) = found.topics
        (alarm,) = found.alarms
        assert topic.arn == "arn:aws:sns:eu-west-1:${account}:alarms"
        assert alarm.arn == "arn:aws:cloudwatch:eu-west-1:${account}:alarm:SecurityGroupConfigChangesAlarm"

    def test_direct_references(self):
        deployment = only(plan("flat"))
        (found,) = deployment.places
        (trail,) = deployment.trails
        assert trail.log_group_arn == found.log_groups[0].arn == found.metric_filters[0].log_group_arn
        assert trail.role_arn
        assert found.alarms[0].alarm_actions == (found.topics[0].arn,)
        assert len(found.topics[0].subscriptions) == 1
        assert judge(plan("flat")).verdict is Verdict.PASS

    def test_the_id_of_a_filter_is_its_name(self):
        (found,) = only(plan("flat")).places
        assert found.alarms[0].metric_stat.metric.name == "SecurityGroupEventCount"

    def test_through_locals_inputs_and_outputs_of_nested_modules(self):
        found = place(plan("nested"))
        assert found.alarms[0].alarm_actions == (found.topics[0].arn,)
        assert [one.endpoint for one in found.topics[0].subscriptions] == ["a@example.com", "b@example.com"]
        assert judge(plan("nested")).verdict is Verdict.PASS

    def test_locals_are_unknown_where_the_plan_lists_no_relevant_attributes(self):
        document = plan("nested")
        del document["relevant_attributes"]  # as before Terraform 1.2
        actions = place(document).alarms[0].alarm_actions
        assert isinstance(actions, Unknown)
        assert "local value" in actions.reason
        assert judge(document).verdict is Verdict.UNKNOWN

    def test_a_local_that_may_mean_either_of_two_topics_is_unknown(self):
        actions = place(plan("ambiguous")).alarms[0].alarm_actions
        assert actions == Unknown(
            "known after apply: it comes from aws_sns_topic.billing.arn or aws_sns_topic.security.arn"
        )
        assert judge(plan("ambiguous")).verdict is Verdict.UNKNOWN

    def test_so_is_one_that_may_mean_something_read_from_elsewhere(self):
        document = plan("ambiguous")
        document = without(document, "aws_sns_topic.billing")
        (found,) = place(document).alarms[0].alarm_actions
        assert found == "arn:aws:sns:eu-west-1:${account}:security"
        # A parameter of Systems Manager that is known after apply may hold any ARN.
        some = next(resources(document))
        some.append(
            {
                "address": "aws_ssm_parameter.topic",
                "mode": "managed",
                "type": "aws_ssm_parameter",
                "name": "topic",
                "values": {},
            }
        )
        document["resource_changes"].append(
            {"address": "aws_ssm_parameter.topic", "change": {"after_unknown": {"value": True}}}
        )
        document["relevant_attributes"].append(
            {"resource": "aws_ssm_parameter.topic", "attribute": ["value"]}
        )
        assert isinstance(place(document).alarms[0].alarm_actions, Unknown)

    def test_or_a_function_that_an_alarm_may_call(self):
        document = without(plan("ambiguous"), "aws_sns_topic.billing")
        next(resources(document)).append(
            {
                "address": "aws_lambda_function.chat",
                "mode": "managed",
                "type": "aws_lambda_function",
                "name": "chat",
                "values": {},
            }
        )
        document["resource_changes"].append(
            {"address": "aws_lambda_function.chat", "change": {"after_unknown": {"arn": True}}}
        )
        document["relevant_attributes"].append({"resource": "aws_lambda_function.chat", "attribute": ["arn"]})
        assert isinstance(place(document).alarms[0].alarm_actions, Unknown)

    def test_one_of_several_instances_is_unknown(self):
        actions = {one.name: one.alarm_actions for one in place(plan("foreach")).alarms}
        assert set(actions) == {"root", "security_groups"}
        assert isinstance(actions["security_groups"], Unknown)
        assert judge(plan("foreach")).verdict is Verdict.UNKNOWN

    def test_a_reference_to_what_is_not_there_is_unknown(self):
        document = without(plan("flat"), "aws_sns_topic.alarms")
        assert place(document).alarms[0].alarm_actions == Unknown("known after apply")

    def test_an_input_that_may_add_an_action_is_not_forgotten(self):
        document = plan("minimal")
        call = document["configuration"]["root_module"]["module_calls"]["security_group_changes_alarm"]
        assert len(place(document).alarms[0].alarm_actions) == 1
        call["expressions"]["additional_alarm_actions"] = {"constant_value": ["arn:aws:sns:eu-west-1:1:x"]}
        found = place(document).alarms[0].alarm_actions
        assert found[0] == f"arn:aws:sns:eu-west-1:{ACCOUNT}:CloudWatchAlarmSNSTopic"
        assert [type(one) for one in found[1:]] == [Unknown]


class TestPolicies:
    def test_documents_that_wait_for_an_arn_are_put_together(self):
        found = place(plan("policies"))
        assert found.topics[0].policy == {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["sns:Publish"],
                    "Resource": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"],
                    "Principal": {"Service": ["cloudwatch.amazonaws.com"]},
                    "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}},
                }
            ]
        }
        assert found.keys[0].policy["Statement"][1]["Condition"] == {
            "ArnLike": {"aws:SourceArn": [found.alarms[0].arn]}
        }
        assert judge(plan("policies")).verdict is Verdict.PASS

    def test_a_policy_of_a_text_that_is_not_known_is_unknown(self):
        assert isinstance(place(plan("regional")).topics[0].policy, Unknown)

    def test_a_key_policy_resource_removed_leaves_the_default_which_admits_no_service(self):
        document = without(plan("policies"), "aws_kms_key_policy.topic")
        judged = judge(document)
        assert judged.verdict is Verdict.FAIL
        assert any(one.link is Link.KEY and one.verdict is Verdict.FAIL for one in judged.findings)

    @pytest.mark.parametrize(
        ("address", "argument", "expected"),
        [("aws_sns_topic_policy.alarms", "arn", "topic"), ("aws_kms_key_policy.topic", "key_id", "key")],
    )
    def test_a_policy_of_nobody_knows_what_may_be_of_any(self, address, argument, expected):
        document = plan("policies")
        configured(document, address)[argument] = {"references": ["local.somewhere"]}
        del document["relevant_attributes"]
        found = place(document)
        thing = found.topics[0] if expected == "topic" else found.keys[0]
        assert isinstance(thing.policy, Unknown)
        assert address in thing.policy.reason

    def test_a_policy_taken_away_leaves_the_default(self):
        document = plan("deployed")
        assert place(document).topics[0].policy is not None
        (attached,) = (
            one for one in document["resource_changes"] if one["address"] == "aws_sns_topic_policy.alarms"
        )
        document["relevant_attributes"] = []
        gone = without(document, "aws_sns_topic_policy.alarms")
        attached["change"] = {
            "actions": ["delete"],
            "before": {"arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"},
        }
        gone["resource_changes"].append(attached)
        assert place(gone).topics[0].policy is None


class TestKeys:
    def test_an_alias_names_the_key(self):
        found = place(plan("policies"))
        assert found.topics[0].kms_key == "alias/alarms"
        assert found.keys[0].aliases == ("alias/alarms",)

    @pytest.mark.parametrize(
        "name",
        ["alias/elsewhere", "1234abcd-12ab-34cd-56ef-1234567890ab", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/x"],
    )
    def test_a_key_outside_the_plan_is_assumed_to_work(self, name):
        document = plan("policies")
        resource(document, "aws_sns_topic.alarms")["values"]["kms_master_key_id"] = name
        key = [one for one in judge(document).findings if one.link is Link.KEY]
        assert [(one.verdict, one.assumed) for one in key] == [(Verdict.PASS, True)]

    def test_the_key_of_sns_itself_cannot_work(self):
        document = plan("policies")
        resource(document, "aws_sns_topic.alarms")["values"]["kms_master_key_id"] = "alias/aws/sns"
        assert judge(document).verdict is Verdict.FAIL

    def test_a_disabled_key_is_reported(self):
        document = plan("policies")
        resource(document, "aws_kms_key.topic")["values"]["is_enabled"] = False
        assert judge(document).verdict is Verdict.FAIL


class TestTrails:
    def test_selectors(self):
        (flat,), (regional,) = only(plan("flat")).trails, only(plan("regional")).trails
        assert flat.event_selectors == (EventSelector("All", True, ()),)
        assert regional.event_selectors == (
            AdvancedEventSelector((FieldSelector("eventCategory", equals=("Management",)),)),
        )

    def test_no_selectors_are_none(self):
        assert only(plan("new-trail")).trails[0].event_selectors == ()

    def test_a_trail_of_one_region_does_not_record_the_others(self):
        judged = judge(plan("regional"))
        assert judged.verdict is Verdict.FAIL
        assert any(one.regions == ("every other region",) for one in judged.findings)

    def test_regions_in_scope_can_be_given(self):
        assert only(plan("regional"), regions=["eu-west-1"]).regions == ("eu-west-1",)
        assert judge(plan("regional"), regions=["eu-west-1"]).verdict is Verdict.UNKNOWN

    def test_an_organization_trail(self):
        (trail,) = only(plan("organization")).trails
        assert trail.is_organization is True

    def test_whether_the_delivery_works_is_assumed_where_the_role_has_a_policy(self):
        (trail,) = only(plan("new-trail")).trails
        assert isinstance(trail.delivery, Outside)
        bare = without(plan("new-trail"), f"{TRAIL_MODULE}.aws_iam_role_policy.this")
        (trail,) = only(bare).trails
        assert isinstance(trail.delivery, Unknown)
        assert not isinstance(trail.delivery, Delivery)

    def test_a_filter_on_another_group_than_the_trails_is_not_assumed_to_be_fed(self):
        document = plan("flat")
        address = "aws_cloudwatch_log_metric_filter.changes"
        resource(document, address)["values"]["log_group_name"] = "misspelt"
        change(document, address)["after_unknown"]["log_group_name"] = False
        judged = judge(document)
        assert judged.verdict is Verdict.UNKNOWN
        assert any("a trail outside this plan may feed it" in one.evidence for one in judged.findings)

    def test_a_log_group_without_a_trail_is_assumed_to_have_one_elsewhere(self):
        document = without(plan("regional"), "aws_cloudtrail.regional")
        (trail,) = (one for one in judge(document).findings if one.link is Link.TRAIL)
        assert (trail.verdict, trail.assumed) == (Verdict.PASS, True)


class TestAlarms:
    def test_metric_math_and_a_composite(self):
        found = {one.name: one for one in place(plan("composite")).alarms}
        assert {query.id: query.expression for query in found["math"].metrics} == {
            "changes": "FILL(count, 0)",
            "count": None,
        }
        assert found["any"].alarm_rule == "ALARM(math)"
        assert judge(plan("composite")).verdict is Verdict.PASS

    def test_default_value_of_a_filter_is_a_number(self):
        found = {one.name: one for one in place(plan("foreach")).metric_filters}
        assert found["root"].transformation.default_value == 0.0

    def test_an_unknown_pattern_is_unknown(self):
        document = plan("flat")
        address = "aws_cloudwatch_log_metric_filter.changes"
        del resource(document, address)["values"]["pattern"]
        change(document, address)["after_unknown"]["pattern"] = True
        (metric_filter,) = place(document).metric_filters
        assert metric_filter.pattern == Unknown("known after apply")
        assert judge(document).verdict is Verdict.UNKNOWN

    def test_disabled_actions_fail(self):
        document = plan("flat")
        resource(document, "aws_cloudwatch_metric_alarm.changes")["values"]["actions_enabled"] = False
        assert judge(document).verdict is Verdict.FAIL


class TestSubscriptions:
    def test_confirmation_is_assumed_before_apply(self):
        (subscription,) = place(plan("minimal")).topics[0].subscriptions
        assert isinstance(subscription.confirmed, Outside)

    def test_and_as_terraform_last_saw_it_afterwards(self):
        document = plan("deployed")
        assert place(document).topics[0].subscriptions[0].confirmed is True
        resource(document, "aws_sns_topic_subscription.queue")["values"]["pending_confirmation"] = True
        assert judge(document).verdict is Verdict.FAIL

    def test_of_an_unknown_topic_may_be_of_any(self):
        document = plan("flat")
        configured(document, "aws_sns_topic_subscription.mail")["topic_arn"] = {"references": ["local.topic"]}
        del document["relevant_attributes"]
        judged = judge(document)
        assert judged.verdict is Verdict.UNKNOWN
        assert [one.link for one in judged.findings if one.verdict is Verdict.UNKNOWN] == [Link.SUBSCRIPTION]


class TestPlaces:
    def test_a_region_that_nobody_knows_is_a_placeholder(self):
        deployment = only(plan("flat"))
        assert deployment.regions == ("${region of provider aws}", "every other region")

    def test_each_provider_has_its_region_also_by_a_variable(self):
        deployment = only(plan("regions"))
        assert [(one.account, one.region) for one in deployment.places] == [
            ("${account}", "eu-west-1"),
            ("${account}", "us-east-1"),
            ("210987654321", "${region of provider aws.elsewhere}"),
        ]

    def test_accounts_without_any_of_the_chain_but_a_topic_are_not_judged(self):
        assert [one.account for one in read_plan(plan("regions"))] == ["${account}"]

    def test_the_account_is_as_aws_said(self):
        assert only(plan("minimal")).account == ACCOUNT

    def test_or_as_given(self):
        assert only(plan("nested"), account=ACCOUNT).account == ACCOUNT

    def test_what_the_plan_says_counts_more_than_what_is_given(self):
        assert only(plan("minimal"), account="210987654321").account == ACCOUNT


class TestStates:
    """A state shows no code: it is refused, whichever way it was written."""

    @pytest.mark.parametrize(
        "state",
        [
            {"format_version": "1.0", "values": {"root_module": {}}},
            {"format_version": "1.0", "values": {"root_module": {"resources": [{}]}}},
            {"version": 4, "terraform_version": "1.11.4", "lineage": "x", "resources": []},
        ],
        ids=["of terraform show", "broken", "of Terraform itself"],
    )
    def test_is_refused_with_how_to_write_a_plan(self, state):
        with pytest.raises(UserError, match="is a Terraform state, not a plan") as caught:
            read_plan(state)
        assert "terraform plan -out plan.tfplan" in caught.value.hint

    def test_the_command_says_so_in_two_lines(self, tmp_path, sg_alarm):
        (tmp_path / "state.json").write_text('{"format_version": "1.0", "values": {}}')
        done = sg_alarm("audit", "--plan", str(tmp_path / "state.json"))
        assert done.returncode == 2
        assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


class TestEventRules:
    def test_targets_and_pattern(self):
        found = place(plan("policies"))
        (rule,) = found.event_rules
        assert rule.targets == (found.topics[0].arn,)
        assert rule.event_pattern == {"source": ["aws.ec2"], "detail": {"eventName": ["CreateSecurityGroup"]}}
        assert rule.state == "ENABLED"


class TestWrongInput:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is not JSON"),
            ("{", "is not JSON"),
            ("[" * 100_000, "is not JSON"),
            ("[]", "not a Terraform plan"),
            ("{}", "not a Terraform plan"),
            ('{"Resources": {}}', "not a Terraform plan"),
            ('{"format_version": "1.0"}', "not a Terraform plan"),
            ('{"format_version": "0.2", "planned_values": {}}', "version 0.2"),
            ('{"format_version": "2.0", "planned_values": {}}', "version 2.0"),
            ('{"format_version": "1.2", "planned_values": {}, "errored": true}', "run that failed"),
        ],
        ids=lambda text: text[:20],
    )
    def test_is_reported_in_a_line_with_a_hint(self, tmp_path, text, message):
        file = tmp_path / "plan.json"
        file.write_text(text)
        with pytest.raises(UserError, match=message) as caught:
            read_plan(file)
        assert "\n" not in caught.value.message
        assert caught.value.hint

    def test_the_plan_file_itself_is_not_json(self, tmp_path):
        file = tmp_path / "plan.tfplan"
        file.write_bytes(b"PK\x03\x04\xff\xfe")
        with pytest.raises(UserError, match="is not JSON") as caught:
            read_plan(file)
        assert "terraform show -json" in caught.value.hint

    def test_no_file(self, tmp_path):
        with pytest.raises(UserError, match="cannot read"):
            read_plan(tmp_path / "absent.json")

    def test_a_file_is_read_as_its_content_is(self):
        assert read_plan(PLANS / "minimal.json") == read_plan(plan("minimal"))

    def test_an_empty_plan_fails(self):
        assert judge({"format_version": "1.2", "planned_values": {}}).verdict is Verdict.FAIL
