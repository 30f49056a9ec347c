"""Whether one change raises a metric alarm, whatever else reaches its metrics, and silence does not.

What is assumed, and where AWS says so:

- The filter publishes its value once, in one minute. Its default value may or may not be published in every
  other minute: CloudTrail delivers batches, so a minute may pass with or without other events. The answer
  holds for every such pattern. (CloudWatch Logs User Guide, "Creating metric filters": the default value is
  reported in a minute in which events are ingested and none matches.)
- Events that other filters on the same metrics match publish those filters' values, in any number.
- A period of a minute or more is evaluated every minute over a window that slides by a minute, so the change
  passes through every position; a wall clock window evaluates whole periods. Windows longer than a day are
  evaluated every hour, up to the full hour. ("Alarm evaluation", "Alarm evaluation window")
- A datapoint may be published up to one minute late, so the newest minute may be empty. ("Using math
  expressions", FILL, warns of it.)
- How many datapoints CloudWatch retrieves beyond the evaluation periods is not documented; the documented
  examples retrieve two. Only the time until the alarm is armed again rests on it.

A period is described by what was published in it (:class:`_Content`), and an evaluation range by the contents
older than the change, the change's own, and the newer ones. For an alarm whose value in one period depends on
that period alone, contents shrink to the three marks of AWS's tables, which makes the analysis exact.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sg_alarm.alarms.answer import ANY_STATE, NOT_IN_ALARM, Firing, WouldFire, worst
from sg_alarm.alarms.math_evaluate import Evaluation
from sg_alarm.alarms.model import AlarmState, MetricAlarm, MetricStat, UndecidableError, known
from sg_alarm.alarms.series import alarm_series
from sg_alarm.alarms.state import BREACHING, EXTRA_DATAPOINTS, MISSING, classify, decide
from sg_alarm.alarms.statistic import bounds, percentile_of
from sg_alarm.alarms.validity import DAY, SUB_MINUTE_PERIODS
from sg_alarm.steps import Steps

# Bounds on the work for one alarm; beyond them the answer is "cannot tell".
_MOST_CONTENTS = 512
_MOST_ROWS = 4096
_LONGEST_SPANNING_RANGE = 50
_FEW_AND_MANY = (1, 1_000)
"""How many events of another filter fall into the period of a change."""
_PERIODS_OF_A_STEP = 16  # that one step of the budget pays for


@dataclass(frozen=True)
class Source:
    """A filter that publishes a value to metrics which the alarm reads, ``None`` where it has none."""

    ids: frozenset[str]
    value: float | None


@dataclass(frozen=True)
class _Content:
    """What was published in one period: the change or not, and how often each source its default value.

    ``beside`` are values that another filter publishes for events of its own.
    """

    change: bool
    defaults: tuple[int, ...]
    beside: tuple[tuple[Source, int], ...] = ()


_Symbol = _Content | str  # a content, or its mark where other periods do not matter


@dataclass(frozen=True)
class _Scenario:
    """Contents before and after the change, and the contents that the change's own period may have.

    ``late``: the newest minute is still empty, because its datapoint is published late. ``beside``: events
    of other filters fall into the change's period.
    """

    old: _Symbol
    new: _Symbol
    events: tuple[_Symbol, ...]
    late: bool
    beside: bool = False


class Analysis:
    """All that can happen around one change, for one alarm with known settings."""

    def __init__(
        self,
        alarm: MetricAlarm,
        stats: dict[str, MetricStat],
        sources: Sequence[Source],
        beside: Sequence[Source],
        event_values: dict[str, float],
        steps: Steps,
    ) -> None:
        self._alarm = alarm
        self._steps = steps
        self._stats = stats
        self._sources = [source for source in sources if source.value is not None]
        self._beside = beside
        self._has_own_default = bool(sources) and bool(event_values) and sources[0].value is not None
        self._event_values = event_values
        self._periods = known(alarm.evaluation_periods, "evaluation_periods")
        self._to_alarm = known(alarm.required_datapoints, "datapoints_to_alarm")
        self._treatment = known(alarm.treat_missing_data, "treat_missing_data")
        lengths = {known(stat.period, "period") for stat in stats.values()}
        if len(lengths) != 1:
            raise UndecidableError("the alarm's metrics have different periods")
        self._sub_minute = min(lengths) in SUB_MINUTE_PERIODS
        self._period = max(lengths.pop(), 60)
        self._minutes = self._period // 60
        self._operator = known(alarm.comparison_operator, "comparison_operator")
        self._pick = 0
        self._inexact = False
        self._marks: dict[_Content, str] = {}

    def answer(self) -> WouldFire:
        """Answer; raises ``UndecidableError`` or ``MathError``."""
        low_samples = self._low_samples()
        if low_samples is not None:
            return low_samples
        nothing = _Content(False, (0,) * len(self._sources))
        change = replace(nothing, change=bool(self._event_values))
        spanning = self._evaluate([nothing, change, nothing]).spans_range
        answers = []
        # Where AWS does not document a statistic exactly, the answer must be the same for its least and
        # greatest value.
        for self._pick in (0, 1):
            if self._pick == 1 and not self._inexact:
                break
            self._marks = {}
            if spanning:
                answers += [self._answer(self._periods + extra, False) for extra in (0, EXTRA_DATAPOINTS, 5)]
            else:
                answers.append(self._answer(self._periods + EXTRA_DATAPOINTS, True))
        if len({answer.firing for answer in answers}) > 1:
            if spanning:
                raise UndecidableError(
                    "it depends on how many datapoints CloudWatch retrieves beyond those needed"
                )
            raise UndecidableError("AWS does not document what this statistic gives for so few values")
        answer = worst(answers)
        if self._sub_minute and answer.firing is Firing.FIRES:
            raise UndecidableError(
                "a log group's metric has one datapoint a minute: with a shorter period most periods are "
                "empty, and the change's own may have passed before its datapoint is published"
            )
        return answer

    def _low_samples(self) -> WouldFire | None:
        """Answer where the alarm leaves its state alone because a percentile has too few values."""
        stat = self._alarm.metric_stat
        percentile = percentile_of(known(stat.stat, "stat")) if stat is not None else None
        if percentile is None or self._alarm.evaluate_low_sample_count_percentile != "ignore":
            return None
        share = min(percentile, 100 - percentile) / 100
        needed = 10 / share if share > 0 else math.inf
        reason = (
            f"the alarm ignores a percentile of fewer than {needed:g} values, and one change is one value"
        )
        if 1 + len(self._sources) * self._minutes * self._periods < needed:
            return WouldFire(Firing.DOES_NOT_FIRE, f"T{reason[1:]}.", quiet_states=NOT_IN_ALARM)
        raise UndecidableError(reason)

    def _answer(self, length: int, independent: bool) -> WouldFire:
        """Answer with ``length`` datapoints retrieved, ``independent`` where only one period matters."""
        if not independent and length > _LONGEST_SPANNING_RANGE:
            raise UndecidableError("the expression combines more periods than can be tried here")
        backgrounds = self._symbols(self._contents(change=False), independent)
        quiet_states = frozenset[AlarmState]()
        silent_alarms = 0
        for background in backgrounds:
            state = self._state([background] * length)
            silent_alarms += state is AlarmState.ALARM
            quiet_states |= NOT_IN_ALARM if state is None else {state}
        if silent_alarms:
            always = silent_alarms == len(backgrounds)
            return WouldFire(
                Firing.FIRES_WITHOUT_CHANGE,
                "The alarm is in ALARM all the time, so a change does not change its state."
                if always
                else "The alarm goes to ALARM without a change, depending on the log group's other events.",
                quiet_states=frozenset({AlarmState.ALARM}) if always else ANY_STATE,
            )
        scenarios = list(self._scenarios(independent))
        firsts = [self._first_alarm(scenario, length) for scenario in scenarios]
        for scenario, first in zip(scenarios, firsts, strict=True):
            if first is None and not self._ever_alarm(scenario, length):
                if scenario.late:
                    raise UndecidableError(
                        "a datapoint that is published late finds its minute filled and no longer evaluated"
                    )
                return WouldFire(Firing.DOES_NOT_FIRE, self._why_not(scenario), quiet_states=quiet_states)
        if len(backgrounds) > 1 and not (independent and self._proven(backgrounds, length)):
            raise UndecidableError(
                "it depends on the log group's other events in more ways than can be tried"
            )
        if any(first is None for first in firsts):
            raise UndecidableError(
                "it depends on how many of the log group's other events fall into one period"
            )
        return self._fires(scenarios, [first or 0 for first in firsts], length, quiet_states)

    # Contents

    def _contents(self, change: bool) -> list[_Content]:
        """Return every content that matters of a period with or without the change.

        Statistics of one value repeated are monotone in how often it is repeated, so few counts suffice for a
        comparison with a threshold; metric math gets every count.
        """
        counts = []
        for index in range(len(self._sources)):
            most = self._minutes - (change and index == 0 and self._has_own_default)
            every = range(most + 1)
            if self._alarm.metric_stat is None and len(every) <= 61 and not self._counts_alike():
                counts.append(list(every))
            elif self._alarm.metric_stat is None and not self._counts_alike():
                raise UndecidableError("the default value adds up over more minutes than can be tried")
            else:
                counts.append(sorted({0, min(1, most), most // 2, max(most - 1, 0), most}))
        if math.prod(map(len, counts)) > _MOST_CONTENTS:
            raise UndecidableError("more filters publish default values than can be tried")
        return [_Content(change, chosen) for chosen in itertools.product(*counts)]

    def _counts_alike(self) -> bool:
        """Whether it does not matter how often default values are published, only whether they are."""
        zeros = all(source.value == 0 for source in self._sources)
        return zeros and all(stat.stat in ("Sum", "Maximum", "Minimum") for stat in self._stats.values())

    def _symbols(self, contents: Iterable[_Content], independent: bool) -> list[_Symbol]:
        if not independent:
            return list(contents)
        return list(dict.fromkeys(self._mark(content) for content in contents))

    def _scenarios(self, independent: bool) -> Iterator[_Scenario]:
        """Yield the plainest patterns of other events: in no minute, in every minute, until or from then."""
        none = _Content(False, (0,) * len(self._sources))
        all_ = _Content(False, (self._minutes,) * len(self._sources))
        anyhow = [
            replace(content, change=bool(self._event_values)) for content in self._contents(change=True)
        ]
        around = {
            (none, none): [replace(none, change=bool(self._event_values))],
            (all_, all_): anyhow[-1:],
            (none, all_): anyhow,
            (all_, none): anyhow,
        }
        for late in (False, True) if self._minutes == 1 else (False,):
            for (old, new), events in around.items():
                yield _Scenario(
                    self._symbols([old], independent)[0],
                    self._symbols([new], independent)[0],
                    tuple(self._symbols(events, independent)),
                    late,
                )
        quiet = self._symbols([none], independent)[0]
        for source in self._beside if self._event_values else ():
            for count in _FEW_AND_MANY:
                event = _Content(True, none.defaults, ((source, count),))
                yield _Scenario(quiet, quiet, tuple(self._symbols([event], independent)), False, True)

    # Rows: contents of the evaluation range, oldest first

    def _row(self, scenario: _Scenario, event: _Symbol, age: int, length: int) -> list[_Symbol]:
        """Return the range in which the change lies ``age`` periods back; at ``length`` it has left."""
        newer = [scenario.new] * min(age, length)
        if scenario.late and age:
            newer[-1] = self._nothing(scenario)
        if age >= length:
            return newer
        return [*[scenario.old] * (length - 1 - age), event, *newer]

    def _nothing(self, scenario: _Scenario) -> _Symbol:
        nothing = _Content(False, (0,) * len(self._sources))
        return nothing if isinstance(scenario.old, _Content) else self._mark(nothing)

    def _first_alarm(self, scenario: _Scenario, length: int) -> int | None:
        """Return the age at which the change has surely raised the alarm."""
        for age in range(scenario.late, length):
            if all(
                self._state(self._row(scenario, event, age, length)) is AlarmState.ALARM
                for event in scenario.events
            ):
                return age
        return None

    def _ever_alarm(self, scenario: _Scenario, length: int) -> bool:
        return any(
            self._state(self._row(scenario, event, age, length)) is AlarmState.ALARM
            for age in range(scenario.late, length)
            for event in scenario.events
        )

    def _proven(self, backgrounds: Sequence[_Symbol], length: int) -> bool:
        """Whether the change raises the alarm among any mixture of other contents."""
        events = self._symbols(
            [replace(content, change=True) for content in self._contents(change=True)], independent=True
        )
        if events == [BREACHING] and self._to_alarm == 1:
            # The newest datapoint is always evaluated and one is enough. Where the newest minute is late and
            # filled, the scenarios have tried that the second newest is evaluated, too.
            return True
        if len(backgrounds) ** (length - 1) * len(events) > _MOST_ROWS:
            return False
        nothing = self._mark(_Content(False, (0,) * len(self._sources)))
        newests: list[tuple[_Symbol, ...]] = [(), (nothing,)] if self._minutes == 1 else [()]
        return all(
            any(self._sure(backgrounds, events, age, newest, length) for age in range(length - len(newest)))
            for newest in newests
        )

    def _sure(
        self,
        backgrounds: Sequence[_Symbol],
        events: Sequence[_Symbol],
        age: int,
        newest: tuple[_Symbol, ...],
        length: int,
    ) -> bool:
        """Whether every mixture with the change ``age`` periods before ``newest`` is ALARM."""
        return all(
            self._state([*mixture[age:], event, *mixture[:age], *newest]) is AlarmState.ALARM
            for mixture in itertools.product(backgrounds, repeat=length - 1 - len(newest))
            for event in events
        )

    # Evaluation

    def _evaluate(self, row: Sequence[_Content]) -> Evaluation:
        others = sum(count for content in row for _, count in content.beside)
        self._steps.take(len(row) * (1 + len(self._alarm.metrics)) + others)

        def read(id_: str, _stat: MetricStat) -> list[list[float]]:
            return [self._published(id_, content) for content in row]

        def aggregate(stat: str, values: Sequence[float]) -> float | None:
            interval = bounds(stat, values)
            if interval is None:
                return None
            self._inexact |= interval[0] != interval[1]
            return interval[self._pick]

        return alarm_series(self._alarm, read, aggregate)

    def _published(self, id_: str, content: _Content) -> list[float]:
        values = [self._event_values[id_]] if content.change and id_ in self._event_values else []
        for source, count in (*zip(self._sources, content.defaults, strict=True), *content.beside):
            if id_ in source.ids and source.value is not None:
                values += [source.value] * count
        return values

    def _classified(self, value: float | None) -> str:
        if value is None:
            return MISSING
        if self._alarm.threshold is None:
            raise UndecidableError("the alarm has no threshold")
        return classify(value, self._operator, known(self._alarm.threshold, "threshold"))

    def _mark(self, content: _Content) -> str:
        if content not in self._marks:
            self._marks[content] = self._classified(self._evaluate([content]).series[0])
        return self._marks[content]

    def _state(self, row: Sequence[_Symbol]) -> AlarmState | None:
        self._steps.take(1 + len(row) // _PERIODS_OF_A_STEP)
        marks = [symbol for symbol in row if isinstance(symbol, str)]
        if len(marks) != len(row):
            contents = [symbol for symbol in row if isinstance(symbol, _Content)]
            marks = [self._classified(value) for value in self._evaluate(contents).series]
        return decide("".join(marks), self._periods, self._to_alarm, self._treatment)

    # Answers

    def _why_not(self, scenario: _Scenario) -> str:
        alone = self._state_marks(_Content(bool(self._event_values), (0,) * len(self._sources)))
        if alone != BREACHING:
            return "The value that one change gives does not breach the threshold."
        if scenario.beside:
            return (
                "Values that other filters publish in the same period can keep the value of one change from "
                "breaching the threshold."
            )
        if BREACHING not in scenario.events and isinstance(scenario.old, str):
            return "Default values in the same period can keep the value of one change below the threshold."
        if self._to_alarm > 1:
            return (
                f"{self._to_alarm} of {self._periods} datapoints must breach the threshold, and one change "
                "gives only one."
            )
        return "The default value can take the place of the value of one change."

    def _state_marks(self, content: _Content) -> str:
        values = self._evaluate([content]).series
        return self._classified(values[-1])

    def _fires(
        self,
        scenarios: Sequence[_Scenario],
        firsts: Sequence[int],
        length: int,
        quiet_states: frozenset[AlarmState],
    ) -> WouldFire:
        # The minute of the change ends after at most 60 s; its datapoint may come 60 s later, which the late
        # scenarios have as an age of their own where a period is one minute.
        slack = 60 if self._minutes > 1 else 0
        if self._alarm.evaluation_window == "WallClockWindow":
            slack += self._period - 60
        if self._periods * self._period > DAY:
            slack += 3_600
        delays, leaves, holds = [], [], []
        for scenario, first in zip(scenarios, firsts, strict=True):
            delays.append(60 + first * self._period + slack)
            soonest, latest = self._left(scenario, first, length)
            holds.append(soonest * self._period)
            leaves.append(60 + latest * self._period + slack)
        waits = any(first > scenario.late for scenario, first in zip(scenarios, firsts, strict=True))
        return WouldFire(
            Firing.FIRES,
            "One change raises the alarm."
            if not waits
            else f"One change raises the alarm, but only {self._to_alarm} periods later, as it counts on "
            "missing data after it.",
            delay_seconds=int(max(delays)),
            rearm_seconds=max(leaves),
            holds_seconds=min(holds),
            quiet_states=quiet_states,
        )

    def _left(self, scenario: _Scenario, first: int, length: int) -> tuple[float, float]:
        """Return the ages of the change at which the alarm may have left ALARM, and surely has."""
        soonest = math.inf
        for age in range(first + 1, length + 1):
            states = [self._state(self._row(scenario, event, age, length)) for event in scenario.events]
            left = [state not in (None, AlarmState.ALARM) for state in states]
            if any(left):
                soonest = min(soonest, age)
            if all(left):
                return soonest, age
        return soonest, math.inf
