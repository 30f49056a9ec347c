"""What Terraform itself makes of expressions."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

REFUSED = "Terraform refuses it"


def values_by_terraform(
    expressions: Sequence[str], folder: Path, terraform: str, environment: Mapping[str, str]
) -> list[str]:
    """Return the value of each expression as JSON, or ``REFUSED``, by one run of ``terraform console``.

    Other files in the folder are part of the code.
    """
    lines = "".join(f'    try(jsonencode({one}), "{REFUSED}"),\n' for one in expressions)
    (folder / "main.tf").write_text(f"locals {{\n  values = [\n{lines}  ]\n}}\n", "utf-8")
    done = subprocess.run(
        [terraform, "console"],
        input="base64encode(jsonencode(local.values))\n",
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (printed,) = (line for line in done.stdout.splitlines() if line.startswith('"'))
    found: list[str] = json.loads(base64.b64decode(json.loads(printed)))
    return found
