from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def load(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case of the file of facts."""
    if "case" in metafunc.fixturenames:
        cases = load("filter_pattern_cases.json")
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


@pytest.fixture(scope="session")
def deviations() -> dict[str, str]:
    """Cases that we answer otherwise, each with the reason."""
    return load("deviations.json")
