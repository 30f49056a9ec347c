"""One metric alarm and the filters that feed it: unknown settings, and what reaches the alarm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sg_alarm.alarms.analysis import Analysis, Source
from sg_alarm.alarms.answer import Firing, WouldFire, sentence, worst
from sg_alarm.alarms.matching import never_matches, other_metric
from sg_alarm.alarms.math_syntax import MathError
from sg_alarm.alarms.model import (
    MetricAlarm,
    MetricStat,
    MetricTransformation,
    UndecidableError,
    known,
)
from sg_alarm.alarms.series import metric_stats
from sg_alarm.alarms.state import BAND_OPERATORS, TREATMENTS
from sg_alarm.alarms.validity import DAY, problem
from sg_alarm.steps import OutOfStepsError, Steps, of_deployment
from sg_alarm.unknown import Unknown, reason_of

# Values that stand for all values of an unknown setting: below a minute, one, several, hours, days; of the
# datapoints that one is enough, that one is not enough, that all are needed.
_PERIODS = (10, 60, 120, 300, 3_600, DAY)
_CHOICES: Mapping[str, Sequence[Any]] = {
    "treat_missing_data": TREATMENTS,
    "evaluation_window": ("SlidingWindow", "WallClockWindow"),
    "evaluate_low_sample_count_percentile": ("evaluate", "ignore"),
    "evaluation_periods": (1, 2, 3, 5),
    "datapoints_to_alarm": (1, 2, None),
}
_ONE_ALARM = 50  # steps to look at one


def metric_would_fire(
    alarm: MetricAlarm, transformation: MetricTransformation, others: Sequence[MetricTransformation]
) -> WouldFire:
    """Answer for one metric alarm; see ``would_fire``."""
    variants = list(_variants(alarm)) or [alarm]
    steps = Steps(around=of_deployment())
    answers = [_answer(variant, transformation, others, steps) for variant in variants]
    firings = {answer.firing for answer in answers}
    if len(answers) == 1 or firings == {Firing.CANNOT_TELL}:
        return answers[0]
    if len(firings) > 1:
        return WouldFire(
            Firing.CANNOT_TELL, f"It depends on settings that are not known: {_unknowns(alarm)}."
        )
    return worst(answers)


def _variants(alarm: MetricAlarm) -> Iterator[MetricAlarm]:
    """Yield the alarm with every unknown setting of few values set to each of them.

    Variants that CloudWatch would reject are left out, since the alarm exists or will exist.
    """
    choices = {name: of for name, of in _CHOICES.items() if isinstance(getattr(alarm, name), Unknown)}
    stat = alarm.metric_stat
    if stat is not None and isinstance(stat.period, Unknown):
        choices["metric_stat"] = [replace(stat, period=period) for period in _PERIODS]
    for values in itertools.product(*choices.values()):
        variant = replace(alarm, **dict(zip(choices, values, strict=True)))
        stats = [variant.metric_stat, *(query.metric_stat for query in variant.metrics)]
        if not choices or problem(variant, [stat for stat in stats if stat is not None]) is None:
            yield variant


def _unknowns(alarm: MetricAlarm) -> str:
    settings = {name: getattr(alarm, name) for name in _CHOICES}
    if alarm.metric_stat is not None:
        settings["period"] = alarm.metric_stat.period
    return ", ".join(f"{name} ({reason})" for name, value in settings.items() if (reason := reason_of(value)))


def _answer(
    alarm: MetricAlarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
    steps: Steps,
) -> WouldFire:
    try:
        steps.take(_ONE_ALARM + len(others))
        return _watching(alarm, transformation, others, steps)
    except OverflowError:
        return WouldFire(Firing.CANNOT_TELL, "A sum is too large for a number.")
    except OutOfStepsError:
        return WouldFire(Firing.CANNOT_TELL, "It depends on more periods and values than can be tried.")
    except MathError as error:
        return WouldFire(Firing.CANNOT_TELL, f"The metric math is not understood: {error}.")
    except UndecidableError as error:
        return WouldFire(Firing.CANNOT_TELL, sentence(str(error)))


def _watching(
    alarm: MetricAlarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
    steps: Steps,
) -> WouldFire:
    stats = metric_stats(alarm)
    if not stats:
        raise UndecidableError("the alarm reads no metric that is known here")
    wrong = problem(alarm, list(stats.values()))
    if wrong is not None:
        return WouldFire(Firing.DOES_NOT_FIRE, f"CloudWatch does not accept this alarm: {wrong}.")
    elsewhere = [other_metric(stat, transformation) for stat in stats.values()]
    if all(elsewhere):
        return WouldFire(Firing.DOES_NOT_FIRE, elsewhere[0] or "")
    own_account = (alarm.arn or "").split(":")[4:5]
    for query in alarm.metrics:
        if query.id in stats and query.account_id not in (None, *own_account):
            raise UndecidableError(f"the metric {query.id} is read from the account {query.account_id}")
    if known(alarm.comparison_operator, "comparison_operator") in BAND_OPERATORS:
        raise UndecidableError("an anomaly detection band depends on the metric's history")

    never = {
        id_: never_matches(stat, transformation)
        for (id_, stat), elsewhere_ in zip(stats.items(), elsewhere, strict=True)
        if elsewhere_ is None
    }
    fed = frozenset(id_ for id_, reason in never.items() if reason is None)
    sources = [Source(fed, _default(transformation))] if fed else []
    beside: list[Source] = []
    units = {id_: {transformation.unit or "None"} for id_ in fed}
    for other in others:
        ids = _fed_by(other, stats)
        if ids:
            sources.append(Source(ids, _default(other)))
            beside.append(Source(ids, _value(other, stats, ids)))
            for id_ in ids:
                units.setdefault(id_, set()).add(other.unit or "None")
    for id_, stat in stats.items():
        if id_ not in units and alarm.metric_stat is None:
            raise UndecidableError(f"the alarm also reads the metric {id_}, which no known filter feeds")
        if stat.unit is None and len(units.get(id_, ())) > 1:
            raise UndecidableError(
                "the metric is published with several units and the alarm names none: AWS leaves it undefined"
            )
    change = dict.fromkeys(fed, _value(transformation, stats, fed)) if fed else {}
    analysis = Analysis(alarm, stats, sources, tuple(dict.fromkeys(beside)), change, steps)
    answer = analysis.answer()
    if not fed and answer.firing is not Firing.FIRES_WITHOUT_CHANGE:
        reason = next(reason for reason in never.values() if reason is not None)
        return replace(answer, firing=Firing.DOES_NOT_FIRE, reason=reason)
    return answer


def _fed_by(other: MetricTransformation, stats: dict[str, MetricStat]) -> frozenset[str]:
    try:
        return frozenset(
            id_
            for id_, stat in stats.items()
            if other_metric(stat, other) is None and never_matches(stat, other) is None
        )
    except UndecidableError:
        if other.default_value is None:
            return frozenset()  # it publishes nothing of its own accord
        raise


def _default(transformation: MetricTransformation) -> float | None:
    if transformation.default_value is None:
        return None
    return float(known(transformation.default_value, "the filter's default value"))


def _value(transformation: MetricTransformation, stats: dict[str, MetricStat], ids: frozenset[str]) -> float:
    """Return what an event publishes to the metrics of these ids."""
    if all(stats[id_].stat == "SampleCount" for id_ in ids):
        return 1.0  # only counted: its value does not matter
    text = known(transformation.value, "the filter's metric value")
    try:
        value = float(text)
    except ValueError:
        raise UndecidableError(f"the metric's value is {text}, which differs from event to event") from None
    if not math.isfinite(value):
        raise UndecidableError(f"the metric's value {text} is not a finite number")
    return value
