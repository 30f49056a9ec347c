"""Which block a finding is shown at: the one to change so that the finding ends.

Where a link is broken, that resource, or what comes before it in the chain if it lies outside. Where there
is no alarm, or no filter for one, the trail, else the metric filter. Where there is nothing at all, the
provider, else the first resource of AWS. Of a module that is not in sight, or that was downloaded, the call
that leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sg_alarm.rule.model import Deployment
from sg_alarm.rule.reading import Reading
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.rule.wording import DescribedFinding, DescribedJudgement

_CALL = re.compile(r"((?:module\.[^.]+\.)*module\.[^.]+)\.")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_DOWNLOADED = {".terraform", ".external_modules"}
_OF_AWS = re.compile(r"(?:^|\.)(?:aws_[a-z0-9_]+\.|provider\.aws$)")


def plain(address: str) -> str:
    """Return an address without indices."""
    return _INDEX.sub("", address)


def deciding(judgement: DescribedJudgement) -> DescribedFinding | None:
    """Return the finding that decides: the first of those that are as bad as the verdict."""
    return next((one for one in judgement.findings if one.verdict is judgement.verdict), None)


def wanted(reading: Reading, judgement: DescribedJudgement) -> Iterator[str]:
    """Yield addresses to show the judgement at, the best first; what they name need not be in sight."""
    deployment = reading.deployment
    if deployment is None:
        return
    if judgement.verdict is Verdict.PASS:
        yield from (one.finding.resource for one in judgement.waived)
        yield from (chain.alarm for chain in judgement.chains)
    finding = deciding(judgement)
    if finding and not _lacks_the_alarm(finding, deployment):
        yield from (one.resource for one in (finding, *_before(finding, judgement)))
    if isinstance(deployment.trails, tuple):
        yield from (reading.addresses.get(trail.arn, "") for trail in deployment.trails)
    yield from _filters(deployment)


def anchor_of(reading: Reading, judgement: DescribedJudgement) -> str:
    """Return the block of the user's own code to show the judgement at; empty where there is none."""
    seen = {address: Path(one.file) for address, one in reading.positions.items()}
    return next(in_sight(wanted(reading, judgement), seen, reading.anchor), "")


def in_sight(addresses: Iterable[str], seen: Mapping[str, Path], last: str = "") -> Iterator[str]:
    """Yield those of the blocks that are in the user's code, then ``last``, then whatever is of AWS.

    ``seen`` are the blocks that are in sight, each with its file.
    """
    own = {address for address, file in seen.items() if not _DOWNLOADED & set(file.parts)}
    for address in (*addresses, last):
        yield from (one for one in and_callers(address) if one in own)
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


def and_callers(address: str) -> Iterator[str]:
    """Yield an address, and the calls of modules that it is in, from the innermost to that in the root."""
    while address:
        yield address
        call = _CALL.match(address)
        address = call[1] if call else ""
