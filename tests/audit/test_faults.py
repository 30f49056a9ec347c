"""When AWS refuses, fails, falls silent or answers in pieces: never a false PASS, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from chains import ACCOUNT, ALARM_NAME, GROUP, METRIC_NAME, NAMESPACE, TRAIL, Chain, make_good_chain
from judging import evaluate
from network import denied, error, page, raising, through, times
from sg_alarm.errors import UserError
from sg_alarm.readers.aws import iam_policy
from sg_alarm.readers.aws.calls import ACTIONS
from sg_alarm.readers.aws.confirmation import confirmed
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.rule.wording import DescribedJudgement

pytestmark = pytest.mark.slow

REGION = "eu-west-1"
ELSEWHERE = "us-east-1"
OTHER_ACCOUNT = "222222222222"

NEEDED = {
    "DescribeTrails": {Link.TRAIL},
    "GetTrailStatus": {Link.TRAIL, Link.LOG_GROUP},
    "GetEventSelectors": {Link.TRAIL},
    "DescribeLogGroups": {Link.LOG_GROUP},
    "DescribeMetricFilters": {Link.METRIC_FILTER},
    "DescribeAlarms": {Link.ALARM},
    "GetTopicAttributes": {Link.TOPIC, Link.KEY},
    "ListSubscriptionsByTopic": {Link.SUBSCRIPTION},
    "GetSubscriptionAttributes": {Link.SUBSCRIPTION},
    "GetQueueUrl": {Link.SUBSCRIPTION},
    "GetQueueAttributes": {Link.SUBSCRIPTION},
    "DescribeKey": {Link.KEY},
    "GetKeyPolicy": {Link.KEY},
    "ListAlarmMuteRules": {Link.ACTION},
    "TestMetricFilter": {Link.METRIC_FILTER},
}
"""The calls that the verdict on a good chain hangs on, and the links that cannot be judged without."""

NOTES_ONLY = {"ListRules", "ListTargetsByRule"}
SCOPE_ONLY = {"DescribeRegions"}
OF_A_MUTE_RULE = {"GetAlarmMuteRule"}
OF_A_SUBSCRIBER = {
    "GetPolicy",
    "DescribeDeliveryStream",
    "GetEndpointAttributes",
    "CheckIfPhoneNumberIsOptedOut",
}
"""See test_subscribers.py."""


def judge(deployment: Deployment) -> DescribedJudgement:
    return evaluate(deployment, PROFILES["conformity"])


def links(judgement: DescribedJudgement, verdict: Verdict) -> set[Link]:
    return {finding.link for finding in judgement.findings if finding.verdict is verdict}


def evidence(judgement: DescribedJudgement) -> str:
    return "\n".join(one.evidence for one in judgement.findings if one.verdict is not Verdict.PASS)


@pytest.fixture
def audited(read, network, chain, access) -> Callable[..., DescribedJudgement]:
    """Judge the good chain, its topic encrypted, its subscriber a queue, its patterns confirmed by AWS."""
    chain.encrypt()
    chain.notify_a_queue_only()
    chain.notify_each_change()
    network.sent.clear()
    return lambda **scope: judge(confirmed(access, read(**scope)))


@pytest.fixture
def hurried(caller, monkeypatch) -> None:
    """The usual number of attempts for each call, without the pauses between them."""
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    monkeypatch.setattr("sg_alarm.aws.account._pause", lambda attempt: 0)


# Access denied


def test_every_call_is_specified_here():
    assert {*NEEDED, *NOTES_ONLY, *SCOPE_ONLY, *OF_A_MUTE_RULE, *OF_A_SUBSCRIBER} == ACTIONS.keys()


def test_with_no_fault_the_chain_passes(network, audited):
    judgement = audited()
    assert judgement.verdict is Verdict.PASS
    assert links(judgement, Verdict.PASS) == set(Link)


@pytest.mark.parametrize("operation", NEEDED)
def test_a_denied_call_leaves_its_link_unknown_and_names_the_action(network, audited, operation):
    network.fail(denied, operation)
    judgement = audited()
    assert network.count(operation) > 0
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.UNKNOWN) == NEEDED[operation]
    assert links(judgement, Verdict.FAIL) == set()
    assert f"access denied in {REGION}: allow {ACTIONS[operation]}" in evidence(judgement)


def test_without_a_list_of_regions_a_trail_of_one_region_is_no_pass(network, read, chain):
    chain.client("cloudtrail").update_trail(Name=TRAIL, IsMultiRegionTrail=False)
    network.fail(denied, "DescribeRegions")
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.regions == (REGION, "other regions")
    assert "allow ec2:DescribeRegions" in evidence(judgement)


@pytest.mark.parametrize(
    "operation", sorted(NEEDED.keys() - {"DescribeTrails", "DescribeMetricFilters", "DescribeAlarms"})
)
def test_after_a_denied_call_the_rest_of_the_chain_is_still_read(network, audited, operation):
    network.fail(denied, operation)
    assert {finding.link for finding in audited().findings} == set(Link)


@pytest.mark.parametrize("operation", NEEDED)
def test_what_is_broken_for_certain_fails_beside_a_denied_call(network, audited, chain, operation):
    chain.client("cloudtrail").stop_logging(Name=TRAIL)
    network.fail(denied, operation)
    expected = Verdict.UNKNOWN if operation in ("DescribeTrails", "GetTrailStatus") else Verdict.FAIL
    assert audited().verdict is expected


@pytest.mark.parametrize("operation", sorted(NOTES_ONLY))
def test_what_only_notes_need_does_not_touch_the_verdict(network, audited, operation):
    network.fail(denied, operation)
    assert audited().verdict is Verdict.PASS
    assert network.count(operation) > 0


def test_without_the_list_of_regions_the_action_is_named(network, read):
    network.fail(denied, "DescribeRegions")
    with pytest.raises(UserError, match=r"allow ec2:DescribeRegions") as raised:
        read(every_region=True)
    assert "--region" in raised.value.hint


def test_whatever_boto3_is_installed_mute_rules_are_read(network, audited):
    (action,) = (one for one in audited().findings if one.link is Link.ACTION)
    assert network.count("ListAlarmMuteRules") == 1
    assert not action.assumed


@pytest.mark.parametrize("code", ["InvalidAction", "UnknownOperationException"])
def test_where_a_region_has_no_mute_rules_nothing_is_muted(network, audited, code):
    network.fail(error(code, 400), "ListAlarmMuteRules")
    assert audited().verdict is Verdict.PASS
    network.fail(error(code, 400), "DescribeAlarms")
    assert audited().verdict is Verdict.UNKNOWN


def test_a_pattern_that_aws_reads_otherwise_proves_nothing(network, audited):
    network.fail(page('{"matches": []}'), "TestMetricFilter")
    judgement = audited()
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.UNKNOWN) == {Link.METRIC_FILTER}
    assert "AWS reads it otherwise than we do: by AWS it does not match" in evidence(judgement)


def test_with_everything_denied_nothing_is_claimed(network, read):
    network.fail(denied)
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "allow cloudtrail:DescribeTrails" in evidence(judgement)


def test_an_unread_log_group_leaves_a_doubt_about_a_good_chain(network, read, chain):
    """A filter that nobody saw may feed the same metric, and keep the alarm in ALARM with a default value."""
    chain.client("logs").create_log_group(logGroupName="Other/logs")
    other = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:Other/logs:*"
    chain.put_trail(Name="other", CloudWatchLogsLogGroupArn=other)
    network.fail(denied, "DescribeMetricFilters", body="Other/logs")
    network.fail(denied, "DescribeLogGroups", body="Other/logs")
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.FAIL) == set()
    chain.client("cloudtrail").stop_logging(Name=TRAIL)
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "allow logs:DescribeMetricFilters" in evidence(judgement)


# The least policy


def test_the_policy_names_the_actions_that_an_audit_uses_and_no_more(network, audited):
    audited(every_region=True)
    sent = {call.operation for call in network.sent if call.service != "sts"}
    # The topic of an event rule notifies a phone.
    assert sent == ACTIONS.keys() - OF_A_MUTE_RULE - OF_A_SUBSCRIBER | {"CheckIfPhoneNumberIsOptedOut"}
    (statement,) = iam_policy()["Statement"]
    assert set(statement["Action"]) == set(ACTIONS.values())


def test_the_only_other_calls_are_those_that_say_who_asks(network, audited):
    audited(every_region=True)
    assert {call.operation for call in network.sent if call.service == "sts"} == {"GetCallerIdentity"}


# Throttling, failures, silence


@pytest.mark.parametrize("operation", NEEDED)
def test_a_call_that_is_throttled_at_first_is_made_again(network, audited, hurried, operation):
    network.fail(times(1, error("ThrottlingException", 400), through), operation)
    assert audited().verdict is Verdict.PASS


def test_a_call_that_is_throttled_throughout_is_unknown_after_five_attempts(network, read, hurried):
    network.fail(error("ThrottlingException", 400), "DescribeTrails")
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "cloudtrail:DescribeTrails failed in eu-west-1: ThrottlingException" in evidence(judgement)
    assert network.count("DescribeTrails") == 5


FAULTS = {
    "500": error("InternalFailure", 500),
    "503": error("ServiceUnavailable", 503),
    "region not enabled": error("UnrecognizedClientException", 400),
    "a web page": page("<html><body>please log in</body></html>"),
    "nothing": page(""),
    "no XML, no JSON": page("}{"),
    "no connection": raising(EndpointConnectionError),
    "connect timeout": raising(ConnectTimeoutError),
    "read timeout": raising(ReadTimeoutError),
    "connection closed": raising(ConnectionClosedError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_claimed_of_what_fails(network, read, fault):
    network.fail(FAULTS[fault])
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"cloudtrail:DescribeTrails failed in {REGION}: " in evidence(judgement)


@pytest.mark.parametrize("fault", ["500", "a web page", "nothing", "read timeout"])
@pytest.mark.parametrize("operation", NEEDED)
def test_one_call_that_fails_leaves_its_link_unknown(network, audited, operation, fault):
    network.fail(FAULTS[fault], operation)
    judgement = audited()
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.UNKNOWN) == NEEDED[operation]
    assert links(judgement, Verdict.FAIL) == set()
    assert f"{ACTIONS[operation]} failed in {REGION}: " in evidence(judgement)


def test_where_no_call_can_be_made_the_user_is_informed(network, read):
    network.fail(page("<html>please log in</html>"), "GetCallerIdentity")
    with pytest.raises(UserError, match="AWS could not be asked"):
        read()


# Regions that are down


@pytest.fixture
def half_down(network, caller) -> Any:
    """Every second region cannot be reached, but not that of the chain."""
    names = sorted(one["RegionName"] for one in boto3.client("ec2").describe_regions()["Regions"])
    down = {name for name in names if names.index(name) % 2 != names.index(REGION) % 2}
    network.fail(raising(EndpointConnectionError), regions=lambda region: region in down)
    return SimpleNamespace(all=tuple(names), down=tuple(name for name in names if name in down))


def test_a_multi_region_trail_that_can_be_read_passes_for_regions_that_are_down(half_down, read):
    judgement = judge(read(every_region=True))
    assert judgement.verdict is Verdict.PASS
    assert judgement.regions == half_down.all


def gaps_of(judgement: DescribedJudgement, verdict: Verdict) -> set[str]:
    return {
        region
        for finding in judgement.findings
        if finding.verdict is verdict and finding.link is Link.TRAIL
        for region in finding.regions
    }


def test_a_trail_of_one_region_leaves_those_that_are_down_unknown(network, read, aws):
    aws.reset()
    make_good_chain(aws, REGION, IsMultiRegionTrail=False)
    network.fail(raising(EndpointConnectionError), regions=lambda region: region == ELSEWHERE)
    judgement = judge(read(regions=(REGION, ELSEWHERE)))
    assert judgement.verdict is Verdict.UNKNOWN
    assert gaps_of(judgement, Verdict.UNKNOWN) == {ELSEWHERE}
    assert links(judgement, Verdict.FAIL) == set()


def test_regions_that_can_be_read_and_have_no_trail_fail_beside_one_that_is_down(network, read, aws):
    aws.reset()
    make_good_chain(aws, REGION, IsMultiRegionTrail=False)
    network.fail(raising(EndpointConnectionError), regions=lambda region: region == REGION)
    judgement = judge(read(regions=(REGION, ELSEWHERE)))
    assert judgement.verdict is Verdict.FAIL
    assert gaps_of(judgement, Verdict.FAIL) == {ELSEWHERE}
    assert gaps_of(judgement, Verdict.UNKNOWN) == {REGION}


def test_a_trail_whose_home_region_is_down_is_seen_elsewhere_and_unknown(network, read):
    network.fail(raising(EndpointConnectionError), regions=lambda region: region == REGION)
    judgement = judge(read(regions=(ELSEWHERE,)))
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.FAIL) == set()


# Other accounts


@pytest.fixture
def far_chain(aws):
    """A trail here; its log group, and all that follows, in another account."""
    aws.reset()
    return make_good_chain(aws, REGION, account=OTHER_ACCOUNT)


def test_a_log_group_in_another_account_is_unknown_without_a_role(far_chain, read):
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"account {OTHER_ACCOUNT} was not looked into: name a role with --role-arn" in evidence(judgement)


def test_a_role_looks_into_the_other_account(far_chain, audit):
    done = audit("--role-arn", "arn:aws:iam::{account}:role/audit")
    assert (done.code, done.link("log group")["resource"]) == (0, far_chain.log_group_arn)


def test_a_role_of_a_third_account_is_not_taken_for_the_right_one(far_chain, read):
    judgement = judge(read(role="arn:aws:iam::333333333333:role/audit"))
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"is not of account {OTHER_ACCOUNT}: write {{account}}" in evidence(judgement)


@pytest.mark.parametrize(
    ("fault", "reported"),
    [
        (denied, "does not exist, or does not let arn:aws:sts::123456789012:user/moto assume it"),
        (error("InternalFailure", 500), "could not be assumed: InternalFailure because of the test"),
        (page("<html/>"), "could not be assumed: what answered is not AWS"),
    ],
)
def test_a_role_that_cannot_be_assumed_is_reported(network, far_chain, read, fault, reported):
    network.fail(fault, "AssumeRole")
    judgement = judge(read(role="arn:aws:iam::{account}:role/audit"))
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"role arn:aws:iam::{OTHER_ACCOUNT}:role/audit {reported}" in evidence(judgement)


@pytest.fixture
def far_topic(chain, aws):
    """A good chain, but for a topic that is another account's."""
    far = Chain(aws, REGION, account=OTHER_ACCOUNT, queue=False)
    far.put_topic()
    far.open_topic()
    chain.put_alarm(AlarmActions=[far.topic_arn])
    return far


def test_a_topic_in_another_account_is_unknown_without_a_role(far_topic, read):
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert links(judgement, Verdict.UNKNOWN) == {Link.TOPIC}


def test_a_role_looks_at_a_topic_in_another_account(far_topic, read):
    judgement = judge(read(role="arn:aws:iam::{account}:role/audit"))
    assert judgement.verdict is Verdict.PASS
    assert far_topic.topic_arn in {one.resource for one in judgement.findings}


# Answers in pieces

PAGED = {
    "DescribeAlarms": ("NextToken", ("MetricAlarms", "CompositeAlarms")),
    "DescribeMetricFilters": ("nextToken", ("metricFilters",)),
    "DescribeLogGroups": ("nextToken", ("logGroups",)),
    "ListSubscriptionsByTopic": ("NextToken", ("Subscriptions",)),
    "ListRules": ("NextToken", ("Rules",)),
    "ListTargetsByRule": ("NextToken", ("Targets",)),
}


@pytest.fixture
def pages(monkeypatch) -> Iterator[dict[str, int]]:
    """One item a page; counts the pages of each call."""
    make = botocore.client.BaseClient._make_api_call
    asked: dict[str, int] = dict.fromkeys(PAGED, 0)

    def paged(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if operation not in PAGED:
            return make(client, operation, arguments)
        asked[operation] += 1
        token, names = PAGED[operation]
        number = int(arguments.pop(token, "0"))
        arguments.pop("MaxRecords", None)
        answer = make(client, operation, arguments)
        items = [(name, item) for name in names for item in answer.get(name, [])]
        here = items[number : number + 1]
        more = {token: str(number + 1)} if number + 1 < len(items) else {}
        lists = {name: [item for of, item in here if of == name] for name in names}
        return {"ResponseMetadata": {}, **lists, **more}

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", paged)
    return asked


@pytest.fixture
def crowded(chain):
    """The good chain behind others that come first in every list."""
    cloudwatch, logs, events = (chain.client(name) for name in ("cloudwatch", "logs", "events"))
    for number in range(3):
        chain.put_alarm(AlarmName=f"another-{number}", MetricName=f"Another{number}")
        chain.put_filter(f"another-{number}", "{ $.eventName = RunInstances }", metricName=f"Another{number}")
        logs.create_log_group(logGroupName=f"{GROUP}-{number}")
        events.put_rule(Name=f"another-{number}", EventPattern='{"source": ["aws.s3"]}')
        chain.subscribe(f"pending-{number}@example.com", confirm=False)
    chain.notify_each_change()
    cloudwatch.delete_alarms(AlarmNames=[ALARM_NAME])
    chain.put_alarm()  # the last one
    return chain


def test_what_is_on_a_later_page_counts(crowded, caller, read, pages):
    judgement = judge(read())
    assert judgement.verdict is Verdict.PASS
    assert {operation: number for operation, number in pages.items() if number < 2} == (
        {"ListTargetsByRule": 1}
    )
    assert [note.operations for note in judgement.notes if note.resource.endswith("each-change")]


@pytest.mark.parametrize("operation", ["DescribeAlarms", "DescribeMetricFilters", "ListSubscriptionsByTopic"])
def test_a_list_whose_second_page_is_denied_is_unknown(network, crowded, read, pages, operation):
    network.fail(times(1, through, denied), operation)
    judgement = judge(read())
    assert pages[operation] >= 2
    assert judgement.verdict is Verdict.UNKNOWN


def test_pages_that_never_end_are_unknown(chain, caller, read, monkeypatch):
    make = botocore.client.BaseClient._make_api_call

    def endless(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        arguments.pop("NextToken", None)
        answer = make(client, operation, arguments)
        return {**answer, "NextToken": "again"} if operation == "DescribeAlarms" else answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", endless)
    judgement = judge(read())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "cloudwatch:DescribeAlarms failed in eu-west-1: its pages do not end" in evidence(judgement)


# Very many


def test_of_ten_thousand_alarms_only_those_on_the_metric_are_kept(chain, caller, read, monkeypatch):
    make = botocore.client.BaseClient._make_api_call
    found = chain.client("cloudwatch").describe_alarms()["MetricAlarms"][0]
    pages = []

    def crowd(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "DescribeAlarms":
            return make(client, operation, arguments)
        number, size = int(arguments.get("NextToken", "0")), arguments["MaxRecords"]
        pages.append(number)
        names = [f"crowd-{number}-{index}" for index in range(size)]
        metrics = [{**found, "AlarmName": name, "AlarmArn": name, "MetricName": name} for name in names]
        rules = [{**found, "AlarmName": f"{name}-c", "AlarmRule": f'ALARM("{name}")'} for name in names]
        if (number + 1) * size < 10_000:
            answer = {"MetricAlarms": metrics, "CompositeAlarms": rules[:1], "NextToken": str(number + 1)}
        else:
            above = {**found, "AlarmName": "above", "AlarmRule": f"ALARM({found['AlarmName']})"}
            top = {**found, "AlarmName": "top", "AlarmRule": 'ALARM("above")'}
            answer = {"MetricAlarms": [*metrics[1:], found], "CompositeAlarms": [top, above]}
        return {"ResponseMetadata": {}, **answer}

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", crowd)
    deployment = read()
    assert pages == list(range(100))
    (place,) = deployment.places
    assert {alarm.name for alarm in place.alarms} == {ALARM_NAME, "above", "top"}
    assert judge(deployment).verdict is Verdict.PASS


def test_a_hundred_filters_on_one_group_are_all_read(chain, read):
    for number in range(98):
        chain.put_filter(f"another-{number}", f"{{ $.eventName = Run{number} }}", metricName=f"Other{number}")
    deployment = read()
    (place,) = deployment.places
    assert len(place.metric_filters) == 100
    assert {alarm.name for alarm in place.alarms} == {ALARM_NAME}
    assert judge(deployment).verdict is Verdict.PASS
    assert (NAMESPACE, METRIC_NAME) in {
        (one.transformation.namespace, one.transformation.name) for one in place.metric_filters
    }
