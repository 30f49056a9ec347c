"""What is installed is pinned, and each file of it has a digest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOV = "scripts/locks/checkov.txt"
LOCKS = ("constraints.txt", CHECKOV, "scripts/locks/build.txt", "scripts/locks/action.txt")
_PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; .+)? \\$")
_DIGEST = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(path: Path) -> dict[str, str]:
    """Return the versions in a lock; every line is a pin or one of its digests."""
    found, digests = {}, {}
    for line in path.read_text("utf-8").splitlines():
        if pin := _PIN.match(line):
            name = pin[1]
            found[name], digests[name] = pin[2], 0
        else:
            assert _DIGEST.match(line), line
            digests[name] += 1
    assert all(digests.values())
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_is_pinned_with_its_digests(repository, lock):
    assert pins(repository / lock)


@pytest.mark.parametrize("lock", LOCKS[2:])
def test_the_locks_agree(repository, lock):
    assert pins(repository / lock).items() <= pins(repository / "constraints.txt").items()


def test_only_checkov_holds_boto3_back(repository):
    """What users install beside no Checkov is tested with the newest boto3."""
    product, checkov = pins(repository / LOCKS[0]), pins(repository / CHECKOV)

    assert "checkov" in checkov
    assert "checkov" not in product
    newest, pinned = (tuple(map(int, one["boto3"].split("."))) for one in (product, checkov))
    assert newest > pinned


def test_the_action_and_make_install_nothing_without_a_digest(repository):
    for path, call in (("action.yml", '"${pip[@]}"'), ("Makefile", "$(PIP)")):
        lines = (repository / path).read_text("utf-8").splitlines()
        installing = [line for line in lines if call in line]
        assert len(installing) == 3
        assert all("--require-hashes" in line or "--no-deps" in line for line in installing)
