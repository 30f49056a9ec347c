"""A filter pattern explained to a person, and a comparison with observed cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text
from rich.tree import Tree as Drawing

from sg_alarm.patterns import Coverage, Noise, Proof
from sg_alarm.patterns.conformance import Comparison
from sg_alarm.patterns.syntax import (
    MAX_LENGTH,
    And,
    Expression,
    JsonPattern,
    Or,
    RegexPattern,
    SpacePattern,
    TextPattern,
    Tree,
)
from sg_alarm.reports.wrapping import hanging
from sg_alarm.rule.cleaning import one_line
from sg_alarm.rule.operations import Sameness
from sg_alarm.rule.pattern_coverage import Explanation

_COLOURS = {
    Coverage.COVERED: "green",
    Coverage.NARROWED: "yellow",
    Coverage.MISSED: "red",
    Coverage.CANNOT_TELL: "magenta",
}
_BELOW = Text(" " * 12)
_NOISES = {Noise.QUIET: "green", Noise.NOISY: "yellow", Noise.CANNOT_TELL: "magenta"}


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print the tree, what is covered and what slips through, noise, and the profiles."""
    tree, text = explanation.pattern.tree, explanation.pattern.text
    console.print(Text(f"{_kind(tree)}, {len(text)} of {MAX_LENGTH} characters", "bold"))
    console.print(_draw(tree))
    console.print()
    for label, body in (*_operations(explanation), *_noise(explanation), *_profiles(explanation)):
        for line in hanging(label, body, console):
            console.print(line)


def _kind(tree: Tree) -> str:
    return {
        JsonPattern: "JSON pattern",
        TextPattern: "text pattern",
        RegexPattern: "regular expression",
        SpacePattern: "space-delimited pattern",
    }[type(tree)]


def _draw(tree: Tree) -> Drawing:
    if isinstance(tree, JsonPattern):
        return _draw_expression(tree.expression)
    if isinstance(tree, SpacePattern):
        drawing = Drawing(Text("fields in this order", "dim"))
        for field in tree.fields:
            drawing.add(Text(one_line(str(field))))
        return drawing
    if isinstance(tree, TextPattern):
        drawing = Drawing(Text("the raw message", "dim"))
        for word, terms in (
            ("with", tree.include),
            ("with any of", tree.optional),
            ("without", tree.exclude),
        ):
            for term in terms:
                drawing.add(Text.assemble((f"{word} ", "dim"), one_line(term)))
        return drawing
    return Drawing(Text(one_line(str(tree))))


def _draw_expression(expression: Expression) -> Drawing:
    # An own stack: a pattern may nest deeper than Python likes to recurse.
    drawing = Drawing(_label(expression))
    todo = [(expression, drawing)]
    while todo:
        node, branch = todo.pop()
        if isinstance(node, (And, Or)):
            todo += [(term, branch.add(_label(term))) for term in node.terms]
    return drawing


def _label(expression: Expression) -> Text:
    if isinstance(expression, And):
        return Text("all of", "dim")
    if isinstance(expression, Or):
        return Text("any of", "dim")
    return Text(one_line(str(expression)))


def _operations(explanation: Explanation) -> Iterator[tuple[Text, Text]]:
    # One example for neighbours that slip through for the same reason.
    for (coverage, condition, reason), group in groupby(explanation.proofs.items(), _grounds):
        proofs = dict(group)
        for name in proofs:
            yield Text(f"{coverage.value:<12}", _COLOURS[coverage]), Text(name)
        if condition:
            yield _BELOW, Text(f"only where {condition}", "yellow")
        if reason:
            yield _BELOW, Text(reason, "dim")
        slips = next(iter(proofs.values())).slips
        if coverage is Coverage.NARROWED and slips is not None:
            yield _BELOW, Text(f"slips through: {json.dumps(slips, ensure_ascii=False)}", "dim")


def _grounds(entry: tuple[str, Proof]) -> tuple[Coverage, str, str]:
    proof = entry[1]
    return proof.coverage, proof.condition, proof.reason


def _noise(explanation: Explanation) -> Iterator[tuple[Text, Text]]:
    noise = explanation.noise
    example = (noise.example or {}).get("eventName", "other events")
    seen = {
        Noise.QUIET: "matches nothing but changes of security groups",
        Noise.NOISY: f"also matches {example}, which changes nothing",
        Noise.CANNOT_TELL: noise.reason,
    }[noise.noise]
    yield Text(f"{noise.noise.value:<12}", _NOISES[noise.noise]), Text(seen)
    yield Text(), Text()


def _profiles(explanation: Explanation) -> Iterator[tuple[Text, Text]]:
    # Standards that agree share a line.
    lines: dict[tuple[bool, str], list[str]] = {}
    for standing in explanation.standings:
        same = "" if standing.sameness is Sameness.DIFFERENT else standing.sameness.value
        objection = same if standing.satisfied else standing.objection
        lines.setdefault((standing.satisfied, objection), []).append(standing.profile.name)
    for (satisfied, objection), names in lines.items():
        word = Text("satisfies   ", "green") if satisfied else Text("fails       ", "red")
        yield word, Text(", ".join(names))
        if objection:
            yield _BELOW, Text(objection, "dim")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print a line for each disagreement, and a sum."""
    words = {True: "matches", False: "does not match", None: "is rejected"}
    for case, answer in comparison.disagree:
        console.print(
            Text(
                f"{one_line(case.id)}: observed that it {words[case.matches]}, "
                f"our answer is that it {words[answer]}"
            )
        )
    report = comparison.to_json()
    disputed = f", {len(comparison.disputed)} disputed" if comparison.disputed else ""
    console.print(Text(f"{report['agree']} of {report['total']} agree{disputed}", "bold"))
