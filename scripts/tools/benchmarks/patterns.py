"""Filter patterns: rates over a million CloudTrail events, beside other implementations, and proofs.

The others are the emulators on PyPI that read filter patterns in Python. Only the one function is taken out
of each wheel, since their dozens of dependencies have nothing to do with it. Each reads its pattern anew for
each event, as it does in use; ours is compiled once, as in use.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import random
import re
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sg_alarm.patterns import compile_pattern, parse, prove
from sg_alarm.patterns.conformance import Case, read_cases
from sg_alarm.rule.events import Caller, event
from sg_alarm.rule.operations import ELEVEN, PATTERN_OF_SEVEN, PATTERN_OF_SIX, READS

REPOSITORY = Path(__file__).parents[3]
WORK = REPOSITORY / ".work/bench"
CASES = REPOSITORY / "tests/patterns/filter_pattern_cases.json"
EVENTS = 1_000_000
DISTINCT = 20_000
PEER_EVENTS = 50_000

Matches = Callable[[str, str], bool]

PEERS = {
    "localemu==1.3.2": (
        "localemu/services/logs/provider.py",
        ("_match_aws_filter_pattern", "_unquote"),
        lambda function, pattern, message: function(pattern, {"message": message}),
    ),
    "ministack==1.5.33": (
        "ministack/services/cloudwatch_logs.py",
        ("_subscription_pattern_matches",),
        lambda function, pattern, message: function(pattern, message),
    ),
}
"""Wheel to (file, functions to take out, how to call the first of them)."""


def rows() -> Iterator[tuple[str, str]]:
    """Yield rates, ratios and times."""
    texts = _texts()
    dicts = [json.loads(text) for text in texts]
    pattern = compile_pattern(PATTERN_OF_SIX)
    yield "parse the six-operation pattern", f"{1 / _seconds(lambda: parse(PATTERN_OF_SIX), 2000):,.0f}/s"
    yield "match a dict", f"{_rate(pattern.matches, dicts, EVENTS):,.0f}/s over {EVENTS:,} events"
    yield "match a JSON text", f"{_rate(pattern.matches, texts, EVENTS):,.0f}/s over {EVENTS:,} events"
    yield from _peers(texts)
    yield from _proofs()


def _peers(texts: list[str]) -> Iterator[tuple[str, str]]:
    cases = [case for case in read_cases(CASES) if not case.disputed and case.matches is not None]
    ours = compile_pattern(PATTERN_OF_SIX).matches
    yield "observed cases answered right", f"{_right(cases, _our_answer)} of {len(cases)}"
    for wheel in PEERS:
        theirs = _peer(wheel)
        ratios = []
        # In turn, so that a machine that changes its speed does so for both.
        for _ in range(5):
            mine = _rate(ours, texts, PEER_EVENTS)
            other = _rate(lambda text, theirs=theirs: theirs(PATTERN_OF_SIX, text), texts, PEER_EVENTS)
            ratios.append(mine / other)
        yield (
            wheel,
            (
                f"{other:,.0f}/s, ours is {statistics.median(ratios):.1f} times as fast; "
                f"{_right(cases, theirs)} of {len(cases)} cases right"
            ),
        )


def _our_answer(pattern: str, message: str) -> bool:
    return compile_pattern(pattern).matches(message)


def _right(cases: list[Case], matches: Matches) -> int:
    right = 0
    for case in cases:
        message = case.event if isinstance(case.event, str) else json.dumps(case.event)
        # Whatever it raises, it is no right answer.
        with contextlib.suppress(Exception):
            right += matches(case.pattern, message) is case.matches
    return right


def _peer(wheel: str) -> Matches:
    WORK.mkdir(parents=True, exist_ok=True)
    name = wheel.partition("==")[0]
    if not any(WORK.glob(f"{name}-*.whl")):
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(WORK)]
        # Some declare a newer Python than this one for parts that are not needed here.
        subprocess.run([*download, "--python-version", "3.13", "--only-binary=:all:", wheel], check=True)
    [path] = WORK.glob(f"{name}-*.whl")
    file, functions, call = PEERS[wheel]
    with zipfile.ZipFile(path) as archive:
        tree = ast.parse(archive.read(file))
    wanted = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in functions]
    names: dict[str, Any] = {"json": json, "re": re, "Any": Any}
    exec(compile(ast.Module(wanted, []), file, "exec"), names)  # noqa: S102 - this is what is measured
    return lambda pattern, message: bool(call(names[functions[0]], pattern, message))


def _proofs() -> Iterator[tuple[str, str]]:
    for name, text in (("six", PATTERN_OF_SIX), ("seven", PATTERN_OF_SEVEN)):
        compiled = compile_pattern(text)
        slowest = max(_seconds(lambda o=o, c=compiled: prove(c, o), 50) for o in ELEVEN)
        yield f"prove, {name}-operation pattern, slowest operation", f"{slowest * 1000:.2f} ms"
    for count in (4, 8, 16, 30):
        text = "{ " + " || ".join(f"($.eventName = Operation{number:02d})" for number in range(count)) + " }"
        compiled = compile_pattern(text)
        seconds = _seconds(lambda c=compiled: prove(c, "CreateSecurityGroup"), 50)
        yield f"prove, {len(text)} characters", f"{seconds * 1000:.2f} ms"


def _texts() -> list[str]:
    """Return distinct events as CloudTrail writes them, one in twenty a change of a security group."""
    choose = random.Random(4)  # noqa: S311 - the same events every time
    quiet = [operation.name for operation in READS]
    callers = list(Caller)
    texts = []
    for number in range(DISTINCT):
        name = choose.choice(ELEVEN if number % 20 == 0 else quiet)
        one = dict(event(name, choose.choice(callers)))
        one["eventID"] = f"{number:08x}-0000-4000-8000-000000000000"
        texts.append(json.dumps(one, separators=(",", ":")))
    return texts


def _rate(matches: Callable[[Any], bool], events: list[Any], count: int) -> float:
    todo = itertools.islice(itertools.cycle(events), count)
    started = time.perf_counter()
    for one in todo:
        matches(one)
    return count / (time.perf_counter() - started)


def _seconds(run: Callable[[], Any], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - started) / times
