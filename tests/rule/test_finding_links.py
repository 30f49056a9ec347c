"""Which alarms, keys and filters belong to a chain, where names lead nowhere or in a circle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployment_builder import (
    GROUP_ARN,
    alarm,
    at_home,
    good,
    metric_filter,
    place,
    statement,
    transformation,
    with_topic_policy,
)
from judging import evaluate
from sg_alarm.alarms import CompositeAlarm, Metric, MetricDataQuery, MetricStat
from sg_alarm.rule.links.alarm import alarms_reading
from sg_alarm.rule.lookup import filters_on, find_key
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.unknown import Unknown

METRIC = transformation()
OTHER = MetricDataQuery("m", metric_stat=MetricStat(Metric("Other", "Other"), "Sum", 300))


def reading(*alarms):
    return [one.name for one in alarms_reading(place(alarms=alarms), METRIC)]


def search(expression):
    return replace(alarm(), metric_stat=None, metrics=(OTHER, MetricDataQuery("s", expression=expression)))


def test_a_composite_alarm_reads_what_the_alarms_read_that_it_combines():
    assert reading(alarm(), CompositeAlarm("over", f'ALARM("{alarm().name}")')) == [alarm().name, "over"]


def test_a_composite_alarm_may_name_an_alarm_that_is_not_there():
    assert reading(CompositeAlarm("over", 'ALARM("gone")')) == []


def test_composite_alarms_may_refer_to_each_other_in_a_circle():
    one, other = CompositeAlarm("one", 'ALARM("other")'), CompositeAlarm("other", 'ALARM("one")')
    assert reading(one, other) == []


@pytest.mark.parametrize("named", [METRIC.namespace, METRIC.name])
def test_a_search_reads_the_metric_of_which_it_names_a_part(named):
    assert reading(search(f"SUM(SEARCH('{named}', 'Sum'))"))


def test_a_search_for_something_else_does_not():
    assert not reading(search("SUM(SEARCH('something', 'Sum'))"))


def test_a_key_id_that_no_key_has_names_no_key():
    assert find_key(good(), good().places[0], "12345678-0000-4000-8000-000000000000") is None


def test_a_filter_of_an_unknown_group_may_belong_to_a_group_that_has_an_address_only():
    deployment = at_home(metric_filters=(metric_filter(log_group_arn=Unknown("a variable")),))
    for group in (GROUP_ARN, "aws_cloudwatch_log_group.this"):
        assert len(list(filters_on(deployment, group))) == 1


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([statement(Resource="aws_sns_topic.other")], id="allowed"),
        pytest.param(
            [statement(), statement(Effect="Deny", Resource="aws_sns_topic.other", Condition=None)],
            id="denied",
        ),
    ],
)
def test_that_an_address_in_a_policy_is_or_is_not_this_topic_is_an_assumption(statements):
    judgement = evaluate(with_topic_policy(*statements), PROFILES["conformity"])
    assert judgement.verdict is Verdict.PASS
    assert [one.link for one in judgement.findings if one.assumed] == [Link.TOPIC]
