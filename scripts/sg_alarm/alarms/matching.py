"""Whether a metric filter publishes the metric that an alarm reads.

Sources: CloudWatch API Reference, PutMetricAlarm (Unit, Dimensions); CloudWatch Logs User Guide,
"Publishing dimensions with metrics from values in JSON or space-delimited log events".
"""

from __future__ import annotations

from sg_alarm.alarms.model import MetricStat, MetricTransformation, UndecidableError, known
from sg_alarm.unknown import Unknown


def other_metric(stat: MetricStat, transformation: MetricTransformation) -> str | None:
    """Return why the alarm reads another metric than the filter publishes, ``None`` where they have one name.

    Raises ``UnknownSettingError`` where that depends on an unknown name or namespace.
    """
    pairs = [
        ("namespace", stat.metric.namespace, transformation.namespace),
        ("metric", stat.metric.name, transformation.name),
    ]
    # A known difference settles it, even where the other of the two is unknown.
    for field, read, published in pairs:
        if not isinstance(read, Unknown) and not isinstance(published, Unknown) and read != published:
            return f"The alarm reads the {field} {read}, the filter publishes {published}."
    for field, read, published in pairs:
        known(read, f"the alarm's {field}")
        known(published, f"the filter's {field}")
    return None


def never_matches(stat: MetricStat, transformation: MetricTransformation) -> str | None:
    """Return why datapoints of the filter never reach the alarm although the metric's name is the same.

    ``None`` where they do. Raises :class:`UndecidableError` or ``UnknownSettingError``.
    """
    return _dimensions(stat, transformation) or _unit(stat, transformation)


def _dimensions(stat: MetricStat, transformation: MetricTransformation) -> str | None:
    read = {
        dimension.name: dimension.value
        for dimension in known(stat.metric.dimensions, "the alarm's dimensions")
    }
    published = {
        dimension.name: dimension.value
        for dimension in known(transformation.dimensions, "the filter's dimensions")
    }
    for name in known(transformation.emit_system_field_dimensions, "the filter's system field dimensions"):
        published[name] = f"${name}"
    if set(read) != set(published):
        return (
            f"The alarm reads the dimensions {_listed(read)}, the filter publishes {_listed(published)}: "
            "another set of dimensions is another metric."
        )
    if read:
        name = min(read)
        raise UndecidableError(
            f"the alarm sees only events that give its value of the dimension {name}, filled from the event"
        )
    return None


def _listed(dimensions: dict[str, str | Unknown]) -> str:
    return ", ".join(sorted(dimensions)) or "none"


def _unit(stat: MetricStat, transformation: MetricTransformation) -> str | None:
    if stat.unit is None:
        return None
    read = known(stat.unit, "the alarm's unit")
    published = known(transformation.unit, "the filter's unit") or "None"
    if read == published:
        return None
    return f"The alarm reads the unit {read}, the filter publishes {published}: such datapoints never match."
