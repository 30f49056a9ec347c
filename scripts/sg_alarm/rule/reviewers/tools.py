"""Tools that look for this alarm, by their documentation and as one version of each was seen to answer.

Those that install from PyPI are held against the real tool by ``make bench ARGS=reviewers``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sg_alarm.alarms import MetricTransformation
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.rule.clauses import is_multi_region, selects_reads_and_writes
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.model import AdvancedEventSelector, Deployment, Topic, Trail
from sg_alarm.rule.operations import PATTERN_OF_SIX, PROFILES, SEVEN, SIX
from sg_alarm.rule.reviewers.answer import Answer, Reviewer
from sg_alarm.rule.reviewers.walk import (
    ALARM,
    CONFIRMED,
    TOPIC,
    Stage,
    alarms_on,
    anything,
    filters_of_account,
    has_actions,
    logs,
    only_first,
    subscriptions,
    topics,
    trails,
    walk,
    with_pattern,
)
from sg_alarm.rule.truth import Truth, every
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.unknown import Unknown


def _active_trail_of_all_events(trail: Trail) -> Truth:
    return every((is_multi_region(trail), logs(trail), selects_reads_and_writes(trail)))


_TRAIL = Stage(
    Link.TRAIL, trails, _active_trail_of_all_events, "no multi-region trail of all management events is on"
)
_ACTIONS = Stage(Link.ACTION, lambda _, path: path[-1:], has_actions, "the alarm has no action")


def _filter(accepts: Any, missing: str) -> Stage:
    return Stage(Link.METRIC_FILTER, filters_of_account, with_pattern(accepts), missing)


def _walked(stages: Sequence[Stage], words: dict[Verdict, str], deployment: Deployment) -> Answer:
    outcome = walk(deployment, stages)
    return Answer(words[outcome.verdict], outcome.verdict, outcome.reason)


# Prowler: one filter that names all six, in any order, and any alarm on its metric.

_ANY_ORDER = re.compile("".join(rf'(?=.*\$\.eventName\s*=\s*"?{name}\b)' for name in SIX), re.DOTALL)


def _names_six(pattern: str) -> Truth:
    return _ANY_ORDER.match(pattern) is not None


PROWLER = Reviewer(
    "prowler",
    "Prowler 5.46",
    "https://hub.prowler.com/check/cloudwatch_log_metric_filter_security_group_changes",
    partial(
        _walked,
        (
            Stage(Link.TRAIL, trails, anything, "there is no trail"),
            _filter(_names_six, "no metric filter of a trail's log group names all six operations"),
            ALARM,
        ),
        {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.UNKNOWN: "MANUAL"},
    ),
)


# Powerpipe: one filter that names all seven, in CIS v5's order, whatever the version of CIS that is asked.

_IN_ORDER = re.compile(".*".join(rf'\$\.eventName\s*=\s*"?{name}\b' for name in SEVEN), re.DOTALL)


def _names_seven(pattern: str) -> Truth:
    return _IN_ORDER.search(pattern) is not None


POWERPIPE = Reviewer(
    "powerpipe",
    "Powerpipe, AWS Compliance v1.13",
    "https://hub.powerpipe.io/mods/turbot/aws_compliance/controls/control.log_metric_filter_security_group",
    partial(
        _walked,
        (
            _TRAIL,
            _filter(_names_seven, "no metric filter names all seven operations in the order of CIS v5.0"),
            ALARM,
            TOPIC,
            Stage(Link.SUBSCRIPTION, subscriptions, anything, "the alarm's topic has no subscription"),
        ),
        {Verdict.PASS: "ok", Verdict.FAIL: "alarm", Verdict.UNKNOWN: "error"},
    ),
)


# MITRE InSpec: the text of CIS v2.0.0, and only the first filter that has it.


def _is_the_text(pattern: str) -> Truth:
    try:
        return compile_pattern(pattern).has_text(PATTERN_OF_SIX)
    except PatternError:
        return False


_TEXT = only_first(_filter(_is_the_text, "no metric filter has the benchmark's text to the letter"))

INSPEC = Reviewer(
    "inspec",
    "MITRE InSpec, CIS AWS Foundations baseline 2.0.5",
    "https://github.com/mitre/aws-foundations-cis-baseline",
    partial(
        _walked,
        (_TRAIL, _TEXT, ALARM, _ACTIONS, TOPIC, CONFIRMED),
        {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.UNKNOWN: "error"},
    ),
)


# Cloud Custodian: what the user's policy says; here the one that its documentation shows, with CIS's text.
# Seen: it does not read advanced event selectors, and a topic that is gone ends the run.


def _has_basic_selectors(trail: Trail) -> Truth:
    selectors = trail.event_selectors if isinstance(trail.event_selectors, tuple) else ()
    advanced = any(isinstance(one, AdvancedEventSelector) for one in selectors)
    return False if advanced else _active_trail_of_all_events(trail)


def _topics_or_error(deployment: Deployment, path: Sequence[Any]) -> Sequence[Topic | Unknown] | Unknown:
    found = topics(deployment, path)
    named = path[-1].alarm_actions
    return found if found or not named else Unknown("it does not exist, which ends the run")


CUSTODIAN = Reviewer(
    "custodian",
    "Cloud Custodian, check-cloudtrail with the six-event text",
    "https://cloudcustodian.io/docs/aws/resources/account.html",
    partial(
        _walked,
        (
            replace(_TRAIL, accepts=_has_basic_selectors),
            _TEXT,
            ALARM,
            replace(TOPIC, find=_topics_or_error),
            CONFIRMED,
        ),
        {Verdict.PASS: "not found", Verdict.FAIL: "found", Verdict.UNKNOWN: "error"},
    ),
)


# Conformity: an alarm on the metric of its remediation, whatever feeds that.

_METRIC = MetricTransformation("CloudTrailMetrics", "SecurityGroupEventCount")


def _conformity(deployment: Deployment) -> Answer:
    own = [place for place in deployment.places if place.account == deployment.account]
    if any(alarms_on(place, _METRIC) for place in own):
        return Answer("Success", Verdict.PASS, "an alarm reads CloudTrailMetrics/SecurityGroupEventCount")
    for place in own:
        if isinstance(place.alarms, Unknown):
            return Answer("UNKNOWN", Verdict.UNKNOWN, f"the alarms cannot be seen: {place.alarms.reason}")
    why = "no alarm that a trail leads to reads CloudTrailMetrics/SecurityGroupEventCount"
    return Answer("Failure", Verdict.FAIL, why)


CONFORMITY = Reviewer("conformity", PROFILES["conformity"].title, PROFILES["conformity"].source, _conformity)


# AWS Config: a process check, which waits for what a person puts in.


def _config(deployment: Deployment) -> Answer:
    return Answer("none", None, "a process check: it shows what somebody puts in by PutExternalEvaluation")


CONFIG = Reviewer(
    "config",
    "AWS Config, alarm-vpc-secrity-group-change (sic)",
    "https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-cis_aws_benchmark_level_2.html",
    _config,
)


# The truth.


def _effective(deployment: Deployment) -> Answer:
    judgement = evaluate(deployment, PROFILES["effective"])
    cause = next((one for one in judgement.findings if one.verdict is judgement.verdict), None)
    if judgement.verdict is Verdict.PASS or cause is None:
        reason = "every change of a security group is notified" if cause else "no region was asked about"
        return Answer(judgement.verdict.value, judgement.verdict, reason)
    return Answer(judgement.verdict.value, judgement.verdict, f"{cause.link.value}: {cause.evidence}")


EFFECTIVE = Reviewer(
    "effective", "sg-alarm: is every change notified?", PROFILES["effective"].source, _effective
)
