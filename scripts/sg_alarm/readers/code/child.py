"""The child process: reads root modules that it is told of on standard input, until that ends.

Each request is a line of JSON; each answer a pickled :class:`~sg_alarm.readers.reading.Reading` behind its
length in eight bytes. What tfparse prints goes to standard error, which the parent does not read.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
from pathlib import Path

LENGTH = struct.Struct(">Q")


def main() -> None:
    """Answer requests."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may get between the answers
    from sg_alarm.readers.code.root import read_root
    from sg_alarm.readers.reading import unread

    for line in sys.stdin:
        request = json.loads(line)
        try:
            files = tuple(Path(file) for file in request["variable_files"])
            reading = read_root(Path(request["root"]), request["name"], files)
        except Exception as error:  # an error of ours is no verdict on the code
            reading = unread(request["name"], f"the reader failed: {type(error).__name__}: {error}")
        answer = pickle.dumps(reading)
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()
