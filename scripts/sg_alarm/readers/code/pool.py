"""Child processes that read root modules: one crash costs one root, and the rest goes on."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Timer

from sg_alarm.readers.code.child import LENGTH
from sg_alarm.readers.reading import Reading, unread

COMMAND = (sys.executable, "-m", "sg_alarm.readers.code.child")
_SECONDS = 120.0
_FEW = 4  # roots that are not worth a second process


class _Child:
    """One child process, started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, root: Path, name: str, variable_files: Sequence[Path]) -> Reading:
        process = self._process or self._start()
        request = {
            "root": str(root.absolute()),
            "name": name,
            "variable_files": [str(file.absolute()) for file in variable_files],
        }
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.read(LENGTH.size)
            body = process.stdout.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
        except BrokenPipeError:
            head = body = b""
        finally:
            timer.cancel()
        if not body or len(body) < LENGTH.unpack(head)[0]:
            self.close()
            return unread(name, "the parser crashed on this code: judge the plan instead")
        reading: Reading = pickle.loads(body)  # noqa: S301 - our own child wrote it
        return reading

    def _start(self) -> subprocess.Popen[bytes]:
        package = str(Path(__file__).parents[3])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def read_roots(
    roots: Sequence[tuple[Path, str]],
    variable_files: Sequence[Path] = (),
    done: Callable[[], None] = lambda: None,
) -> list[Reading]:
    """Read root modules, each with the name to call it by; ``done`` is called for each."""
    todo: SimpleQueue[int] = SimpleQueue()
    for index in range(len(roots)):
        todo.put(index)
    readings: dict[int, Reading] = {}

    def work() -> None:
        child = _Child()
        try:
            while True:
                index = todo.get_nowait()
                readings[index] = child.read(*roots[index], variable_files)
                done()
        except Empty:
            pass
        finally:
            child.close()

    workers = 1 if len(roots) <= _FEW else min(os.cpu_count() or 1, 2)
    with ThreadPoolExecutor(workers) as executor:
        for future in [executor.submit(work) for _ in range(workers)]:
            future.result()
    return [readings[index] for index in range(len(roots))]
