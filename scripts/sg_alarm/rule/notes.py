"""What is worth knowing besides the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sg_alarm.patterns import Noise
from sg_alarm.rule.chains import Candidate
from sg_alarm.rule.links.metric_filter import resource_of
from sg_alarm.rule.messages import CATALOGUE, say
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.rule.operations import OPERATIONS, Profile, noise
from sg_alarm.rule.per_change import per_change_notes
from sg_alarm.rule.verdict import Finding, Link, Note, NoteKind, OperationVerdict, Ref, Verdict


def notes(
    deployment: Deployment,
    profile: Profile,
    operations: Sequence[OperationVerdict],
    findings: Iterable[Finding],
    deciding: Iterable[Candidate],
) -> Iterator[Note]:
    """Yield the notes: what was left out, noise, subscribers beside the best, assumptions, notifications."""
    if not deployment.all_regions:
        message = say("other-regions-left-out", regions=deployment.regions)
        yield Note(NoteKind.SCOPE, deployment.account, (message,))
    for verdict, id_ in ((Verdict.FAIL, "not-notified"), (Verdict.UNKNOWN, "notification-unclear")):
        names = tuple(one.name for one in operations if not one.in_profile and one.verdict is verdict)
        if names:
            message = say(id_, standard=profile.title)
            yield Note(NoteKind.UNWATCHED, deployment.account, (message,), names)
    filters: dict[str, MetricFilter] = {}
    subscribers: dict[str, Finding] = {}
    for candidate in deciding:
        for one in candidate.findings:
            subscribers.update({beside.resource: beside for beside in one.beside})
            if (
                one.link is Link.METRIC_FILTER
                and one.verdict is Verdict.PASS
                and candidate.metric_filter is not None
            ):
                filters[one.resource] = candidate.metric_filter
    for metric_filter in filters.values():
        yield from _noise(metric_filter)
    for one in subscribers.values():
        also = say("other-subscription", subscription=Ref(one.resource))
        yield Note(NoteKind.SUBSCRIBER, one.resource, (also, *one.evidence))
    for one in findings:
        if assumed := tuple(each for each in one.evidence if CATALOGUE[each.id].assumed):
            yield Note(NoteKind.ASSUMPTION, one.resource, assumed, one.operations)
    yield from per_change_notes(deployment)


def _noise(metric_filter: MetricFilter) -> Iterator[Note]:
    if not isinstance(metric_filter.pattern, str):
        return
    proof = noise(metric_filter.pattern)
    if proof.noise is Noise.NOISY and proof.example is not None:
        name = proof.example["eventName"]
        is_call = proof.known and name not in OPERATIONS
        message = say("filter-noise-example", call=name) if is_call else say("filter-noise")
        yield Note(NoteKind.NOISE, resource_of(metric_filter), (message,))
