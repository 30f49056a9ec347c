"""AWS's own reading of the deployed patterns, by the read-only TestMetricFilter, beside ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sg_alarm.aws import Aws
from sg_alarm.patterns import PatternError, compile_pattern
from sg_alarm.readers.aws.calls import ask
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.rule.operations import ELEVEN, READS
from sg_alarm.unknown import Unknown

_MESSAGES_A_CALL = 50  # CloudWatch Logs API Reference, TestMetricFilter: logEventMessages


def differences(aws: Aws, deployment: Deployment) -> Sequence[str]:
    """Return a line for each event that AWS judges otherwise, and for each filter that it would not test."""
    events = [event(name, caller) for name in ELEVEN for caller in Caller]
    events += [event(one.name) for one in READS]
    return [
        line
        for place in deployment.places
        if place.account == deployment.account and not isinstance(place.metric_filters, Unknown)
        for one in place.metric_filters
        for line in _differences(aws, place.region, one, [json.dumps(found) for found in events])
    ]


def _differences(aws: Aws, region: str, one: MetricFilter, messages: list[str]) -> Iterator[str]:
    if isinstance(one.pattern, Unknown):
        return
    try:
        ours = compile_pattern(one.pattern).matches
    except PatternError as error:
        yield f"{one.name}: AWS took a pattern that we cannot read: {error.message}"
        return
    for start in range(0, len(messages), _MESSAGES_A_CALL):
        batch = messages[start : start + _MESSAGES_A_CALL]
        answer = ask(
            aws, "logs", region, "test_metric_filter", filterPattern=one.pattern, logEventMessages=batch
        )
        if isinstance(answer, Unknown):
            yield f"{one.name}: {answer.reason}"
            return
        theirs = {match["eventNumber"] for match in answer["matches"]}
        for number, message in enumerate(batch, 1):
            if ours(message) is not (number in theirs):
                word = "matches" if number in theirs else "does not match"
                yield f"{one.name} {word} {message}"
