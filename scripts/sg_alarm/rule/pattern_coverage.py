"""What a filter pattern does, put together for `sg-alarm pattern explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sg_alarm.patterns import Coverage, NoiseProof, Pattern, Proof, compile_pattern
from sg_alarm.rule.operations import PROFILES, Profile, Sameness, coverage, noise

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Standing:
    """How a pattern stands to one profile: what is missing where it is not satisfied."""

    profile: Profile
    sameness: Sameness
    uncovered: tuple[str, ...]

    @property
    def satisfied(self) -> bool:
        """Whether the pattern alone satisfies the profile."""
        return not self.uncovered and (self.sameness is Sameness.TEXT or not self.profile.exact)

    @property
    def objection(self) -> str:
        """Why it does not, in a line; empty where it does."""
        if self.satisfied:
            return ""
        if self.uncovered:
            wanted = len(self.profile.operations)
            if len(self.uncovered) == wanted:
                return f"covers none of its {wanted} operations for certain"
            return f"of its {wanted} operations it does not cover {', '.join(self.uncovered)}"
        return "covers every operation, but this standard accepts its own text only"


@dataclass(frozen=True)
class Explanation:
    """Coverage of the eleven operations, noise, and the profiles."""

    pattern: Pattern
    proofs: dict[str, Proof]
    noise: NoiseProof
    standings: tuple[Standing, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report of ``--format json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "pattern": self.pattern.text,
            "normalized": str(self.pattern.tree),
            "operations": [
                {
                    "name": name,
                    "coverage": proof.coverage.value,
                    "condition": proof.condition or None,
                    "slips_through": proof.slips,
                    "reason": proof.reason or None,
                }
                for name, proof in self.proofs.items()
            ],
            "noise": {
                "verdict": self.noise.noise.value,
                "example": self.noise.example,
                "reason": self.noise.reason or None,
            },
            "profiles": [
                {
                    "name": standing.profile.name,
                    "satisfied": standing.satisfied,
                    "text": standing.sameness.value,
                    "objection": standing.objection or None,
                }
                for standing in self.standings
            ],
        }


def explain(text: str) -> Explanation:
    """Explain a pattern; raises PatternError where AWS would not take it."""
    pattern = compile_pattern(text)
    proofs = coverage(pattern)
    standings = tuple(
        Standing(
            profile,
            profile.compare(pattern),
            tuple(name for name in profile.operations if proofs[name].coverage is not Coverage.COVERED),
        )
        for profile in PROFILES.values()
    )
    return Explanation(pattern, proofs, noise(pattern), standings)
