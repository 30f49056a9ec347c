"""From the values that were published to the values that an alarm compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sg_alarm.alarms.math_evaluate import Evaluation, evaluate, metrics_used
from sg_alarm.alarms.math_syntax import MathError
from sg_alarm.alarms.model import MetricAlarm, MetricStat, known
from sg_alarm.alarms.statistic import statistic

Samples = Sequence[Sequence[float]]
Aggregate = Callable[[str, Sequence[float]], float | None]


def metric_stats(alarm: MetricAlarm) -> dict[str, MetricStat]:
    """Return the metrics that the compared value is computed from, by the id they have in the request.

    An alarm on a single metric has the id ``""``. Raises ``ValueError`` (``MathError``,
    ``UnknownSettingError``) or ``UndecidableError`` where that cannot be decided.
    """
    if alarm.metric_stat is not None:
        return {"": alarm.metric_stat}
    stats = {query.id: query.metric_stat for query in alarm.metrics if query.metric_stat is not None}
    used = metrics_used(_expressions(alarm), list(stats), _returned(alarm))
    return {id_: stat for id_, stat in stats.items() if id_ in used}


def alarm_series(
    alarm: MetricAlarm,
    read: Callable[[str, MetricStat], Samples],
    aggregate: Aggregate = statistic,
) -> Evaluation:
    """Return the values that the alarm compares with its threshold, one for each period, oldest first.

    ``read`` is asked once for each metric of :func:`metric_stats`, with its id, and gives the values that
    were published in each period of the evaluation range, oldest first. Raises as :func:`metric_stats` does.
    """
    stats = metric_stats(alarm)
    series = {
        id_: tuple(aggregate(known(stat.stat, "stat"), values) for values in read(id_, stat))
        for id_, stat in stats.items()
    }
    if alarm.metric_stat is not None:
        return Evaluation(series[""], spans_range=False)
    periods = {id_: known(stat.period, "period") for id_, stat in stats.items()}
    return evaluate(_expressions(alarm), series, periods, _returned(alarm))


def _expressions(alarm: MetricAlarm) -> dict[str, str]:
    return {
        query.id: known(query.expression, f"the expression {query.id}")
        for query in alarm.metrics
        if query.expression is not None
    }


def _returned(alarm: MetricAlarm) -> str:
    returned = [
        query.id
        for query in alarm.metrics
        if known(query.return_data, f"return_data of {query.id}") and query.id != alarm.threshold_metric_id
    ]
    if len(returned) != 1:
        raise MathError(
            f"an alarm compares exactly one entry of its metrics, this one returns {len(returned)}"
        )
    return returned[0]
