"""Which block a finding is shown at: the one to change so that the finding ends.

Where a link is broken, that resource, or what comes before it in the chain if it lies outside. Where there
is no alarm, or no filter for one, the trail, else the metric filter. Where there is nothing at all, the
provider, else the first resource of AWS. Of a module that Checkov does not see, or that was downloaded, the
call that leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sg_alarm.checkov.outcome import deciding
from sg_alarm.reports.report import Subject
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement

_CALL = re.compile(r"((?:module\.[^.]+\.)*module\.[^.]+)\.")
_DOWNLOADED = {".terraform", ".external_modules"}
_OF_AWS = re.compile(r"(?:^|\.)(?:aws_[a-z0-9_]+\.|provider\.aws$)")


def wanted(subject: Subject) -> Iterator[str]:
    """Yield addresses to show the judgement at, the best first; what they name need not be in sight."""
    deployment, judgement = subject.deployment, subject.judgement
    if judgement.verdict is Verdict.PASS:
        yield from (chain.alarm for chain in judgement.chains)
    finding = deciding(judgement)
    if finding and not _lacks_the_alarm(finding, deployment):
        yield from (one.resource for one in (finding, *_before(finding, judgement)))
    if isinstance(deployment.trails, tuple):
        yield from (subject.reading.addresses.get(trail.arn, "") for trail in deployment.trails)
    yield from _filters(deployment)


def in_sight(addresses: Iterable[str], seen: Mapping[str, Path], last: str = "") -> Iterator[str]:
    """Yield those of the blocks that are in the user's code, then ``last``, then whatever is of AWS.

    ``seen`` are the blocks that Checkov sees, each with its file.
    """
    own = {address for address, file in seen.items() if not _DOWNLOADED & set(file.parts)}
    for one in (*addresses, last):
        while one:
            if one in own:
                yield one
            one = _caller(one)
    yield from (one for one in seen if one in own and _OF_AWS.search(one))


def _lacks_the_alarm(finding: DescribedFinding, deployment: Deployment) -> bool:
    """Whether the finding is that there is no alarm at all, or no filter for one."""
    if finding.verdict is not Verdict.FAIL:
        return False
    if finding.link is Link.METRIC_FILTER:
        return finding.resource not in _filters(deployment)
    return finding.link is Link.ALARM and not any(place.alarms for place in deployment.places)


def _filters(deployment: Deployment) -> list[str]:
    """Return the addresses of all metric filters."""
    return [
        one.address
        for place in deployment.places
        if isinstance(place.metric_filters, tuple)
        for one in place.metric_filters
    ]


def _before(finding: DescribedFinding, judgement: DescribedJudgement) -> Iterator[DescribedFinding]:
    """Yield what stands before a link in its chain, the nearest first."""
    for chain in judgement.chains:
        links = [(one.link, one.resource) for one in chain.findings]
        if (finding.link, finding.resource) in links:
            yield from reversed(chain.findings[: links.index((finding.link, finding.resource))])


def _caller(address: str) -> str:
    """Return the call of the module that an address is in; empty in the root."""
    call = _CALL.match(address)
    return call[1] if call else ""
