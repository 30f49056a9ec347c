"""However a pattern is made, a proof about it ends soon: beyond the budget the answer is "cannot tell"."""

from __future__ import annotations

import pytest
from tests.support.work import calls_of

from sg_alarm.patterns import Coverage, Noise, compile_pattern, find_noise, prove
from sg_alarm.patterns.automaton import Automaton, distinguishable
from sg_alarm.patterns.regex import parse_regex
from sg_alarm.steps import OutOfStepsError, Steps

CALLS = 3_000_000  # the worst pattern known needs half of it

HOSTILE = {
    "a regular expression with more states than anybody can walk": (
        "{ $.eventName = %[a-z]*a[a-z]{900}|[b-y]*b.{700}|c.{300}% "
        "&& $.eventName = %[a-z]*b[a-z]{1000}|[a-w]*c.{900}% && $.eventName != CreateSecurityGroup }"
    ),
    "the same for raw messages": "%[ab]+[ab].{271}|[a-z]*b[a-z]{999}%",
    "2^40 combinations of fields": "{" + "&&".join(f"($.a{i}=1||$.b{i}=2)" for i in range(45)) + "}",
    "fields in a tangle": "{" + "&&".join(f"($.a{i % 9}=x{i}||$.b{i % 7}=y{i})" for i in range(40)) + "}",
    "any field, beside many that are named": (
        "{$.*=*x0&&$.*=*x1&&$.*=*x2&&" + "||".join(f"$.a{i}=*y" for i in range(60)) + "}"
    ),
    "many elements of one array": "{" + "||".join(f"$.a[{i}]=*y" for i in range(80)) + "}",
    "any element, beside many that are numbered": (
        "{$.a[*].b=1&&$.a[*].c!=1&&$.a[*]=7&&" + "||".join(f"$.a[{i}].x=*y" for i in range(50)) + "}"
    ),
    "wildcards on one field": "{" + "&&".join(f"$.x!=*{chr(97 + i % 26)}*" for i in range(60)) + "}",
    "numbers beside a wildcard": "{" + "&&".join(f"$.x!={i}" for i in range(80)) + "&&$.x=*1}",
    "a selector of 500 steps": "{$" + ".a" * 500 + "=1}",
    "many long selectors": "{" + "||".join("$" + ".a" * 39 + f".b{i}=1" for i in range(11)) + "}",
    "400 parentheses": "{" + "(" * 400 + "$.a=1" + ")" * 400 + "}",
    "and and or in turn": "{" + "($.a=1||($.a=2&&" * 55 + "$.b=1" + "))" * 55 + "}",
}


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
def test_a_proof_about_it_ends(pattern: str) -> None:
    assert calls_of(lambda: prove(pattern, "CreateSecurityGroup"), CALLS)
    assert calls_of(lambda: find_noise(pattern, ["CreateSecurityGroup"]), CALLS)


@pytest.mark.parametrize(
    "condition",
    [
        "$" + ".a" * 41 + "=1",
        "&&".join(f"($.a{i % 9}=x{i}||$.b{i % 7}=y{i})" for i in range(40)),
    ],
)
def test_beyond_the_budget_nobody_guesses(condition: str) -> None:
    proof = prove(f"{{{condition}}}", "CreateSecurityGroup")
    assert (proof.coverage, proof.reason) == (Coverage.CANNOT_TELL, "too many combinations of values")
    noise = find_noise(f"{{$.eventName=A*&&{condition}}}", ["CreateSecurityGroup"])
    assert noise.noise is not Noise.QUIET


def test_a_condition_beyond_the_budget_does_not_hide_a_narrowed_pattern() -> None:
    pattern = compile_pattern("{ $.eventName = CreateSecurityGroup && $.userAgent = %[a-z]*a[a-z]{900}% }")
    proof = prove(pattern, "CreateSecurityGroup")
    assert proof.slips is not None
    assert not pattern.matches(proof.slips)
    assert proof.coverage is not Coverage.COVERED


class TestSteps:
    def test_a_walk_takes_no_more_than_its_budget(self) -> None:
        steps = Steps(1000)
        with pytest.raises(OutOfStepsError):
            distinguishable([Automaton(parse_regex("a.{500}b"))], steps)

    def test_a_share_is_paid_from_the_whole(self) -> None:
        steps = Steps(100)
        with steps.share(60) as part:
            part.take(10)
        assert steps.left == 90

    def test_a_share_that_is_used_up_leaves_the_rest(self) -> None:
        steps = Steps(100)
        with pytest.raises(OutOfStepsError), steps.share(60) as part:
            part.take(61)
        assert steps.left == 40

    def test_a_share_is_never_more_than_what_is_left(self) -> None:
        steps = Steps(10)
        with steps.share(60) as part:
            assert part.left == 10
