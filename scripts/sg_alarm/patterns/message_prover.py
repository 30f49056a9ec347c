"""Proofs for patterns on the raw message: terms, a regular expression, space-delimited fields.

How CloudTrail spaces and orders the JSON of an event is not documented, and neither is whether a term matches
inside a word. So only the quoted names and values that every event of the operation contains are taken for
granted, and a term counts as found for certain only where it stands there as a word of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sg_alarm.patterns.automaton import Automaton, distinguishable
from sg_alarm.patterns.cloudtrail import Domain, Presence, Shape
from sg_alarm.patterns.matcher import message
from sg_alarm.patterns.pattern import Pattern
from sg_alarm.patterns.proof import Coverage, Proof
from sg_alarm.patterns.regex import parse_regex
from sg_alarm.patterns.syntax import Column, Regex, RegexPattern, TextPattern
from sg_alarm.steps import OutOfStepsError, Steps

_WALK = 100_000  # steps to find a text that matches
_INSIDE = "whether a term matches inside a word is not documented"
_LAYOUT = "how CloudTrail lays out the message is not documented"


def prove_message(pattern: Pattern, domain: Domain) -> Proof:
    """Decide what a pattern for raw messages does with the events of an operation."""
    tree = pattern.tree
    if isinstance(tree, TextPattern):
        return _prove_terms(pattern, tree, domain)
    if isinstance(tree, RegexPattern):
        return _prove_regex(pattern, tree, domain)
    columns = [one for one in getattr(tree, "fields", ()) if isinstance(one, Column)]
    if len(columns) <= 1 and not any(column.alternatives for column in columns):
        return Proof(Coverage.COVERED)  # the whole message, whatever its fields
    return Proof(Coverage.CANNOT_TELL, reason="how a JSON message splits into fields is not documented")


def _certain_tokens(domain: Domain) -> list[str]:
    """Names and values that stand in every event, with the quotes around them."""
    tokens = ['"eventName"']
    for path, field in domain.fields.items():
        if field.presence is not Presence.ALWAYS:
            continue
        tokens.append(json.dumps(path[-1]))
        if field.shape is Shape.CONSTANT and len(field.values) == 1:
            tokens.append(json.dumps(field.values[0]))
    return tokens


def _found_as_word(term: str, tokens: Sequence[str]) -> bool:
    word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(term)}(?![A-Za-z0-9_])")
    return any(word.search(token) for token in tokens)


def _events(domain: Domain) -> Iterator[dict[str, Any]]:
    """Ordinary events of the domain that share as little text as they can."""
    yield dict(domain.base)
    other: dict[str, Any] = json.loads(message(domain.base))
    for path, field in domain.fields.items():
        if len(path) == 1 and field.presence is Presence.ALWAYS and field.shape is Shape.STRING:
            other[path[0]] = "-"
    yield other


def _with_text(domain: Domain, text: str) -> dict[str, Any]:
    """Give an event with a text in a field that the caller chooses freely."""
    return {**domain.base, "userAgent": text}


def _prove_terms(pattern: Pattern, tree: TextPattern, domain: Domain) -> Proof:
    tokens = _certain_tokens(domain)
    include = [term for term in tree.include if term.strip() and not _found_as_word(term, tokens)]
    optional = () if tree.include or tree.exclude else tree.optional
    if any(not term.strip() or _found_as_word(term, tokens) for term in optional):
        optional = ()
    if not include and not optional and not tree.exclude:
        return Proof(Coverage.COVERED)
    if any(_found_as_word(term, tokens) for term in tree.exclude):
        return Proof(Coverage.MISSED, slips=domain.base)
    open_terms = [term for term in (*include, *optional) if any(term in token for token in tokens)]
    slips = [event for event in _events(domain) if not pattern.matches(event)]
    slips += [_with_text(domain, term) for term in tree.exclude]
    slip = next((event for event in slips if not pattern.matches(event)), None)
    if slip is None:
        return Proof(Coverage.CANNOT_TELL, reason=_INSIDE if open_terms else _LAYOUT)
    caught = _with_text(domain, " ".join([*include, *optional[:1]]))
    if not pattern.matches(caught):
        return Proof(Coverage.CANNOT_TELL, slips=slip, reason=_LAYOUT)
    return Proof(Coverage.NARROWED, str(TextPattern(tuple(include), optional, tree.exclude)), slip, caught)


def _prove_regex(pattern: Pattern, tree: RegexPattern, domain: Domain) -> Proof:
    floating = _without_anchors(tree.regex)
    if any(floating.matches(token) for token in _certain_tokens(domain)):
        return Proof(Coverage.COVERED)
    slip = next((event for event in _events(domain) if not any(map(pattern.matches, _layouts(event)))), None)
    if slip is None:
        return Proof(Coverage.CANNOT_TELL, reason=_LAYOUT)
    text = _text_for(tree.regex)
    caught = _with_text(domain, text) if text else None
    if caught is None or not all(map(pattern.matches, _layouts(caught))):
        return Proof(Coverage.CANNOT_TELL, slips=slip, reason=_LAYOUT)
    return Proof(Coverage.NARROWED, str(tree), slip, caught)


def _without_anchors(regex: Regex) -> Automaton:
    return Automaton([one for one in parse_regex(regex.text) if not one.at_start and not one.at_end])


@lru_cache(maxsize=64)
def _text_for(regex: Regex) -> str | None:
    """Give a text that matches wherever it stands; None where none was found within the budget."""
    try:
        return distinguishable([_without_anchors(regex)], Steps(_WALK)).get((True,))
    except OutOfStepsError:
        return None


def _layouts(event: Mapping[str, Any]) -> Iterator[str]:
    """One event in several ways of writing JSON."""
    yield message(event)
    yield json.dumps(event)
    yield message(dict(reversed(list(event.items()))))
