"""Feed hostile inputs to every target, and report what must not be: `make fuzz`.

An input that takes more than ten seconds of processor time is a hang, and a process of more than 500 MB a
leak. Each finding has a seed, with which it can be repeated: ``run.py --first SEED --inputs 1 TARGET``.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "support"), str(Path(__file__).parent)]

from targets import TARGETS, FoundError  # noqa: E402 - after its folder is known

SECONDS = 10
MEGABYTES = 500
_SHOWN = 20


class HangError(Exception):
    """An input took too long."""


def main() -> int:
    """Run, and return the exit code: 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; else all")
    parser.add_argument("--inputs", type=int, default=50_000, help="how many in all")
    parser.add_argument("--first", type=int, default=0, help="seed to begin at")
    arguments = parser.parse_args()
    if unknown := [one for one in arguments.targets if one not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}")
    names = arguments.targets or list(TARGETS)
    signal.signal(signal.SIGVTALRM, _hang)
    found: Counter[str] = Counter()
    slowest = (0.0, "")
    for number in range(arguments.inputs):
        name, seed = names[number % len(names)], arguments.first + number // len(names)
        begun = time.process_time()
        with tempfile.TemporaryDirectory(prefix="sg-alarm-fuzz-") as folder:
            problem = _tried(name, seed, Path(folder))
        slowest = max(slowest, (time.process_time() - begun, f"{name}, seed {seed}"))
        if problem:
            found[problem] += 1
            if found[problem] == 1 and len(found) <= _SHOWN:
                print(f"{name}, seed {seed}: {problem}", flush=True)
        if number % 1000 == 999:
            print(f"{number + 1:>6} inputs, {found.total()} findings, {_megabytes()} MB", flush=True)
    print(f"{arguments.inputs} inputs, {found.total()} findings of {len(found)} kinds")
    print(f"slowest: {slowest[0]:.2f} s ({slowest[1]}); memory: {_megabytes()} MB at most")
    return 1 if found or _megabytes() > MEGABYTES else 0


def _tried(name: str, seed: int, folder: Path) -> str:
    """Try an input, and return what was wrong with the answer; empty where nothing was."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        TARGETS[name](Random(f"{name}/{seed}"), folder)
    except FoundError as error:
        return f"{name}: {error}"[:400]
    except Exception as error:
        *_, last = traceback.extract_tb(error.__traceback__)
        return f"{name}: {type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}"[:400]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return ""


def _hang(number: int, frame: object) -> None:
    raise HangError(f"more than {SECONDS} s")


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
