"""What is worth knowing besides the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sg_alarm.patterns import Noise
from sg_alarm.rule.chains import Candidate
from sg_alarm.rule.links.metric_filter import resource_of
from sg_alarm.rule.model import Deployment, MetricFilter
from sg_alarm.rule.operations import OPERATIONS, Profile, noise
from sg_alarm.rule.per_change import each_change
from sg_alarm.rule.verdict import Finding, Link, Note, NoteKind, OperationVerdict, Verdict


def notes(
    deployment: Deployment,
    profile: Profile,
    operations: Sequence[OperationVerdict],
    findings: Iterable[Finding],
    deciding: Iterable[Candidate],
) -> Iterator[Note]:
    """Yield the notes: regions left out, operations beyond the profile, noise, assumptions, notifications."""
    if not deployment.all_regions:
        regions = ", ".join(deployment.regions)
        told = f"no region but {regions} was asked about: --all-regions asks about every enabled one"
        yield Note(NoteKind.SCOPE, deployment.account, told)
    for verdict, text in (
        (Verdict.FAIL, "nobody is told of these changes, which {title} does not ask for"),
        (Verdict.UNKNOWN, "nobody can tell whether these changes are told; {title} does not ask for them"),
    ):
        names = tuple(one.name for one in operations if not one.in_profile and one.verdict is verdict)
        if names:
            yield Note(NoteKind.UNWATCHED, deployment.account, text.format(title=profile.title), names)
    filters: dict[str, MetricFilter] = {}
    for candidate in deciding:
        for one in candidate.findings:
            if (
                one.link is Link.METRIC_FILTER
                and one.verdict is Verdict.PASS
                and candidate.metric_filter is not None
            ):
                filters[one.resource] = candidate.metric_filter
    for metric_filter in filters.values():
        yield from _noise(metric_filter)
    for one in findings:
        if one.assumed:
            yield Note(NoteKind.ASSUMPTION, one.resource, one.evidence, one.operations)
    yield from each_change(deployment)


def _noise(metric_filter: MetricFilter) -> Iterator[Note]:
    if not isinstance(metric_filter.pattern, str):
        return
    proof = noise(metric_filter.pattern)
    if proof.noise is Noise.NOISY and proof.example is not None:
        name = proof.example["eventName"]
        example = f", such as {name}" if proof.known and name not in OPERATIONS else ""
        yield Note(
            NoteKind.NOISE,
            resource_of(metric_filter),
            f"the pattern also matches calls that change no security group{example}: the alarm is "
            "raised without a change, and hides one that follows",
        )
