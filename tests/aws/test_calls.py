"""Each call is made for its account and region, again where that helps, and never for longer than allowed."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from botocore.utils import InvalidRegionError

from endpoint import CALLER, IDENTITY, Request, serving
from sg_alarm.aws import NoAnswerError
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Judgement, Verdict
from sg_alarm.rule.wording import Names, describe
from sg_alarm.unknown import Unknown

REGION = "eu-west-1"


def signature(request: Request) -> list[str]:
    """The access key, region and service that a request is signed with."""
    key, _, region, service, _ = (
        request.headers["Authorization"].partition("Credential=")[2].split(",")[0].split("/")
    )
    return [key, region, service]


# Accounts and regions


def test_a_call_is_signed_for_its_account_and_region_whichever_thread_makes_it(reach):
    def answer(request: Request) -> None:
        request.reply(json.dumps({"trailList": [{"Name": signature(request)[0]}]}))

    regions = ("eu-west-1", "us-east-1", "sa-east-1")
    with serving(answer) as endpoint:
        aws = reach(endpoint.url)
        accounts = [replace(aws, role=Credentials(f"key-{number}", "secret")) for number in range(8)]
        calls = [
            (number, account.client("cloudtrail", region).describe_trails)
            for number, account in enumerate(accounts)
            for region in regions
        ]
        with ThreadPoolExecutor(len(calls)) as pool:
            answers = pool.map(lambda call: call[1](), calls)
        for (number, _), answer in zip(calls, answers, strict=True):
            assert answer["trailList"] == [{"Name": f"key-{number}"}]
    assert sorted(map(signature, endpoint.requests)) == sorted(
        [f"key-{number}", region, "cloudtrail"] for number in range(8) for region in regions
    )


@pytest.mark.parametrize("region", ["evil.example/", "eu-west-1.evil.example#", "a b", ""])
def test_what_cannot_be_a_region_becomes_no_host(reach, region):
    """A region may come out of an answer."""
    aws = reach()
    if region:
        with pytest.raises(InvalidRegionError):
            aws.client("sts", region)
    else:
        assert aws.client("sts", region)._region == REGION


# Again


def failing(times: int, status: int, code: str):
    """Answer an error so many times, then the identity."""
    left = [times]

    def answer(request: Request) -> None:
        left[0] -= 1
        error = f"<ErrorResponse><Error><Code>{code}</Code><Message>so</Message></Error></ErrorResponse>"
        request.reply(*((error, status) if left[0] >= 0 else (IDENTITY, 200)))

    return answer


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "Throttling"), (400, "RequestLimitExceeded"), (429, "Slow"), (500, "Any"), (503, "SlowDown")],
)
def test_what_passes_is_tried_again(reach, status, code):
    with serving(failing(4, status, code)) as endpoint:
        assert reach(endpoint.url).client("sts").get_caller_identity()["Arn"] == CALLER
    assert len(endpoint.requests) == 5


def test_what_does_not_pass_is_given_up_after_five_attempts(reach):
    with serving(failing(5, 400, "Throttling")) as endpoint, pytest.raises(ClientError, match="Throttling"):
        reach(endpoint.url).client("sts").get_caller_identity()
    assert len(endpoint.requests) == 5


def test_the_aws_configuration_may_say_how_often(reach, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    with serving(failing(2, 500, "Any")) as endpoint, pytest.raises(ClientError):
        reach(endpoint.url).client("sts").get_caller_identity()
    assert len(endpoint.requests) == 2


def test_a_refusal_is_not_tried_again(reach):
    with serving(failing(1, 403, "AccessDenied")) as endpoint, pytest.raises(ClientError):
        reach(endpoint.url).client("sts").get_caller_identity()
    assert len(endpoint.requests) == 1


def test_a_connection_that_breaks_is_tried_again(reach):
    def answer(request: Request) -> None:
        if len(endpoint.requests) == 1:
            request.close_connection = True
        else:
            request.reply(IDENTITY)

    with serving(answer) as endpoint:
        assert reach(endpoint.url).client("sts").get_caller_identity()["Arn"] == CALLER


# Not for ever


@pytest.fixture
def over():
    """The end of the test, for which what hangs waits."""
    event = threading.Event()
    yield event
    event.set()


def silence(over):
    return lambda request: over.wait(60)


def drops_of_a_body(over):
    def answer(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        drip(request, b"x", over)

    return answer


def drops_of_a_head(over):
    return lambda request: drip(request, b"H", over)


def drops_of_a_line(over):
    def answer(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        drip(request, b"x", over)

    return answer


def endless_chunks(over):
    def answer(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        drip(request, b"1\r\nx\r\n", over)

    return answer


def drip(request: Request, data: bytes, over: threading.Event) -> None:
    while not over.wait(0.02):
        request.wfile.write(data)


SLOW = (silence, drops_of_a_body, drops_of_a_head, drops_of_a_line, endless_chunks)


@pytest.mark.parametrize("slow", SLOW)
def test_no_call_outlasts_the_deadline(reach, over, slow):
    with serving(slow(over)) as endpoint:
        aws = reach(endpoint.url, ends=time.monotonic() + 0.5)
        with pytest.raises(NoAnswerError, match="no answer before the deadline, see --deadline"):
            aws.client("sts").get_caller_identity()
        assert len(endpoint.requests) <= 1  # on a slow machine the time may be over before the first


@pytest.mark.parametrize("slow", SLOW)
def test_no_call_takes_longer_than_a_call_may(reach, over, slow, monkeypatch):
    monkeypatch.setattr("sg_alarm.aws.account.CALL_SECONDS", 0.5)
    with serving(slow(over)) as endpoint, pytest.raises(ReadTimeoutError):
        reach(endpoint.url).client("sts").get_caller_identity()


def test_silence_is_tried_again_while_there_is_time(reach, over, monkeypatch):
    monkeypatch.setattr("sg_alarm.aws.transport.READ_TIMEOUT", 1)

    def answer(request: Request) -> None:
        if len(endpoint.requests) < 3:
            over.wait(60)
        request.reply(IDENTITY)

    with serving(answer) as endpoint:
        assert reach(endpoint.url).client("sts").get_caller_identity()["Arn"] == CALLER
        assert len(endpoint.requests) >= 3  # on a slow machine the third may take too long as well
        over.set()


def test_after_the_deadline_nothing_is_asked(reach):
    with serving(lambda request: request.reply(IDENTITY)) as endpoint:
        with pytest.raises(NoAnswerError):
            reach(endpoint.url, ends=time.monotonic()).client("sts").get_caller_identity()
        assert not endpoint.requests


# An audit of what does not answer

TRAIL = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/trail"
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:trail"
ANSWERS = {
    "GetCallerIdentity": IDENTITY,
    "DescribeTrails": {
        "trailList": [
            {
                "TrailARN": TRAIL,
                "HomeRegion": REGION,
                "IsMultiRegionTrail": True,
                "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/trail",
                "CloudWatchLogsLogGroupArn": f"{GROUP}:*",
            }
        ]
    },
    "GetTrailStatus": {"IsLogging": True, "LatestCloudWatchLogsDeliveryTime": time.time()},
    "GetEventSelectors": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
    "DescribeLogGroups": {"logGroups": [{"logGroupName": "trail"}]},
    "DescribeMetricFilters": {
        "metricFilters": [
            {
                "filterName": "changes",
                "filterPattern": '{ $.eventName = "*SecurityGroup*" }',
                "metricTransformations": [
                    {"metricNamespace": "N", "metricName": "Changes", "metricValue": "1"}
                ],
            }
        ]
    },
    "ListRules": {"Rules": []},
}
ACTIONS = {
    "DescribeTrails": "cloudtrail:DescribeTrails",
    "GetTrailStatus": "cloudtrail:GetTrailStatus",
    "GetEventSelectors": "cloudtrail:GetEventSelectors",
    "DescribeLogGroups": "logs:DescribeLogGroups",
    "DescribeMetricFilters": "logs:DescribeMetricFilters",
}


def answering(**instead):
    """Answer as an account with a trail, and otherwise what the test says instead."""

    def answer(request: Request) -> None:
        found = instead.get(request.operation, ANSWERS.get(request.operation, "<none/>"))
        if callable(found):
            found(request)
        else:
            request.reply(found if isinstance(found, str) else json.dumps(found))

    return answer


def judged(aws) -> Judgement:
    return evaluate(read_account(aws, Scope((REGION,))), PROFILES["conformity"])


def reasons(judgement: Judgement) -> str:
    return "\n".join(
        one.evidence for one in describe(judgement, Names()).findings if one.verdict is Verdict.UNKNOWN
    )


def test_the_account_of_these_tests_is_read(reach):
    with serving(answering()) as endpoint:
        found = read_account(reach(endpoint.url), Scope((REGION,)))
    (trail,) = found.trails
    (place,) = found.places
    assert (trail.arn, trail.is_logging) == (TRAIL, True)
    assert [one.name for one in place.metric_filters] == ["changes"]
    assert isinstance(place.alarms, Unknown)


@pytest.mark.parametrize("operation", ACTIONS)
@pytest.mark.parametrize("slow", [silence, drops_of_a_body])
def test_a_call_that_hangs_is_unknown_and_named(reach, over, operation, slow):
    with serving(answering(**{operation: slow(over)})) as endpoint:
        judgement = judged(reach(endpoint.url, ends=time.monotonic() + 2))
    assert judgement.verdict is Verdict.UNKNOWN
    expected = f"{ACTIONS[operation]} failed in {REGION}: no answer before the deadline, see --deadline"
    assert expected in reasons(judgement)


@pytest.mark.parametrize("operation", ["DescribeLogGroups", "DescribeMetricFilters"])
def test_pages_without_end_are_unknown_at_the_deadline(reach, operation):
    def page(request: Request) -> None:
        request.reply(json.dumps({**ANSWERS[operation], "nextToken": f"{len(endpoint.requests)}"}))

    with serving(answering(**{operation: page})) as endpoint:
        judgement = judged(reach(endpoint.url, ends=time.monotonic() + 2))
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"{ACTIONS[operation]} failed in {REGION}: " in reasons(judgement)


ODD = ["null", "[]", "[null]", "1", '"text"', "true", "{", "", "\0", "[" * 100_000]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("operation", ACTIONS)
def test_what_is_no_answer_is_unknown(reach, operation, odd):
    with serving(answering(**{operation: lambda request: request.reply(odd)})) as endpoint:
        judgement = judged(reach(endpoint.url))
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"{ACTIONS[operation]} failed in {REGION}: what answered is not AWS" in reasons(judgement)


ODD_PARTS = {
    "DescribeTrails": ["trailList"],
    "GetEventSelectors": ["EventSelectors", "AdvancedEventSelectors"],
    "DescribeLogGroups": ["logGroups"],
    "DescribeMetricFilters": ["metricFilters"],
}


@pytest.mark.parametrize("odd", [1, "text", True, {}, [None], [1], [[]], ["x"], {"a": 1}], ids=json.dumps)
@pytest.mark.parametrize("operation", ODD_PARTS)
def test_parts_that_are_odd_are_no_pass_and_no_traceback(reach, operation, odd):
    for part in ODD_PARTS[operation]:
        with serving(answering(**{operation: {part: odd}})) as endpoint:
            try:
                assert judged(reach(endpoint.url)).verdict is not Verdict.PASS
            except BotoCoreError as error:
                pytest.fail(str(error))


def test_the_command_gives_up_at_the_deadline(sg_alarm, caller, over):
    with serving(answering(DescribeTrails=drops_of_a_body(over))) as endpoint:
        done = sg_alarm("audit", "--region", REGION, "--endpoint-url", endpoint.url, "--deadline", "2")
    assert done.returncode == 4
    reported = " ".join(done.stdout.split())
    assert f"cloudtrail:DescribeTrails failed in {REGION}: no answer before the deadline" in reported


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_deadline_is_a_second_or_more(sg_alarm, caller, seconds):
    refused = sg_alarm("audit", "--deadline", seconds)
    assert refused.returncode == 2
    assert "--deadline" in refused.stderr
