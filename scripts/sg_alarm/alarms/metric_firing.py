"""One metric alarm and the filters that feed it: unknown settings, and what reaches the alarm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sg_alarm.alarms.analysis import Analysis, Source
from sg_alarm.alarms.answer import CannotTellError, Firing, WouldFire, sentence, worst
from sg_alarm.alarms.matching import never_matches, other_metric
from sg_alarm.alarms.math_evaluate import Undecidable
from sg_alarm.alarms.math_syntax import MathError
from sg_alarm.alarms.model import MetricAlarm, MetricStat, MetricTransformation, UnknownSettingError, known
from sg_alarm.alarms.series import metric_stats
from sg_alarm.alarms.state import BAND_OPERATORS, TREATMENTS
from sg_alarm.alarms.validity import DAY, problem
from sg_alarm.steps import OutOfStepsError, Steps
from sg_alarm.unknown import Unknown

# Values that stand for all values of an unknown setting: below a minute, one, several, hours, days.
_PERIODS = (10, 60, 120, 300, 3_600, DAY)
_EVALUATION_PERIODS = (1, 2, 3, 5)


def metric_would_fire(
    alarm: MetricAlarm, transformation: MetricTransformation, others: Sequence[MetricTransformation]
) -> WouldFire:
    """Answer for one metric alarm; see ``would_fire``."""
    variants = list(_variants(alarm)) or [alarm]
    steps = Steps()
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
    choices: dict[str, Sequence[Any]] = {}
    if isinstance(alarm.treat_missing_data, Unknown):
        choices["treat_missing_data"] = TREATMENTS
    if isinstance(alarm.evaluation_window, Unknown):
        choices["evaluation_window"] = ("SlidingWindow", "WallClockWindow")
    if isinstance(alarm.evaluate_low_sample_count_percentile, Unknown):
        choices["evaluate_low_sample_count_percentile"] = ("evaluate", "ignore")
    if isinstance(alarm.evaluation_periods, Unknown):
        choices["evaluation_periods"] = _EVALUATION_PERIODS
    if isinstance(alarm.datapoints_to_alarm, Unknown):
        # One is enough, one is not enough, all are needed.
        choices["datapoints_to_alarm"] = (1, 2, None)
    stat = alarm.metric_stat
    if stat is not None and isinstance(stat.period, Unknown):
        choices["metric_stat"] = [replace(stat, period=period) for period in _PERIODS]
    for values in itertools.product(*choices.values()):
        variant = replace(alarm, **dict(zip(choices, values, strict=True)))
        stats = [variant.metric_stat, *(query.metric_stat for query in variant.metrics)]
        if not choices or problem(variant, [stat for stat in stats if stat is not None]) is None:
            yield variant


def _unknowns(alarm: MetricAlarm) -> str:
    settings = {
        "treat_missing_data": alarm.treat_missing_data,
        "evaluation_window": alarm.evaluation_window,
        "evaluate_low_sample_count_percentile": alarm.evaluate_low_sample_count_percentile,
        "evaluation_periods": alarm.evaluation_periods,
        "datapoints_to_alarm": alarm.datapoints_to_alarm,
        "period": alarm.metric_stat.period if alarm.metric_stat is not None else None,
    }
    return ", ".join(
        f"{name} ({value.reason})" for name, value in settings.items() if isinstance(value, Unknown)
    )


def _answer(
    alarm: MetricAlarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
    steps: Steps,
) -> WouldFire:
    try:
        return _watching(alarm, transformation, others, steps)
    except OutOfStepsError:
        return WouldFire(Firing.CANNOT_TELL, "It depends on more periods and values than can be tried.")
    except MathError as error:
        return WouldFire(Firing.CANNOT_TELL, f"The metric math is not understood: {error}.")
    except (CannotTellError, Undecidable, UnknownSettingError) as error:
        return WouldFire(Firing.CANNOT_TELL, sentence(str(error)))


def _watching(
    alarm: MetricAlarm,
    transformation: MetricTransformation,
    others: Sequence[MetricTransformation],
    steps: Steps,
) -> WouldFire:
    stats = metric_stats(alarm)
    if not stats:
        raise CannotTellError("the alarm reads no metric that is known here")
    wrong = problem(alarm, list(stats.values()))
    if wrong is not None:
        return WouldFire(Firing.DOES_NOT_FIRE, f"CloudWatch does not accept this alarm: {wrong}.")
    elsewhere = [other_metric(stat, transformation) for stat in stats.values()]
    if all(elsewhere):
        return WouldFire(Firing.DOES_NOT_FIRE, elsewhere[0] or "")
    for query in alarm.metrics:
        if query.id in stats and query.account_id is not None:
            raise CannotTellError(f"the metric {query.id} is read from the account {query.account_id}")
    if known(alarm.comparison_operator, "comparison_operator") in BAND_OPERATORS:
        raise CannotTellError("an anomaly detection band depends on the metric's history")

    never = {
        id_: never_matches(stat, transformation)
        for (id_, stat), elsewhere_ in zip(stats.items(), elsewhere, strict=True)
        if elsewhere_ is None
    }
    fed = frozenset(id_ for id_, reason in never.items() if reason is None)
    sources = [Source(fed, _default(transformation))] if fed else []
    units = {id_: {transformation.unit or "None"} for id_ in fed}
    for other in others:
        ids = _fed_by(other, stats)
        if ids:
            sources.append(Source(ids, _default(other)))
            for id_ in ids:
                units.setdefault(id_, set()).add(other.unit or "None")
    for id_, stat in stats.items():
        if id_ not in units and alarm.metric_stat is None:
            raise CannotTellError(f"the alarm also reads the metric {id_}, which no known filter feeds")
        if stat.unit is None and len(units.get(id_, ())) > 1:
            raise CannotTellError(
                "the metric is published with several units and the alarm names none: AWS leaves it undefined"
            )
    analysis = Analysis(alarm, stats, sources, _event_values(transformation, stats, fed), steps)
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
    except (CannotTellError, UnknownSettingError):
        if other.default_value is None:
            return frozenset()  # it publishes nothing of its own accord
        raise


def _default(transformation: MetricTransformation) -> float | None:
    if transformation.default_value is None:
        return None
    return float(known(transformation.default_value, "the filter's default value"))


def _event_values(
    transformation: MetricTransformation, stats: dict[str, MetricStat], fed: frozenset[str]
) -> dict[str, float]:
    """Return what the change publishes to each metric."""
    if not fed:
        return {}
    if all(stats[id_].stat == "SampleCount" for id_ in fed) and isinstance(transformation.value, Unknown):
        return dict.fromkeys(fed, 1.0)  # only counted: its value does not matter
    text = known(transformation.value, "the filter's metric value")
    try:
        value = float(text)
    except ValueError:
        raise CannotTellError(f"the metric's value is {text}, which differs from event to event") from None
    if not math.isfinite(value):
        raise CannotTellError(f"the metric's value {text} is not a finite number")
    return dict.fromkeys(fed, value)
