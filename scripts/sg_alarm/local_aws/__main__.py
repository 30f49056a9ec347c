"""The child process of ``LocalAws``: serve on the listening socket whose number is the argument."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading

from sg_alarm.errors import UserError
from sg_alarm.local_aws.server import serve


def main() -> None:
    """Serve until the parent says so or is gone; one line on standard output says how the start went."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        serve(socket.socket(fileno=int(sys.argv[1])), lambda: _answer({}))
    except UserError as error:
        _answer({"message": error.message, "hint": error.hint})


def _answer(refusal: dict[str, str]) -> None:
    print(json.dumps(refusal), flush=True)  # noqa: T201
    # Nobody reads further: a print in moto must neither block nor break the server.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
