"""CloudWatch Logs filter patterns: read them, run them, and prove what they catch.

>>> pattern = compile_pattern("{ $.eventName = CreateSecurityGroup }")
>>> pattern.matches({"eventName": "CreateSecurityGroup"})
True
>>> prove(pattern, "CreateSecurityGroup").coverage.value
'covered'
"""

from sg_alarm.patterns.parser import parse
from sg_alarm.patterns.pattern import Pattern, compile_pattern, matches
from sg_alarm.patterns.proof import Coverage, Noise, NoiseProof, Proof
from sg_alarm.patterns.prover import find_noise, prove, prove_everything, prove_read
from sg_alarm.patterns.syntax import PatternError

__all__ = [
    "Coverage",
    "Noise",
    "NoiseProof",
    "Pattern",
    "PatternError",
    "Proof",
    "compile_pattern",
    "find_noise",
    "matches",
    "parse",
    "prove",
    "prove_everything",
    "prove_read",
]
