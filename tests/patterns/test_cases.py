"""Every known answer of AWS (observed, documented, modelled) and of other implementations."""

from __future__ import annotations

from typing import Any

from sg_alarm.patterns import PatternError, compile_pattern, parse


def answer(case: dict[str, Any]) -> bool | None:
    try:
        return compile_pattern(case["pattern"]).matches(case["event"])
    except PatternError:
        return None


def test_the_answer_is_the_known_one(case: dict[str, Any], deviations: dict[str, str]) -> None:
    if case["id"] in deviations:
        assert case.get("disputed"), "only a disputed answer may be given otherwise"
        assert answer(case) != case["matches"], "a deviation that is none: take it off the list"
    else:
        assert answer(case) is case["matches"]


def test_the_text_of_the_tree_is_the_same_pattern(case: dict[str, Any]) -> None:
    if case["matches"] is not None:
        tree = parse(case["pattern"])
        assert parse(str(tree)) == tree
