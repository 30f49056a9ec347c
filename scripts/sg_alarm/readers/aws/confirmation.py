"""AWS's own reading of the deployed patterns, by the read-only TestMetricFilter, beside ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sg_alarm.aws import Aws
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.readers.aws.calls import ask
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.model import Deployment, MetricFilter, Place
from sg_alarm.rule.operations import ELEVEN, READS
from sg_alarm.unknown import Unknown

_MESSAGES_A_CALL = 50  # CloudWatch Logs API Reference, TestMetricFilter: logEventMessages


def confirmed(aws: Aws, deployment: Deployment) -> Deployment:
    """Return the deployment with every pattern ``Unknown`` that AWS reads otherwise, or would not test.

    Where AWS itself reads a pattern otherwise, no answer that rests on our reading is worth anything.
    """
    events = [event(name, caller) for name in ELEVEN for caller in Caller]
    events += [event(one.name) for one in READS]
    messages = [json.dumps(found) for found in events]
    places = (_confirmed(aws, place, messages) for place in deployment.places)
    return replace(deployment, places=tuple(places))


def _confirmed(aws: Aws, place: Place, messages: Sequence[str]) -> Place:
    if isinstance(place.metric_filters, Unknown):
        return place
    filters = []
    for one in place.metric_filters:
        doubt = _doubt(aws, place.region, one, messages)
        filters.append(replace(one, pattern=doubt) if doubt else one)
    return replace(place, metric_filters=tuple(filters))


def _doubt(aws: Aws, region: str, one: MetricFilter, messages: Sequence[str]) -> Unknown | None:
    if isinstance(one.pattern, Unknown):
        return None
    try:
        ours = compile_pattern(one.pattern).matches
    except PatternError as error:
        return Unknown(f"AWS took it and we cannot read it: {error.message}")
    for start in range(0, len(messages), _MESSAGES_A_CALL):
        batch = messages[start : start + _MESSAGES_A_CALL]
        # It tests a text, not a filter, so the caller's own account answers for every account.
        theirs: set[int] | Unknown = ask(
            aws,
            "logs",
            region,
            "test_metric_filter",
            lambda answer: {match["eventNumber"] for match in answer["matches"]},
            filterPattern=one.pattern,
            logEventMessages=batch,
        )
        if isinstance(theirs, Unknown):
            return Unknown(f"AWS did not confirm our reading of it: {theirs.reason}")
        for number, message in enumerate(batch, 1):
            if ours(message) is not (number in theirs):
                word = "matches" if number in theirs else "does not match"
                return Unknown(f"AWS reads it otherwise than we do: by AWS it {word} {message}")
    return None
