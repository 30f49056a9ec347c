"""What belongs to what, and what lies outside: alike for code, plans and templates."""

from __future__ import annotations

from typing import Any

import pytest

from sg_alarm.readers import assembly
from sg_alarm.readers.assembly import Resource, Scope, deployment_of
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.unknown import Outside, Unknown

ACCOUNT, REGION = "111122223333", "eu-west-1"
UNKNOWN = Unknown("known after apply")
PASS, FAIL, CANNOT_TELL = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def made(type_: str, address: str, *, existence: Unknown | None = None, data: bool = False, **values: Any):
    return Resource(type_, address, values, REGION, ACCOUNT, existence=existence, is_data=data)


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


GROUP, TOPIC = arn("logs", "log-group:trail"), arn("sns", "alarms")
CHAIN = {
    "trail": made(
        assembly.TRAIL,
        "trail",
        TrailName="main",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"{GROUP}:*",
        CloudWatchLogsRoleArn="arn:aws:iam::111122223333:role/trail",
    ),
    "group": made(assembly.LOG_GROUP, "group", LogGroupName="trail"),
    "filter": made(
        assembly.METRIC_FILTER,
        "filter",
        FilterName="sg",
        LogGroupName="trail",
        FilterPattern=PATTERN_OF_SIX,
        MetricTransformations=[{"MetricName": "Changes", "MetricNamespace": "Security", "MetricValue": 1}],
    ),
    "alarm": made(
        assembly.METRIC_ALARM,
        "alarm",
        AlarmName="sg",
        MetricName="Changes",
        Namespace="Security",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[TOPIC],
    ),
    "topic": made(assembly.TOPIC, "topic", TopicName="alarms"),
    "mail": made(assembly.SUBSCRIPTION, "mail", TopicArn=TOPIC, Protocol="email", Endpoint="a@example.com"),
}


def changed(part: str, existence: Unknown | None = None, **values: Any) -> Resource:
    """A part of the chain with some settings changed."""
    was = CHAIN[part]
    return made(was.type, was.address, existence=existence, **{**was.values, **values})


def deployed(*further: Resource, without: tuple[str, ...] = (), view: str = "code"):
    """The chain without some parts; a further resource of the same address takes the place of a part."""
    parts = {name: one for name, one in CHAIN.items() if name not in without}
    parts |= {one.address: one for one in further}
    return deployment_of(parts.values(), Scope(ACCOUNT, REGION, view=view))


def judged(*further: Resource, without: tuple[str, ...] = ()):
    return evaluate(deployed(*further, without=without), PROFILES["conformity"])


def weakest(*further: Resource, without: tuple[str, ...] = ()) -> dict[Link, Verdict]:
    """The links that do not pass."""
    judgement = judged(*further, without=without)
    return {one.link: one.verdict for one in judgement.findings if one.verdict is not PASS}


def test_the_chain_works():
    assert judged().verdict is PASS


OTHER = arn("sns", "other")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        pytest.param(OTHER, FAIL, id="of another topic that is here"),
        pytest.param("arn:aws:sns:eu-west-1:999988887777:theirs", FAIL, id="of a topic outside"),
        pytest.param("${var.topic}", FAIL, id="of a topic that only a placeholder names"),
        pytest.param(UNKNOWN, CANNOT_TELL, id="of a topic that is not known"),
    ],
)
def test_a_subscription_of_another_topic_does_not_count(topic, expected):
    second = made(assembly.TOPIC, "other", TopicName="other")
    judgement = judged(second, changed("mail", TopicArn=topic))
    (found,) = (one for one in judgement.findings if one.link is Link.SUBSCRIPTION)
    assert found.verdict is expected
    assert found.resource == (TOPIC if expected is FAIL else "mail")


@pytest.mark.parametrize("part", ["trail", "group", "filter", "alarm", "topic", "mail"])
def test_what_may_not_exist_makes_the_chain_unknown(part):
    assert judged(changed(part, existence=UNKNOWN)).verdict is CANNOT_TELL


# A topic of unknown name is none of those that an ARN names.
@pytest.mark.parametrize("part", ["trail", "filter", "alarm", "mail"])
def test_so_does_what_nothing_is_known_of(part):
    was = CHAIN[part]
    unread = Resource(was.type, was.address, UNKNOWN, REGION, ACCOUNT, existence=UNKNOWN)
    assert judged(unread).verdict is CANNOT_TELL


class TestLogGroups:
    def test_a_group_that_only_a_filter_names_is_outside_with_its_trail(self):
        found = deployed(without=("trail", "group"), view="plan")
        (group,) = found.places[0].log_groups
        assert isinstance(group.exists, Outside)
        assert "plan" in group.exists.reason
        assert judged(without=("trail", "group")).verdict is PASS

    def test_a_group_that_is_looked_up_exists(self):
        looked_up = made(assembly.LOG_GROUP, "data", data=True, Arn=GROUP)
        (group,) = deployed(looked_up, without=("trail", "group")).places[0].log_groups
        assert group.exists is True

    def test_a_group_here_is_assumed_to_have_a_trail_elsewhere(self):
        judgement = judged(without=("trail",))
        assert judgement.verdict is PASS
        assert Link.TRAIL in {one.link for one in judgement.findings if one.assumed}

    def test_a_group_outside_counts_beside_one_that_nothing_feeds(self):
        outside = changed("filter", LogGroupName="elsewhere")
        assert judged(outside, without=("trail",)).verdict is PASS

    def test_a_trail_to_a_group_outside_and_no_filter_here_fails(self):
        assert weakest(without=("group", "filter", "alarm")) == {Link.METRIC_FILTER: FAIL}

    def test_a_group_here_without_a_filter_fails(self):
        assert judged(without=("filter", "alarm")).verdict is FAIL


class TestNames:
    def test_the_same_placeholder_on_both_sides_is_the_same_metric(self):
        transformation = {"MetricName": "${var.m}", "MetricNamespace": "Security", "MetricValue": "1"}
        metric_filter = changed("filter", MetricTransformations=[transformation])
        assert judged(metric_filter, changed("alarm", MetricName="${var.m}")).verdict is PASS

    def test_a_placeholder_on_one_side_may_be_any_metric(self):
        assert weakest(changed("alarm", MetricName="${var.m}")) == {Link.ALARM: CANNOT_TELL}

    @pytest.mark.parametrize("rule", ["ALARM(sg)", f"ALARM({arn('cloudwatch', 'alarm:sg')})"])
    def test_a_composite_alarm_names_others_by_name_or_arn(self, rule):
        composite = made(
            assembly.COMPOSITE_ALARM, "any", AlarmName="any", AlarmRule=rule, AlarmActions=[TOPIC]
        )
        assert judged(composite, changed("alarm", AlarmActions=[])).verdict is PASS

    def test_a_rule_that_names_an_unknown_alarm_is_unknown(self):
        composite = made(
            assembly.COMPOSITE_ALARM, "any", AlarmName="any", AlarmRule="ALARM(${x})", AlarmActions=[TOPIC]
        )
        alarms = deployed(composite).places[0].alarms
        assert isinstance(alarms[-1].alarm_rule, Unknown)


DENYING = {"Statement": []}


class TestPolicies:
    @pytest.mark.parametrize("named", [{"TopicArn": TOPIC}, {"Topics": [OTHER, TOPIC]}])
    def test_a_policy_of_its_own_counts_more_than_the_one_inline(self, named):
        attached = made(assembly.TOPIC_POLICY, "policy", Policy=DENYING, **named)
        topic = changed("topic", Policy={"Statement": [{"Effect": "Allow"}]})
        assert deployed(attached, topic).places[0].topics[0].policy == DENYING

    def test_one_that_may_be_its_policy_makes_it_unknown(self):
        attached = made(assembly.TOPIC_POLICY, "policy", Policy=DENYING, TopicArn=UNKNOWN)
        policy = deployed(attached).places[0].topics[0].policy
        assert isinstance(policy, Unknown)
        assert "policy may be its policy" in policy.reason

    def test_a_key_without_a_policy_has_the_one_that_kms_gives(self):
        keyed = changed("topic", KmsMasterKeyId="alias/alarms")
        key = made(assembly.KEY, "key", KeyId="k")
        alias = made(assembly.ALIAS, "alias", AliasName="alias/alarms", TargetKeyId="k")
        found = deployed(keyed, key, alias).places[0]
        assert found.keys[0].policy["Statement"]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert found.keys[0].aliases == ("alias/alarms",)
        assert weakest(keyed, key, alias) == {Link.KEY: FAIL}

    @pytest.mark.parametrize("name", ["alias/theirs", "k", arn("kms", "key/k")])
    def test_a_key_outside_is_assumed_to_be_right(self, name):
        judgement = judged(changed("topic", KmsMasterKeyId=name))
        assert judgement.verdict is PASS
        assert Link.KEY in {one.link for one in judgement.findings if one.assumed}

    def test_a_key_that_is_looked_up_says_who_manages_it(self):
        keyed = changed("topic", KmsMasterKeyId="alias/theirs")
        key = made(
            assembly.KEY, "data", data=True, KeyId="alias/theirs", Arn=arn("kms", "key/k"), KeyManager="AWS"
        )
        assert weakest(keyed, key) == {Link.KEY: FAIL}


class TestEventRules:
    def rule(self, *further: Resource, **values: Any):
        rule = made(assembly.RULE, "rule", Name="each", EventPattern='{"source": ["aws.ec2"]}', **values)
        return deployed(rule, *further).places[0].event_rules[0]

    @pytest.mark.parametrize("named", ["each", arn("events", "rule/each")])
    def test_targets_stand_in_the_rule_or_beside_it(self, named):
        beside = made(assembly.TARGET, "target", Rule=named, Arn=TOPIC)
        other = made(assembly.TARGET, "elsewhere", Rule="other", Arn=OTHER)
        assert self.rule(beside, other, Targets=[{"Arn": "arn:x"}]).targets == ("arn:x", TOPIC)

    def test_a_rule_of_another_bus_sees_no_events_of_ec2(self):
        assert isinstance(self.rule(EventBusName="own").event_pattern, Unknown)
