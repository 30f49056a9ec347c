"""Audits for the HTML report: of one account and of many, of every verdict, with names that mean harm."""

from __future__ import annotations

from collections.abc import Mapping

from audits import CIRCUMSTANCES, audit
from deployment_builder import (
    ACCOUNT,
    ALARM_ARN,
    good,
    replace_text,
    with_alarm,
    with_filter,
    with_subscription,
    with_topic,
    with_topic_policy,
    with_trail,
)
from sg_alarm.reports.report import Report, judge
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.operations import PATTERN_OF_ELEVEN, PATTERN_OF_SIX, PROFILES
from sg_alarm.rule.reading import Position, Reading
from sg_alarm.unknown import Outside, Unknown

PAYLOAD = "</script></style></title><img src=x onerror=window.__x=1><script>window.__x=1</script>"
HOSTILE = {
    "markup": PAYLOAD,
    "quotes": "\"' onmouseover=\"window.__x=1\" autofocus onfocus='window.__x=1'",
    "comment": "<!-- <svg onload=window.__x=1> -->]]>",
    "template": "{{ 7 * 7 }}{% raw %}{# #}",
    "reversed": "evil\u202egpj.exe\u2066\u202a",
    "no width": "Security\u200bGroup\u200d\ufeff\u00ad",
    "control": "a\x00b\x1b[31m\r\nc\td",
    "half a character": "a\ud800b",
    "very long": "Alarm" * 300,
    "very long, unbroken": "W" * 1500,
}

UNREAD = good(trails=Unknown("access denied"))
FIVE = with_filter(PATTERN_OF_SIX.replace(" || ($.eventName = DeleteSecurityGroup)", ""))


def numbered(deployment: Deployment, number: int) -> Deployment:
    """The same in another account."""
    return replace_text(deployment, ACCOUNT, f"{number:012d}")


def hostile(name: str) -> Report:
    """Audits in which everything that somebody may name has that name."""
    names = {
        "SecurityGroupConfigChanges": name,
        "CloudWatchAlarmSNSTopic": name,
        "trail/main": f"trail/{name}",
    }
    failing = renamed(with_alarm(actions_enabled=False), names)
    unread = renamed(good(trails=Unknown(f"denied to {name}")), names)
    alarm = ALARM_ARN.replace("SecurityGroupConfigChanges", name)
    readings = [
        Reading("failing", failing, {}, {alarm: Position(name, 1)}),
        Reading("unread", unread),
        Reading("another", replace_text(failing, ACCOUNT, name)),
    ]
    return judge(readings, PROFILES["conformity"], CIRCUMSTANCES)


def renamed(deployment: Deployment, names: Mapping[str, str]) -> Deployment:
    """The same with other names."""
    for old, new in names.items():
        deployment = replace_text(deployment, old, new)
    return deployment


def many(number: int) -> Report:
    """Accounts of which a quarter does not pass, the first one among those that do."""
    kinds = [
        *[good()] * 15,
        with_alarm(actions_enabled=False),
        good(trails=()),
        with_subscription(confirmed=False),
        UNREAD,
        FIVE,
    ]
    accounts = [numbered(kinds[each % len(kinds)], 100_000_000_000 + each) for each in range(number)]
    return audit(accounts, "conformity")


AUDITS: Mapping[str, Report] = {
    "pass": audit([good()], "conformity"),
    "assumed": audit([with_subscription(confirmed=Outside("only the account can show it"))], "conformity"),
    "fail": audit([with_alarm(actions_enabled=False)], "conformity"),
    "fail-in-one-region": audit([with_trail(is_multi_region=False)], "conformity"),
    "nothing-there": audit([good(trails=(), places=())], "conformity"),
    "everything": audit([with_filter(PATTERN_OF_ELEVEN)], "effective"),
    "narrowed": audit(
        [with_filter('{ ($.eventName = *SecurityGroup*) && ($.userIdentity.type = "Root") }')], "conformity"
    ),
    "one-operation": audit([FIVE], "conformity"),
    "unknown": audit([UNREAD], "securityhub"),
    "several": audit(
        [
            numbered(good(), 1),
            numbered(with_topic_policy(), 2),
            numbered(UNREAD, 3),
            numbered(with_topic(kms_key="alias/aws/sns"), 4),
            numbered(with_topic_policy(), 5),
        ],
        "cis-v4.0",
    ),
    "no-account": audit([], "conformity"),
}
