"""Whether a pattern matches every event of an operation, some, or none; and whether it matches others.

The question is decided over the choices of every field (see ``choices``), not by samples. Expressions have no
negation: making more conditions true never makes an expression false. So the search for an event that slips
through looks at the choices with the fewest true conditions, the search for a match at those with the most,
and each cuts off whatever the rest can no longer change.

Every example is checked with the evaluator before it is returned. What the search cannot decide is
CANNOT_TELL, never a guess: too many combinations, or an answer that depends on undocumented behaviour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sg_alarm.patterns.cloudtrail import (
    ANOTHER_CALL,
    EC2,
    Domain,
    calls_except,
    calls_of,
    changes_by,
    reads_by,
)
from sg_alarm.patterns.message_prover import prove_message
from sg_alarm.patterns.pattern import Pattern, compile_pattern
from sg_alarm.patterns.proof import Coverage, Noise, NoiseProof, Proof
from sg_alarm.patterns.search import TOO_MANY, Search
from sg_alarm.patterns.syntax import Comparison, Expression, JsonPattern, conditions
from sg_alarm.steps import LIMIT, OutOfStepsError, Steps

_FEW_CONDITIONS = 30  # up to which every known operation is searched for a nicer example


def prove(
    pattern: Pattern | str, operation: str, event_source: str = EC2, account: str = "", region: str = ""
) -> Proof:
    """Decide what a pattern does with the events of an operation that changes something.

    With ``account``, only that account's events count: a pattern that asks for it is not narrowed by that.
    The same for ``region``. Raises PatternError if the pattern is text and invalid.
    """
    return _prove(pattern, changes_by(operation, event_source, account, region))


def prove_read(pattern: Pattern | str, operation: str, event_source: str = EC2) -> Proof:
    """Decide what a pattern does with the events of successful calls that only read.

    Raises PatternError if the pattern is text and invalid.
    """
    return _prove(pattern, reads_by(operation, event_source))


def prove_everything(pattern: Pattern | str) -> Proof:
    """Decide what a pattern does with all events of a trail, whatever they are.

    Raises PatternError if the pattern is text and invalid.
    """
    return _prove(pattern, calls_except(()))


def _prove(pattern: Pattern | str, domain: Domain) -> Proof:
    compiled = compile_pattern(pattern) if isinstance(pattern, str) else pattern
    if not isinstance(compiled.tree, JsonPattern):
        return prove_message(compiled, domain)
    steps = Steps()
    try:
        proof = _prove_json(compiled, compiled.tree.expression, domain, steps)
    except OutOfStepsError:
        proof = Proof(Coverage.CANNOT_TELL, reason=TOO_MANY)
    return replace(proof, steps=LIMIT - max(0, steps.left))


def find_noise(
    pattern: Pattern | str, changes: Collection[str], others: Iterable[tuple[str, str]] = ()
) -> NoiseProof:
    """Decide whether a pattern matches an event of any operation that is not among ``changes``.

    ``others`` are known operations (event name, event source), preferred for the example.
    """
    compiled = compile_pattern(pattern) if isinstance(pattern, str) else pattern
    others = tuple(others)
    if not isinstance(compiled.tree, JsonPattern):
        return _message_noise(compiled, others)
    try:
        return _find_noise(compiled, compiled.tree.expression, changes, others)
    except OutOfStepsError:
        return NoiseProof(Noise.CANNOT_TELL, reason=TOO_MANY)


def _find_noise(
    pattern: Pattern, expression: Expression, changes: Collection[str], others: Sequence[tuple[str, str]]
) -> NoiseProof:
    steps = Steps()
    search = Search(expression, calls_except(changes), steps)
    found = search.match(certain=True)
    if found is None:
        if search.complete and search.match(certain=False) is None:
            return NoiseProof(Noise.QUIET)
        return NoiseProof(Noise.CANNOT_TELL, reason=search.why())
    for name, source in others:
        domain = calls_of(name, source)
        if len(search.bits) <= _FEW_CONDITIONS:
            example = Search(expression, domain, steps).match(certain=True)
        else:
            example = {**found, **{key: domain.base[key] for key in ("eventName", "eventSource", "readOnly")}}
        if example is not None and pattern.matches(example):
            return NoiseProof(Noise.NOISY, example, known=True)
    if not pattern.matches(found):
        return NoiseProof(Noise.CANNOT_TELL, reason=search.why())
    spelt_out = {one.operand.text for one in conditions(expression) if isinstance(one, Comparison)}
    return NoiseProof(Noise.NOISY, found, known=found["eventName"] in {ANOTHER_CALL, *spelt_out})


def _message_noise(pattern: Pattern, others: Sequence[tuple[str, str]]) -> NoiseProof:
    for name, source in others:
        example = calls_of(name, source).base
        if pattern.matches(example):
            return NoiseProof(Noise.NOISY, example, known=True)
    # A term may stand in any field of any event, so that no pattern for messages is ever quiet for certain.
    return NoiseProof(Noise.CANNOT_TELL, reason="a pattern for raw messages may match text in any field")


def _prove_json(pattern: Pattern, expression: Expression, domain: Domain, steps: Steps) -> Proof:
    search = Search(expression, domain, steps)
    slip = search.slip(certain=False)
    if slip is None and search.complete and pattern.matches(domain.base):
        return Proof(Coverage.COVERED)
    slip = search.slip(certain=True)
    if slip is None or pattern.matches(slip):
        return Proof(Coverage.CANNOT_TELL, reason=search.why())
    caught = search.match(certain=True)
    if caught is not None and pattern.matches(caught):
        return Proof(Coverage.NARROWED, search.residue(), slip, caught)
    if search.match(certain=False) is None and search.complete:
        return Proof(Coverage.MISSED, slips=slip)
    return Proof(Coverage.CANNOT_TELL, reason=search.why(), slips=slip)
