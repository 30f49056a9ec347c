"""From datapoints to the state of an alarm, as CloudWatch decides it.

Sources, all in the CloudWatch User Guide: "Alarm evaluation"; "Configuring how CloudWatch alarms treat
missing data" with its two tables and "Avoiding premature transitions to alarm state".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sg_alarm.alarms.model import AlarmState, MetricAlarm, known

BREACHING = "X"
NOT_BREACHING = "0"
MISSING = "-"

# CloudWatch retrieves more datapoints than it evaluates and does not document how many more; in every
# documented example it is two (five for three evaluation periods).
EXTRA_DATAPOINTS = 2

TREATMENTS = ("missing", "notBreaching", "breaching", "ignore")

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}

COMPARISON_OPERATORS = tuple(_COMPARISONS)
BAND_OPERATORS = (
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
)
"""Of anomaly detection. The model behind the band is AWS's own, so that nothing here compares with one."""


def classify(value: float | None, comparison_operator: str, threshold: float) -> str:
    """Return one datapoint in the notation of AWS's tables: ``X`` breaching, ``0`` not, ``-`` missing.

    Raises ``ValueError`` for an operator that does not compare with a number.
    """
    if value is None:
        return MISSING
    compare = _COMPARISONS.get(comparison_operator)
    if compare is None:
        raise ValueError(f"{comparison_operator} does not compare with a number")
    return BREACHING if compare(value, threshold) else NOT_BREACHING


def decide(
    points: str, evaluation_periods: int, datapoints_to_alarm: int, treat_missing_data: str
) -> AlarmState | None:
    """Return the state for ``points``, or ``None`` where the current state is retained.

    ``points`` is the evaluation range in the notation of AWS's tables, oldest first: ``"0-X-X"``.
    """
    real = points.replace(MISSING, "")
    if len(real) >= evaluation_periods:
        # Enough real datapoints: how to treat missing data is not needed, however many are missing.
        recent = real[-evaluation_periods:]
        return AlarmState.ALARM if recent.count(BREACHING) >= datapoints_to_alarm else AlarmState.OK

    breaching = real.count(BREACHING)
    filled = evaluation_periods - len(real)
    if breaching >= datapoints_to_alarm:
        return AlarmState.ALARM
    if treat_missing_data == "breaching":
        return AlarmState.ALARM if breaching + filled >= datapoints_to_alarm else AlarmState.OK
    if treat_missing_data == "notBreaching":
        return AlarmState.OK
    if not real:
        return None if treat_missing_data == "ignore" else AlarmState.INSUFFICIENT_DATA
    if NOT_BREACHING in real:
        # By its text the premature rule would raise "0-X--" (2 of 3); by the table it stays OK.
        return AlarmState.OK
    if treat_missing_data == "ignore":
        return None
    # Only breaching datapoints, too few of them: the alarm waits until the oldest is as old as M datapoints,
    # since the next datapoint may be good; then it does not wait for more.
    age = len(points) - points.index(BREACHING)
    return AlarmState.ALARM if age >= datapoints_to_alarm else AlarmState.INSUFFICIENT_DATA


def evaluation_range(alarm: MetricAlarm) -> int:
    """Return how many datapoints CloudWatch retrieves to evaluate the alarm, see ``EXTRA_DATAPOINTS``."""
    return known(alarm.evaluation_periods, "evaluation_periods") + EXTRA_DATAPOINTS


def evaluate_state(
    alarm: MetricAlarm, datapoints: Sequence[float | None], previous_state: AlarmState
) -> AlarmState:
    """Return the alarm's new state.

    ``datapoints`` are the values that the alarm compares (after statistic and metric math), one for each
    period of the evaluation range, oldest first, ``None`` where nothing was published. Give as many as
    :func:`evaluation_range` says.

    Raises ``ValueError`` where the alarm has an ``Unknown`` or invalid setting.
    """
    operator = known(alarm.comparison_operator, "comparison_operator")
    if alarm.threshold is None:
        raise ValueError("the alarm has no threshold")
    threshold = known(alarm.threshold, "threshold")
    points = "".join(classify(value, operator, threshold) for value in datapoints)
    periods = known(alarm.evaluation_periods, "evaluation_periods")
    to_alarm = known(alarm.required_datapoints, "datapoints_to_alarm")
    treatment = known(alarm.treat_missing_data, "treat_missing_data")
    if treatment not in TREATMENTS:
        raise ValueError(f"treat_missing_data is one of {', '.join(TREATMENTS)}, not {treatment}")
    state = decide(points, periods, to_alarm, treatment)
    return previous_state if state is None else state
