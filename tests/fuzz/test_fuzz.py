"""A hundred hostile inputs for each target; `make fuzz` tries 50,000."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from targets import TARGETS

SEEDS = range(100)


@pytest.mark.parametrize("target", TARGETS)
def test_hostile_input_gets_an_answer(target: str, tmp_path: Path) -> None:
    for seed in SEEDS:
        try:
            TARGETS[target](Random(f"{target}/{seed}"), tmp_path)
        except Exception as error:
            raise AssertionError(f"{target}, seed {seed}: {type(error).__name__}: {error}") from error
