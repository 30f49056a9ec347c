"""Metric math on datapoints.

Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics". A time series is a tuple with
one value for each period, oldest first, ``None`` where nothing was published. What AWS does not document
raises :class:`~sg_alarm.alarms.model.UndecidableError` instead of being guessed, and so does a function that
no alarm on a count needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sg_alarm.alarms.math_syntax import (
    Array,
    Call,
    Keyword,
    MathError,
    Negation,
    Node,
    Number,
    Operation,
    Reference,
    Text,
    parse,
    walk,
)
from sg_alarm.alarms.model import UndecidableError

Value = float | None
Series = tuple[Value, ...]
Result = float | Series | list[Series]

MAX_EXPRESSIONS = 100
MAX_SERIES = 500  # of one array: PutMetricAlarm takes far fewer metrics


@dataclass(frozen=True)
class Evaluation:
    """The series that an alarm compares.

    ``spans_range`` is true where a value depends on other periods of the evaluation range (``SUM`` of one
    series, ``FILL(…, REPEAT)``). AWS advises against that in alarms, since it retrieves more
    datapoints than the alarm evaluates.
    """

    series: Series
    spans_range: bool


# Functions whose result needs something that is not in the datapoints.
_OUTSIDE = {
    "ANOMALY_DETECTION_BAND": "an anomaly detection band depends on the metric's history",
    "SEARCH": "a search expression finds its metrics at run time",
    "INSIGHT_RULE_METRIC": "Contributor Insights data is not known",
    "SERVICE_QUOTA": "the service quota is not known",
    "DB_PERF_INSIGHTS": "Performance Insights data is not known",
    "LAMBDA": "the value comes from a Lambda function",
    **dict.fromkeys(
        ("MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"), "the value depends on the time of day"
    ),
}


def evaluate(
    expressions: Mapping[str, str], metrics: Mapping[str, Series], periods: Mapping[str, int], result: str
) -> Evaluation:
    """Return the time series with the id ``result``.

    ``expressions`` maps ids to expressions, ``metrics`` maps the ids of metrics to their series, all of one
    length, in the order of the request, and ``periods`` to their period in seconds.

    Raises ``MathError`` for an expression that CloudWatch rejects, ``UndecidableError`` where the result
    cannot be decided.
    """
    request = _Request(expressions, metrics, periods)
    try:
        value = request.value_of(result)
    except OverflowError:
        raise UndecidableError("a sum is too large for a number") from None
    if isinstance(value, list):
        if len(value) != 1:
            raise MathError(f"the result is an array of {len(value)} time series; an alarm needs exactly one")
        value = value[0]
    if not isinstance(value, tuple):
        raise MathError("the result is a single number; an alarm needs a time series")
    return Evaluation(value, request.spans_range)


def metrics_used(expressions: Mapping[str, str], metric_ids: Sequence[str], result: str) -> frozenset[str]:
    """Return the ids of the metrics that ``result`` is computed from.

    Raises :class:`MathError` and :class:`UndecidableError` as :func:`evaluate` does.
    """
    used: set[str] = set()
    seen: set[str] = set()
    pending = [result]
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in metric_ids:
            used.add(current)
        elif current in expressions:
            for node in walk(_parse(expressions[current])):
                if isinstance(node, Reference):
                    pending.append(node.id)
                elif isinstance(node, Call) and node.function == "METRICS":
                    used.update(id_ for id_ in metric_ids if _named(node) in id_)
    return frozenset(used)


def _parse(expression: str) -> Node:
    if expression.lstrip()[:6].upper() == "SELECT":
        raise UndecidableError("a Metrics Insights query finds its metrics at run time")
    return parse(expression)


def _named(metrics_call: Call) -> str:
    argument = metrics_call.arguments[0] if metrics_call.arguments else Text("")
    return argument.value if isinstance(argument, Text) else ""


class _Request:
    """One evaluation: resolves references between ids, each once."""

    def __init__(
        self, expressions: Mapping[str, str], metrics: Mapping[str, Series], periods: Mapping[str, int]
    ) -> None:
        if len(expressions) > MAX_EXPRESSIONS:
            raise MathError(f"more than {MAX_EXPRESSIONS} expressions")
        self._expressions = expressions
        self._metrics = metrics
        self._periods = periods
        self._length = len(next(iter(metrics.values()), ()))
        self._results: dict[str, Result] = {}
        self.spans_range = False

    def value_of(self, wanted: str) -> Result:
        """Evaluate what ``wanted`` refers to first: an explicit stack, since references can chain deeply."""
        stack = [wanted]
        waiting: set[str] = set()
        while stack:
            current = stack[-1]
            if current in self._results or current in self._metrics:
                stack.pop()
                continue
            if current not in self._expressions:
                raise MathError(f"there is no metric or expression with the id {current}")
            tree = _parse(self._expressions[current])
            needed = [
                node.id
                for node in walk(tree)
                if isinstance(node, Reference)
                and node.id not in self._results
                and node.id not in self._metrics
            ]
            if current in waiting and any(id_ in waiting for id_ in needed):
                raise MathError(f"the expression {current} refers to itself")
            if needed:
                waiting.add(current)
                stack.extend(needed)
            else:
                stack.pop()
                self._results[current] = self._node(tree)
        return self._known(wanted)

    def _known(self, id_: str) -> Result:
        return self._metrics[id_] if id_ in self._metrics else self._results[id_]

    def _node(self, node: Node) -> Result:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Reference):
            return self._known(node.id)
        if isinstance(node, Negation):
            return _map(self._node(node.operand), lambda value: -value)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Array):
            return self._array(node)
        if isinstance(node, Call):
            return self._call(node)
        raise MathError(f"{node.name if isinstance(node, Keyword) else 'a text'} has no value of its own")

    def _array(self, node: Array) -> list[Series]:
        found: list[Series] = []
        for item in node.items:
            found += self._as_array(self._node(item))
            if len(found) > MAX_SERIES:  # arrays of arrays would grow without end
                raise UndecidableError(f"an array of more than {MAX_SERIES} time series")
        return found

    def _as_array(self, value: Result) -> list[Series]:
        if isinstance(value, list):
            return value
        if isinstance(value, tuple):
            return [value]
        raise MathError("an array holds time series, not numbers")

    # Operators

    def _operation(self, node: Operation) -> Result:
        apply = _OPERATORS[node.operator]
        left, right = self._node(node.left), self._node(node.right)
        if isinstance(left, list) and isinstance(right, list):
            raise UndecidableError("AWS does not document an operator between two arrays of time series")
        if isinstance(left, list):
            return [_pairwise(apply, series, right) for series in left]
        if isinstance(right, list):
            return [_pairwise(apply, left, series) for series in right]
        if isinstance(left, tuple) or isinstance(right, tuple):
            return _pairwise(apply, left, right)
        value = apply(left, right)
        if value is None:
            raise UndecidableError("a division of plain numbers by zero")
        return value

    # Functions

    def _call(self, node: Call) -> Result:
        name = node.function
        if name in _OUTSIDE:
            raise UndecidableError(f"{name}: {_OUTSIDE[name]}")
        function = _FUNCTIONS.get(name)
        if function is None:
            if name != name.upper():
                raise MathError(f"{name}: functions are written in capital letters")
            raise UndecidableError(f"the function {name} is not evaluated here")
        least, most, apply = function
        if not least <= len(node.arguments) <= most:
            raise MathError(f"{name} takes {least if least == most else f'{least} to {most}'} arguments")
        return apply(self, node)

    def _metrics_call(self, node: Call) -> Result:
        if node.arguments and not isinstance(node.arguments[0], Text):
            raise MathError("METRICS takes no argument or a quoted part of an id")
        return [series for id_, series in self._metrics.items() if _named(node) in id_]

    def _fill(self, node: Call) -> Result:
        value = self._node(node.arguments[0])
        filler = node.arguments[1]
        if isinstance(filler, Keyword) and filler.name == "LINEAR":
            raise UndecidableError("FILL with LINEAR is not evaluated here")
        if isinstance(filler, Keyword) and filler.name == "REPEAT":
            self.spans_range = True
            return list(map(_repeat, value)) if isinstance(value, list) else _repeat(_series(value))
        by = self._node(filler)
        if isinstance(by, list):
            raise MathError("FILL fills with a number, one time series, REPEAT or LINEAR")
        fills = by if isinstance(by, tuple) else (by,) * self._length

        def filled(series: Series) -> Series:
            return tuple(filling if own is None else own for own, filling in zip(series, fills, strict=True))

        return [filled(series) for series in value] if isinstance(value, list) else filled(_series(value))

    def _if(self, node: Call) -> Result:
        condition, *branches = (self._node(argument) for argument in node.arguments)
        if isinstance(condition, list) or any(isinstance(branch, list) for branch in branches):
            raise MathError("IF works on single time series, not on arrays")
        then = branches[0]
        otherwise = branches[1] if len(branches) == 2 else (None,) * self._length
        if not isinstance(condition, tuple):
            return then if condition != 0 else otherwise

        def chosen(index: int, value: Value) -> Value:
            if value is None:
                return None
            if value != 0:
                # Documented: true, but no such datapoint in the second metric gives 0 ...
                return (then[index] or 0.0) if isinstance(then, tuple) else _number(then)
            # ... false, but no such datapoint in the third metric gives no datapoint.
            return otherwise[index] if isinstance(otherwise, tuple) else _number(otherwise)

        return tuple(chosen(index, value) for index, value in enumerate(condition))

    def _each(self, node: Call) -> Result:
        value = self._node(node.arguments[0])
        if not isinstance(value, list | tuple):
            raise MathError(f"{node.function} takes a time series")
        return _map(value, _EACH[node.function])

    def _aggregate(self, node: Call) -> Result:
        value = self._node(node.arguments[0])
        aggregate = _AGGREGATES[node.function]
        if isinstance(value, list):
            if not value:
                raise UndecidableError(f"{node.function} of no time series")
            return tuple(
                None if all(one is None for one in moment) else aggregate(moment)
                for moment in zip(*value, strict=True)
            )
        self.spans_range = True
        series = _series(value)
        if all(one is None for one in series):
            raise UndecidableError(
                f"AWS does not document {node.function} of a time series without datapoints"
            )
        return aggregate(series)

    def _period_call(self, node: Call) -> Result:
        argument = node.arguments[0]
        if not isinstance(argument, Reference) or argument.id not in self._periods:
            raise MathError("PERIOD takes the id of a metric")
        return float(self._periods[argument.id])

    def _time_series(self, node: Call) -> Result:
        return (_number(self._node(node.arguments[0])),) * self._length


def _series(value: Result) -> Series:
    if not isinstance(value, tuple):
        raise MathError("a time series is needed here")
    return value


def _number(value: Result) -> float:
    if isinstance(value, list | tuple):
        raise MathError("a number is needed here")
    return value


def _map(value: Result, apply: Callable[[float], Value]) -> Result:
    if isinstance(value, list):
        return [_mapped(series, apply) for series in value]
    if isinstance(value, tuple):
        return _mapped(value, apply)
    return _finite(apply(value)) or 0.0


def _mapped(series: Series, apply: Callable[[float], Value]) -> Series:
    return tuple(None if value is None else _finite(apply(value)) for value in series)


def _pairwise(apply: Callable[[float, float], Value], left: Result, right: Result) -> Series:
    """Apply an operator where at least one time series has a datapoint; the other one counts as 0 there."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return tuple(
            None if one is None and other is None else apply(one or 0.0, other or 0.0)
            for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, tuple):
        number = _number(right)
        return tuple(None if one is None else apply(one, number) for one in left)
    number = _number(left)
    return tuple(None if other is None else apply(number, other) for other in _series(right))


def _finite(value: float | complex | None) -> Value:
    """Drop what is not a number: CloudWatch drops a datapoint that would need a division by zero."""
    if value is None or isinstance(value, complex) or not math.isfinite(value):
        return None
    return value


def _arithmetic(compute: Callable[[float, float], float | complex]) -> Callable[[float, float], Value]:
    def apply(left: float, right: float) -> Value:
        try:
            return _finite(compute(left, right))
        except ArithmeticError:
            return None

    return apply


_OPERATORS: dict[str, Callable[[float, float], Value]] = {
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(lambda left, right: left / right),
    "^": _arithmetic(lambda left, right: left**right),
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    ">": lambda left, right: float(left > right),
    "<=": lambda left, right: float(left <= right),
    ">=": lambda left, right: float(left >= right),
    "AND": lambda left, right: float(left != 0 and right != 0),
    "OR": lambda left, right: float(left != 0 or right != 0),
}

_EACH: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
}


def _present(values: Sequence[Value]) -> list[float]:
    return [value for value in values if value is not None]


def _average(values: Sequence[Value]) -> float:
    # "Missing values are treated as 0."
    return math.fsum(_present(values)) / len(values)


_AGGREGATES: dict[str, Callable[[Sequence[Value]], float]] = {
    "SUM": lambda values: math.fsum(_present(values)),
    "AVG": _average,
    "MIN": lambda values: min(_present(values)),
    "MAX": lambda values: max(_present(values)),
}


def _repeat(series: Series) -> Series:
    filled: list[Value] = []
    for value in series:
        filled.append(value if value is not None or not filled else filled[-1])
    return tuple(filled)


_Function = Callable[[_Request, Call], Result]
_FUNCTIONS: dict[str, tuple[int, int, _Function]] = {
    "METRICS": (0, 1, _Request._metrics_call),
    "FILL": (2, 2, _Request._fill),
    "IF": (2, 3, _Request._if),
    "PERIOD": (1, 1, _Request._period_call),
    "TIME_SERIES": (1, 1, _Request._time_series),
    **dict.fromkeys(_EACH, (1, 1, _Request._each)),
    **dict.fromkeys(_AGGREGATES, (1, 1, _Request._aggregate)),
}
