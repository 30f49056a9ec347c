"""Run one Terraform command with the binary and the providers that sg-alarm finds."""

from __future__ import annotations

import os
import sys

from sg_alarm.errors import UserError
from sg_alarm.terraform.binary import find_terraform
from sg_alarm.terraform.providers import provider_environment


def main() -> None:
    """Become Terraform."""
    try:
        binary = find_terraform()
    except UserError as error:
        sys.exit(f"error: {error.message}\nhint: {error.hint}")
    os.execve(binary, [binary, *sys.argv[1:]], provider_environment(dict(os.environ)))  # noqa: S606


if __name__ == "__main__":
    main()
