"""The JSON report."""

import json

from deployment_builder import ACCOUNT, ELSEWHERE, HOME, OTHER_ACCOUNT, good, replace_text, with_subscription
from judging import evaluate
from sg_alarm.rule.contract import overall, to_json
from sg_alarm.rule.operations import ELEVEN, PROFILES, SIX
from sg_alarm.rule.verdict import Verdict
from sg_alarm.unknown import Unknown

CONFORMITY = PROFILES["conformity"]


def test_one_account():
    report = json.loads(
        json.dumps(to_json([evaluate(with_subscription(confirmed=False), CONFORMITY)], "conformity"))
    )
    assert report["schema_version"] == "2.1"
    assert (report["profile"], report["verdict"]) == ("conformity", "FAIL")
    (account,) = report["accounts"]
    assert (account["account"], account["verdict"], account["regions"]) == (
        ACCOUNT,
        "FAIL",
        [HOME, ELSEWHERE],
    )
    assert [one["name"] for one in report["operations"]] == list(ELEVEN)
    assert report["operations"][0] == {
        "name": SIX[0],
        "verdict": "FAIL",
        "in_profile": True,
        "gaps": [{"account": ACCOUNT, "regions": [HOME, ELSEWHERE]}],
    }
    worst = report["findings"][0]
    assert (worst["link"], worst["verdict"], worst["account"]) == ("subscription", "FAIL", ACCOUNT)
    assert worst["resource"]
    assert "not confirmed" in worst["evidence"]
    assert worst["messages"] == [{"id": "subscription-pending", "arguments": {"protocol": "email"}}]
    assert "confirm" in worst["remedy"]
    assert [one["link"] for one in account["chains"][0]["links"]][-1] == "subscription"
    assert account["notes"][0]["kind"] == "unwatched operation"


def test_several_accounts():
    here = evaluate(good(), CONFORMITY)
    unread = evaluate(replace_text(good(trails=Unknown("access denied")), ACCOUNT, OTHER_ACCOUNT), CONFORMITY)
    broken = evaluate(good(trails=()), CONFORMITY)
    assert overall([here]) is Verdict.PASS
    assert overall([here, unread]) is Verdict.UNKNOWN
    assert overall([here, unread, broken]) is Verdict.FAIL
    assert overall([]) is Verdict.UNKNOWN
    report = to_json([here, unread], "conformity")
    assert [one["account"] for one in report["accounts"]] == [ACCOUNT, OTHER_ACCOUNT]
    assert report["operations"][0]["verdict"] == "UNKNOWN"
    assert {one["account"] for one in report["findings"]} == {ACCOUNT, OTHER_ACCOUNT}


def test_nothing_judged():
    report = to_json([], "conformity")
    assert (report["verdict"], report["accounts"], report["findings"]) == (None, [], [])
