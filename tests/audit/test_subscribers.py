"""Subscribers of a deployed topic: an audit reads what takes the message, and says what it may not read."""

from __future__ import annotations

import pytest

from chains import ACCOUNT, OPS, REGION
from judging import evaluate
from network import Network, denied
from sg_alarm.readers.aws.calls import ACTIONS
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, NoteKind, Verdict
from subscribers_on_aws import (
    SETUPS,
    USE,
    OnAws,
    app,
    function,
    mail,
    make_chain,
    queue,
    queue_with_key,
    stream,
    subscribe,
)

CONFORMITY = PROFILES["conformity"]


@pytest.mark.parametrize("setup", SETUPS, ids=lambda one: one.name)
def test_what_takes_the_message_is_read(aws, read, setup):
    make_chain(aws, setup)
    judgement = evaluate(read(), CONFORMITY)
    assert judgement.verdict is setup.verdict, [one.evidence for one in judgement.findings]
    faulty = {one.link for one in judgement.findings if one.verdict is not Verdict.PASS}
    assert faulty == (set() if setup.verdict is Verdict.PASS else {Link.SUBSCRIPTION})


READ = {
    "GetQueueUrl": queue(),
    "GetQueueAttributes": queue(),
    "DescribeKey": queue_with_key(*USE),
    "GetKeyPolicy": queue_with_key(*USE),
    "GetPolicy": function({}),
    "DescribeDeliveryStream": stream(),
    "GetEndpointAttributes": app(),
    "CheckIfPhoneNumberIsOptedOut": lambda chain: subscribe(chain, "sms", "+15005550006"),
    "GetSubscriptionAttributes": mail(),
}
"""What an audit asks about a subscriber."""


@pytest.fixture
def network(caller, monkeypatch) -> Network:
    network = Network()
    network.install(monkeypatch)
    return network


@pytest.mark.parametrize("operation", READ)
def test_what_may_not_be_read_is_unknown_and_the_action_is_named(aws, read, network, operation):
    make_chain(aws, OnAws(operation, Verdict.PASS, 0, READ[operation]))
    network.fail(denied, operation)
    judgement = evaluate(read(), CONFORMITY)
    assert judgement.verdict is Verdict.UNKNOWN
    (finding,) = [one for one in judgement.findings if one.verdict is not Verdict.PASS]
    assert finding.link is Link.SUBSCRIPTION
    assert f"access denied in {REGION}: allow {ACTIONS[operation]}" in finding.evidence


@pytest.mark.parametrize("operation", READ)
def test_one_proven_subscriber_is_enough_and_what_of_the_others_was_not_read_is_noted(
    aws, read, network, operation
):
    chain = make_chain(aws, OnAws(operation, Verdict.PASS, 0, READ[operation]))
    if READ[operation] is not READ["GetSubscriptionAttributes"]:
        subscribe(chain, "email", OPS)
        network.fail(denied, operation)
    judgement = evaluate(read(), CONFORMITY)
    assert judgement.verdict is Verdict.PASS
    noted = [one.text for one in judgement.notes if one.kind is NoteKind.SUBSCRIBER]
    assert all(f"allow {ACTIONS[operation]}" in one for one in noted)
    assert len(noted) == (operation != "GetSubscriptionAttributes")


def test_subscribers_of_alarms_of_something_else_are_not_read(aws, read, network):
    chain = make_chain(aws, OnAws("a mail", Verdict.PASS, 0, mail()))
    sns = chain.client("sns")
    other = sns.create_topic(Name="other")["TopicArn"]
    sns.subscribe(TopicArn=other, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:other")
    chain.put_alarm(AlarmName="cpu", Namespace="AWS/EC2", MetricName="CPUUtilization", AlarmActions=[other])
    read()
    assert network.count("ListSubscriptionsByTopic") == 1
    assert network.count("GetQueueUrl") == 0
