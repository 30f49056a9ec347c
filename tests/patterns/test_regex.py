"""The dialect of regular expressions, its linear matcher, and the walk over several at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.patterns.automaton import Automaton, distinguishable
from sg_alarm.patterns.regex import RegexError, literal, parse_regex
from sg_alarm.steps import OutOfStepsError, Steps


def found(regex: str, text: str) -> bool:
    return Automaton(parse_regex(regex)).matches(text)


class TestDialect:
    @pytest.mark.parametrize(
        ("regex", "matching", "other"),
        [
            ("at", ["at", "a hat"], ["a t", ""]),
            ("^at", ["at all"], ["hat"]),
            ("at$", ["hat"], ["at all"]),
            ("^at$", ["at"], ["hat", "at all"]),
            ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
            ("colou?r", ["color", "colour"], ["colouur"]),
            ("^ab*c$", ["ac", "abbc"], ["abb"]),
            ("^ab+c$", ["abc", "abbc"], ["ac"]),
            ("^a{2}$", ["aa"], ["a", "aaa"]),
            ("^a{2,}$", ["aa", "aaaa"], ["a"]),
            ("^a{,2}$", ["", "aa"], ["aaa"]),
            ("^a{1, 2}$", ["a", "aa"], ["", "aaa"]),
            ("^[b-d_]$", ["c", "_"], ["a", "bc"]),
            ("^[^b-d]$", ["a", "é"], ["c"]),
            ("^[a.$*+-]$", ["a", ".", "$", "*", "+", "-"], ["b"]),
            ("^[\\d\\w]$", ["1", "x"], ["-"]),
            ("^\\d\\D\\s\\S\\w\\W$", ["1a b_-"], ["11 b_-"]),
            ("\\x28\\x3a", ["f(:"], ["f:"]),
            ("^a\\.b\\/$", ["a.b/"], ["axb/"]),
            ("a.c", ["a\nc"], ["ac"]),
            ("^$", [""], ["a"]),
            ("a*", ["", "b"], []),
        ],
    )
    def test_what_it_matches(self, regex: str, matching: list[str], other: list[str]) -> None:
        assert [text for text in matching if not found(regex, text)] == []
        assert [text for text in other if found(regex, text)] == []

    @pytest.mark.parametrize(
        ("regex", "position", "reason"),
        [
            ("", 0, "empty"),
            ("(a)", 0, "'(' is not supported"),
            ("a!", 1, "'!' is not supported"),
            ("aé", 1, "'é' is not supported"),
            ("*a", 0, "* has nothing to repeat"),
            ("a|+", 2, "+ has nothing to repeat"),
            ("a**", 2, "* has nothing to repeat"),
            ("a{2}{3}", 4, "{ has nothing to repeat"),
            ("a{}", 1, "{ needs one or two bounds"),
            ("a{x}", 1, "{ needs one or two bounds"),
            ("a{2", 1, "{ needs one or two bounds"),
            ("a{3,2}", 1, "the upper bound is below the lower one"),
            ("a{1001}", 1, "a bound is above 1000"),
            ("a|", 2, "an alternative is empty"),
            ("[a", 0, "[ is never closed"),
            ("[]", 0, "the character class is empty"),
            ("[b-a]", 1, "the range is upside down"),
            ("[\\d-z]", 1, "a range needs one character on each side"),
            ("a^", 1, "^ is allowed at the start"),
            ("a$b", 1, "$ is allowed at the end"),
            ("\\", 0, "\\ has nothing to escape"),
            ("\\q", 0, "\\q is not supported"),
            ("\\(", 0, "\\( is not supported"),
            ("\\x2", 0, "\\x needs two hexadecimal digits"),
        ],
    )
    def test_what_it_rejects(self, regex: str, position: int, reason: str) -> None:
        with pytest.raises(RegexError, match=re.escape(reason)) as caught:
            parse_regex(regex)
        assert caught.value.position == position


chars = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "\\x61", "1"])
repeats = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,}", "{,2}", "{0,1}"])
parts = st.tuples(chars, repeats).map("".join)
alternatives = st.tuples(
    st.sampled_from(["", "^"]),
    st.lists(parts, min_size=1, max_size=5).map("".join),
    st.sampled_from(["", "$"]),
).map("".join)
regexes = st.lists(alternatives, min_size=1, max_size=3).map("|".join)
texts = st.text(alphabet="ab1c", max_size=8)


class TestMatcher:
    @given(regexes, texts)
    def test_it_agrees_with_python(self, regex: str, text: str) -> None:
        assert found(regex, text) is bool(re.search(regex, text, re.DOTALL | re.ASCII))

    def test_a_backtracking_bomb_is_linear(self) -> None:
        # A backtracking matcher would need some 10^20 steps.
        assert not found("a*" * 100 + "b", "a" * 20_000)

    def test_too_many_repetitions_are_rejected(self) -> None:
        with pytest.raises(RegexError, match="repeats too much"):
            parse_regex("a{1000}" * 5)


class TestDistinguishable:
    @given(st.lists(regexes, min_size=1, max_size=3), st.lists(texts, max_size=20))
    def test_every_text_gets_one_of_the_answers_found_and_every_example_its_own(
        self, sources: list[str], tried: list[str]
    ) -> None:
        automata = [Automaton(parse_regex(source)) for source in sources]
        try:
            answers = distinguishable(automata, Steps(5000))
        except OutOfStepsError:
            return
        for answer, text in answers.items():
            assert tuple(one.matches(text) for one in automata) == answer
        for text in tried:
            assert tuple(one.matches(text) for one in automata) in answers

    def test_an_impossible_combination_is_not_among_them(self) -> None:
        starts, is_word = Automaton([literal("ab", at_end=False)]), Automaton([literal("ba")])
        assert (True, True) not in distinguishable([starts, is_word], Steps())
        assert distinguishable([starts, is_word], Steps())[True, False] == "ab"

    def test_a_walk_over_its_budget_says_so(self) -> None:
        with pytest.raises(OutOfStepsError):
            distinguishable([Automaton(parse_regex("a.{20}b"))], Steps(100))
