"""Checkov imported once, and forked for each run: a tenth of what a process of its own costs.

A second run in one process answers nothing, since Checkov keeps what it found in globals; hence the fork.
Each line on standard input is a JSON object: the arguments, the working directory, the environment, and the
files for standard output and standard error. A line with the exit code answers it, negative for a signal.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any


def serve() -> int | None:
    """Answer requests until standard input ends; in a child, return the exit code of its run."""
    from checkov.main import Checkov

    gc.collect()
    gc.freeze()  # else each child's collector writes to all that it shares with this process, and copies it

    for line in sys.stdin:
        child = os.fork()
        if not child:
            request = json.loads(line)
            become(request)
            code: int | None = Checkov(request["arguments"]).run()
            return code
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return 0


def become(request: dict[str, Any]) -> None:
    """Make this process the one that was asked for."""
    for descriptor, path in enumerate((os.devnull, request["out"], request["err"])):
        os.dup2(os.open(path, os.O_WRONLY if descriptor else os.O_RDONLY), descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["checkov", *request["arguments"]]


if __name__ == "__main__":
    sys.path[0] = ""  # as `python -m` has it: the other files here are nothing that Checkov may import
    sys.exit(serve())
