"""Dependencies point inwards, and the core stays pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CORE = ("patterns", "alarms", "rule")
MAY_IMPORT = {
    "patterns": {"patterns", "documents", "errors", "steps", "unknown"},
    "alarms": {"alarms", "errors", "steps", "unknown"},
    "rule": {"rule", "patterns", "alarms", "errors", "steps", "unknown"},
}


def modules(package: Path):
    return sorted(path for path in package.rglob("*.py"))


def imported(path: Path, package: Path) -> set[str]:
    """The parts of sg_alarm that a module imports: their first name below the package."""
    found = set()
    here = ("sg_alarm", *path.relative_to(package).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            # A relative import counts from the folder that the module is in.
            base = here[: len(here) - node.level] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{name}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("sg_alarm.")}
    return found


@pytest.fixture(scope="module")
def package(repository) -> Path:
    return repository / "scripts/sg_alarm"


@pytest.mark.parametrize("layer", CORE)
def test_the_core_imports_nothing_from_outside_it(layer, package):
    for path in modules(package / layer):
        assert imported(path, package) <= MAY_IMPORT[layer], path


def test_readers_know_no_report_and_reports_no_reader(package):
    for path in modules(package / "readers"):
        assert not imported(path, package) & {"reports", "cli", "terminal", "local_aws"}, path
    for path in modules(package / "reports"):
        assert not imported(path, package) & {"readers", "aws", "cli", "local_aws"}, path


def test_the_core_needs_the_standard_library_only():
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import sg_alarm.rule.evaluate, sg_alarm.rule.contract, sg_alarm.rule.events\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - set(sys.stdlib_module_names) - {'sg_alarm'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def floors(package: Path) -> dict[str, int]:
    """The folders and single files at the top of the package, each with the longest way down from it.

    An assertion fails where the way comes back to where it began.
    """
    edges: dict[str, set[str]] = {}
    for path in modules(package):
        part = path.relative_to(package).parts[0].removesuffix(".py")
        edges.setdefault(part, set()).update(imported(path, package) - {part})
    found: dict[str, int] = {}

    def floor(part: str, way: tuple[str, ...]) -> int:
        assert part not in way, " → ".join([*way, part])
        if part not in found:
            found[part] = 1 + max((floor(one, (*way, part)) for one in edges.get(part, ())), default=0)
        return found[part]

    return {part: floor(part, ()) for part in edges}


def test_no_two_parts_import_each_other(package):
    assert floors(package)


def test_there_are_few_parts_and_the_house_is_not_tall(package):
    found = floors(package)
    assert len(found) <= 30
    assert max(found.values()) <= 10
