"""Change one thing in the product at a time, and see whether a test notices: `make mutants`.

Everything happens in a copy of the tree. A mutant is killed where a test of its package fails, or runs until
the limit; one that survives is printed with its place. ``PASS`` marks a change towards a verdict of PASS.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
PACKAGE = Path("scripts/sg_alarm")
# What is changed, and the tests that should notice: the first of those that fit. The quick ones stand first.
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rule": (
        ("rule",),
        (
            "rule",
            "alarms/test_composite_rule.py",
            "cli/test_pattern.py",
            "readers/test_code.py",
            "readers/test_scan.py",
        ),
    ),
    "patterns": (("patterns",), ("patterns", "rule")),
    "alarms": (("alarms",), ("alarms", "rule")),
    "readers/aws": (("readers/aws",), ("audit",)),
    "readers": (("readers",), ("readers", "plan/test_plan_reader.py")),
    "aws": (("aws",), ("aws", "audit")),
    "checkov": (("checkov", "checkov_checks"), ("checkov",)),
    "fixes": (("fixes",), ("fixes",)),
    "organization": (("organization",), ("organization",)),
    "reports": (("reports",), ("reports", "organization")),
    "snapshots": (("snapshots",), ("snapshot",)),
    "local_aws": (("local_aws",), ("local_aws",)),
    "cli": (("cli", "sources"), ("cli", "readers/test_scan.py", "snapshot")),
    "drill": (("drill",), ("drill",)),
    "terraform": (("terraform",), ("terraform", "cli/test_deploy.py")),
    "modules": ((), ("plan/test_modules.py",)),
}
COMPARISONS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLS = {
    "all": "any",
    "any": "all",
    "min": "max",
    "max": "min",
    "every": "some",
    "some": "every",
    "worst": "best",
}
TOWARDS_PASS = {
    "Verdict.UNKNOWN": "Verdict.PASS",
    "Verdict.FAIL": "Verdict.PASS",
    "Firing.CANNOT_TELL": "Firing.FIRES",
    "Firing.DOES_NOT_FIRE": "Firing.FIRES",
}


@dataclass(frozen=True)
class Mutant:
    """One change: the bytes from ``start`` to ``end`` of a file become ``new``."""

    part: str
    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def towards_pass(self) -> bool:
        """Whether it turns doubt or failure into success by itself."""
        return TOWARDS_PASS.get(self.old) == self.new or (self.old, self.new) == (
            "return None",
            "return True",
        )


def main() -> int:
    """Run a sample, print what became of it, and return 1 where one towards PASS survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--mutants", type=int, default=20, help="how many of each part")
    parser.add_argument("--limit", type=int, default=1800, help="seconds for the tests of one mutant")
    arguments = parser.parse_args()
    if unknown := [one for one in arguments.parts if one not in PARTS]:
        parser.error(f"there is no part {unknown[0]}")
    counts: dict[str, Counter[str]] = {}
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory(prefix="sg-alarm-mutants-") as folder:
        tree = Path(folder, "tree")
        _copy(tree)
        for part in arguments.parts or PARTS:
            if _tests(tree, part, arguments.limit):
                sys.exit(f"error: the tests of {part} fail without any change")
            every = [mutant for path in _files(part) for mutant in _mutants(part, path)]
            Random(f"{arguments.seed} {part}").shuffle(every)
            for mutant in every[: arguments.mutants]:
                survived = not _tried(tree, mutant, arguments.limit)
                counts.setdefault(part, Counter())[("killed", "survived")[survived]] += 1
                if survived:
                    survivors.append(mutant)
                    print(_shown(mutant), flush=True)
    for part, count in counts.items():
        print(f"{part:<14} {count['killed']:>4} killed {count['survived']:>4} survived")
    return int(any(one.towards_pass for one in survivors))


def _shown(mutant: Mutant) -> str:
    mark = "  PASS" if mutant.towards_pass else ""
    return f"{mutant.path}:{mutant.line}: {' '.join(mutant.old.split())}  →  {mutant.new}{mark}"


def _copy(tree: Path) -> None:
    """Copy what git knows, or would know once it is added."""
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    (tree / ".venv-checkov").symlink_to(ROOT / ".venv-checkov")
    # Some tests ask git for the files of the project.
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tree, check=True)


def _files(part: str) -> list[Path]:
    if part == "modules":
        return sorted(path.relative_to(ROOT) for path in ROOT.glob("modules/*/*.tf"))
    found = []
    for name in PARTS[part][0]:
        base = ROOT / PACKAGE / name
        found += [base] if base.suffix else sorted(base.rglob("*.py"))
    nearer = [f"{ROOT / PACKAGE / one}/" for one in PARTS if one.startswith(f"{part}/")]
    return [path.relative_to(ROOT) for path in found if not str(path).startswith(tuple(nearer))]


def _mutants(part: str, path: Path) -> Iterator[Mutant]:
    data = (ROOT / path).read_bytes()
    changes = _python_changes(data) if path.suffix == ".py" else _terraform_changes(data)
    for start, end, new in changes:
        old = data[start:end].decode()
        if old != new:
            yield Mutant(part, path, data.count(b"\n", 0, start) + 1, start, end, old, new)


def _terraform_changes(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield changes of a module: a line with a setting left out, a boolean turned, a number raised."""
    for found in re.finditer(rb"^ +[\w\":.-]+ += (?=[^\n{\[(]*$)[^\n]*$", data, re.M):
        if found[0].split()[0] not in (b"type", b"description", b"source", b"version", b"error_message"):
            yield found.start(), found.end(), ""
    for found in re.finditer(rb"\b(true|false)\b", data):
        yield found.start(), found.end(), "false" if found[0] == b"true" else "true"
    for found in re.finditer(rb"(?<== )\d+\b|(?<=[<>] )\d+\b|(?<=\{)\d+(?=,\d)", data):
        yield found.start(), found.end(), str(int(found[0]) + 1)


def _python_changes(data: bytes) -> Iterator[tuple[int, int, str]]:
    tree = ast.parse(data)
    lines = [0]
    for line in data.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    # Types, documentation and the texts of f-strings do nothing that a test could notice.
    skipped = set()
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        parts += getattr(node, "decorator_list", [])
        parts += [node] if isinstance(node, ast.JoinedStr) else []
        for part in filter(None, parts):
            skipped.update(ast.walk(part))
    for node in ast.walk(tree):
        if node in skipped or not hasattr(node, "lineno"):
            continue
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[node.end_lineno - 1] + node.end_col_offset
        for new in _changed(node):
            yield start, end, new
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield (
                    lines[test.lineno - 1] + test.col_offset,
                    lines[test.end_lineno - 1] + test.end_col_offset,
                    "True",
                )


def _changed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(left, [operator, *others], values):
            swapped = COMPARISONS[type(operator)]()
            yield f"({ast.unparse(ast.Compare(left, [swapped, *others], values))})"
        case ast.BoolOp(operator, values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, values))})"
            for index in range(len(values)):
                rest = values[:index] + values[index + 1 :]
                yield f"({ast.unparse(ast.BoolOp(operator, rest) if len(rest) > 1 else rest[0])})"
        case ast.UnaryOp(ast.Not(), operand):
            yield f"({ast.unparse(operand)})"
        case ast.IfExp(test, body, otherwise):
            yield f"({ast.unparse(ast.IfExp(test, otherwise, body))})"
        case ast.Constant(bool(value)):
            yield str(not value)
        case ast.Constant(int(value)):
            yield str(value + 1)
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC and not _is_text(left, right):
            yield f"({ast.unparse(ast.BinOp(left, ARITHMETIC[type(operator)](), right))})"
        case ast.Attribute() if ast.unparse(node) in TOWARDS_PASS:
            yield TOWARDS_PASS[ast.unparse(node)]
        case ast.Call(ast.Name("isinstance"), [_, kind]) if "Unknown" in ast.unparse(kind):
            yield "False"
        case ast.Call(ast.Name(name), arguments, keywords) if name in CALLS:
            yield ast.unparse(ast.Call(ast.Name(CALLS[name]), arguments, keywords))
        case ast.Return(ast.Constant(None)):
            yield "return True"
        case ast.Continue() | ast.Raise() | ast.Expr(ast.Call()) | ast.AugAssign():
            yield "pass"
        case ast.Assign([ast.Subscript() | ast.Attribute()]):
            yield "pass"


def _is_text(*nodes: ast.AST) -> bool:
    return any(
        isinstance(one, ast.JoinedStr | ast.Tuple | ast.List)
        or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in nodes
    )


def _tried(tree: Path, mutant: Mutant, limit: int) -> bool:
    """Return whether a test notices."""
    path = tree / mutant.path
    before = path.read_bytes()
    try:
        path.write_bytes(before[: mutant.start] + mutant.new.encode() + before[mutant.end :])
        return _tests(tree, mutant.part, limit)
    finally:
        path.write_bytes(before)


def _tests(tree: Path, part: str, limit: int) -> bool:
    """Return whether a test of the part fails, or takes longer than the limit."""
    tests = [f"tests/{one}" for one in PARTS[part][1] if (tree / "tests" / one).exists()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    settings = {
        **os.environ,
        "PYTHONPATH": str(tree / "scripts"),
        "PYTHONDONTWRITEBYTECODE": "1",  # else code of the same size and second is taken for new
    }
    with subprocess.Popen(
        command,
        cwd=tree,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(limit) != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what its tests left running


if __name__ == "__main__":
    sys.exit(main())
