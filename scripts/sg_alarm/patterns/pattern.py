"""A filter pattern: its text, its tree, and what it matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sg_alarm.patterns.matcher import Matcher, compile_tree
from sg_alarm.patterns.parser import parse
from sg_alarm.patterns.syntax import Tree


@dataclass(frozen=True)
class Pattern:
    """A pattern compiled once; make it with ``compile_pattern``.

    ``matches(event)`` takes a dict, a JSON text or a raw message.
    """

    text: str
    tree: Tree = field(compare=False)
    matches: Matcher = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Callable[[str], Pattern], tuple[str]]:
        return compile_pattern, (self.text,)  # compiled functions do not travel between processes

    def has_text(self, text: str) -> bool:
        """Whether this is that text to the letter, as Security Hub demands."""
        return self.text == text

    def equals(self, other: Pattern) -> bool:
        """Whether both say the same but for formatting (white space, needless quotes and parentheses)."""
        return self.tree == other.tree


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """Parse and compile a filter pattern; raises PatternError."""
    tree = parse(text)
    return Pattern(text, tree, compile_tree(tree))


def matches(pattern: str, event: str | Mapping[str, Any]) -> bool:
    """Whether a pattern matches one event; raises PatternError."""
    return compile_pattern(pattern).matches(event)
