"""The audit procedure of the CIS benchmarks, each version by its own.

Step 1 takes an active multi-region trail (since v1.4 one of all management events), steps 2 to 4 a metric
filter with the pattern, step 5 the alarms on its metric, step 6 their topic, step 7 a subscription with an
ARN. The pattern is prose for a person with eyes: here, one filter that matches every call of each operation
that the version names.
"""

from __future__ import annotations

from functools import lru_cache, partial

from sg_alarm.patterns import Coverage, PatternError
from sg_alarm.rule.clauses import is_multi_region, selects_reads_and_writes
from sg_alarm.rule.model import Deployment, Trail
from sg_alarm.rule.operations import PROFILES, Profile, coverage
from sg_alarm.rule.reviewers.answer import Answer, Reviewer
from sg_alarm.rule.reviewers.walk import (
    ALARM,
    CONFIRMED,
    TOPIC,
    Stage,
    filters,
    logs,
    trails,
    walk,
    with_pattern,
)
from sg_alarm.rule.truth import Truth, every
from sg_alarm.rule.verdict import Link


@lru_cache(maxsize=1024)
def _matches_all(operations: tuple[str, ...], pattern: str) -> Truth:
    try:
        proofs = coverage(pattern)
    except PatternError:
        return False
    truths = {Coverage.COVERED: True, Coverage.CANNOT_TELL: None}
    return every(truths.get(proofs[name].coverage, False) for name in operations)


def _review(profile: Profile, deployment: Deployment) -> Answer:
    both = any(clause.id == "read-and-write-events" for clause in profile.clauses)

    def accepts(trail: Trail) -> Truth:
        asked = (is_multi_region(trail), logs(trail), selects_reads_and_writes(trail) if both else True)
        return every(asked)

    what = "all management events" if both else "is on"
    names = f"all {len(profile.operations)} operations"
    outcome = walk(
        deployment,
        (
            Stage(Link.TRAIL, trails, accepts, f"no multi-region trail {'records ' if both else ''}{what}"),
            Stage(
                Link.METRIC_FILTER,
                filters,
                with_pattern(partial(_matches_all, profile.operations)),
                f"no metric filter of its log group matches {names}",
            ),
            ALARM,
            TOPIC,
            CONFIRMED,
        ),
    )
    return Answer(outcome.verdict.value, outcome.verdict, outcome.reason)


REVIEWERS = tuple(
    Reviewer(name, profile.title, profile.source, partial(_review, profile))
    for name, profile in PROFILES.items()
    if name.startswith("cis-")
)
"""One for each version."""
